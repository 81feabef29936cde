"""The mart stage: every table of `mart`, so that no view has to add anything up.

A table that one query can fill is a file in `models/sql/marts`, named below in its order: a later
one may read what an earlier one made. Opening hours and prices need functions as well.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import polars as pl
from duckdb import DuckDBPyConnection as DuckDB

from models.marts.availability_hours import open_intervals
from models.marts.prices_baskets import Named, next_weekday, offered_tariffs, price_offers
from models.marts.prices_changes import price_changes
from models.rating.zones import ONLY_ZONES
from models.tables import TABLES
from models.tables.kinds import INSTANT
from pipelines.stages.marts.rebuild import Computation, Frames, Query, Step, rebuild
from pipelines.stages.stage import Stage, StageContext, StageResult
from pipelines.warehouse.sql_files import row_count

Times = Mapping[str, datetime]
_LONGEST: Final = timedelta(days=366)
_HOURS: Final = pl.Schema(
    {"hours_key": pl.String(), "zone": pl.String(), "from_at": INSTANT, "until_at": INSTANT}
)


def build_marts(con: DuckDB, *, as_of: datetime) -> dict[str, int]:
    """Make every table of `mart` whose inputs changed, each in a transaction of its own.

    Args:
        con: the warehouse, outside a transaction, in time zone UTC; everything before is made.
        as_of: the time that ages count to: when the newest page was fetched.

    Returns:
        Table → rows.
    """
    _build(con, STEPS, as_of)
    return {name: row_count(con, name) for name in MARTS.tables}


def fill_places(con: DuckDB, as_of: datetime) -> None:
    """Make the tables of `models.tables.mart_places`; as `build_marts`."""
    _build(con, _PLACES, as_of)


def fill_prices(con: DuckDB, as_of: datetime) -> None:
    """Make the tables of `models.tables.mart_prices`; `mart.evses` is there."""
    _build(con, _PRICES, as_of)


def _build(con: DuckDB, steps: Sequence[Step], as_of: datetime) -> None:
    today = as_of.replace(hour=0, minute=0, second=0, microsecond=0)
    rebuild(con, steps, {"as_of": as_of, "today": today})


def _opening_hours(frames: Frames, times: Times) -> pl.DataFrame:
    """Return opening hours in UTC; places that share theirs share the rows."""
    rows = [
        (key, zone, begin, end)
        for key, opening_times, zone in frames["availability_opening_times"].iter_rows()
        for begin, end in _intervals(opening_times, zone, times["as_of"])
    ]
    return pl.DataFrame(rows, schema=_HOURS, orient="row")


def _intervals(
    opening_times: str, zone: str | None, as_of: datetime
) -> list[tuple[datetime, datetime]]:
    since = as_of - _LONGEST
    # A place that never opens keeps a row of no length, so that it is not taken for open.
    found = open_intervals(opening_times, zone, since, as_of)
    return [(since, since)] if found == [] else found or []


def _only_zones(_frames: Frames, _times: Times) -> pl.DataFrame:
    return pl.DataFrame({"country": [*ONLY_ZONES], "zone": [*ONLY_ZONES.values()]})


def _offered(frames: Frames, _times: Times) -> pl.DataFrame:
    return offered_tariffs(frames["price_offers"], _lookup(frames["price_tariffs"]))


def _baskets(frames: Frames, times: Times) -> pl.DataFrame:
    lookup = _lookup(frames["price_tariffs"])
    return price_offers(frames["price_offers"], lookup, next_weekday(times["today"]))


def _changes(frames: Frames, _times: Times) -> pl.DataFrame:
    uses = _uses(frames["price_offers"], frames["price_tariffs"])
    return price_changes(frames["price_versions"], uses)


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


_PLACES: Final[tuple[Step, ...]] = (
    Query("availability_evses"),
    Query("availability_opening_times"),
    Computation("availability_hours", ("availability_opening_times",), ("as_of",), _opening_hours),
    Query("availability_places"),
    Query("availability_spans"),
    Query("availability_opened"),
    Query("availability_windows"),
    Query("availability_totals"),
    Query("availability_lengths"),
    Query("availability_daily"),
    Query("availability_days"),
    Query("availability_outages"),
    Query("charging_spans"),
    Query("charging_hours"),
    Query("availability_doubts"),
    Query("evse_keys"),
    Query("charges"),
    Query("utilisation_charges"),
    Query("utilisation_open"),
    Query("utilisation_usage"),
    Query("utilisation_hours"),
)
_PRICES: Final[tuple[Step, ...]] = (
    Computation("only_zones", (), (), _only_zones),
    Query("connectors"),
    Query("price_offers"),
    Query("price_tariffs"),
    Computation("offer_tariffs", ("price_offers", "price_tariffs"), (), _offered),
    Query("offers"),
    Computation("basket_prices", ("price_offers", "price_tariffs"), ("today",), _baskets),
    Query("price_baskets"),
    Query("price_versions"),
    Computation("change_prices", ("price_versions", "price_offers", "price_tariffs"), (), _changes),
    Query("price_changes"),
)
_OTHERS: Final[tuple[Step, ...]] = (
    Query("partner_quality"),
    Query("volume_daily"),
    Query("pull_daily"),
    Query("push_quality"),
    Query("quarantine_reasons"),
    Query("deviation_kinds"),
    Query("settlement_causes"),
    Query("changes"),
    Query("attention"),
)
STEPS: Final = (*_PLACES, *_PRICES, *_OTHERS)


def _run(con: DuckDB, context: StageContext) -> StageResult:
    return StageResult(build_marts(con, as_of=context.as_of))


MARTS = Stage(
    name="marts",
    description="What the dashboards show, computed once.",
    tables=tuple(sorted(table.name for table in TABLES if table.stage == "mart")),
    checks=(),
    run=_run,
)
