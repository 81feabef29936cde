"""A person in a home: found by one identifier, shown whole, or taken out with proof."""

import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import zstandard
from duckdb import DuckDBPyConnection as DuckDB

from models.errors import Refused
from models.tables import TABLES
from pipelines.config.home import Home
from pipelines.config.home_settings import load_settings
from pipelines.config.pseudonyms import Pseudonymiser, open_pseudonymiser
from pipelines.ingest.pushes import alone_in
from pipelines.landing.landing import Landing
from pipelines.landing.records import PageRecord, PullRecord
from pipelines.landing.removal import (
    PERSONAL,
    identifiers_of,
    objects_in,
    replace_bodies,
    rewritten,
    unnamed_bodies,
)
from pipelines.orchestration.replay import replay_landing
from pipelines.upkeep.unfinished_erasure import begin_erasure, end_erasure, read_unfinished
from pipelines.warehouse.extract import json_value, publish_tables
from pipelines.warehouse.locking import FileLock
from pipelines.warehouse.snapshot import open_current, tidy

_WAIT_S: Final = 600.0
_LARGEST: Final = 4 << 30
_CHUNK: Final = 1 << 20
_SHORTEST: Final = 6  # shorter identifiers stand in most files, and mean nobody there
_MOST: Final = 20
"""More identifiers than this that hang together are not one person's, but a shared placeholder."""


class PrivacyRefused(Refused):
    """A person cannot be shown or erased as asked; the message says why and what to do."""


@dataclass(frozen=True)
class Person:
    """The identifiers of one person, as they are compared: whatever their case."""

    # token uids, contract ids and visual numbers that stand beside each other
    identifiers: frozenset[str] = field(repr=False)
    pseudonym: Pseudonymiser = field(repr=False)  # of this home

    @property
    def pseudonyms(self) -> frozenset[str]:
        """The identifiers as the tables hold them."""
        return frozenset(map(self.pseudonym, self.identifiers))

    def is_theirs(self, identifier: str) -> bool:
        """Tell whether an identifier, as sent, is one of theirs."""
        return identifier.upper() in self.identifiers


@dataclass(frozen=True)
class Erasure:
    """Rows taken out, and the proof that nothing is left."""

    identifiers: int  # how many identifiers the person had
    pages: int  # landed bodies that named them, and were replaced
    rows: int  # rows of the tables that named them before
    left_in_landing: int  # bodies that name them now
    left_in_tables: int  # rows that name them now
    # older snapshots that some program still has open; they go with the next run
    open_snapshots: tuple[str, ...]
    published: tuple[str, ...]  # places of the settings that got the new tables
    elsewhere: tuple[str, ...]  # other files of the home that name them: comments, invoices, logs

    @property
    def proved(self) -> bool:
        """True where nothing names them any more."""
        return not (self.left_in_landing or self.left_in_tables or self.open_snapshots)


def find_person(home: Home, environ: Mapping[str, str], identifier: str, *, alone: bool) -> Person:
    """Find everything that one person is called.

    `alone`: whether what stands beside it is left out.

    Raises:
        PrivacyRefused: nobody is called so, or so many that it is no one person's.
    """
    landing = Landing(home.landing)
    known = {identifier.upper()}
    begun = read_unfinished(home).aliases.keys()
    seen = bool(known & begun)
    if seen and not alone:
        known |= begun
    for _ in range(1 if alone else 2):  # a token, its contract, and that contract's other tokens
        groups = [group for _, _, body in _bodies(landing) for group in _groups(body)]
        touched = [group for group in groups if group & known]
        seen = seen or bool(touched)
        if not alone:
            known.update(*touched)
    if not seen:
        raise PrivacyRefused("no landed page names that identifier")
    if len(known) > _MOST:
        raise PrivacyRefused(
            f"{len(known)} identifiers hang together with that one, which is no one person: it may "
            "be a placeholder. With --exactly only what you named is taken"
        )
    return Person(frozenset(known), open_pseudonymiser(home, environ))


def export_person(home: Home, person: Person) -> dict[str, Any]:
    """Return everything that the home holds of a person: pages' objects as sent, rows of tables."""
    landing = Landing(home.landing)
    landed = [
        {
            "partner": pull.partner,
            "module": pull.module,
            "fetched_at": page.fetched_at.isoformat(),
            "object": json_value(one),
        }
        for pull, page, body in _bodies(landing)
        for one in objects_in(body) or ()
        if any(map(person.is_theirs, identifiers_of(one)))
    ]
    return {"landed": landed, "tables": _rows_of(home, person)}


