"""Prices what is new or changed in the warehouse, batch by batch.

A CDR is priced when it has no price yet, or when its tariffs, its zone or its contract are no
longer those that its price was made from (`input_hash`). Each batch is committed on its own: a
run that is killed has priced what it committed, the next one goes on from there. Memory is
bounded by the batch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from models.contract import Contract
from models.rating.batch import RatingBatch, rate_packed
from models.rating.tariff import compile_tariff_text
from models.rating.tariff_set import TariffSet, tariff_set
from models.tables.rating import SOURCES
from pipelines.rating.pending import drop_pending, find_pending
from pipelines.rating.statements import statement

# A batch of two sources fills DuckDB's row group of 122,880 rows, which then goes compressed to the
# file. Fewer rows would go to the log, and be read and compressed again at a checkpoint.
BATCH_SIZE = 61_440

Progress = Callable[[int, int], None]
_Span = dict[str, int]


@dataclass
class RatingResult:
    """What a run of `rate_warehouse` did.

    Args:
        cdrs: CDRs in the warehouse.
        rated: of them, priced now; the rest had a price from the same inputs.
        lines: price lines written.
        outcomes: (source, state, reason) → CDRs, of those priced now.
    """

    cdrs: int
    rated: int
    lines: int = 0
    outcomes: Counter[tuple[str, str, str | None]] = field(default_factory=Counter)

    @property
    def unchanged(self) -> int:
        """CDRs whose price still holds."""
        return self.cdrs - self.rated


@dataclass(frozen=True)
class _Tariffs:
    """The tariffs of a run, and where each (partner, source, content hash) is among them."""

    compiled: TariffSet
    places: pl.DataFrame


def rate_warehouse(
    con: duckdb.DuckDBPyConnection,
    contracts: Mapping[str, Contract],
    *,
    progress: Progress | None = None,
    batch_size: int = BATCH_SIZE,
) -> RatingResult:
    """Prices every CDR that is new, or whose tariffs, zone or contract changed.

    Args:
        con: the warehouse, outside a transaction, in time zone UTC.
        contracts: partner → contract; a partner that is not there has the default one.
        progress: called with (CDRs done, CDRs to do) after each batch.
        batch_size: CDRs priced and committed at a time.

    Returns:
        What was done.
    """
    try:
        cdrs, pending = find_pending(con, contracts)
        result = RatingResult(cdrs, pending)
        con.execute(statement("forget_gone"))
        tariffs = _load_tariffs(con)
        for span, rated in _rated_spans(con, contracts, tariffs, pending, batch_size):
            _store(con, rated, span)
            _count(result, rated)
            if progress is not None:
                progress(span["last"], pending)
        return result
    finally:
        drop_pending(con)


def _load_tariffs(con: duckdb.DuckDBPyConnection) -> _Tariffs:
    texts = con.execute(statement("tariff_texts")).pl()
    compiled = tariff_set([compile_tariff_text(text or "") for text in texts["tariff"]])
    return _Tariffs(compiled, texts.drop("tariff").with_row_index("tariff"))


def _rated_spans(
    con: duckdb.DuckDBPyConnection,
    contracts: Mapping[str, Contract],
    tariffs: _Tariffs,
    pending: int,
    batch_size: int,
) -> Iterator[tuple[_Span, pa.Table]]:
    """Prices span by span, each in a thread of its own while the one before it is stored."""
    with ThreadPoolExecutor(max_workers=1) as worker:
        before: tuple[_Span, Future[pa.Table]] | None = None
        for first in range(0, pending, batch_size):
            span = {"first": first, "last": min(first + batch_size, pending)}
            task = worker.submit(rate_packed, *_read(con, contracts, tariffs, span))
            if before is not None:
                yield before[0], before[1].result()
            before = span, task
        if before is not None:
            yield before[0], before[1].result()


def _read(
    con: duckdb.DuckDBPyConnection,
    contracts: Mapping[str, Contract],
    tariffs: _Tariffs,
    span: _Span,
) -> tuple[RatingBatch, dict[str, pl.DataFrame], dict[str, pl.Series]]:
    """What `rate_packed` takes, for a span of the CDRs to price."""
    cdrs = con.execute(statement("batch_cdrs"), span).pl()
    periods = con.execute(statement("batch_periods"), span).pl()
    offered = con.execute(statement("batch_tariffs"), span).pl()
    offered = offered.join(
        tariffs.places, on=["partner", "source", "content_hash"], maintain_order="left"
    )
    candidates = {source: offered.filter(pl.col("source") == source) for source in SOURCES}
    hashes = {source: cdrs[f"{source}_hash"] for source in SOURCES}
    return RatingBatch(cdrs, periods, tariffs.compiled, contracts), candidates, hashes


def _store(con: duckdb.DuckDBPyConnection, rated: pa.Table, span: _Span) -> None:
    """Replaces what is known of a span's CDRs, in one transaction."""
    con.begin()
    try:
        con.execute(statement("forget_batch"), span)
        con.register("rated", rated)
        con.execute(statement("insert_rated"))
        con.unregister("rated")
        con.commit()
    except BaseException:
        con.rollback()
        raise


def _count(result: RatingResult, rated: pa.Table) -> None:
    result.lines += pc.sum(pc.list_value_length(rated["lines"])).as_py() or 0
    outcomes = pl.DataFrame(rated.select(["source", "state", "reason"]))
    for source, state, reason, count in outcomes.group_by(pl.all()).len().iter_rows():
        result.outcomes[source, state, reason] += count
