"""The receiver's knowledge of objects: which there are, and how they look.

The newest snapshot tells, and what was pushed since; nothing of it is a promise. It decides between
200 and 201, refuses a PATCH of what nobody knows, so that the partner sends the object whole, and
answers GET of the receiver interfaces.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import msgspec
from duckdb import DuckDBPyConnection as DuckDB

from models.ocpi.push_merging import (
    Key,
    Members,
    PushMerger,
    PushRefused,
    brought_parts,
    needed_parts,
    part_key,
)
from models.ocpi.pushes import Push
from pipelines.ingest.known_parts import KnownParts
from pipelines.landing.journal import FOLDER, read_segment
from pipelines.landing.landing import Landing
from pipelines.warehouse.snapshot import current, open_current
from pipelines.warehouse.sql_files import query

_RECENT_BYTES = 64 << 20
_LOCATION = 3
_REST_S = 2.0
_AT_ONCE = 2000  # keys read at once, so that requests are answered in between


class KnownObjects:
    """Objects by key; a snapshot that is not there or cannot be read knows none.

    Args:
        serving: the folder of snapshots.
        landing: where the pages are.
        pseudonym: turns a person's identifier into what is stored.
    """

    def __init__(self, serving: Path, landing: Landing, pseudonym: Callable[[str], str]) -> None:
        self._serving = serving
        self._landing = landing
        self._pseudonym = pseudonym
        self._snapshot: Path | None = None
        self._reader = _SnapshotReader(serving)
        self._stored: set[int] = set()
        self._pushed: set[int] = set()
        self._recent: OrderedDict[tuple[str, ...], list[Push]] = OrderedDict()
        self._recent_bytes = 0

    def load(self) -> None:
        """Read the newest snapshot's keys, if it is another, and the pushes not loaded yet."""
        newest = current(self._serving)
        if newest is None or newest == self._snapshot:
            return
        with self._reader.cursor() as con:
            if con is None:
                return
            found = con.execute(query("core", "known_keys"))
            stored: set[int] = set()
            while rows := found.fetchmany(_AT_ONCE):
                stored |= {_hashed(partner, module, _key(ids)) for partner, module, *ids in rows}
        self._stored, self._snapshot = stored, newest
        recent = [push for pushes in list(self._recent.values()) for push in pushes]
        self._pushed = {
            self._hash(push, key)
            for push in recent
            if push.method != "DELETE"
            for key in brought_parts(push)
        }

    def load_journal(self) -> None:
        """Take in the pushes that wait in the journal: a receiver before us took them."""
        for path in sorted((self._landing.root / FOLDER).glob("*.ndjson")):
            for push in read_segment(path):
                if not push.refusal:
                    self.remember(push)

    def knows(self, push: Push) -> bool:
        """Tell whether the object (or part of one) that a push is about is known."""
        hashed = self._hash(push, part_key(push))
        return hashed in self._pushed or hashed in self._stored

    def remember(self, push: Push) -> None:
        """Take in a push that was landed."""
        for key in brought_parts(push):
            hashed = self._hash(push, key)
            if push.method == "DELETE":
                self._stored.discard(hashed)
                self._pushed.discard(hashed)
            else:
                self._pushed.add(hashed)
        root = _root(push)
        self._recent.setdefault(root, []).append(push)
        self._recent.move_to_end(root)
        self._recent_bytes += len(push.body)
        while self._recent_bytes > _RECENT_BYTES:
            _, oldest = self._recent.popitem(last=False)
            self._recent_bytes -= sum(len(one.body) for one in oldest)

    def recent(self, wanted: Push) -> list[Push]:
        """Return the pushes that may not be in the snapshot and concern an object."""
        return [p for p in self._recent.get(_root(wanted), ()) if _concerns(p, wanted)]

    def find(
        self, wanted: Push, recent: Sequence[Push], own_party: tuple[str, str]
    ) -> bytes | None:
        """Return an object as it is known; None: it is not.

        Args:
            wanted: names it: a push without a body.
            recent: what `recent` returned.
            own_party: who owns objects that name no owner.
        """
        key = part_key(wanted)
        if recent and recent[-1].method == "DELETE":
            return None
        with self._reader.cursor() as con:
            parts = self._parts(con, wanted, own_party)
            keys = self._keys_below(con, wanted) if con is not None else []
            parts.look_up([key, *keys, *(k for p in recent for k in needed_parts(p))])
            merger = PushMerger(parts)
            for push in recent:
                _merge(merger, push)
            keys = sorted({*keys, *(k for k in merger.parts if k[: len(key)] == key)} - {key})
            found = {k: merger.parts.get(k) or parts(k) for k in (key, *keys)}
        whole = found.pop(key)
        return None if whole is None else _assembled(wanted.module, key, whole, found)

    def _parts(self, con: DuckDB | None, wanted: Push, own_party: tuple[str, str]) -> KnownParts:
        source = (wanted.partner, wanted.module, wanted.version)
        return KnownParts(con, self._landing, *source, own_party, self._pseudonym)

    def _keys_below(self, con: DuckDB, wanted: Push) -> list[Key]:
        if wanted.module != "locations":
            return []
        values = {"partner": wanted.partner, "location_id": wanted.key[2]}
        rows = con.execute(query("core", "keys_of_location"), values).fetchall()
        keys = (_key(ids) for ids in rows)
        return [k for k in keys if k[: len(wanted.key)] == wanted.key and k != wanted.key]

    def rest(self) -> None:
        """Let go of the snapshot, if nobody asked for a while: it could not be removed else."""
        self._reader.rest()

    def _hash(self, push: Push, key: Key) -> int:
        if push.module == "tokens":
            country, party, uid, kind = key
            key = (country, party, self._pseudonym(uid).lower(), kind)
        return _hashed(push.partner, push.module, key)


