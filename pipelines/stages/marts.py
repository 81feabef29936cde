"""The mart stage: every table of `mart` made again, so that no view has to add anything up.

A table that one statement can fill is a file in `models/sql/marts`, named in `_FILLED`, in order:
a later one may read an earlier one. Places and prices need more than SQL, and are done first.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import duckdb
import polars as pl

from models.marts.availability_hours import open_intervals
from models.marts.prices_baskets import Named, next_weekday, offered_tariffs, price_offers
from models.marts.prices_changes import price_changes
from models.rating.zones import ONLY_ZONES
from models.tables import TABLES
from models.tables.kinds import INSTANT
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
from pipelines.stages.stage import Stage, StageContext, StageResult
from pipelines.warehouse.sql_files import query, registered, row_count, transaction

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


def build_marts(con: duckdb.DuckDBPyConnection, *, as_of: datetime) -> dict[str, int]:
    """Make every table of `mart` again, each in a transaction of its own.

    Args:
        con: the warehouse, outside a transaction, in time zone UTC; everything before is made.
        as_of: the time that ages count to: when the newest page was fetched.

    Returns:
        Table → rows.
    """
    fill_places(con, as_of)
    fill_prices(con, as_of)
    for table in _FILLED:
        _refill(con, table.name, table.name.removeprefix("mart."), as_of)
    return {name: row_count(con, name) for name in _tables(con)}


def _tables(con: duckdb.DuckDBPyConnection) -> list[str]:
    found = con.execute(
        "select table_name from duckdb_tables() where schema_name = 'mart' order by table_name"
    )
    return [f"mart.{name}" for (name,) in found.fetchall()]


_STATEMENTS: Final[dict[str, str | None]] = {
    "availability_places": None,
    "availability_spans": None,
    "availability_opened": None,
    "availability_windows": None,
    "availability_totals": "mart.availability",
    "availability_lengths": None,
    "availability_daily": "mart.availability_daily",
    "availability_days": "mart.availability_days",
    "availability_outages": "mart.outages",
    "charging_hours": "mart.charging_hours",
    "availability_doubts": "mart.status_doubts",
    "utilisation_charges": None,
    "utilisation_open": None,
    "utilisation_usage": "mart.usage",
    "utilisation_hours": "mart.utilisation",
}
"""The files of `models/sql/marts`, in order, and the table that each fills; None: a temporary one.
`mart.evses` and the opening hours are there."""
_LONGEST: Final = timedelta(days=366)
_TEMPORARY: Final = (
    "availability_places",
    "availability_spans",
    "availability_hours",
    "availability_opened",
    "availability_windows",
    "availability_lengths",
    "utilisation_charges",
    "utilisation_open",
)
_HOURS: Final = pl.Schema(
    {"hours_key": pl.String(), "zone": pl.String(), "from_at": INSTANT, "until_at": INSTANT}
)


def fill_places(con: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
    """Fill every table of `models.tables.mart_places` anew, `mart.evses` first.

    Args:
        con: the warehouse, outside a transaction, in time zone UTC.
        as_of: when the newest page was fetched: windows end there.
    """
    _refill(con, "mart.evses", "availability_evses", as_of)
    _create_hours(con, as_of)
    for name, table in _STATEMENTS.items():
        if table is None:
            _execute(con, name, as_of)
        else:
            _refill(con, table, name, as_of)
    for name in _TEMPORARY:
        con.execute(f"drop table {name}")


def _refill(con: duckdb.DuckDBPyConnection, table: str, name: str, as_of: datetime) -> None:
    with transaction(con):
        con.execute(f"delete from {table}")  # noqa: S608 - our own names
        _execute(con, name, as_of)


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
    opened = pl.DataFrame(rows, schema=_HOURS, orient="row").to_arrow()
    with registered(con, opened=opened):
        con.execute("create or replace temp table availability_hours as select * from opened")


def _intervals(
    opening_times: str, zone: str | None, as_of: datetime
) -> list[tuple[datetime, datetime]]:
    since = as_of - _LONGEST
    # A place that never opens keeps a row of no length, so that it is not taken for open.
    found = open_intervals(opening_times, zone, since, as_of)
    return [(since, since)] if found == [] else found or []


def fill_prices(con: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
    """Fill every table of `models.tables.mart_prices` anew; `mart.evses` is there.

    Args:
        con: the warehouse, outside a transaction, in time zone UTC.
        as_of: when the newest page was fetched; baskets are charged on the weekday after.
    """
    zones = pl.DataFrame({"country": [*ONLY_ZONES], "zone": [*ONLY_ZONES.values()]})
    with registered(con, only_zones=zones.to_arrow()):
        _refill(con, "mart.connectors", "connectors", as_of)
    offers = con.sql(query("marts", "price_offers")).pl()
    named = con.sql("from named_tariffs($as_of)", params={"as_of": as_of}).pl()
    lookup = _lookup(named)
    _insert(con, "offered", offered_tariffs(offers, lookup), "offers")
    baskets = price_offers(offers, lookup, next_weekday(as_of))
    _insert(con, "baskets", baskets, "price_baskets")
    pairs = con.sql(query("marts", "price_versions"), params={"as_of": as_of}).pl()
    changes = price_changes(pairs, _uses(offers, named))
    _insert(con, "changes", changes, "price_changes")


def _lookup(named: pl.DataFrame) -> dict[tuple[str, str, str, str], Named]:
    return {
        (row["partner"], row["country_code"], row["party_id"], row["id_key"]): Named(
            row["state"], row["tariff"]
        )
        for row in named.iter_rows(named=True)
    }


def _uses(offers: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Count connectors by the tariff they lead to, power class and zone."""
    owner = ["partner", "country_code", "party_id"]
    known = named.filter(pl.col("state") == "known")
    return (
        offers.explode("tariff_ids")
        .rename({"tariff_ids": "id_key"})
        .join(known, on=[*owner, "id_key"])
        .group_by(
            "partner",
            pl.col("owner_country_code").alias("country_code"),
            pl.col("owner_party_id").alias("party_id"),
            "id_key",
            "power_class",
            "zone",
        )
        .agg(pl.col("connector_count").sum())
    )


def _insert(con: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame, text: str) -> None:
    with registered(con, **{name: frame.to_arrow()}), transaction(con):
        con.execute(f"delete from mart.{text}")  # noqa: S608 - our own names
        con.execute(query("marts", text))


def _run(con: duckdb.DuckDBPyConnection, context: StageContext) -> StageResult:
    return StageResult(build_marts(con, as_of=context.as_of))


MARTS = Stage(
    name="marts",
    description="What the dashboards show, computed once.",
    tables=tuple(table.name for table in TABLES if table.stage == "mart"),
    checks=(),
    run=_run,
)
