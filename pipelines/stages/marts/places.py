"""Fills `mart` of EVSEs: what counts, how long it worked, outages, doubts, use."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import duckdb
import polars as pl

from models.marts.availability_hours import open_intervals
from models.tables.kinds import INSTANT
from pipelines.warehouse.sql_files import query

_STATEMENTS: Final = (
    "availability_places",
    "availability_spans",
    "availability_opened",
    "availability_windows",
    "availability_totals",
    "availability_daily",
    "availability_outages",
    "charging_hours",
    "availability_doubts",
    "utilisation_charges",
    "utilisation_open",
    "utilisation_usage",
    "utilisation_hours",
)
"""The files of `models/sql/marts`, in order; `mart.evses` and the opening hours are there."""
_LONGEST: Final = timedelta(days=366)
_TEMPORARY: Final = (
    "availability_places",
    "availability_spans",
    "availability_hours",
    "availability_opened",
    "availability_windows",
    "utilisation_charges",
    "utilisation_open",
)
_HOURS: Final = pl.Schema(
    {"hours_key": pl.String(), "zone": pl.String(), "from_at": INSTANT, "until_at": INSTANT}
)


def fill_places(con: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
    """Fill every table of `models.tables.mart_places`, `mart.evses` first.

    Args:
        con: the warehouse, in time zone UTC; the tables are empty.
        as_of: when the newest page was fetched: windows end there.
    """
    _execute(con, "availability_evses")
    _create_hours(con, as_of)
    for name in _STATEMENTS:
        _execute(con, name, as_of)
    for table in _TEMPORARY:
        con.execute(f"drop table {table}")


def _execute(con: duckdb.DuckDBPyConnection, name: str, as_of: datetime | None = None) -> None:
    text = query("marts", name)
    con.execute(text, {"as_of": as_of} if "$as_of" in text else {})


def _create_hours(con: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
    """Create the table of opening hours in UTC; places that share theirs share the rows."""
    kinds = con.execute(query("marts", "availability_opening_times")).fetchall()
    rows = [
        (key, zone, begin, end)
        for key, opening_times, zone in kinds
        for begin, end in _intervals(opening_times, zone, as_of)
    ]
    con.register("opened", pl.DataFrame(rows, schema=_HOURS, orient="row").to_arrow())
    con.execute("create or replace temp table availability_hours as select * from opened")
    con.unregister("opened")


def _intervals(
    opening_times: str, zone: str | None, as_of: datetime
) -> list[tuple[datetime, datetime]]:
    since = as_of - _LONGEST
    # A place that never opens keeps a row of no length, so that it is not taken for open.
    found = open_intervals(opening_times, zone, since, as_of)
    return [(since, since)] if found == [] else found or []
