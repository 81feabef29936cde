"""Availability from status intervals, each rule on a warehouse of a few rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pytest

from pipelines.stages.marts.stage import fill_places
from tests.dashboards.warehouse_rows import (
    AS_OF,
    OWNER,
    write_evse,
    write_pulls,
    write_row,
    write_status,
)
from tests.in_memory import in_memory

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
DAY_S = 86_400


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with in_memory() as opened:
        yield opened


def totals(
    con: duckdb.DuckDBPyConnection, window: str = "7d", basis: str = "observed"
) -> dict[str, Any]:
    rows = con.sql(
        'select * from mart.availability where "window" = ? and basis = ?', params=[window, basis]
    ).pl()
    assert rows.height == 1
    return rows.row(0, named=True)


def ago(days: float) -> datetime:
    return AS_OF - timedelta(days=days)


def test_minutes_nobody_observed_are_left_out(con: duckdb.DuckDBPyConnection) -> None:
    write_evse(con, "E1")
    write_pulls(con, ago(6), ago(5) - 2 * HOUR)
    write_pulls(con, ago(3), ago(2) - 2 * HOUR)
    write_status(con, "E1", "AVAILABLE", ago(6), ago(3), seen_until=ago(5) - 2 * HOUR)
    write_status(con, "E1", "OUTOFORDER", ago(3), None, seen_until=ago(2))

    fill_places(con, AS_OF)

    row = totals(con)
    assert row["window_s"] == 7 * DAY_S
    assert row["available_s"] == DAY_S
    assert row["outoforder_s"] == DAY_S
    assert row["covered_s"] == 2 * DAY_S
    assert row["open_outage_s"] == DAY_S


def test_two_looks_that_agree_do_not_observe_what_lies_between(
    con: duckdb.DuckDBPyConnection,
) -> None:
    write_evse(con, "E1")
    write_pulls(con, ago(6), ago(1), hours=5 * 24)
    write_status(con, "E1", "AVAILABLE", ago(6), None, seen_until=ago(1))

    fill_places(con, AS_OF)

    assert totals(con)["covered_s"] == totals(con)["available_s"] == 2 * 3600


def test_a_look_lasts_into_a_status_that_the_partner_dates_within_it(
    con: duckdb.DuckDBPyConnection,
) -> None:
    write_evse(con, "E1")
    changed = ago(1) + HOUR
    write_pulls(con, ago(1), ago(1) + 6 * HOUR, hours=6)
    write_status(con, "E1", "AVAILABLE", ago(1), changed, seen_until=ago(1))
    seen = ago(1) + 6 * HOUR
    write_status(con, "E1", "OUTOFORDER", changed, None, seen_from=seen, seen_until=seen)

    fill_places(con, AS_OF)

    row = totals(con)
    assert (row["available_s"], row["outoforder_s"]) == (3600, 3600)


def test_an_evse_on_a_page_of_a_failed_pull_was_looked_at(con: duckdb.DuckDBPyConnection) -> None:
    write_evse(con, "E1")
    write_status(con, "E1", "AVAILABLE", ago(3), ago(1), seen_until=ago(3) + HOUR)
    write_status(con, "E1", "CHARGING", ago(1), None, seen_until=ago(1))
    write_pulls(con, ago(1) + HOUR, ago(1) + HOUR)  # the EVSE was not among what could be read

    fill_places(con, AS_OF)

    row = totals(con)
    assert (row["available_s"], row["charging_s"]) == (3 * 3600, 0)


def test_pulls_of_one_party_do_not_look_at_another(con: duckdb.DuckDBPyConnection) -> None:
    write_evse(con, "E1")
    write_status(con, "E1", "AVAILABLE", ago(3), None)
    pull = {"module": "locations", "status": "complete", "party": "NL/OTH"}
    write_row(
        con, "ops.pulls", **pull, partner=OWNER["partner"], started_at=ago(2), finished_at=ago(2)
    )

    fill_places(con, AS_OF)

    assert totals(con)["covered_s"] == 2 * 3600


def test_what_a_partner_dates_before_our_first_look_is_stated_only(
    con: duckdb.DuckDBPyConnection,
) -> None:
    write_evse(con, "E1")
    write_pulls(con, ago(1))
    write_status(con, "E1", "AVAILABLE", ago(4), None, seen_from=ago(1))

    fill_places(con, AS_OF)

    assert totals(con)["covered_s"] == DAY_S
    assert totals(con, basis="stated")["covered_s"] == 4 * DAY_S


def test_a_window_cuts_what_began_before_it(con: duckdb.DuckDBPyConnection) -> None:
    write_evse(con, "E1")
    write_pulls(con, ago(20))
    write_status(con, "E1", "CHARGING", ago(20), None)

    fill_places(con, AS_OF)

    assert totals(con)["charging_s"] == 7 * DAY_S
    assert totals(con, "30d")["charging_s"] == 20 * DAY_S


def test_the_three_definitions_count_statuses_differently(con: duckdb.DuckDBPyConnection) -> None:
    write_evse(con, "E1")
    write_pulls(con, ago(6))
    statuses = ("AVAILABLE", "BLOCKED", "UNKNOWN", "INOPERATIVE", "PLANNED", "REMOVED")
    for place, status in enumerate(statuses):
        write_status(con, "E1", status, ago(6 - place), ago(5 - place))

    fill_places(con, AS_OF)

    row = totals(con)
    assert row["covered_s"] == 6 * DAY_S
    assert row["open_s"] == 4 * DAY_S
    assert row["open_reliable_s"] == 3 * DAY_S
    assert row["open_outage_s"] == DAY_S


def test_an_outage_outside_opening_hours_is_excluded(con: duckdb.DuckDBPyConnection) -> None:
    hours = [
        {"weekday": day, "period_begin": "08:00", "period_end": "20:00"} for day in range(1, 8)
    ]
    write_evse(
        con,
        "E1",
        location={"opening_times": json.dumps({"regular_hours": hours}), "time_zone": "UTC"},
    )
    write_pulls(con, ago(2))
    write_status(con, "E1", "OUTOFORDER", ago(2), None)

    fill_places(con, AS_OF)

    row = totals(con)
    assert row["outoforder_s"] == 2 * DAY_S
    assert row["open_outage_s"] == row["open_s"] == DAY_S


def test_copies_of_an_evse_count_once(con: duckdb.DuckDBPyConnection) -> None:
    write_evse(con, "E1", canonical_evse="NLVLXE1")
    write_evse(con, "E2", canonical_evse="NLVLXE1", is_current_copy=False, status="OUTOFORDER")
    write_pulls(con, ago(3))
    write_status(con, "E1", "AVAILABLE", ago(3), None)
    write_status(con, "E2", "OUTOFORDER", ago(3), None)

    fill_places(con, AS_OF)

    row = totals(con)
    assert row["covered_s"] == row["available_s"] == 3 * DAY_S
    assert con.execute("select uid, copy_count from mart.evses").fetchall() == [("E1", 2)]
    assert con.execute("select kind, evidence from mart.status_doubts").fetchall() == [
        ("copies_disagree", "other copies say OUTOFORDER")
    ]


def test_days_add_up_to_the_window(con: duckdb.DuckDBPyConnection) -> None:
    write_evse(con, "E1")
    write_pulls(con, ago(5.3))
    write_status(con, "E1", "AVAILABLE", ago(5.3), ago(2.7))
    write_status(con, "E1", "OUTOFORDER", ago(2.7), None)

    fill_places(con, AS_OF)

    days = con.execute(
        "select sum(covered_s), sum(working_s), sum(outage_s), count(*) "
        "from mart.availability_daily where basis = 'observed'"
    ).fetchall()[0]
    row = totals(con)
    assert days[:3] == (row["covered_s"], row["available_s"], row["outoforder_s"])
    assert days[3] == 6


def test_a_short_recovery_does_not_end_an_outage(con: duckdb.DuckDBPyConnection) -> None:
    begin = ago(3)
    write_evse(con, "E1")
    write_status(con, "E1", "INOPERATIVE", begin, begin + HOUR)
    write_status(con, "E1", "AVAILABLE", begin + HOUR, begin + HOUR + timedelta(seconds=299))
    write_status(con, "E1", "OUTOFORDER", begin + HOUR + timedelta(seconds=299), begin + 2 * HOUR)
    write_status(con, "E1", "AVAILABLE", begin + 2 * HOUR, None)

    fill_places(con, AS_OF)

    assert con.execute("select from_at, to_at, length_h, status from mart.outages").fetchall() == [
        (begin, begin + 2 * HOUR, 2, "OUTOFORDER")
    ]


def test_a_recovery_of_five_minutes_ends_an_outage(con: duckdb.DuckDBPyConnection) -> None:
    begin = ago(3)
    recovered = begin + HOUR
    again = recovered + timedelta(minutes=5)
    write_evse(con, "E1")
    write_status(con, "E1", "INOPERATIVE", begin, recovered)
    write_status(con, "E1", "AVAILABLE", recovered, again)
    write_status(con, "E1", "INOPERATIVE", again, None)

    fill_places(con, AS_OF)

    found = con.execute("select from_at, to_at from mart.outages order by from_at").fetchall()
    assert found == [(begin, recovered), (again, None)]


@pytest.mark.parametrize(("seconds", "outages"), [(299, 0), (300, 1)])
def test_a_flap_is_no_outage(con: duckdb.DuckDBPyConnection, seconds: int, outages: int) -> None:
    begin = ago(1)
    write_evse(con, "E1")
    write_status(con, "E1", "AVAILABLE", ago(2), begin)
    write_status(con, "E1", "INOPERATIVE", begin, begin + timedelta(seconds=seconds))

    fill_places(con, AS_OF)

    assert con.execute("select count(*) from mart.outages").fetchall() == [(outages,)]


def test_an_outage_from_before_our_first_look_is_marked(con: duckdb.DuckDBPyConnection) -> None:
    write_evse(con, "E1")
    write_status(con, "E1", "INOPERATIVE", ago(9), None, seen_from=ago(1))

    fill_places(con, AS_OF)

    assert con.execute("select seen_to_begin from mart.outages").fetchall() == [(False,)]


@pytest.mark.parametrize(
    ("power_type", "hours", "stale"),
    [
        ("AC_3_PHASE", 7 * 24, False),
        ("AC_3_PHASE", 7 * 24 + 1, True),
        ("DC", 24, False),
        ("DC", 25, True),
    ],
)
def test_stale_is_a_day_for_dc_and_a_week_for_ac(
    con: duckdb.DuckDBPyConnection, power_type: str, hours: int, stale: bool
) -> None:
    write_evse(
        con, "E1", last_updated_at=AS_OF - hours * HOUR, connector={"power_type": power_type}
    )

    fill_places(con, AS_OF)

    found = con.execute("select kind from mart.status_doubts").fetchall()
    assert found == ([("stale",)] if stale else [])


def test_an_active_session_at_an_available_evse_is_a_contradiction(
    con: duckdb.DuckDBPyConnection,
) -> None:
    write_evse(con, "E1")
    session = {"location_id": "L1", "evse_uid": "E1", "status": "ACTIVE", "id": "S1"}
    write_row(con, "core.sessions", **OWNER, **session, start_at=AS_OF - HOUR)

    fill_places(con, AS_OF)

    assert con.execute("select kind from mart.status_doubts").fetchall() == [("session_not_shown",)]


def test_utilisation_is_charging_against_open_hours(con: duckdb.DuckDBPyConnection) -> None:
    write_evse(con, "E1", location={"time_zone": "Europe/Amsterdam"})
    # Monday, 12 October 2026, 09:30 to 11:30 in Amsterdam, the last half hour without charging.
    start = datetime(2026, 10, 12, 7, 30, tzinfo=AS_OF.tzinfo)
    cdr = {"location_id": "L1", "evse_uid": "E1", "id": "C1", "currency": "EUR"}
    cdr |= {"total_energy_kwh": 11, "total_parking_time_h": 0.5}
    write_row(con, "core.cdrs", **OWNER, **cdr, start_at=start, end_at=start + 2 * HOUR)

    fill_places(con, AS_OF)

    busy = con.execute(
        "select weekday, hour, charging_s, connected_s, open_s from mart.utilisation "
        "where connected_s > 0 order by hour"
    ).fetchall()
    assert busy == [
        (1, 9, 1800, 1800, 14400),
        (1, 10, 3600, 3600, 14400),
        (1, 11, 0, 1800, 14400),
    ]
    usage = con.execute(
        "select charge_count, success_count, energy_kwh, charging_h, parking_h, open_h, "
        "capacity_kwh from mart.usage"
    ).fetchall()
    assert [tuple(map(float, row)) for row in usage] == [(1, 1, 11, 1.5, 0.5, 672, 7392)]


def test_a_failed_session_counts_against_success(con: duckdb.DuckDBPyConnection) -> None:
    write_evse(con, "E1")
    session = {"location_id": "L1", "evse_uid": "E1", "status": "INVALID", "energy_kwh": 0}
    end = ago(3) + timedelta(minutes=1)
    write_row(con, "core.sessions", **OWNER, **session, id="S1", start_at=ago(3), end_at=end)

    fill_places(con, AS_OF)

    assert con.execute("select charge_count, success_count from mart.usage").fetchall() == [(1, 0)]


def test_a_single_look_counts_once(con: duckdb.DuckDBPyConnection) -> None:
    write_evse(con, "E1")
    write_status(con, "E1", "AVAILABLE", ago(3), ago(2), seen_from=ago(3), seen_until=ago(3))

    fill_places(con, AS_OF)

    assert totals(con)["available_s"] == 2 * 3600
