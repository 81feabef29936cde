"""The entry: makes every table of `mart` again, in one transaction.

A table that one statement can fill is a file in `models/sql/marts`, named in `_FILLED`, in order:
a later one may read an earlier one. What needs more than SQL is a step in `_STEPS`, and done first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import duckdb

from models.tables.mart import (
    ATTENTION,
    CHANGES,
    DEVIATION_KINDS_SEEN,
    PARTNER_QUALITY,
    PULL_DAILY,
    PUSH_QUALITY,
    QUARANTINE_REASONS,
    SETTLEMENT_CAUSES,
    VOLUME_DAILY,
)
from models.tables.mart_places import CHARGES
from pipelines.stages.marts.places import fill_places
from pipelines.stages.marts.prices import fill_prices
from pipelines.warehouse.sql_files import query, row_count

Step = Callable[[duckdb.DuckDBPyConnection, datetime], None]
"""Fills tables of `mart` that are empty when it is called; as of a timestamp."""

_FILLED: Final = (
    CHARGES,
    PARTNER_QUALITY,
    VOLUME_DAILY,
    PULL_DAILY,
    PUSH_QUALITY,
    QUARANTINE_REASONS,
    DEVIATION_KINDS_SEEN,
    SETTLEMENT_CAUSES,
    CHANGES,
    ATTENTION,
)
_STEPS: Final[tuple[Step, ...]] = (fill_places, fill_prices)


@dataclass(frozen=True)
class MartResult:
    """The rows that were made.

    Args:
        rows: table → rows.
    """

    rows: Mapping[str, int]


def build_marts(con: duckdb.DuckDBPyConnection, *, as_of: datetime) -> MartResult:
    """Make every table of `mart` again.

    Args:
        con: the warehouse, outside a transaction, in time zone UTC; everything before is made.
        as_of: the time that ages count to: when the newest page was fetched.
    """
    con.begin()
    try:
        for name in _tables(con):
            con.execute(f"delete from {name}")  # noqa: S608 - our own names
        for step in _STEPS:
            step(con, as_of)
        for table in _FILLED:
            text = query("marts", table.name.removeprefix("mart."))
            con.execute(text, {"as_of": as_of} if "$as_of" in text else {})
        con.commit()
    except BaseException:
        con.rollback()
        raise
    return MartResult({name: row_count(con, name) for name in _tables(con)})


def _tables(con: duckdb.DuckDBPyConnection) -> list[str]:
    found = con.execute(
        "select table_name from duckdb_tables() where schema_name = 'mart' order by table_name"
    )
    return [f"mart.{name}" for (name,) in found.fetchall()]
