"""Reads the batches of CDRs to price out of the tables that `pending` filled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

import duckdb
import numpy as np
import pyarrow as pa

from models.contract import Contract
from models.rating.batch import RatingTables
from models.rating.columns import integers_of
from models.rating.kernel.tables import Vector
from models.rating.tariff import TariffSet, compile_tariff_text, tariff_set
from models.tables.rating import SOURCES
from pipelines.warehouse.sql_files import query

_NO_END = 2**62


def read_batches(
    con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], size: int
) -> Iterator[RatingTables]:
    """Yield the CDRs to price, in order.

    Args:
        con: the connection whose temporary tables `pending.find_pending` filled.
        contracts: partner → contract; a partner that is not there has the default one.
        size: CDRs in a batch.
    """
    tariffs = _tariffs(con)
    begins = con.execute(query("rating", "batch_spans"), {"size": size}).fetchall()
    for (first,), (end,) in pairwise([*begins, (_NO_END,)]):
        yield _read(con, {"first": first, "end": end}, tariffs, contracts)


def _tariffs(con: duckdb.DuckDBPyConnection) -> TariffSet:
    texts = con.execute("select tariff from temp.rating_tariffs order by number").fetchall()
    return tariff_set([compile_tariff_text(text or "") for (text,) in texts])


def _read(
    con: duckdb.DuckDBPyConnection,
    span: dict[str, int],
    tariffs: TariffSet,
    contracts: Mapping[str, Contract],
) -> RatingTables:
    cdrs = con.sql(query("rating", "batch_cdrs"), params=span).to_arrow_table()
    numbers = integers_of(cdrs["cdr_number"])
    periods = con.sql(query("rating", "batch_periods"), params=span).to_arrow_table()
    candidates = {}
    for source in SOURCES:
        offered = con.sql(query("rating", "batch_tariffs"), params={**span, "source": source})
        candidates[source] = _with_rows(offered.to_arrow_table(), numbers)
    periods = _in_order(_with_rows(periods, numbers))
    return RatingTables(cdrs, periods, candidates, tariffs, contracts)


def _with_rows(table: pa.Table, numbers: Vector) -> pa.Table:
    """Add the row of each row's CDR in the batch, as `cdr_row`."""
    rows = np.searchsorted(numbers, integers_of(table["cdr_number"]))
    return table.append_column("cdr_row", pa.array(rows))


def _in_order(periods: pa.Table) -> pa.Table:
    """Return the periods by CDR and index: mostly they are so already."""
    rows, indexes = integers_of(periods["cdr_row"]), integers_of(periods["period_index"])
    steps, index_steps = np.diff(rows), np.diff(indexes)
    if ((steps > 0) | ((steps == 0) & (index_steps >= 0))).all():
        return periods
    return periods.take(pa.array(np.lexsort((indexes, rows))))
