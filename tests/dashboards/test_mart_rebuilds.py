"""Marts made again only where something changed: the same tables as from nothing, for less."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.tables import TABLES
from pipelines.stages.marts.rebuild import rebuild
from pipelines.stages.marts.stage import STEPS, build_marts
from tests.dashboards.test_pricing_marts import write_tariff
from tests.dashboards.warehouse_rows import (
    AS_OF,
    OWNER,
    write_evse,
    write_pulls,
    write_row,
    write_status,
)
from tests.in_memory import in_memory

MARTS = [table.name for table in TABLES if table.stage == "mart"]
HOURS = '{"regular_hours": [{"weekday": 1, "period_begin": "08:00", "period_end": "18:00"}]}'


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with furnished() as opened:
        yield opened


def furnished() -> duckdb.DuckDBPyConnection:
    opened = in_memory()
    write_row(opened, "ops.pages", page_id="P", fetched_at=AS_OF)
    write_tariff(opened, "KWH", 0.40, since=AS_OF - timedelta(days=30))
    write_evse(opened, "E1", connector={"tariff_ids": ["KWH"]})
    write_status(opened, "E1", "AVAILABLE", AS_OF - timedelta(days=3), None)
    write_pulls(opened, AS_OF - timedelta(days=3))
    return opened


def made(con: duckdb.DuckDBPyConnection, as_of: datetime = AS_OF) -> set[str]:
    today = as_of.replace(hour=0)
    return set(rebuild(con, STEPS, {"as_of": as_of, "today": today}))


def look_again(con: duckdb.DuckDBPyConnection, step: int) -> None:
    con.execute(
        "update core.evse_status set observed_until_at = observed_until_at + interval 1 hour "
        "where to_at is null"
    )
    con.execute("update core.evses set last_updated_at = last_updated_at + interval 1 hour")


def open_place(con: duckdb.DuckDBPyConnection, step: int) -> None:
    place = {"city": "Gent", "opening_times": HOURS, "latitude": 51.0, "longitude": 3.7}
    # Before the others in every order, so that numbers given in passing move.
    uid = f"A{step}"
    write_evse(con, uid, location_id=uid, location=place, connector={"tariff_ids": ["KWH"]})
    write_status(con, uid, "CHARGING", AS_OF - timedelta(days=2), None)


def close_place(con: duckdb.DuckDBPyConnection, step: int) -> None:
    con.execute("update core.evses set removed_at = $1 where uid = 'E1'", [AS_OF])


def raise_price(con: duckdb.DuckDBPyConnection, step: int) -> None:
    since = AS_OF - timedelta(days=9 - step)
    con.execute("update core.tariffs set valid_to_at = $1 where valid_to_at is null", [since])
    write_tariff(con, "KWH", 0.41 + step / 100, since=since)


def charge(con: duckdb.DuckDBPyConnection, step: int) -> None:
    start = AS_OF - timedelta(days=2, hours=step)
    write_row(
        con, "core.cdrs", **OWNER, id=f"C{step}", location_id="L1", evse_uid="E1", currency="EUR",
        start_at=start, end_at=start + timedelta(minutes=30), total_energy_kwh=20,
        total_cost_excl_vat=9, credit=False,
    )  # fmt: skip


def break_down(con: duckdb.DuckDBPyConnection, step: int) -> None:
    at = AS_OF - timedelta(minutes=50 - step)
    con.execute(
        "update core.evse_status set to_at = $1 where to_at is null and evse_uid = 'E1'", [at]
    )
    con.execute("update core.evses set status = 'OUTOFORDER' where uid = 'E1'")
    write_status(con, "E1", "OUTOFORDER", at, None)


def do_nothing(con: duckdb.DuckDBPyConnection, step: int) -> None:
    """The clock alone goes on, or not even that."""


Change = Callable[[duckdb.DuckDBPyConnection, int], None]
CHANGES: tuple[Change, ...] = (
    look_again,
    open_place,
    close_place,
    raise_price,
    charge,
    break_down,
    do_nothing,
)


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(CHANGES), st.sampled_from((0, 1, 30))), max_size=4))
def test_what_is_kept_is_what_would_be_made_from_nothing(
    runs: list[tuple[Change, int]],
) -> None:
    as_of = AS_OF
    with furnished() as con:
        build_marts(con, as_of=as_of)
        for step, (change, hours) in enumerate(runs):
            change(con, step)
            as_of += timedelta(hours=hours)
            build_marts(con, as_of=as_of)
            kept = {name: con.table(name).order("all").fetchall() for name in MARTS}
            con.execute("delete from ops.mart_digests")
            build_marts(con, as_of=as_of)
            for name in MARTS:
                assert con.table(name).order("all").fetchall() == kept[name], name


def test_nothing_is_made_where_nothing_changed(con: duckdb.DuckDBPyConnection) -> None:
    assert made(con) >= set(MARTS)

    assert made(con) == set()


def test_another_look_makes_no_price_and_no_charge_again(con: duckdb.DuckDBPyConnection) -> None:
    made(con)
    look_again(con, 1)

    again = made(con, AS_OF + timedelta(hours=1))

    assert {"mart.evses", "mart.availability"} <= again
    dear = {"price_baskets", "price_changes", "charges", "charging_hours", "utilisation", "usage"}
    assert {f"mart.{name}" for name in dear}.isdisjoint(again)


def test_a_tariff_moves_prices_and_leaves_places(con: duckdb.DuckDBPyConnection) -> None:
    made(con)
    raise_price(con, 1)

    again = made(con)

    assert {"mart.price_baskets", "mart.price_changes"} <= again
    assert {"mart.evses", "mart.availability", "mart.usage"}.isdisjoint(again)


def test_a_mart_that_somebody_emptied_is_made_again(con: duckdb.DuckDBPyConnection) -> None:
    made(con)
    con.execute("delete from mart.evses")

    assert "mart.evses" in made(con)
    assert con.table("mart.evses").fetchall()
