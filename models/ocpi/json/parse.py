"""From the bytes of one object to a tree of dicts, lists, texts and exact numbers.

Numbers with a point or an exponent become `Decimal` straight from their text, never by way of
a float. What a strict parser refuses but a partner sent anyway (lone surrogates, bare control
characters, NaN, wrong encoding) is read by a second, patient one.
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from models.ocpi.issues import Issues

_STRICT = msgspec.json.Decoder(float_hook=Decimal)
TOO_DEEP = "nested too deeply"
_MAX_INT_DIGITS = 18


def parse_object(raw: bytes | msgspec.Raw, issues: Issues) -> dict[str, Any] | None:
    """Read one JSON object; where it is none, say why in `issues` and give None."""
    try:
        tree = parse_strictly(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, InvalidOperation, RecursionError):
        tree = _patient(bytes(raw), issues)
    if isinstance(tree, dict):
        return tree
    if not issues.reasons:
        issues.refuse("", f"not a JSON object but {_kind_of(tree)}")
    return None


def parse_strictly(raw: bytes | msgspec.Raw) -> Any:
    """Read any JSON value.

    Raises:
        msgspec.MsgspecError, UnicodeDecodeError, InvalidOperation, RecursionError: it is none.
    """
    return _STRICT.decode(raw)


def _patient(raw: bytes, issues: Issues) -> Any:
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
