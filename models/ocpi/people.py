"""People's identifiers in what partners send, hidden before anything of it is kept in a table."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from models.ocpi.json.canonical import json_text

MASKED = "(masked)"
_HIDDEN = MASKED.encode()
# Names without their underscores, in small letters: partners write UID and contractId, too.
_ALWAYS = frozenset({"authid", "contractid", "visualnumber", "groupid", "tokenuid"})
# `uid` is a person's in a token and an EVSE's elsewhere; these members tell a token.
_TOKEN_SIGNS = frozenset({"contractid", "authid", "visualnumber", "whitelist", "issuer", "type"})
_TOKEN_NAMES = frozenset({"cdrtoken", "token", "publishallowedto"})
_IN_TEXT = re.compile(
    rb'("(?:uid|auth_id|contract_id|visual_number|group_id|token_uid)"\s*:\s*)("(?:[^"\\]|\\.)*"?|[^\s,}\]]+)'
)
# Names of members, short words and numbers, times: of what cannot be parsed nothing else is shown.
_RUN = re.compile(rb"[^\s\"',:{}\[\]][^\s\"',{}\[\]]{3,}")
_HARMLESS = re.compile(
    rb"[a-z]+(_[a-z]+)*|-?\d{1,5}(\.\d{1,4})?|\d{4}-\d\d-\d\dT[\d:.]+Z?|\(masked\)"
)


def masked(value: Any, pseudonym: Callable[[str], str], *, is_token: bool = False) -> Any:
    """Return a JSON value, perhaps known to be a token, with people's identifiers as pseudonyms."""
    if isinstance(value, list):
        return [masked(item, pseudonym, is_token=is_token) for item in value]
    if not isinstance(value, dict):
        return _hidden(value, pseudonym) if is_token else value
    names = {name: _plain(name) for name in value}
    has_person = is_token or not _TOKEN_SIGNS.isdisjoint(names.values())
    return {
        name: _hidden(member, pseudonym)
        if names[name] in _ALWAYS
        or (names[name] == "uid" and has_person)
        or (names[name] == "id" and is_token)
        else masked(member, pseudonym, is_token=names[name] in _TOKEN_NAMES)
        for name, member in value.items()
    }


def _hidden(value: Any, pseudonym: Callable[[str], str]) -> Any:
    """Return what stands where an identifier should, of whatever kind, with every value hidden."""
    if isinstance(value, dict):
        return {name: _hidden(member, pseudonym) for name, member in value.items()}
    if isinstance(value, list):
        return [_hidden(item, pseudonym) for item in value]
    return value if value is None or isinstance(value, bool) else pseudonym(str(value))


@lru_cache(maxsize=1000)
def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def shown_text(value: Any) -> str:
    """Return a JSON value as text, with people's identifiers masked; any object may be a token."""
    return json_text(masked(value, lambda _: MASKED, is_token=isinstance(value, dict)))


def masked_text(raw: bytes) -> bytes:
    """Return the bytes of an unparsable object without whatever may identify somebody."""
    named = _IN_TEXT.sub(rb'\1"(masked)"', raw)
    return _RUN.sub(lambda run: run[0] if _HARMLESS.fullmatch(run[0]) else _HIDDEN, named)
