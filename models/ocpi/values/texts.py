"""Texts as partners send them: cleaned, never shortened, the empty one unknown."""

import re
from decimal import Decimal
from typing import Any

from models.ocpi.issues import Issues
from models.ocpi.people import MASKED

_BREAKS = re.compile(r"[\t\n\r]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# A UTF-8 sequence that was read as Latin-1 or Windows-1252, as in `cafÃ©`.
_MOJIBAKE = re.compile(
    r"[\u00c2-\u00f4][\u0080-\u00bf\u20ac\u2018-\u203a\u0152-\u017e\u02c6\u02dc]"
)


def read_text(
    value: Any,
    limit: int | None,
    path: str,
    issues: Issues,
    *,
    upper: bool = False,
    secret: bool = False,
) -> str | None:
    """Return a text without control characters and surrounding space; None where nothing is left.

    Args:
        value: the JSON value.
        limit: characters the spec allows; a longer text is noted and kept whole.
        path: where it stands.
        issues: takes the deviations.
        upper: whether case carries no meaning and is normalised to upper case.
        secret: whether it identifies a person, so that issues must not repeat it.
    """
    sent = _as_text(value, path, issues, secret=secret)
    if sent is None:
        return None
    clean = cleaned(sent)
    if upper:
        clean = clean.upper()
    if not clean:
        issues.add_deviation(path, "empty", value)
        return None
    if clean != sent:
        issues.add_deviation(path, "normalised", *_masked_pair(sent, clean, secret=secret))
    if limit is not None and len(clean) > limit:
        issues.add_deviation(path, "too_long", *_masked_pair(sent, clean, secret=secret))
    return clean


def cleaned(text: str) -> str:
    """Return the text without control characters, encoding accidents and surrounding space."""
    if text.isascii() and text.isprintable():
        return text.strip()
    mended = _unmangled(text) if _MOJIBAKE.search(text) else text
    mended = _SURROGATE.sub("\ufffd", mended)
    return _CONTROL.sub("", _BREAKS.sub(" ", mended)).strip()


def _unmangled(text: str) -> str:
    for codec in ("latin-1", "cp1252"):
        try:
            return text.encode(codec).decode("utf-8")
        except UnicodeError:
            continue
    return text


def _as_text(value: Any, path: str, issues: Issues, *, secret: bool) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        text = str(value)
        issues.add_deviation(path, "coerced", *_masked_pair(value, text, secret=secret))
        return text
    issues.add_deviation(path, "unusable", MASKED if secret else value)
    return None


def _masked_pair(original: Any, repaired: str, *, secret: bool) -> tuple[Any, Any]:
    return (MASKED, MASKED) if secret else (original, repaired)
