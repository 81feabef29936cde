"""Finds the CDRs to price and lays out their inputs, so that a batch of them is one range."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import duckdb
import polars as pl

from models.contract import Contract
from models.rating.countries import ONLY_ZONES
from models.rating.terms import fingerprint
from pipelines.stages.source_digest import source_digest
from pipelines.warehouse.sql_files import fetch_int, query, row_count

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


def find_pending(
    con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], left: Collection[str] = ()
) -> tuple[int, int]:
    """Fill `rating_changes` with what is to be priced or forgotten, `pending_*` with its inputs.

    Where nothing is to be priced there are no inputs either.

    Args:
        con: the warehouse.
        contracts: partner → contract; a partner that is not there has the default one.
        left: the partners that are no longer in the partners file.

    Returns:
        How many CDRs there are, and how many of them are to be priced.
    """
    values: dict[str, dict[str, Any]] = {
        "published_tariffs": {"former": sorted(left)},
        "rating_changes": {"engine": source_digest(*_SOURCES)},
    }
    con.register("country_zones", _country_zones())
    con.register("contract_terms", _contract_terms(con, contracts))
    try:
        for name in _FIND:
            con.execute(query("rating", name), values.get(name))
        to_price = fetch_int(con, "select count(cdr_number) from temp.rating_changes")
        for name in _LAY_OUT if to_price else ():
            con.execute(query("rating", name))
    finally:
        con.unregister("country_zones")
        con.unregister("contract_terms")
    return row_count(con, "core.cdrs"), to_price


def drop_pending(con: duckdb.DuckDBPyConnection) -> None:
    """Drop the temporary tables."""
    for table in (*_FIND, *_LAY_OUT):
        con.execute(f"drop table if exists temp.{table}")


def _country_zones() -> pl.DataFrame:
    return pl.DataFrame({"country": list(ONLY_ZONES), "zone": list(ONLY_ZONES.values())})


def _contract_terms(
    con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract]
) -> pl.DataFrame:
    rows = con.execute("select distinct partner from core.cdrs order by partner").fetchall()
    partners = [str(row[0]) for row in rows]
    terms = [fingerprint(contracts.get(partner, Contract())) for partner in partners]
    return pl.DataFrame(
        {"partner": partners, "fingerprint": terms},
        schema={"partner": pl.String, "fingerprint": pl.String},
    )