def erase_person(
    home: Home,
    person: Person,
    *,
    partners: Path | None,
    who: str,
    reason: str,
    now: Callable[[], datetime],
    waiting: Callable[[str], None] | None = None,
) -> Erasure:
    """Take a person out of the landing, make the tables again, and prove it.

    Their charges stay, under a name that leads to nobody: money that was claimed is not undone.

    `reason`: why; it is kept, without the identifiers.

    Raises:
        PrivacyRefused: a pull is under way.
        ConfigError: partners file or settings cannot be used.
        WarehouseLocked: a run did not end in time.
    """
    rows = sum(len(found) for found in _rows_of(home, person).values())
    landing = Landing(home.landing)
    with FileLock.of_warehouse(home.warehouse).held(_WAIT_S, waiting), alone_in(landing):
        record = {"at": now().isoformat(timespec="seconds"), "who": who, "reason": reason}
        begun = begin_erasure(home, person.identifiers, record)
        pages = _erase_landed(landing, begun.aliases)
        shutil.rmtree(home.cache, ignore_errors=True)
    # All of it, into a new file: a deleted row stays readable in a file's free blocks.
    replay_landing(home, partners, now=now)
    tidy(home.serving, keep=1)
    newest = {"current", "current.duckdb"}
    left = sorted(path.name for path in home.serving.glob("*.duckdb") if path.name not in newest)
    places = [place for place in load_settings(home).publish]
    for place in places:
        publish_tables(home.serving, place.to, kind=place.format, names=place.tables)
    end_erasure(home, begun)
    return Erasure(
        identifiers=len(person.identifiers),
        pages=pages,
        rows=rows,
        left_in_landing=sum(_names(body, person) for _, _, body in _bodies(landing))
        + len(_unnamed_of(landing, person.identifiers)),
        left_in_tables=sum(len(found) for found in _rows_of(home, person).values()),
        open_snapshots=tuple(left[:-1]),
        published=tuple(place.to.partition("?")[0] for place in places),
        elsewhere=tuple(_files_naming(home, person.identifiers)),
    )


def _erase_landed(landing: Landing, aliases: Mapping[str, str]) -> int:
    new: dict[str, bytes] = {}
    pull_ids: list[str] = []
    for pull, page, body in _bodies(landing):
        if landing.being_written(pull.pull_id):
            raise PrivacyRefused(
                f"{pull.partner} {pull.module} is being pulled; try again when that is over"
            )
        after = new.get(page.sha256) or rewritten(body, lambda one: aliases.get(one.upper(), one))
        if after is not None:
            new[page.sha256] = after
            pull_ids.append(pull.pull_id)
    replace_bodies(landing, new, dict.fromkeys(pull_ids))
    for path in _unnamed_of(landing, aliases.keys()):
        path.unlink()
    return len(new)


def _unnamed_of(landing: Landing, identifiers: Collection[str]) -> list[Path]:
    """Return bodies with the person that killed processes left, and no manifest names."""
    return [
        landing.objects.path(sha256)
        for sha256 in unnamed_bodies(landing)
        if rewritten(
            landing.objects.read(sha256, max_bytes=_LARGEST),
            lambda one: "" if one.upper() in identifiers else one,
        )
        is not None
    ]


def _files_naming(home: Home, identifiers: Collection[str]) -> Iterator[str]:
    """Yield the home's files, but for the tables, in which an identifier stands as it is."""
    names = [name.encode() for name in identifiers if len(name) >= _SHORTEST]
    for path in sorted(home.path.rglob("*") if names else ()):
        text = path.is_file() and not path.is_symlink() and ".duckdb" not in path.name
        if text and _stands_in(path, names):
            yield path.relative_to(home.path).as_posix()


def _stands_in(path: Path, names: Collection[bytes]) -> bool:
    before = b""
    with path.open("rb") as raw, suppress(zstandard.ZstdError):  # a torn body has no more to read
        file = zstandard.ZstdDecompressor().stream_reader(raw) if path.suffix == ".zst" else raw
        while chunk := file.read(_CHUNK):
            text = before + chunk.upper()
            if any(name in text for name in names):
                return True
            before = text[-max(map(len, names)) :]
    return False


def _bodies(landing: Landing) -> Iterator[tuple[PullRecord, PageRecord, bytes]]:
    """Yield every page of the lists that name people, a body as often as it was landed."""
    for pull, pages in landing.pulls():
        if pull.module in PERSONAL:
            for page in pages:
                if landing.objects.path(page.sha256).exists():
                    yield pull, page, landing.objects.read(page.sha256, max_bytes=_LARGEST)


def _groups(body: bytes) -> Iterator[set[str]]:
    """Yield the identifiers that stand beside each other, object by object."""
    for one in objects_in(body) or ():
        yield {identifier.upper() for identifier in identifiers_of(one) if identifier}


def _names(body: bytes, person: Person) -> bool:
    return rewritten(body, lambda one: "" if person.is_theirs(one) else one) is not None


def _rows_of(home: Home, person: Person) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every published table in which a pseudonym of theirs stands anywhere."""
    con = open_current(home.serving)
    if con is None:
        return {}
    with con:
        found = {table.name: _rows(con, table.name, person) for table in TABLES}
    return {name: rows for name, rows in found.items() if rows}


def _rows(con: DuckDB, table: str, person: Person) -> list[dict[str, Any]]:
    query = (
        f"select * from {table} as t where exists (select 1 from unnest($names) as u (name) "  # noqa: S608
        "where contains(upper(cast(t as varchar)), u.name))"
    )
    rows = con.sql(query, params={"names": sorted(map(str.upper, person.pseudonyms))})
    return [dict(zip(rows.columns, map(json_value, row), strict=True)) for row in rows.fetchall()]
