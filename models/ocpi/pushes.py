"""A pushed request as it is landed: its facts, and its body as received.

OCPI, Client Owned Object Push (transport_and_format): a partner sends its own objects by PUT,
PATCH, POST and DELETE; the URL says whose they are and which. A landed body of pushes is NDJSON,
one request a line, in the order of arrival.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

MARK = b'{"push":'
"""How a landed body of pushes begins; no response of a partner begins so."""


class Push(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One accepted or refused request."""

    push_id: str  # sorts in the order of arrival
    received_at: datetime  # when its last byte came, UTC
    partner: str  # our name for the partner
    module: str  # OCPI module identifier
    version: str  # OCPI version of the endpoint that was asked
    method: str  # PUT, PATCH, POST or DELETE
    # country code, party id and ids, as in the URL; of a POST the object's own
    path: tuple[str, ...]
    token_type: str = ""  # `type` of the URL, where the module is tokens
    sender: str = ""  # `CC/PID` of the OCPI-from headers, or empty
    request_id: str = ""  # X-Request-ID, or empty
    body: str = ""  # the body as received; empty where there is none
    refusal: str = ""  # why it was refused; empty: it was accepted

    @property
    def key(self) -> tuple[str, ...]:
        """Return owner and ids as they are compared: without regard to case (CiString)."""
        return tuple(part.lower() for part in self.path)


class _Line(msgspec.Struct):
    push: Push


_DECODER = msgspec.json.Decoder(_Line)
_ENCODER = msgspec.json.Encoder()


def write_push(push: Push) -> bytes:
    """Return the line of a landed body, with its newline."""
    return _ENCODER.encode(_Line(push)) + b"\n"


def read_pushes(body: bytes) -> list[Push]:
    """Read a landed body of pushes; a MsgspecError says that it is none."""
    return [_DECODER.decode(line).push for line in body.splitlines()]


def read_whole_lines(lines: Iterable[bytes]) -> Iterator[Push]:
    """Yield the pushes of a file that may end in the middle of one: that one was never answered."""
    for line in lines:
        if line.endswith(b"\n"):
            yield _DECODER.decode(line).push
