"""Our own configuration modules: versions, version details, the credentials object."""

from pipelines.config.partners import OcpiPartner, ReceiverKeys
from pipelines.receiver.interfaces import RECEIVERS, VERSIONS, modules_of

_TAKES = {"CPO": {"EMSP", "NSP", "OTHER"}, "EMSP": {"CPO"}}  # who takes the objects of a role


def versions(base_url: str) -> list[dict[str, str]]:
    """Return the versions that we serve (version_information_endpoint)."""
    return [{"version": version, "url": f"{base_url}/{version}"} for version in VERSIONS]


def version_details(
    base_url: str, receiver: ReceiverKeys, partner: OcpiPartner, version: str
) -> dict[str, object]:
    """Return the endpoints that a partner may use in a version.

    2.1.1 does not tell the two interfaces of a module apart: there `tokens` is our list, if we
    have one, and all others are receivers.
    """
    endpoints = [_endpoint("credentials", "SENDER", f"{base_url}/{version}/credentials", version)]
    sends_tokens = receiver.tokens is not None and _has(receiver, _TAKES["CPO"])
    if sends_tokens:
        url = f"{base_url}/{version}/sender/tokens"
        endpoints.append(_endpoint("tokens", "SENDER", url, version))
    for module in modules_of(version):
        if version == "2.1.1" and module == "tokens" and sends_tokens:
            continue
        if is_offered(receiver, partner, version, module):
            url = f"{base_url}/{version}/receiver/{module}"
            endpoints.append(_endpoint(module, "RECEIVER", url, version))
    return {"version": version, "endpoints": endpoints}


def credentials_object(
    base_url: str, receiver: ReceiverKeys, partner: OcpiPartner, version: str, token: str
) -> dict[str, object]:
    """Return our credentials object (credentials, Credentials object).

    Args:
        base_url: what partners see before /versions.
        receiver: who we are.
        partner: who gets it: 2.1.1 has room for one party, its entry says which.
        version: OCPI version.
        token: the token that the partner is to send us.
    """
    head = {"token": token, "url": f"{base_url}/versions"}
    roles = [
        {
            "role": own.role,
            "country_code": own.party.country_code,
            "party_id": own.party.party_id,
            "business_details": {"name": own.name},
        }
        for own in receiver.roles
    ]
    if version != "2.1.1":
        return {**head, "roles": roles}
    ours = [role for role in receiver.roles if role.party == partner.party]
    first = roles[receiver.roles.index(ours[0]) if ours else 0]
    return {**head, **{name: value for name, value in first.items() if name != "role"}}


def is_offered(receiver: ReceiverKeys, partner: OcpiPartner, version: str, module: str) -> bool:
    """Tell whether we have a receiver interface of a module for a partner, in a version."""
    if module not in modules_of(version):
        return False
    sender = RECEIVERS[module].owned_by
    if sender == "HUB":
        return partner.kind == "hub"
    if module == "invoicereconciliation":
        return True  # of who invoices: the operator, or we ourselves with reverse billing
    return _has(receiver, _TAKES[sender])


def _has(receiver: ReceiverKeys, roles: set[str]) -> bool:
    return any(own.role in roles for own in receiver.roles)


def _endpoint(module: str, role: str, url: str, version: str) -> dict[str, str]:
    endpoint = {"identifier": module, "role": role, "url": url}
    if version == "2.1.1":
        del endpoint["role"]
    return endpoint
