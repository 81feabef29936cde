"""Canonical JSON: one spelling for each content, and the hash that names a content.

Canonical text has sorted keys, no white space, no null or empty members, and one spelling
for each number (1, 1.0 and 10e-1 are all `1`).
"""

from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from hashlib import blake2b
from typing import Any

import msgspec

LAST_UPDATED = frozenset({"last_updated"})
_LARGEST_EXACT = 2**63 - 1
_LONGEST_PLAIN_EXPONENT = 18
_WIDE = Context(prec=10_000, Emax=MAX_EMAX, Emin=MIN_EMIN)
_ENCODER = msgspec.json.Encoder(decimal_format="number", order="sorted")


def canonical(value: Any, without: frozenset[str] = frozenset()) -> Any:
    """Return the canonical form of a JSON value, itself a JSON value.

    Numbers are normalised, null and empty members dropped, and members `without` at every depth.
    """
    # All periods of all sessions pass through here, number by number: half of their decoding.
    kind = type(value)
    if kind is str:
        return value if value.isascii() else _encodable(value)
    if kind is dict:
        members = {}
        for name, member in value.items():
            if name not in without:
                form = canonical(member, without)
                if form or not _is_empty(form):
                    members[_encodable(name)] = form
        return members
    if kind is list:
        return [canonical(item, without) for item in value]
    if kind is bool or value is None:
        return value
    return canonical_number(value)


def canonical_number(value: int | Decimal) -> int | Decimal | None:
    """Return the one spelling of a number; None where it is not finite."""
    if isinstance(value, int):
        if abs(value) <= _LARGEST_EXACT:
            return value
    elif _is_plain_fraction(str(value)):
        return value
    number = Decimal(value)
    if not number.is_finite():
        return None
    if not number:
        return 0
    normal = number.normalize(_WIDE)
    if normal == normal.to_integral_value() and normal.adjusted() < _LONGEST_PLAIN_EXPONENT:
        return int(normal)
    return normal


def _is_plain_fraction(text: str) -> bool:
    """Tell whether a number ends behind its point, which is how nearly all are sent."""
    return text[-1] != "0" and "." in text and "E" not in text and len(text) < _WIDE.prec


def canonical_text(value: Any, without: frozenset[str] = frozenset()) -> str:
    """Return the canonical JSON text of a JSON value."""
    return _ENCODER.encode(canonical(value, without)).decode()


def content_text(value: Any, without: frozenset[str] = frozenset()) -> str | None:
    """Return the canonical JSON text of a JSON value; None where nothing is in it."""
    form = canonical(value, without)
    return _ENCODER.encode(form).decode() if form else None


def json_text(value: Any) -> str:
    """Return a JSON value as it was sent, as JSON text (keys sorted, numbers as spelled)."""
    return _ENCODER.encode(_as_sent(value)).decode()


def digest(text: str | bytes) -> str:
    """Return the hash that names a content: BLAKE2b of 128 bits, in hex."""
    data = text.encode() if isinstance(text, str) else text
    return blake2b(data, digest_size=16).hexdigest()


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, (str, list, dict)) and not value)


def _encodable(text: str) -> str:
    """Return the text with lone surrogates, which no encoding can carry, replaced."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _as_sent(value: Any) -> Any:
    if isinstance(value, dict):
        return {_encodable(k): _as_sent(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_as_sent(item) for item in value]
    if isinstance(value, str):
        return _encodable(value)
    if isinstance(value, Decimal) and not value.is_finite():
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _LARGEST_EXACT:
        return Decimal(value)
    return value
