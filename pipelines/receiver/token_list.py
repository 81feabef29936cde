"""Our own tokens, for operators to pull: the sender interface of tokens (mod_tokens), paged.

The list is a file that somebody else's system writes; it is read again when it changes.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec

from models.ocpi.values.timestamps import as_instant
from pipelines.config.errors import ConfigError, Problem
from pipelines.receiver.answers import Refusal

MOST_ON_A_PAGE = 1000
_ONLY_SINCE_22 = frozenset(
    {"country_code", "party_id", "group_id", "default_profile_type", "energy_contract"}
)
_TYPES_OF_OLD = frozenset({"OTHER", "RFID"})  # mod_tokens 2.1.1, TokenType


class TokenList:
    """The tokens of a file, oldest change first.

    `path`: a JSON file with a list of OCPI Token objects, as of 2.2 and later.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at: tuple[int, int] | None = None
        self._tokens: list[tuple[datetime, dict[str, Any]]] = []

    def page(
        self, version: str, url: str, query: Mapping[str, str]
    ) -> tuple[list[dict[str, Any]], dict[str, str]]:
        """Return the tokens of the page that a request asks for, and the response's headers.

        Args:
            version: OCPI version to write the tokens in.
            url: of the list.
            query: date_from, date_to, offset and limit.

        Raises:
            Refusal: a parameter cannot be read.
            ConfigError: the file cannot be read.
        """
        since, until = _instant(query, "date_from"), _instant(query, "date_to")
        offset = _number(query, "offset", 0)
        limit = min(max(_number(query, "limit", MOST_ON_A_PAGE), 1), MOST_ON_A_PAGE)
        found = [
            token
            for at, token in self._all()
            if (since is None or at >= since) and (until is None or at < until)
        ]
        headers = {"x-total-count": str(len(found)), "x-limit": str(limit)}
        if offset + limit < len(found):
            filters = {name: query[name] for name in ("date_from", "date_to") if name in query}
            following = urlencode({**filters, "offset": offset + limit, "limit": limit})
            headers["link"] = f'<{url}?{following}>; rel="next"'
        return [_written(token, version) for token in found[offset : offset + limit]], headers

    def _all(self) -> list[tuple[datetime, dict[str, Any]]]:
        status = self._path.stat()
        if (status.st_mtime_ns, status.st_size) != self._read_at:
            self._tokens = _read(self._path)
            self._read_at = (status.st_mtime_ns, status.st_size)
        return self._tokens


def _read(path: Path) -> list[tuple[datetime, dict[str, Any]]]:
    try:
        listed = msgspec.json.decode(path.read_bytes(), type=list[dict[str, Any]])
    except msgspec.MsgspecError as error:
        raise ConfigError([Problem(str(path), f"is no list of tokens: {error}")]) from None
    stamped = [(as_instant(token.get("last_updated")), token) for token in listed]
    if any(at is None or "uid" not in token for at, token in stamped):
        raise ConfigError([Problem(str(path), "a token has no uid, or no usable last_updated")])
    known = [(at, token) for at, token in stamped if at is not None]
    return sorted(known, key=lambda pair: (pair[0], str(pair[1]["uid"])))


def _written(token: dict[str, Any], version: str) -> dict[str, Any]:
    """Return a token as a version has it: 2.1.1 calls the contract `auth_id` and names no owner.

    A type that it does not know is `OTHER` to it.
    """
    if version != "2.1.1":
        return token
    kept = {name: value for name, value in token.items() if name not in _ONLY_SINCE_22}
    kept["auth_id"] = kept.pop("contract_id", None)
    if kept.get("type") not in _TYPES_OF_OLD:
        kept["type"] = "OTHER"
    return kept


def _instant(query: Mapping[str, str], name: str) -> datetime | None:
    text = query.get(name)
    if not text:
        return None
    at = as_instant(text)
    if at is None:
        raise Refusal(f"{name} is no time")
    return at


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    if text and not text.isdecimal():
        raise Refusal(f"{name} is no whole number")
    return int(text) if text else default
