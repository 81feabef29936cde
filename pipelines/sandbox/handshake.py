"""What a client asks first: versions, version details, credentials."""

from __future__ import annotations

from typing import Any

from pipelines.sandbox.cast import Partner


def versions(partner: Partner, root: str) -> list[dict[str, str]]:
    """OCPI version_information_endpoint: the versions a partner speaks.

    Args:
        partner: the partner.
        root: the URL that its own begin with.
    """
    return [{"version": version, "url": f"{root}/{version}"} for version in partner.versions]


def details(partner: Partner, version: str, root: str) -> dict[str, Any]:
    """The endpoints of a version; older ones have only credentials."""
    modules = partner.modules if version == partner.version else ("credentials",)
    role = {} if version == "2.1.1" else {"role": "SENDER"}
    endpoints = [
        {"identifier": module, **role, "url": f"{root}/{version}/{module}"} for module in modules
    ]
    return {"version": version, "endpoints": endpoints}


def credentials(partner: Partner, root: str, token: str) -> dict[str, Any]:
    """OCPI credentials: who is behind the platform."""
    base = {"token": token, "url": f"{root}/versions"}
    if partner.version == "2.1.1":
        party = partner.parties[0]
        country_code, party_id = party.code
        owner = {"country_code": country_code, "party_id": party_id}
        return base | {"business_details": {"name": party.name}} | owner
    roles = [(party.code, "CPO", party.name) for party in partner.parties]
    if partner.hub_party:
        roles.append((partner.hub_party, "HUB", "Gridlink Exchange"))
    written = [
        {
            "role": role,
            "country_code": code[0],
            "party_id": code[1],
            "business_details": {"name": name},
        }
        for code, role, name in roles
    ]
    return base | {"roles": written}
