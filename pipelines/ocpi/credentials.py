"""The credentials module as a client: reading a platform's endpoints, sending what is ours.

OCPI credentials (POST, PUT, DELETE) and version_information_endpoint, 2.1.1 to 2.3.0. Tokens and
credentials objects are in the caller's hands only: nothing here stores or shows them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import msgspec

from models.ocpi.envelope import EnvelopeError, read_envelope
from pipelines.ocpi.connection import Connection
from pipelines.ocpi.discovery import Discovery
from pipelines.ocpi.errors import HttpRefusedError, OcpiError, UnreadableError
from pipelines.ocpi.exchange import Redactor
from pipelines.ocpi.offer import Json, Party, decoded, read_parties, version_urls
from pipelines.ocpi.pacing import Clock
from pipelines.ocpi.reading import refuse_status, status_message_of
from pipelines.ocpi.requester import RequestContext, Requester
from pipelines.ocpi.transport import Response

CREDENTIALS = "credentials"
_LONGEST_TOKEN = 512  # eight times what OCPI allows: some send signed tokens


@dataclass(frozen=True)
class Credentials:
    """The credentials object of a platform."""

    token: str = field(repr=False)  # the token that it wants to be sent
    url: str  # its versions endpoint
    parties: tuple[Party, ...]  # its roles
    hub_party: tuple[str, str] | None  # the hub's own party, if it is one


class CredentialsClient:
    """Talks about credentials with one platform; nothing that changes anything is sent twice.

    `connection`: the settings, with the token to be sent.
    """

    def __init__(self, connection: Connection) -> None:
        self._name = connection.name
        self._connection = connection
        self._requester = Requester(connection, Clock())
        self._discovery = Discovery(connection, self._requester, None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._requester.close()

    async def versions(self) -> dict[str, str]:
        """Return the versions that both speak → URL of their details.

        Raises:
            OcpiError: the platform does not answer, or refuses the token.
        """
        found = version_urls(await self._discovery.versions())
        base = self._connection.versions_url
        return {version: self._requester.permitted(base, url) for version, url in found.items()}

    async def endpoints(self, url: str) -> dict[str, str]:
        """Return `module/ROLE` → URL of a version; before 2.2 the role is empty.

        `url`: of the version's details, as `versions` returned it.

        Raises:
            OcpiError: the platform does not answer, or offers none.
        """
        entries = await self._discovery.endpoint_list(url)
        found: dict[str, str] = {}
        for entry in entries:
            module, role, target = (
                str(entry.get(name) or "").strip() for name in ("identifier", "role", "url")
            )
            if module and target:
                key = module.lower() if module.lower() == CREDENTIALS else _key(module, role)
                found[key] = self._requester.permitted(url, target)
        return found

    async def exchange(
        self, method: str, url: str, body: bytes | None, context: RequestContext
    ) -> Response:
        """Make one request, once, and return the response of whatever status.

        Raises:
            TokenRejectedError: it was refused: HTTP 401 or 403.
            OcpiError: no whole response came: what the platform did is not known.
        """
        return await self._requester.send(method, url, body, context)

    @property
    def redact(self) -> Redactor:
        """Take secrets out of what is kept of an exchange."""
        return self._requester.redact

    async def send(self, method: str, url: str, ours: Mapping[str, object] | None) -> Json:
        """Send our credentials object, or the end of the connection.

        Args:
            method: POST, PUT or DELETE.
            url: the platform's credentials endpoint.
            ours: our credentials object; None for DELETE.

        Returns:
            The object that came back; empty: none.

        Raises:
            HttpRefusedError: the platform refused by HTTP status; 405 tells about registration.
            StatusRefusedError: it refused by OCPI status, such as 3001: it cannot reach us.
            OcpiError: no answer that could be read came: what the platform did is not known.
        """
        body = None if ours is None else msgspec.json.encode(ours)
        response = await self.exchange(method, url, body, RequestContext(CREDENTIALS))
        if not 200 <= response.status < 300:
            says = self._requester.redact(status_message_of(response.body))
            raise HttpRefusedError(
                f"{self._name}: HTTP {response.status} to {method} of our credentials"
                f"{f' ({says})' if says else ''}",
                response.status,
            )
        if method == "DELETE" and not response.body.strip():
            return {}
        try:
            envelope = read_envelope(response.body, module=CREDENTIALS)
        except EnvelopeError as error:
            raise UnreadableError(f"{self._name}: the answer to {method}: {error}") from error
        refuse_status(self._name, envelope.status_code, envelope.status_message)
        objects = decoded(envelope.objects)
        return objects[0] if objects else {}


def read_credentials(sent: Json) -> Credentials:
    """Read a credentials object of any version.

    Raises:
        OcpiError: it lacks a usable token or URL.
    """
    token, url = sent.get("token"), sent.get("url")
    if not isinstance(token, str) or not 0 < len(token.strip()) <= _LONGEST_TOKEN:
        raise OcpiError("the credentials object has no usable token")
    if not all("!" <= char <= "~" for char in token.strip()):
        raise OcpiError("the token of the credentials object is no printable ASCII")
    if not isinstance(url, str) or not url.lower().startswith(("https://", "http://")):
        raise OcpiError("the credentials object has no usable url")
    parties, hub = read_parties(sent)
    return Credentials(token.strip(), url.strip(), parties, hub)


def _key(module: str, role: str) -> str:
    return f"{module.lower()}/{role.upper()}" if role else module.lower()
