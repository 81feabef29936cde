"""Finding objects as a partner last sent them, or parts of them: what a PATCH builds on.

Core says which page brought the content that we have; the landing has that page. A pulled page
holds whole objects; of a page of pushes `pipelines.landing.bodies` has what they became.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import msgspec
from duckdb import DuckDBPyConnection as DuckDB

from models.ocpi.envelope import EnvelopeError
from models.ocpi.json.parse import NOT_JSON
from models.ocpi.push_merging import Key, Members, location_parts, without
from pipelines.landing.bodies import objects_of, read_merged
from pipelines.landing.landing import Landing
from pipelines.landing.objects import LandingError
from pipelines.warehouse.sql_files import query

_IDS = ("country_codes", "party_ids", "first_ids", "second_ids", "third_ids")
_MEMBERS = msgspec.json.Decoder(Members)
_TEXT = msgspec.json.Decoder(str | int)
_LOCATION = 3  # the length of a location's key
_PAGES = 64  # pages whose objects are remembered while one pull is loaded


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
        con: DuckDB | None,
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
        # Lists, not a frame: a receiver would import what reads one for seconds, at its first GET.
        values = {"partner": self._partner, "module": self._module, **_lists(rows)}
        found = self._con.execute(query("core", "known_parts"), values).fetchall()
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
            if mode == "push":
                return self._merged(pull_id).get(key)
            raw = self._pulled(sha256, size).get(self._root(key))
        except (LandingError, EnvelopeError):
            return None  # damaged: the next run fetches it again
        return None if raw is None else dict(self._parts_of(raw)).get(key)

    def _root(self, key: Key) -> Key:
        """Return the key of the whole object that a part belongs to."""
        return key[:_LOCATION] if self._module == "locations" else key

    def _read_merged(self, pull_id: str) -> dict[Key, Members]:
        first, landing = self._folders
        return read_merged(first, pull_id) or read_merged(landing, pull_id)

    def _stored(self, key: Key) -> Key:
        """Return the key as the warehouse spells it: of a token the uid is a pseudonym."""
        if self._module != "tokens":
            return key
        country, party, uid, kind = key
        return country, party, self._pseudonym(uid).lower(), kind

    def _index(self, sha256: str, size: int) -> dict[Key, msgspec.Raw | bytes]:
        """Map the keys of the objects of a page to them; what is in them is not looked at."""
        found: dict[Key, msgspec.Raw | bytes] = {}
        for batch in objects_of(self._landing, sha256, self._module, size=size):
            for raw in batch:
                with suppress(*NOT_JSON):
                    found[self._key_of(_MEMBERS.decode(raw))] = raw
        return found

    def _parts_of(self, raw: msgspec.Raw | bytes) -> Iterable[tuple[Key, Members]]:
        members = _MEMBERS.decode(raw)
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


def _lists(rows: list[Key]) -> dict[str, list[str | None]]:
    padded = [(*key, *(None,) * (len(_IDS) - len(key))) for key in rows]
    return {
        name: list(values) for name, values in zip(_IDS, zip(*padded, strict=True), strict=True)
    }


def _text(raw: msgspec.Raw | None) -> str:
    try:
        return "" if raw is None else str(_TEXT.decode(raw))
    except NOT_JSON:
        return ""