class _SnapshotReader:
    """Keeps the newest snapshot open while it is asked: opening it takes longer than all the rest.

    `serving`: the folder of snapshots.
    """

    def __init__(self, serving: Path) -> None:
        self._serving = serving
        self._turn = threading.Lock()
        self._open: tuple[Path | None, DuckDB] | None = None
        self._used_s = 0.0

    @contextmanager
    def cursor(self) -> Iterator[DuckDB | None]:
        """Provide a connection to the newest snapshot; None: there is none that can be read."""
        with self._turn:
            con = self._newest()
        try:
            yield con
        finally:
            if con is not None:
                con.close()

    def rest(self) -> None:
        """Close it, if nobody asked for a while."""
        with self._turn:
            if self._open is not None and time.monotonic() - self._used_s > _REST_S:
                self._close()

    def _newest(self) -> DuckDB | None:
        newest = current(self._serving)
        if self._open is not None and self._open[0] != newest:
            self._close()
        if self._open is None:
            try:
                con = open_current(self._serving)
            except duckdb.Error:
                con = None
            if con is None:
                return None
            self._open = (newest, con)
        self._used_s = time.monotonic()
        cursor = self._open[1].cursor()
        cursor.execute("set TimeZone = 'UTC'")
        return cursor

    def _close(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None


def _merge(merger: PushMerger, push: Push) -> None:
    try:
        merger.merge(push)
    except PushRefused:
        return  # it changed nothing where it is loaded, either


def _root(push: Push) -> tuple[str, ...]:
    return (push.partner, push.module, push.version, *push.key[:_LOCATION])


def _concerns(push: Push, wanted: Push) -> bool:
    """Tell whether a push changed the object wanted, something above it or below it."""
    mine, others = part_key(push), part_key(wanted)
    shortest = min(len(mine), len(others))
    return mine[:shortest] == others[:shortest]


def _assembled(module: str, key: Key, whole: Members, below: dict[Key, Members | None]) -> bytes:
    """Put the parts of a location together again."""
    if module == "locations" and len(key) <= _LOCATION + 1:
        name = "evses" if len(key) == _LOCATION else "connectors"
        children = [
            msgspec.Raw(_assembled(module, k, part, below))
            for k, part in below.items()
            if part is not None and len(k) == len(key) + 1 and k[: len(key)] == key
        ]
        whole = {**whole, name: msgspec.Raw(msgspec.json.encode(children))}
    return msgspec.json.encode(whole)


def _hashed(partner: str, module: str, key: Key) -> int:
    return hash((partner, module, key))


def _key(ids: list[str | None] | tuple[str | None, ...]) -> Key:
    return tuple(part.lower() for part in ids if part is not None)
