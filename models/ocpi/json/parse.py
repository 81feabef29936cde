"""From the bytes of one object to a tree of dicts, lists, texts and exact numbers.

Numbers with a point or an exponent become `Decimal` straight from their text, never by way of
a float. What a strict parser refuses but a partner sent anyway (lone surrogates, bare control
characters, NaN, wrong encoding) is read by a second, patient one; of a whole page it is repaired
first, so that one odd value does not cost the page.
"""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from models.ocpi.issues import Issues

_STRICT = msgspec.json.Decoder(float_hook=Decimal)
TOO_DEEP = "nested too deeply"
NOT_JSON = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What msgspec raises of bytes that are no JSON, or not the JSON that was asked for."""
_MAX_INT_DIGITS = 18


def parse_object(raw: bytes | msgspec.Raw, issues: Issues) -> dict[str, Any] | None:
    """Read one JSON object; where it is none, say why in `issues` and give None."""
    try:
        tree = parse_strictly(raw)
    except (*NOT_JSON, InvalidOperation):
        tree = _patient(bytes(raw), issues)
    if isinstance(tree, dict):
        return tree
    if not issues.reasons:
        issues.refuse("", f"not a JSON object but {_kind_of(tree)}")
    return None


def parse_strictly(raw: bytes | msgspec.Raw) -> Any:
    """Read any JSON value.

    Raises:
        InvalidOperation and those of `NOT_JSON`: it is none.
    """
    return _STRICT.decode(raw)


def _patient(raw: bytes, issues: Issues) -> Any:
    sound = _TOKEN.sub(lambda found: _whole_characters(found[0]), raw)
    if sound != raw:
        issues.add_deviation("", "normalised", "half a surrogate pair", "replaced by U+FFFD")
        raw = sound
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("utf-8-sig", "replace")
        issues.add_deviation("", "normalised", "bytes that are not UTF-8", "replaced by U+FFFD")
    try:
        return json.loads(
            text, strict=False, parse_float=_number, parse_int=_number, parse_constant=Decimal
        )
    except RecursionError:
        issues.refuse("", TOO_DEEP)
    except (ValueError, InvalidOperation) as error:
        issues.refuse("", f"not JSON: {error}")
    return None


def _number(text: str) -> int | Decimal:
    if len(text) <= _MAX_INT_DIGITS and text.lstrip("-").isdigit():
        return int(text)
    return Decimal(text)


def _kind_of(tree: Any) -> str:
    kinds = {list: "a list", str: "a text", bool: "a boolean", type(None): "null"}
    return kinds.get(type(tree), "a number")


_BOM = b"\xef\xbb\xbf"
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|NaN\b|[+-]?Infinity\b', re.DOTALL)
_CONTROL = re.compile(rb"[\x00-\x1f]")
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a whole pair: kept
    rb"|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"  # half a pair: no character at all
    rb"|\\.",
    re.DOTALL,
)


def without_bom(text: bytes) -> bytes:
    """Drop the UTF-8 byte order mark, which JSON forbids and Windows writes."""
    return text.removeprefix(_BOM)


def repair_json(text: bytes) -> bytes:
    """Replace what keeps text from being JSON, where the intention is plain.

    NaN and infinities become null (unknown), control characters inside strings become their
    escapes, half a surrogate pair becomes U+FFFD. Anything else is left alone.
    """

    def mended(match: re.Match[bytes]) -> bytes:
        token = match[0]
        if not token.startswith(b'"'):
            return b"null"
        return _whole_characters(_CONTROL.sub(lambda found: b"\\u%04x" % found[0][0], token))

    return _TOKEN.sub(mended, text)


def _whole_characters(token: bytes) -> bytes:
    r"""Return a string of JSON in which half a surrogate pair is `\ufffd`."""
    if b"\\u" not in token:
        return token
    return _ESCAPE.sub(lambda found: found[0] if found[1] is None else rb"\ufffd", token)
