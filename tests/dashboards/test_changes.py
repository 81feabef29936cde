"""What changed since a day: prices, places and statuses, of rows whose answer is plain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any

import duckdb
import pytest

from pipelines.stages.marts.stage import fill_places, fill_prices
from tests.dashboards.test_pricing_marts import write_tariff
from tests.dashboards.warehouse_rows import (
    AS_OF,
    write_evse,
    write_pulls,
    write_row,
    write_status,
)
from tests.in_memory import in_memory

SINCE = AS_OF - timedelta(days=10)
BASKET = {"moment": "noon", "idle_min": 0}


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with in_memory() as opened:
        write_row(opened, "ops.pages", page_id="P", fetched_at=AS_OF)
        yield opened


def ago(days: float) -> datetime:
    return AS_OF - timedelta(days=days)


def changed(con: duckdb.DuckDBPyConnection, name: str, **values: Any) -> list[dict[str, Any]]:
    text = (files("dashboards") / "sql" / "changes" / f"{name}.sql").read_text()
    return con.sql(text, params={"since": SINCE.isoformat(), **values}).pl().to_dicts()


def test_a_price_rises_in_cents_and_per_cent(con: duckdb.DuckDBPyConnection) -> None:
    write_tariff(con, "KWH", 0.40, since=ago(30), until=ago(5))
    write_tariff(con, "KWH", 0.46, since=ago(5))
    for uid, city in (("E1", "Utrecht"), ("E2", "Utrecht"), ("E3", "Gent")):
        place = {"city": city, "latitude": 52.0 if city == "Utrecht" else 51.0, "longitude": 5.0}
        write_evse(con, uid, location_id=city, location=place, connector={"tariff_ids": ["KWH"]})

    fill_places(con, AS_OF)
    fill_prices(con, AS_OF)

    (row,) = changed(con, "prices", places='{"city": "utrecht"}', **BASKET)
    assert (row["before_per_kwh_excl_vat"], row["after_per_kwh_excl_vat"]) == (
        Decimal("0.4"),
        Decimal("0.46"),
    )
    assert row["delta_per_kwh_excl_vat"] == Decimal("0.06")
    assert row["delta_share"] == pytest.approx(0.15)
    assert (row["direction"], row["connector_count"]) == ("dearer", 2)
    (south,) = changed(
        con, "prices", places='{"west": 4, "south": 50, "east": 6, "north": 51.5}', **BASKET
    )
    assert south["connector_count"] == 1


def test_a_price_announced_ahead_changes_when_it_starts(con: duckdb.DuckDBPyConnection) -> None:
    starts = AS_OF + timedelta(days=10)
    write_tariff(con, "KWH", 0.40, since=ago(30), until=ago(5))
    write_tariff(con, "KWH", 0.46, since=ago(5))
    con.execute("update core.tariffs set start_at = $1 where valid_to_at is null", [starts])
    write_evse(con, "E1", connector={"tariff_ids": ["KWH"]})
    fill_places(con, AS_OF)
    fill_prices(con, AS_OF)

    assert changed(con, "prices", places=None, **BASKET) == []

    fill_prices(con, starts)
    (row,) = changed(con, "prices", places=None, **BASKET)
    assert (row["valid_from_at"], row["direction"]) == (starts, "dearer")


def test_places_that_opened_and_went_follow_the_area(con: duckdb.DuckDBPyConnection) -> None:
    write_pulls(con, ago(30))
    for name, north, seen, removed in (
        ("OLD", 52.0, ago(30), None),
        ("NEW", 52.0, ago(4), None),
        ("GONE", 52.0, ago(30), ago(3)),
        ("LONG-GONE", 52.0, ago(30), ago(20)),
        ("FAR", 60.0, ago(4), None),
    ):
        write_evse(
            con, f"E-{name}", location_id=name, first_seen_at=seen, removed_at=removed,
            is_current_copy=removed is None,
            location={
                **{"latitude": north, "longitude": 5.0, "address": name, "first_seen_at": seen},
                "removed_at": removed,
            },
        )  # fmt: skip
    write_evse(con, "E-OLD-2", location_id="OLD", first_seen_at=ago(2))
    fill_places(con, AS_OF)

    near = changed(
        con, "places", most=None, places='{"west": 4, "south": 51, "east": 6, "north": 53}'
    )
    found = {row["location_name"]: (row["what"], row["came_count"]) for row in near}

    assert found == {"NEW": ("opened", 1), "GONE": ("gone", 0), "OLD": ("grew", 1)}
    everywhere = changed(con, "places", most=None, places=None)
    assert {row["location_name"] for row in everywhere} == {*found, "FAR"}


def test_a_party_that_a_hub_lists_later_opened_nothing(con: duckdb.DuckDBPyConnection) -> None:
    hub = {"partner": "hub", "country_code": "BE"}
    pull = {"partner": "hub", "module": "locations", "status": "complete"}
    for party, looked in (("OLD", ago(30)), ("NEW", ago(2))):
        write_row(
            con, "ops.pulls", **pull, pull_id=party, party=f"BE/{party}", started_at=looked,
            finished_at=looked,
        )  # fmt: skip
        for uid, seen in ((f"{party}-1", looked), (f"{party}-2", ago(1))):
            place = {"first_seen_at": seen, "address": uid, "latitude": 51.0, "longitude": 4.0}
            write_evse(
                con, uid, **hub, party_id=party, location_id=uid, first_seen_at=seen, location=place
            )
    fill_places(con, AS_OF)

    found = changed(con, "places", most=None, places=None)

    assert {row["location_name"]: row["what"] for row in found} == {
        "OLD-2": "opened",
        "NEW-2": "opened",
    }


def test_statuses_then_and_now(con: duckdb.DuckDBPyConnection) -> None:
    for uid, then, now in (
        ("E1", "AVAILABLE", "OUTOFORDER"),
        ("E2", "INOPERATIVE", "AVAILABLE"),
        ("E3", "OUTOFORDER", "OUTOFORDER"),
        ("E4", None, "AVAILABLE"),
        ("E5", "CHARGING", "AVAILABLE"),
    ):
        write_evse(con, uid, status=now, first_seen_at=ago(30))
        if then:
            write_status(con, uid, then, ago(30), ago(5))
        write_status(con, uid, now, ago(5), None)
    # Its partner dates its status to before anybody saw it.
    write_evse(con, "E6", status="AVAILABLE", first_seen_at=ago(2))
    write_status(con, "E6", "AVAILABLE", ago(60), None, seen_from=ago(2))
    fill_places(con, AS_OF)

    rows = changed(con, "statuses", places=None)

    assert {row["what"]: row["evse_count"] for row in rows} == {
        **dict.fromkeys(("went out", "came back", "still out", "in service"), 1),
        "not known then": 2,
    }
