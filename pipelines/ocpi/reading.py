"""Reading a list page for the client: OCPI status, how many objects, which ones.

Reads as little as it can: identities only, never values. Loading objects is others' work,
from the same bytes.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from models.ocpi.envelope import EnvelopeError, read_envelope
from models.ocpi.json.parse import NOT_JSON
from pipelines.ocpi.errors import StatusRefusedError, UnreadableError


class _Identity(msgspec.Struct, gc=False):
    """The members that tell objects apart; a token has a uid, a hub client only a role."""

    country_code: str | None = None
    party_id: str | None = None
    id: str | int | None = None
    uid: str | int | None = None
    role: str | None = None

    def key(self) -> int | None:
        """Hash the identity; None: it has none."""
        if self.id is None and self.uid is None and self.role is None:
            return None
        return hash((self.country_code, self.party_id, self.id, self.uid, self.role))


class _Envelope(msgspec.Struct, gc=False):
    data: list[_Identity]
    status_code: int
    status_message: str | None = None


class _Refusal(msgspec.Struct, gc=False):
    status_message: str = ""


_AS_OCPI_SAYS = msgspec.json.Decoder(_Envelope)
_REFUSAL = msgspec.json.Decoder(_Refusal)
_ONE = msgspec.json.Decoder(_Identity)


@dataclass(frozen=True)
class PageContent:
    """The content of one accepted page."""

    keys: array[int]  # a hash of each object's identity, in page order
    status_code: int | None  # OCPI status; None where the body has none
    next_token: str | None  # where the list goes on, for partners that page by token


def read_page(who: str, body: bytes, module: str, max_inflated: int) -> PageContent:
    """Read a list page's envelope and identities.

    `module`: OCPI module identifier.

    Raises:
        StatusRefusedError: the OCPI status is no success.
        UnreadableError: the body is no list of objects.
    """
    try:
        page = _AS_OCPI_SAYS.decode(body)
    except NOT_JSON:
        return _read_leniently(who, body, module, max_inflated)
    refuse_status(who, page.status_code, page.status_message)
    keys = [identity.key() for identity in page.data]
    if None in keys:
        return _read_leniently(who, body, module, max_inflated)
    return PageContent(array("q", (k for k in keys if k is not None)), page.status_code, None)


def _read_leniently(who: str, body: bytes, module: str, max_inflated: int) -> PageContent:
    try:
        envelope = read_envelope(body, max_inflated=max_inflated, module=module)
    except EnvelopeError as error:
        raise UnreadableError(
            f"{who}: {module}: {error}; ask the partner", truncated=error.truncated
        ) from error
    refuse_status(who, envelope.status_code, envelope.status_message)
    return PageContent(_keys(envelope.objects), envelope.status_code, envelope.next_token)


def _keys(objects: Sequence[msgspec.Raw]) -> array[int]:
    return array("q", (_key(raw) for raw in objects))


def _key(raw: msgspec.Raw) -> int:
    """Hash an object's identity, or all of it where it has none that can be read."""
    try:
        key = _ONE.decode(raw).key()
    except NOT_JSON:
        key = None
    return hash(bytes(raw)) if key is None else key


def refuse_status(who: str, code: int | None, message: str | None) -> None:
    """Refuse an OCPI status outside the success range 1000-1999.

    Implements status_codes; a missing code is taken for success, as feeds and some
    partners leave it out.

    Raises:
        StatusRefusedError: the partner reports an error.
    """
    if code is None or 1000 <= code < 2000:
        return
    says = f" ({_one_line(message)})" if message else ""
    kind = {2: "finds fault with our request", 3: "has a fault of its own", 4: "cannot route it"}
    raise StatusRefusedError(
        f"{who}: OCPI status {code}{says}: the partner {kind.get(code // 1000, 'refuses')}; "
        "ask the partner, quoting the request id",
        code,
    )


def status_message_of(body: bytes) -> str:
    """Return the status message in an error's body, in one line; empty: it has none."""
    try:
        return _one_line(_REFUSAL.decode(body).status_message)
    except NOT_JSON:
        return ""


def _one_line(text: str) -> str:
    return " ".join(text.split())[:120]
