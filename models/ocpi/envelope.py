"""Taking a response body apart into the objects it carries, whatever it wraps them in.

OCPI wraps lists as `{"data": [...], "status_code": 1000, ...}` (transport_and_format,
response format). Partners also send bare arrays, an object for a list, lists under the
module's name, token paging and feeds of their own making. Belongs here: the wrapping.
Not here: what an object says.
"""

import codecs
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from models.ocpi.json.inflate import GZIP_MAGIC, InflateError, inflate
from models.ocpi.json.parse import NOT_JSON, repair_json, without_bom
from models.ocpi.modules import MODULES

DEEPEST_LIST = 4
"""Wrappers that a list may be in: `{"data": {"locations": {"data": [...]}}}` has three."""

LIST_KEYS = ("data", "items", *MODULES)
_MARKS_ALONE = frozenset({"id", "uid", "endpoints", "roles"})
_MARKS_OF_AN_OBJECT = _MARKS_ALONE | {"version", "identifier", "party_id"}
_MARKS_OF_AN_ENVELOPE = frozenset({"data", "items", "status_code"})
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])
_ANYTHING = msgspec.json.Decoder()
_NO_LETTER = re.compile(r"[^a-z]")
_MORE = re.compile(
    r"next(page)?(token|cursor|offset|link|url|uri|href)?|has(more|next)(page|items)?"
)
_Read = TypeVar("_Read")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")


class EnvelopeError(ValueError):
    """No objects can be read from a body; the message says why, in one line.

    `truncated`: whether the body looks cut off, so that asking again may help.
    """

    def __init__(self, message: str, *, truncated: bool = False) -> None:
        super().__init__(message)
        self.truncated = truncated


@dataclass(frozen=True)
class Envelope:
    """The content of one response body."""

    objects: list[msgspec.Raw]  # the objects, each as its JSON text
    status_code: int | None  # OCPI status code; None where the body has none
    status_message: str | None  # OCPI status message
    next_token: str | None  # where the list goes on, for partners that page by token
    # `list` (as OCPI says), `bare`, `object` (one for a list), `nested` (inside `data`), `named`
    # (under the module's name), `items`, `empty`
    shape: str
    # whether what stands around a streamed list says that it goes on elsewhere
    has_more: bool = False


def read_envelope(
    body: bytes, *, max_inflated: int = 4 << 30, module: str | None = None
) -> Envelope:
    """Split a response body into its objects.

    Implements the response format of transport_and_format, and survives what partners
    make of it.

    Args:
        body: the body as it was received; gzip without the header is recognised.
        max_inflated: the most bytes a compressed body may become.
        module: OCPI module asked for; where a body names several lists, its own counts.

    Returns:
        The objects and what the envelope says of itself.

    Raises:
        EnvelopeError: the body is no JSON, or holds no list of objects.
    """
    return _read_mended(_plain(body, max_inflated), lambda text: _assemble(text, module))


def _read_mended(text: bytes, read: Callable[[bytes], _Read]) -> _Read:
    """Read JSON text, else what `repair_json` makes of it."""
    try:
        return read(text)
    except NOT_JSON as error:
        repaired = repair_json(text)
        if repaired == text:
            raise unreadable(text, error) from error
    try:
        return read(repaired)
    except NOT_JSON as error:
        raise unreadable(text, error) from error


def says_more(around: Mapping[str, Any]) -> bool:
    """Return whether what stands around a list says, at any depth, that more of it follows.

    Not OCPI: `next`, `links.next.href`, `pagination.nextPageToken`, `has_more` and their like.
    """
    for name, member in around.items():
        word = _NO_LETTER.sub("", name.lower()).removeprefix("odata")
        if _MORE.fullmatch(word) and not isinstance(member, dict):
            if member and str(member).strip():
                return True
        elif isinstance(member, dict) and says_more(
            {f"{word}{key}" if _MORE.fullmatch(word) else key: one for key, one in member.items()}
        ):
            return True
    return False


def split_elements(array: bytes) -> list[msgspec.Raw]:
    """Split the JSON text of an array, mending what `repair_json` can; else an EnvelopeError."""
    return _read_mended(array, _ELEMENTS.decode)


def list_keys(module: str | None) -> tuple[str, ...]:
    """Name the members under which a list of this module's objects may be."""
    return LIST_KEYS if module is None else ("data", "items", module)


def unreadable(text: bytes, error: Exception) -> EnvelopeError:
    """Say what a body that is no JSON looks like instead."""
    start = text[:512].lstrip().lower()
    if not start:
        return EnvelopeError("the body is empty", truncated=True)
    if start.startswith((b"<!doctype", b"<html", b"<head", b"<body", b"<?xml", b"<")):
        return EnvelopeError("the body is a web page (HTML or XML), not JSON")
    if not start.startswith((b"{", b"[")):
        return EnvelopeError(_not_json(text))
    if b"\0" in start:
        return EnvelopeError("the body is UTF-16 text; JSON is UTF-8")
    if not text.rstrip().endswith((b"}", b"]")) or "truncated" in str(error):
        return EnvelopeError("the JSON ends in the middle", truncated=True)
    reason = str(error).removeprefix("JSON is malformed: ")
    return EnvelopeError(f"the JSON is malformed: {reason}")


