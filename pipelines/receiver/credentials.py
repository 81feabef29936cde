"""The credentials module as a server: registration, renewal and end of a connection.

OCPI credentials: POST registers who has token A, PUT renews, DELETE ends. A partner whose answer
was lost is not shut out: its earlier token stays good until it uses the newer one, and until then
it may ask once more.
"""

import secrets
from dataclasses import replace as replace_settings
from datetime import datetime

import msgspec
from msgspec.structs import replace
from starlette.responses import Response

from models.ocpi.json.parse import NOT_JSON
from pipelines.config.connections import PartnerConnection, Role, Standing, token_hash
from pipelines.config.partners import OcpiPartner
from pipelines.ingest.connecting import connection_of
from pipelines.ocpi.connection import RetryPolicy
from pipelines.ocpi.credentials import Credentials, CredentialsClient, read_credentials
from pipelines.ocpi.errors import OcpiError
from pipelines.ocpi.origins import Origins
from pipelines.receiver.answers import CANNOT_CALL_BACK, CLIENT_ERROR, NO_ENDPOINTS, Refusal
from pipelines.receiver.callers import Caller
from pipelines.receiver.push_request import not_an_object
from pipelines.receiver.service import Service
from pipelines.receiver.versions import credentials_object

TOKEN_BYTES = 32  # 43 characters in base64url; OCPI allows 64

_IMPATIENT = RetryPolicy(attempts=2, first_wait_s=0.2, total_wait_s=1)
_CALL_BACK_S = 15.0  # the partner waits for our answer while we call it back


async def answer_credentials(
    service: Service, caller: Caller, version: str, method: str, body: bytes
) -> Response:
    """Answer a request to the credentials endpoint of a version.

    Raises:
        Refusal: it is refused, and why.
    """
    registered = caller.standing != "invitation"
    if method == "GET":
        return service.answers.success(_ours(service, caller, version, caller.token))
    if method not in {"POST", "PUT", "DELETE"} or (method == "POST") is registered:
        word = "registered already: PUT renews" if registered else "not registered: POST first"
        raise Refusal(word, 405, CLIENT_ERROR)
    if method == "DELETE":
        service.connections.change(caller.partner.name, lambda known: _ended(known, service.now()))
        return service.answers.success()
    try:
        theirs = read_credentials(_object(body))
        endpoints = await _call_back(caller, version, theirs)
    except OcpiError as error:
        reason = f"we cannot use your platform: {error}"
        service.connections.change(caller.partner.name, lambda known: _noted(known, caller, reason))
        raise Refusal(reason, 200, CANNOT_CALL_BACK) from None
    _check_endpoints(caller, endpoints)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now = service.now()

    def registered_as(known: PartnerConnection | None) -> PartnerConnection:
        used = token_hash(caller.token)
        earlier: dict[str, Standing] = {used: "previous" if method == "PUT" else "invitation"}
        return PartnerConnection(
            state="connected",
            changed_at=now,
            version=version,
            versions_url=permitted_url(caller.partner, theirs.url),
            token=theirs.token,
            accepts={**earlier, token_hash(token): "current"},
            roles=roles_of(theirs),
            hub_party="/".join(theirs.hub_party) if theirs.hub_party else None,
            endpoints=endpoints,
        )

    service.connections.change(caller.partner.name, registered_as)
    return service.answers.success(_ours(service, caller, version, token))


def roles_of(theirs: Credentials) -> tuple[Role, ...]:
    """Return the roles of a platform; 2.1.1 does not say what a party is."""
    return tuple(Role(p.role or "", p.country_code, p.party_id) for p in theirs.parties)


async def _call_back(caller: Caller, version: str, theirs: Credentials) -> dict[str, str]:
    """Fetch the partner's versions and endpoints with its new token, again at each renewal."""
    partner = caller.partner
    connection = replace_settings(
        connection_of(partner, {partner.token_env: theirs.token}),
        versions_url=permitted_url(partner, theirs.url),
        retry=_IMPATIENT,
        session_timeout_s=_CALL_BACK_S,
    )
    async with CredentialsClient(connection) as client:
        versions = await client.versions()
        if version not in versions:
            raise OcpiError(f"it offers {', '.join(versions) or 'no version that we speak'}")
        return await client.endpoints(versions[version])


def permitted_url(partner: OcpiPartner, url: str) -> str:
    """Return the versions endpoint of a credentials object, as it may be asked.

    Nobody but the partner is called: its credentials may name any address, ours included. One
    behind a proxy writes http for its own https, see `Origins.permit`.

    Raises:
        OcpiError: it is not on an origin of the partner.
    """
    home = str(partner.versions_url)
    permitted = Origins(home, map(str, partner.origins)).permit(home, url)
    if permitted is None:
        raise OcpiError(
            f"{partner.name}: the url of its credentials is on another origin than we know it by; "
            "if that is right, it has to be among the origins of its entry"
        )
    return permitted


def _check_endpoints(caller: Caller, endpoints: dict[str, str]) -> None:
    """Check that the lists that its entry names are there (3.6, required endpoints)."""
    wanted = caller.partner.modules or ()
    offered = {key.partition("/")[0] for key in endpoints}
    if wanted and not offered & set(wanted):
        raise Refusal(f"we need {', '.join(wanted)} of you", 200, NO_ENDPOINTS)


def _ended(known: PartnerConnection | None, now: datetime) -> PartnerConnection:
    version = None if known is None else known.version
    note = "the partner ended the connection"
    return PartnerConnection(state="disconnected", changed_at=now, version=version, note=note)


def _noted(known: PartnerConnection | None, caller: Caller, note: str) -> PartnerConnection:
    before = known or caller.connection
    if before is None:
        raise Refusal(note, 200, CANNOT_CALL_BACK)
    return replace(before, note=note)


def _ours(service: Service, caller: Caller, version: str, token: str) -> dict[str, object]:
    return credentials_object(service.base_url, service.receiver, caller.partner, version, token)


def _object(body: bytes) -> dict[str, object]:
    try:
        return msgspec.json.decode(body, type=dict[str, object])
    except NOT_JSON:
        raise not_an_object(body) from None
