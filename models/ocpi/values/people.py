"""Hiding people's identifiers in whole objects: quarantined payloads, details.

Single columns are replaced where they are read; this is for what is kept as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_ALWAYS = frozenset({"auth_id", "contract_id", "visual_number", "group_id", "token_uid"})
# `uid` is a person's in a token and an EVSE's elsewhere; these members tell a token.
_TOKEN_SIGNS = frozenset({"contract_id", "auth_id", "visual_number", "whitelist", "issuer"})
_TOKEN_NAMES = frozenset({"cdr_token", "token", "publish_allowed_to"})
_IN_TEXT = re.compile(
    rb'("(?:uid|auth_id|contract_id|visual_number|group_id|token_uid)"\s*:\s*)("(?:[^"\\]|\\.)*"?|[^\s,}\]]+)'
)


def masked(value: Any, pseudonym: Callable[[str], str], *, is_token: bool = False) -> Any:
    """Return the JSON value with people's identifiers replaced by their pseudonyms.

    Args:
        value: any JSON value.
        pseudonym: replaces one identifier.
        is_token: whether the value is known to be a token.
    """
    if isinstance(value, list):
        return [masked(item, pseudonym, is_token=is_token) for item in value]
    if not isinstance(value, dict):
        return value
    has_person = is_token or not _TOKEN_SIGNS.isdisjoint(value)
    hidden = {}
    for name, member in value.items():
        secret = name in _ALWAYS or (name == "uid" and has_person)
        if secret and not isinstance(member, (dict, list)):
            hidden[name] = None if member is None else pseudonym(str(member))
        else:
            hidden[name] = masked(member, pseudonym, is_token=name in _TOKEN_NAMES)
    return hidden


def masked_text(raw: bytes) -> bytes:
    """Return the bytes of an unparsable object, with whatever looks like an id removed."""
    return _IN_TEXT.sub(rb'\1"(masked)"', raw)
