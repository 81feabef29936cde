"""Finds the CDRs to price, lays out their inputs, and reads them batch by batch."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa

from models.contract import Contract
from models.rating.batch import RatingTables
from models.rating.columns import integers_of
from models.rating.kernel.tables import Vector
from models.rating.tariff import TariffSet, compile_tariff_text, tariff_set
from models.rating.zones import ONLY_ZONES
from models.tables.rating import SOURCES
from pipelines.stages.stage import source_digest
from pipelines.warehouse.sql_files import fetch_int, query, registered, row_count

#: Where the source of prices lies: if any of it changes, everything is priced anew.
_SOURCES = (
    "models/rating",
    "models/sql/rating",
    "models/tables/rating.py",
    "pipelines/stages/rating",
)
# Temporary tables, each made by the statement of its name, in this order.
_FIND = ("period_tariff_ids", "wanted_tariff_ids", "published_tariffs", "rating_changes")
_LAY_OUT = ("pending_periods", "rating_tariffs", "pending_tariffs")
_NO_END = 2**62


def find_pending(
    con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], left: Collection[str] = ()
) -> tuple[int, int]:
    """Fill `rating_changes` with what is to be priced or forgotten, `pending_*` with its inputs.

    Where nothing is to be priced there are no inputs either.

    Returns:
        How many CDRs there are, and how many of them are to be priced.
    """
    values: dict[str, dict[str, Any]] = {
        "published_tariffs": {"former": sorted(left)},
        "rating_changes": {"engine": source_digest(*_SOURCES)},
    }
    zones = pl.DataFrame({"country": list(ONLY_ZONES), "zone": list(ONLY_ZONES.values())})
    terms = _contract_terms(con, contracts)
    with registered(con, country_zones=zones, contract_terms=terms):
        for name in _FIND:
            con.execute(query("rating", name), values.get(name))
        to_price = fetch_int(con, "select count(cdr_number) from temp.rating_changes")
        for name in _LAY_OUT if to_price else ():
            con.execute(query("rating", name))
    return row_count(con, "core.cdrs"), to_price


def drop_pending(con: duckdb.DuckDBPyConnection) -> None:
    """Drop the temporary tables."""
    for table in (*_FIND, *_LAY_OUT):
        con.execute(f"drop table if exists temp.{table}")


def _contract_terms(
    con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract]
) -> pl.DataFrame:
    rows = con.execute("select distinct partner from core.cdrs order by partner").fetchall()
    partners = [str(row[0]) for row in rows]
    terms = [contracts.get(partner, Contract()).price_terms for partner in partners]
    return pl.DataFrame(
        {"partner": partners, "fingerprint": terms},
        schema={"partner": pl.String, "fingerprint": pl.String},
    )


def read_batches(
    con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], size: int
) -> Iterator[RatingTables]:
    """Yield the CDRs to price, in order.

    `con`: the connection whose temporary tables `find_pending` filled.
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
