"""Repairing text that is almost JSON, so that one odd value does not cost a page.

Belongs here: deviations below the level of JSON values (byte order mark, NaN, control
characters, half surrogate pairs). Not here: what values mean.
"""

from __future__ import annotations

import re

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


def repair_json(text: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Replace what keeps text from being JSON, where the intention is plain.

    NaN and infinities become null (unknown), control characters inside strings become
    their escapes, half a surrogate pair becomes U+FFFD. Anything else is left alone.

    Args:
        text: UTF-8 text that a JSON parser refused.

    Returns:
        The repaired text, and the kinds of repair made: `not_a_number`,
        `control_character`, `half_surrogate`.
    """
    kinds: set[str] = set()

    def mended(match: re.Match[bytes]) -> bytes:
        token = match[0]
        if not token.startswith(b'"'):
            kinds.add("not_a_number")
            return b"null"
        if _CONTROL.search(token):
            kinds.add("control_character")
            token = _CONTROL.sub(lambda found: b"\\u%04x" % found[0][0], token)
        if b"\\u" in token:
            token = _ESCAPE.sub(whole_character, token)
        return token

    def whole_character(match: re.Match[bytes]) -> bytes:
        if match[1] is None:
            return match[0]
        kinds.add("half_surrogate")
        return rb"\ufffd"

    repaired = _TOKEN.sub(mended, text)
    return repaired, tuple(sorted(kinds))
