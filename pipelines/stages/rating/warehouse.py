"""Pricing of what is new or changed in the warehouse, batch by batch.

A CDR is priced when it has no price yet, or when its tariffs, its zone or its contract are no
longer those that its price was made from (`input_hash`). Prices that no longer hold go first. Each
batch is committed on its own: a run that is killed has priced what it committed, the next one goes
on from there. Memory is bounded by the batch.
"""

import subprocess
import sys
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

import polars as pl
import pyarrow.compute as pc
from duckdb import DuckDBPyConnection as DuckDB

from models.contract import Contract
from models.rating.batch import RatingTables, rate_tables
from models.rating.compiled import is_compiled, price_all
from models.rating.run import WORTH_COMPILING
from models.tables.rating import RATING_CDRS, RATING_LINES
from pipelines.stages.rating.pending import drop_pending, find_pending, read_batches
from pipelines.stages.stage import AssetCheck, Stage, StageContext, StageResult
from pipelines.warehouse.checks import keys_unique
from pipelines.warehouse.sql_files import fetch_int, open_sibling, query

# A batch of two sources fills DuckDB's row group of 122,880 rows, which then goes compressed to the
# file. Fewer rows would go to the log, and be read and compressed again at a checkpoint.
BATCH_SIZE = 61_440
_WORKERS = 2

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class _Stored:
    """Counts of a batch that is stored."""

    cdrs: int
    lines: int
    outcomes: Counter[tuple[str, str, str | None]]


@dataclass
class RatingResult:
    """Result of a run of `rate_warehouse`."""

    cdrs: int  # CDRs in the warehouse
    rated: int  # of them, priced now; the rest had a price from the same inputs
    lines: int = 0  # price lines written
    # (source, state, reason) → CDRs, of those priced now
    outcomes: Counter[tuple[str, str, str | None]] = field(default_factory=Counter)

    @property
    def unchanged(self) -> int:
        """CDRs whose price still holds."""
        return self.cdrs - self.rated


def rate_warehouse(
    con: DuckDB,
    contracts: Mapping[str, Contract],
    *,
    left: Collection[str] = (),
    progress: Progress | None = None,
    batch_size: int = BATCH_SIZE,
) -> RatingResult:
    """Price every CDR that is new, or whose tariffs, zone or contract changed.

    Args:
        con: the warehouse, outside a transaction, in time zone UTC.
        contracts: partner → contract; a partner that is not there has the default one.
        left: the partners that are no longer in the partners file.
        progress: called with (CDRs done, CDRs to do) after each batch.
        batch_size: CDRs priced and committed at a time.
    """
    try:
        cdrs, pending = find_pending(con, contracts, left)
        result = RatingResult(cdrs, pending)
        con.execute(query("rating", "forget_prices"))
        if not pending:
            return result
        _load_engine(pending)
        done = 0
        with _settings(con), ThreadPoolExecutor(_WORKERS) as workers:
            for stored in _stored(con, workers, read_batches(con, contracts, batch_size)):
                done += stored.cdrs
                result.lines += stored.lines
                result.outcomes += stored.outcomes
                if progress is not None:
                    progress(done, pending)
        return result
    finally:
        drop_pending(con)


def _load_engine(pending: int) -> None:
    """Load the compiled engine, if it will be used: each worker would load one for itself."""
    if pending >= WORTH_COMPILING:
        price_all()


def _stored(
    con: DuckDB, workers: ThreadPoolExecutor, batches: Iterator[RatingTables]
) -> Iterator[_Stored]:
    """Price and stores batches, each in one of the workers while the next ones are read."""
    running: deque[Future[_Stored]] = deque()
    for batch in batches:
        running.append(workers.submit(_rate_and_store, open_sibling(con), batch))
        if len(running) > _WORKERS:
            yield running.popleft().result()
    while running:
        yield running.popleft().result()


@contextmanager
def _settings(con: DuckDB) -> Iterator[None]:
    """Provide settings that suit queries about a batch, until the end."""
    (threads,) = con.execute("select current_setting('threads')").fetchall()[0]
    # Each statement runs in the thread that asked for it: another of DuckDB's own would find
    # nothing to do in so small a one, and burn a processor waiting.
    con.execute("set threads = 1")
    # Decimals leave DuckDB as the 64 bits they are, not as 128.
    con.execute("set arrow_output_version = '1.5'")
    try:
        yield
    finally:
        con.execute("reset arrow_output_version")
        con.execute(f"set threads = {int(threads)}")


def _rate_and_store(con: DuckDB, batch: RatingTables) -> _Stored:
    """Price a batch and commits its prices, on a connection that is closed at the end."""
    with con:
        rated = rate_tables(batch)
        con.register("rated", rated)
        con.execute(query("rating", "insert_rated"))
    outcomes = pl.DataFrame(rated.select(["source", "state", "reason"])).group_by(pl.all()).len()
    return _Stored(
        cdrs=len(batch.cdrs),
        lines=pc.sum(pc.list_value_length(rated["lines"])).as_py() or 0,
        outcomes=Counter({tuple(key): count for *key, count in outcomes.iter_rows()}),
    )


def check_prices(con: DuckDB) -> tuple[AssetCheck, ...]:
    """Check every price in the warehouse."""
    unequal = fetch_int(con, query("rating", "count_unequal_totals"))
    # A line's key is that of its CDR and source, and its place among their lines.
    repeated = keys_unique(con, RATING_CDRS).violations
    return (
        AssetCheck("lines_add_up", unequal, f"{unequal} totals are not the sum of their lines"),
        AssetCheck("unique", repeated, f"{repeated} keys stand more than once"),
    )


def _run(con: DuckDB, context: StageContext) -> StageResult:
    result = rate_warehouse(con, context.contracts, left=context.left)
    counts = {"cdrs": result.cdrs, "rated": result.rated, "lines": result.lines}
    return StageResult(counts, check_prices(con))


RATING = Stage(
    name="rating",
    description="Each CDR priced from its tariff, line by line, by each tariff source.",
    tables=(RATING_CDRS.name, RATING_LINES.name),
    checks=("lines_add_up", "unique"),
    run=_run,
)


_COMPILE = "from models.rating.compiled import price_all; price_all()"


@cache
def compile_beside() -> subprocess.Popen[bytes] | None:
    """Start to compile the kernel in a process of its own, unless it was compiled before.

    Pulling from partners is mostly waiting. Whoever needs the kernel meanwhile waits for that
    process; one that fails does no harm, as the kernel is compiled where it is needed then.

    Returns:
        The process; None: there was nothing to do.
    """
    if is_compiled():
        return None
    command = [sys.executable, "-c", _COMPILE]
    silent = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=silent, stdout=silent, stderr=silent)  # noqa: S603