def _not_json(text: bytes) -> str:
    """Name a body that begins neither as an object nor as an array does."""
    if text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"\0{", b"\0[")):
        return "the body is UTF-16 text; JSON is UTF-8"
    try:
        value = _ANYTHING.decode(text)
    except NOT_JSON:
        return f"the body is {'binary' if _BINARY.search(text[:512]) else 'text'}, not JSON"
    kind = "null" if value is None else "a text" if isinstance(value, str) else "a mere value"
    return f"the body is {kind}, neither an object nor a list"


def _plain(body: bytes, max_inflated: int) -> bytes:
    """Inflate a body that is gzip without saying so, and drop a byte order mark."""
    if body.startswith(GZIP_MAGIC):
        try:
            body = inflate(body, max_inflated)
        except InflateError as error:
            raise EnvelopeError(f"the body is gzip that cannot be read: {error}") from error
    return without_bom(body)


def _assemble(text: bytes, module: str | None) -> Envelope:
    kind = text.lstrip()[:1]
    if kind == b"[":
        return Envelope(_ELEMENTS.decode(text), None, None, None, "bare")
    if kind != b"{":
        raise msgspec.DecodeError("neither an object nor an array")
    members = _MEMBERS.decode(text)
    objects: list[msgspec.Raw] | None = [msgspec.Raw(text)]
    shape = "object"
    if not _is_one_object(members):
        objects, shape = _listed(members, module)
    if objects is None:
        if "status_code" not in members and "data" not in members:
            raise EnvelopeError(f"the body holds no list of objects: {_names(members)}")
        objects, shape = _nothing(members), "empty"
    return Envelope(
        objects,
        _status_code(members.get("status_code")),
        _text(members.get("status_message")),
        _text(members.get("next")),
        shape,
    )


def _listed(
    members: Mapping[str, msgspec.Raw], module: str | None, depth: int = 0
) -> tuple[list[msgspec.Raw] | None, str]:
    """Find the one member that holds the objects; None: there is none, or it is null."""
    place = _place(members, module)
    if place is not None:
        shape = {"data": "list", "items": "items"}.get(place, "named")
        return _ELEMENTS.decode(members[place]), shape if depth == 0 else "nested"
    for key in list_keys(module):
        if depth < DEEPEST_LIST and _kind(members.get(key)) == b"{":
            return _inside(members[key], module, depth + 1)
    return None, "empty"


def _place(members: Mapping[str, msgspec.Raw], module: str | None) -> str | None:
    places = [key for key in list_keys(module) if _kind(members.get(key)) == b"["]
    if len(places) > 1:
        raise EnvelopeError(f"the body holds several lists: {', '.join(places)}")
    return places[0] if places else None


def _is_one_object(members: Mapping[str, msgspec.Raw]) -> bool:
    """Tell an object without any envelope; it may have lists of its own, as a CDR has tariffs."""
    return bool(_MARKS_ALONE & members.keys()) and not _MARKS_OF_AN_ENVELOPE & members.keys()


def _nothing(members: Mapping[str, msgspec.Raw]) -> list[msgspec.Raw]:
    """Take a missing or null list for an empty one; a success that holds a mere value is odd."""
    code = _status_code(members.get("status_code"))
    if "data" in members and _kind(members["data"]) != b"n" and (code or 1000) // 1000 == 1:
        raise EnvelopeError("data is a text or a number, not a list of objects")
    return []


def _inside(
    value: msgspec.Raw, module: str | None, depth: int
) -> tuple[list[msgspec.Raw] | None, str]:
    """Read an object that stands where a list belongs: a list's wrapper, a map, or one object."""
    members = _MEMBERS.decode(value)
    if _MARKS_OF_AN_OBJECT & members.keys():
        return [value], "object"
    objects, shape = _listed(members, module, depth)
    if objects is not None:
        return objects, shape
    if not all(_kind(member) == b"{" for member in members.values()):
        raise EnvelopeError(f"the body holds an object, not a list: {_names(members)}")
    return list(members.values()), "nested"


def _kind(value: msgspec.Raw | None) -> bytes:
    return b"" if value is None else bytes(memoryview(value)[:1])


def _names(members: Mapping[str, msgspec.Raw]) -> str:
    first = ", ".join(repr(name[:40]) for name in list(members)[:6])
    return f"its members are {first or 'none'}"


def _status_code(value: msgspec.Raw | None) -> int | None:
    """Read a status code; some partners send it as a string."""
    decoded = None if value is None else _ANYTHING.decode(value)
    if isinstance(decoded, str) and decoded.strip().isdecimal():
        return int(decoded)
    return decoded if isinstance(decoded, int) and not isinstance(decoded, bool) else None


def _text(value: msgspec.Raw | None) -> str | None:
    decoded = None if value is None else _ANYTHING.decode(value)
    if isinstance(decoded, int) and not isinstance(decoded, bool):
        return str(decoded)
    return decoded if isinstance(decoded, str) and decoded else None
