"""Finding objects as a partner last sent them, or parts of them: what a PATCH builds on.

Core says which page brought the content that we have; the landing has that page. A pulled page
holds whole objects; of a page of pushes `pipelines.landing.bodies` has what they became.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

import duckdb
import msgspec
import polars as pl

from models.ocpi.envelope import EnvelopeError
from models.ocpi.json.parse import NOT_JSON
from models.ocpi.push_merging import Key, Members, location_parts, without
from pipelines.landing.bodies import objects_of, read_merged
from pipelines.landing.landing import Landing
from pipelines.landing.objects import LandingError
from pipelines.warehouse.sql_files import query, registered

_IDS = ("first_id", "second_id", "third_id")
_MEMBERS = msgspec.json.Decoder(Members)
_TEXT = msgspec.json.Decoder(str | int)
_PAGES = 64
"""Pages whose objects are remembered while one pull is loaded."""


class KnownParts:
    """The parts of a partner's objects in one module, as they were last sent whole.

    Args:
        con: a connection to the warehouse, or to a snapshot of it; None: nothing is known.
        landing: where the pages are.
        partner: our name for the partner.
        module: OCPI module identifier.
        version: the version that the parts have to be in; others cannot be built on.
        own_party: who owns objects that name no owner.
        pseudonym: turns a person's identifier into what is stored.
        merged: where to look first for what pushes became; None: in the landing only.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection | None,
        landing: Landing,
        partner: str,
        module: str,
        version: str,
        own_party: tuple[str, str],
        pseudonym: Callable[[str], str],
        merged: Path | None = None,
    ) -> None:
        self._con = con
        self._landing = landing
        self._partner = partner
        self._module = module
        self._is_old = version == "2.1.1"
        self._own_party = own_party
        self._pseudonym = pseudonym
        self._origins: dict[Key, tuple[str, str, int, str]] = {}
        self._pulled = lru_cache(_PAGES)(self._index)
        self._folders = (merged or landing.root, landing.root)
        self._merged = lru_cache(_PAGES)(self._read_merged)

    def look_up(self, keys: Iterable[Key]) -> None:
        """Ask the warehouse where these parts are, all at once."""
        wanted = sorted(set(keys))
        if not wanted or self._con is None:
            return
        rows = [self._stored(key) for key in wanted]
        scope = {"partner": self._partner, "module": self._module}
        with registered(self._con, wanted_parts=_frame(rows)):
            found = self._con.execute(query("core", "known_parts"), scope).fetchall()
        for place, _, pull_id, sha256, size, mode, version in found:
            if (version == "2.1.1") is self._is_old:
                self._origins[wanted[place]] = (pull_id, sha256, size, mode)

    def __call__(self, key: Key) -> Members | None:
        """Return the part with a key that was looked up; None: it is not known."""
        origin = self._origins.get(key)
        if origin is None:
            return None
        pull_id, sha256, size, mode = origin
        try:
            parts = self._merged(pull_id) if mode == "push" else self._pulled(sha256, size)
        except (LandingError, EnvelopeError):
            return None  # damaged: the next run fetches it again
        return parts.get(key)

    def _read_merged(self, pull_id: str) -> dict[Key, Members]:
        first, landing = self._folders
        return read_merged(first, pull_id) or read_merged(landing, pull_id)

    def _stored(self, key: Key) -> Key:
        """Return the key as the warehouse spells it: of a token the uid is a pseudonym."""
        if self._module != "tokens":
            return key
        country, party, uid, kind = key
        return country, party, self._pseudonym(uid).lower(), kind

    def _index(self, sha256: str, size: int) -> dict[Key, Members]:
        parts: dict[Key, Members] = {}
        for batch in objects_of(self._landing, sha256, self._module, size=size):
            for raw in batch:
                parts.update(self._parts_of(raw))
        return parts

    def _parts_of(self, raw: msgspec.Raw | bytes) -> Iterable[tuple[Key, Members]]:
        try:
            members = _MEMBERS.decode(raw)
        except NOT_JSON:
            return
        key = self._key_of(members)
        if self._module == "locations":
            yield key, without(members, "evses")
            yield from location_parts(key, members)
        else:
            yield key, members

    def _key_of(self, members: Members) -> Key:
        names = {"tokens": ("uid", "type"), "hubclientinfo": ()}.get(self._module, ("id",))
        country, party = (_text(members.get(name)) for name in ("country_code", "party_id"))
        owner = (country or self._own_party[0], party or self._own_party[1])
        ids = (_text(members.get(name)) for name in names)
        return tuple(value.lower() for value in (*owner, *ids))


def _frame(rows: list[Key]) -> pl.DataFrame:
    padded = [(*key, *(None,) * (5 - len(key))) for key in rows]
    return pl.DataFrame(
        padded, schema=dict.fromkeys(("country_code", "party_id", *_IDS), pl.String), orient="row"
    ).with_row_index("place")


def _text(raw: msgspec.Raw | None) -> str:
    try:
        return "" if raw is None else str(_TEXT.decode(raw))
    except NOT_JSON:
        return ""
