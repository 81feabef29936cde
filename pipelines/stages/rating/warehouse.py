"""Pricing of what is new or changed in the warehouse, batch by batch.

A CDR is priced when it has no price yet, or when its tariffs, its zone or its contract are no
longer those that its price was made from (`input_hash`). Prices that no longer hold go first. Each
batch is committed on its own: a run that is killed has priced what it committed, the next one goes
on from there. Memory is bounded by the batch.
"""

import subprocess
import sys
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

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


@dataclass
class RatingResult:
    """Result of a run of `rate_warehouse`."""

    cdrs: int  # CDRs in the warehouse
    rated: int  # of them, priced now; the rest had a price from the same inputs
    lines: int = 0  # price lines written


def rate_warehouse(
    con: DuckDB, contracts: Mapping[str, Contract], *, left: Collection[str] = ()
) -> RatingResult:
    """Price every CDR that is new, or whose tariffs, zone or contract changed.

    Args:
        con: the warehouse, outside a transaction, in time zone UTC.
        contracts: partner → contract; a partner that is not there has the default one.
        left: the partners that are no longer in the partners file.
    """
    try:
        cdrs, pending = find_pending(con, contracts, left)
        result = RatingResult(cdrs, pending)
        con.execute(query("rating", "forget_prices"))
        if not pending:
            return result
        _load_engine(pending)
        with _settings(con), ThreadPoolExecutor(_WORKERS) as workers:
            result.lines = sum(_stored(con, workers, read_batches(con, contracts, BATCH_SIZE)))
        return result
    finally:
        drop_pending(con)


def _load_engine(pending: int) -> None:
    """Load the compiled engine, if it will be used: each worker would load one for itself."""
    if pending >= WORTH_COMPILING:
        price_all()


def _stored(
    con: DuckDB, workers: ThreadPoolExecutor, batches: Iterator[RatingTables]
) -> Iterator[int]:
    """Price and store batches, each in a worker while the next are read; yield their lines."""
    running: deque[Future[int]] = deque()
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


def _rate_and_store(con: DuckDB, batch: RatingTables) -> int:
    """Price a batch and commit its prices, on a connection that is closed at the end."""
    with con:
        rated = rate_tables(batch)
        con.register("rated", rated)
        con.execute(query("rating", "insert_rated"))
    return pc.sum(pc.list_value_length(rated["lines"])).as_py() or 0


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
