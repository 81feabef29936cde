"""Loading landed pulls into the warehouse, in the order in which they were made."""

from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from duckdb import DuckDBPyConnection as DuckDB

from models.ocpi.decode import decode_pages
from models.ocpi.decoded import Decoded
from models.ocpi.row_memory import RowMemory
from pipelines.ingest.batches import Refusals, batches, infrequent_gc, prefetch, unfounded
from pipelines.ingest.decode_cache import DecodeCache
from pipelines.ingest.progress import Progress
from pipelines.ingest.push_loading import load_pushes
from pipelines.landing.landing import Landing
from pipelines.landing.records import PageRecord, PullRecord
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.loader import Loader
from pipelines.warehouse.removal import LoadResult

_FEW_BYTES = 256 * 1024
_PEOPLE = 100_000
"""Identifiers whose pseudonyms are remembered while a pull is loaded: the same drivers return."""


@dataclass(frozen=True)
class Loading:
    """The surroundings of loading, alongside the warehouse."""

    landing: Landing  # where the bodies are
    pseudonym: Callable[[str], str]  # turns a person's identifier into what is stored
    progress: Progress  # hears of every batch
    # pull id → `CC/PID` of the parties whose removals by it a person accepted
    accepted: Mapping[str, Collection[str]] = field(default_factory=dict)
    cache: DecodeCache | None = None  # None: every object is decoded
    # where what pushes became is kept, and looked for first; None: in the landing
    merged: Path | None = None


def load_pull(warehouse: Warehouse, loading: Loading, pull_id: str) -> LoadResult:
    """Load one landed pull; all of it or, if anything of ours goes wrong, nothing.

    A pull of which a body is missing or damaged, or every object was refused, is loaded as failed:
    what can be read counts, nothing looks removed, and the next run asks again.

    Raises:
        OvertakenPull: a later pull of the same list is loaded already.
    """
    pull, pages = loading.landing.pull(pull_id)
    damaged: list[str] = []
    refusals = Refusals(pull.module)
    accepted = loading.accepted.get(pull_id, ())
    with infrequent_gc(), warehouse.writer() as con, Loader(con, pull, accepted) as loader:
        if pull.mode == "push":
            merged = loading.merged or loading.landing.root
            load_pushes(con, loading.landing, merged, loading.pseudonym, loader, pages)
            return loader.commit(pages)
        if pull.mode == "send":
            return loader.commit(pages)  # what we sent is no object of the partner's
        few = sum(page.bytes for page in pages) < _FEW_BYTES
        memory = None if few or loading.cache is None else loading.cache.open(pull)
        for decoded in prefetch(_decoded(loading, pull, pages, damaged, few, memory), few=few):
            loader.add(decoded.frames)
            refusals.count(decoded)
            loading.progress.loaded(pull.partner, pull.module, decoded.object_count)
        damaged += unfounded(con, loading.landing, pull)
        if reason := next(iter(damaged), None) or refusals.verdict():
            loader.fail(reason)
        result = loader.commit(pages)
    if loading.cache and memory and loader.pull.status == "complete":
        loading.cache.save(pull, memory)
    return result


def load_waiting(
    warehouse: Warehouse, loading: Loading, only: Collection[tuple[str, str]] | None = None
) -> list[LoadResult]:
    """Load every landed pull that is not in the warehouse yet, of whatever partner.

    Pulls that failed are among them: what came of them counts, and so does the failure.

    `only`: these lists, as (partner, module); None: all.
    """
    lists = loading.landing.scopes() if only is None else sorted(only)
    with warehouse.reader() as con:
        waiting = unloaded(con, loading.landing, lists)
    return [load_pull(warehouse, loading, pull_id) for pull_id in waiting]


def unloaded(con: DuckDB, landing: Landing, lists: Sequence[tuple[str, str]]) -> list[str]:
    """List the landed pulls that the warehouse does not have yet; of each list, oldest first.

    `lists`: which, as (partner, module).
    """
    rows = con.execute(
        "select pull_id from ops.pulls where partner in (select unnest($partners::varchar[]))",
        {"partners": sorted({partner for partner, _ in lists})},
    ).fetchall()
    loaded = {row[0] for row in rows}
    return [name for each in lists for name in _waiting(landing, *each, loaded)]


def _waiting(landing: Landing, partner: str, module: str, loaded: Container[str]) -> Iterator[str]:
    for name in landing.pull_ids(partner, module):
        if name in loaded or not landing.begins(name):
            continue
        if landing.being_written(name):
            break  # another process is pulling: this one and what follows come when it is over
        yield name


def _decoded(
    loading: Loading,
    pull: PullRecord,
    pages: Sequence[PageRecord],
    damaged: list[str],
    few: bool,
    memory: RowMemory | None,
) -> Iterator[Decoded]:
    pseudonym = lru_cache(_PEOPLE)(loading.pseudonym)
    batched = batches(loading.landing, pull, pages, pseudonym, damaged.append)
    yield from (decode_pages(batch, memory) for batch in prefetch(batched, few=few))
