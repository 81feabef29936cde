"""Fills `mart` of EVSEs: what counts, how long it worked, outages, doubts, use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import duckdb
import polars as pl

from models.marts.availability_hours import open_intervals
from models.tables.kinds import INSTANT
from models.tables.mart_places import GROUP
from models.tables.places import STATUSES
from pipelines.stages.marts.queries import statement

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
_GROUPED: Final = {
    "{group}": ", ".join(f"e.{column}" for column in GROUP),
    "{keys}": ", ".join(GROUP),
}
_DAY: Final = {"{day_us}": "86400000000"}
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
    _put_hours(con, as_of)
    con.execute(_filled("availability_places", _GROUPED))
    _execute(con, "availability_spans", as_of=as_of)
    _execute(con, "availability_opened")
    _execute(con, "availability_windows", as_of=as_of)
    _totals(con, as_of)
    con.execute(_filled("availability_daily", _GROUPED | _DAY), {"as_of": as_of})
    for name in ("availability_outages", "availability_doubts"):
        _execute(con, name, as_of=as_of)
    for name in ("utilisation_charges", "utilisation_open"):
        _execute(con, name, as_of=as_of)
    for name in ("utilisation_usage", "utilisation_hours"):
        con.execute(_filled(name, _GROUPED))
    for table in _TEMPORARY:
        con.execute(f"drop table {table}")


def _execute(con: duckdb.DuckDBPyConnection, name: str, **values: datetime) -> None:
    con.execute(statement(name), values)


def _filled(name: str, blanks: Mapping[str, str]) -> str:
    text = statement(name)
    for blank, filling in blanks.items():
        text = text.replace(blank, filling)
    return text


def _put_hours(con: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
    """Opening hours as moments; places that share theirs share the rows."""
    kinds = con.execute(statement("availability_opening_times")).fetchall()
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


def _totals(con: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
    names = [status.lower() for status in STATUSES]
    statuses = ", ".join(
        f"cast(sum(length_us) filter (where status = '{name.upper()}') as bigint)"
        f" // 1000000 as {name}_s"
        for name in names
    )
    columns = ", ".join(f"coalesce(t.{name}_s, 0) as {name}_s" for name in names)
    covered = " + ".join(f"coalesce(t.{name}_s, 0)" for name in names)
    blanks = {"{statuses}": statuses, "{columns}": columns, "{covered}": covered}
    con.execute(_filled("availability_totals", blanks), {"as_of": as_of})
