"""Regulated figures, charges and filters of places, each rule on a warehouse of a few rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from math import asin, cos, radians, sin, sqrt
from typing import Any

import duckdb
import pytest

from pipelines.stages.marts.stage import build_marts
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

DAY = timedelta(days=1)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with in_memory() as opened:
        yield opened


def asked(con: duckdb.DuckDBPyConnection, name: str, **values: Any) -> list[dict[str, Any]]:
    text = (files("dashboards") / "sql" / f"{name}.sql").read_text()
    return con.sql(text, params={"places": None, **values}).pl().to_dicts()


def ago(days: float) -> datetime:
    return AS_OF - timedelta(days=days)


def test_nevi_is_the_share_of_ports_above_97_percent(con: duckdb.DuckDBPyConnection) -> None:
    write_pulls(con, ago(10))
    for uid, down_days in (("E1", 0), ("E2", 0.25), ("E3", 5)):
        write_evse(con, uid)
        write_status(con, uid, "AVAILABLE", ago(10), ago(down_days))
        if down_days:
            write_status(con, uid, "OUTOFORDER", ago(down_days), None)
    write_evse(con, "E4")
    write_status(con, "E4", "AVAILABLE", ago(0.5), None)

    build_marts(con, as_of=AS_OF)

    (row,) = asked(con, "rules/nevi", basis="observed", window="30d")
    # 100 %, 97.5 % and 50 % of ten days; the fourth was looked at for half a day only.
    assert (row["port_count"], row["judged_count"], row["above_count"]) == (4, 3, 2)
    assert row["above_share"] == pytest.approx(2 / 3)
    assert row["pooled_share"] == pytest.approx((10 + 9.75 + 5) / 30)
    assert float(row["observed_days"]) == pytest.approx(30.5 / 4)


def test_uk_reliability_is_of_each_operator_in_the_uk(con: duckdb.DuckDBPyConnection) -> None:
    write_pulls(con, ago(4))
    rapid = {"power_type": "DC", "power_kw": 50}
    for uid, place, country, operator, kw in (
        ("E1", "L1", "GBR", "Good", 50),
        ("E2", "L2", "GBR", "Bad", 150),
        ("E3", "L3", "GBR", "Slow", 49),
        ("E4", "L4", "NLD", "Good", 150),
    ):
        location = {"country": country, "operator_name": operator}
        plug = {**rapid, "power_kw": kw}
        write_evse(con, uid, location=location, connector=plug, location_id=place)
        con.execute("update core.locations set time_zone = 'UTC'")
    for uid, place, status in (("E1", "L1", "UNKNOWN"), ("E2", "L2", "INOPERATIVE")):
        status_row = {"location_id": place, "evse_uid": uid, "canonical_evse": uid}
        write_row(
            con, "core.evse_status", **OWNER, **status_row, status=status, from_at=ago(4),
            observed_from_at=ago(4), observed_until_at=AS_OF,
        )  # fmt: skip

    build_marts(con, as_of=AS_OF)

    rows = asked(con, "rules/uk", basis="observed", window="7d")
    assert [(row["operator"], row["evse_count"], row["reliable_share"]) for row in rows] == [
        ("Bad", 1, 0),
        ("Good", 1, 1),
    ]
    # Four of seven days: no figure for a report.
    assert {row["judgement"] for row in rows} == {"on part of the time"}


def test_minutes_of_data_are_no_figure(con: duckdb.DuckDBPyConnection) -> None:
    write_evse(con, "E1", location={"country": "GBR"}, connector={"power_kw": 60})
    write_pulls(con, ago(0.01))
    write_status(con, "E1", "AVAILABLE", ago(0.01), None)

    build_marts(con, as_of=AS_OF)

    (nevi,) = asked(con, "rules/nevi", basis="observed", window="12m")
    (uk,) = asked(con, "rules/uk", basis="observed", window="year")
    assert (nevi["judged_count"], nevi["above_share"], nevi["pooled_share"]) == (0, None, None)
    assert (uk["reliable_share"], uk["judgement"]) == (None, "too early to say")


def test_tariff_coverage_counts_copies_once_and_sister_parties(
    con: duckdb.DuckDBPyConnection,
) -> None:
    write_tariff(con, "SISTER", 0.4, party_id="SIS")
    write_evse(con, "E1", canonical_evse="X", connector={"tariff_ids": ["SISTER"]})
    write_evse(
        con, "E2", canonical_evse="X", is_current_copy=False, connector={"tariff_ids": ["NONE"]}
    )
    write_evse(con, "E3", connector={"tariff_ids": ["SISTER"], "power_kw": None,
                                     "power_type": "DC"})  # fmt: skip
    write_evse(con, "E4", connector={"tariff_ids": None, "power_type": None})

    build_marts(con, as_of=AS_OF)

    quality = con.execute(
        "select connector_count, priced_connector_count from mart.partner_quality"
    ).fetchall()
    (missing,) = asked(con, "pricing/missing_totals", power=None)
    waiting = con.execute(
        "select item_count from mart.attention where kind = 'tariffs_missing'"
    ).fetchall()
    # E1 and E3 name a tariff that is known, though no basket fits E3.
    assert quality == [(3, 2)]
    assert (missing["connector_count"], missing["resolved_count"]) == (3, 2)
    assert missing["priced_count"] == 1
    assert waiting == [(1,)]


def write_cdr(con: duckdb.DuckDBPyConnection, name: str, at: datetime, **values: Any) -> None:
    recon = {
        key: values.pop(key)
        for key in ("verdict", "credit", "replaced_by_id", "session_id") & values.keys()
    }
    minutes = values.pop("minutes", 30)
    kwh = Decimal(values.pop("kwh", 10))
    cdr = {
        **{"id": name, "start_at": at, "end_at": at + timedelta(minutes=minutes)},
        **{"location_id": "L1", "evse_uid": "E1", "currency": "EUR", "token_uid": "T"},
        **{"credit": recon.get("credit", False)},
    }
    write_row(con, "core.cdrs", **{**OWNER, **cdr, **values})
    judged = {"verdict": "agreed", "currency": "EUR", "energy_kwh": kwh, **recon}
    amounts = dict.fromkeys(("claimed_excl_vat", "payable_excl_vat"), kwh / 2)
    zero = {"disputed_excl_vat": Decimal(0), "rejected_excl_vat": Decimal(0)}
    write_row(con, "recon.cdrs", **OWNER, id=name, **judged, **amounts, **zero)


def test_charges_at_evses_that_no_location_lists_are_counted_apart(
    con: duckdb.DuckDBPyConnection,
) -> None:
    write_evse(con, "E1")
    write_evse(con, "E2", removed_at=AS_OF, is_current_copy=False)
    write_row(con, "ops.pages", page_id="P", fetched_at=AS_OF)
    for number, uid in enumerate(("E1", "E2", "e1", "NOWHERE")):
        write_cdr(con, f"C{number}", ago(5) + number * DAY, evse_uid=uid)

    build_marts(con, as_of=AS_OF)

    places = con.execute("select id, place from mart.charges order by id").fetchall()
    assert places == [("C0", "listed"), ("C1", "gone"), ("C2", "listed"), ("C3", "unlisted")]
    (row,) = asked(con, "availability/unplaced")
    assert (row["unlisted_count"], row["gone_count"], row["unlisted_kwh"]) == (1, 1, 10)
    assert con.execute("select sum(charge_count) from mart.usage").fetchall() == [(2,)]


def test_a_repeat_follows_a_failure_at_the_same_place(con: duckdb.DuckDBPyConnection) -> None:
    write_evse(con, "E1")
    begin = ago(3)
    write_cdr(con, "A", begin, minutes=1)  # too short
    write_cdr(con, "B", begin + timedelta(minutes=5))  # tried again
    write_cdr(con, "C", begin + timedelta(minutes=40))  # B had worked
    write_cdr(con, "D", begin + DAY, kwh="0")
    write_cdr(con, "E", begin + DAY + timedelta(minutes=50))  # 20 minutes after D ended
    write_cdr(con, "F", begin + DAY + timedelta(minutes=50), token_uid="OTHER")

    build_marts(con, as_of=AS_OF)

    rows = con.execute("select id, outcome, is_repeat from mart.charges order by id").fetchall()
    assert rows == [
        ("A", "short", False),
        ("B", "good", True),
        ("C", "good", False),
        ("D", "no_energy", False),
        ("E", "good", False),
        ("F", "good", False),
    ]


def test_rejected_replaced_and_credited_charges_add_up(con: duckdb.DuckDBPyConnection) -> None:
    write_evse(con, "E1")
    write_cdr(con, "TWICE", ago(4), verdict="rejected")
    write_cdr(con, "OLD", ago(3), verdict="credited", replaced_by_id="NEW", kwh="10")
    write_cdr(con, "CREDIT", ago(3), verdict="credited", credit=True, kwh="-10")
    write_cdr(con, "NEW", ago(3), kwh="8")

    build_marts(con, as_of=AS_OF)

    assert con.execute(
        "select count(*) filter (where counts), sum(energy_kwh), sum(cost_excl_vat) "
        "from mart.charges"
    ).fetchall() == [(1, 8, 4)]


def test_an_invalid_session_that_was_billed_in_vain_is_a_failed_attempt(
    con: duckdb.DuckDBPyConnection,
) -> None:
    write_evse(con, "E1")
    for name, status, verdict in (
        ("A", "INVALID", "rejected"),
        ("B", "INVALID", "disputed"),
        ("C", "COMPLETED", "rejected"),
    ):
        place = {"location_id": "L1", "evse_uid": "E1", "energy_kwh": 5, "status": status}
        ended = {"start_at": ago(3), "end_at": ago(3) + timedelta(minutes=30)}
        write_row(con, "core.sessions", **OWNER, **place, **ended, id=f"S{name}")
        write_cdr(con, name, ago(3), verdict=verdict, session_id=f"s{name}".upper())

    build_marts(con, as_of=AS_OF)

    rows = con.execute("select kind, id, outcome from mart.charges order by id").fetchall()
    assert rows == [("cdr", "B", "good"), ("session", "SA", "invalid")]


CITIES = {
    "E1": ("Utrecht", "3511 AB", None, 52.09, 5.12),
    "E2": ("UTRECHT", "3584 CD", None, 52.08, 5.17),
    "E3": ("Amersfoort", "3811 XY", None, 52.16, 5.39),
    "E4": ("Gent", "9000", "Oost-Vlaanderen", 51.05, 3.72),
    "E5": (None, None, None, None, None),
}


@pytest.mark.parametrize(
    ("places", "found"),
    [
        (None, "E1 E2 E3 E4 E5"),
        ({"city": "Utrecht"}, "E1 E2"),
        ({"city": "unknown"}, "E5"),
        ({"region": "NLD 35"}, "E1 E2"),
        ({"region": "Oost-Vlaanderen"}, "E4"),
        ({"west": 5.1, "south": 52, "east": 5.2, "north": 52.2}, "E1 E2"),
        ({"latitude": 52.09, "longitude": 5.12, "radius_km": 5}, "E1 E2"),
        ({"latitude": 52.09, "longitude": 5.12, "radius_km": 25}, "E1 E2 E3"),
        ({"partners": ["volt", "none"], "country": "NLD", "least_kw": "12"}, "E3"),
        ({"partners": ["none"]}, ""),
        ({"party": "NL/VLX", "standard": "CHADEMO"}, "E4"),
    ],
)
def test_places_are_chosen_by_address_area_and_distance(
    con: duckdb.DuckDBPyConnection, places: dict[str, Any] | None, found: str
) -> None:
    for uid, (city, code, state, north, east) in CITIES.items():
        country = None if city is None else "BEL" if state else "NLD"
        address = {"city": city, "postal_code": code, "state": state, "country": country}
        at = {"latitude": north, "longitude": east}
        plug = {"power_kw": 22 if uid == "E3" else 11}
        plug |= {"standard": "CHADEMO"} if uid == "E4" else {}
        write_evse(con, uid, location={**address, **at}, location_id=f"L{uid}", connector=plug)

    build_marts(con, as_of=AS_OF)

    chosen = None if places is None else json.dumps(places)
    rows = con.execute("select uid from matching_evses($1) order by uid", [chosen]).fetchall()
    assert " ".join(uid for (uid,) in rows) == found
    connectors = con.execute("select count(*) from matching_connectors($1)", [chosen]).fetchall()
    assert connectors == [(len(rows),)]


def test_an_operator_is_one_whatever_the_case_of_its_name(con: duckdb.DuckDBPyConnection) -> None:
    spelled = {"E1": "OPCHARGE", "E2": "Opcharge", "E3": "Opcharge", "E4": "Op-charge", "E5": None}
    for uid, operator in spelled.items():
        write_evse(con, uid, location={"operator_name": operator}, location_id=f"L{uid}")

    build_marts(con, as_of=AS_OF)

    found = con.execute("select uid, operator from mart.evses order by uid").fetchall()
    one = [("E1", "Opcharge"), ("E2", "Opcharge"), ("E3", "Opcharge")]
    assert found == [*one, ("E4", "Op-charge"), ("E5", "unknown")]
    chosen = json.dumps({"operator": "opcharge"})
    rows = con.execute("select uid from matching_evses($1) order by uid", [chosen]).fetchall()
    assert rows == [("E1",), ("E2",), ("E3",)]


def test_distances_are_those_on_a_sphere(con: duckdb.DuckDBPyConnection) -> None:
    (found,) = con.execute("select distance_km(52.09, 5.12, 48.86, 2.35)").fetchall()[0]
    a, b, c, d = map(radians, (52.09, 5.12, 48.86, 2.35))
    angle = 2 * asin(sqrt(sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2))

    assert found == pytest.approx(6371 * angle)


def test_everybody_charging_is_counted_by_local_hour(con: duckdb.DuckDBPyConnection) -> None:
    write_evse(con, "E1", location={"time_zone": "Europe/Amsterdam"})
    write_evse(con, "E2", location={"time_zone": "Europe/Amsterdam"})
    # Monday, 12 October 2026: charging from 08:40 to 10:10 in Amsterdam.
    begin = datetime(2026, 10, 12, 6, 40, tzinfo=AS_OF.tzinfo)
    midnight = datetime(2026, 10, 11, 22, tzinfo=AS_OF.tzinfo)
    write_pulls(con, midnight, midnight + DAY - timedelta(hours=2), hours=1)
    for uid in ("E1", "E2"):
        write_status(con, uid, "AVAILABLE", midnight, begin)
        write_status(
            con,
            uid,
            "CHARGING" if uid == "E1" else "RESERVED",
            begin,
            begin + timedelta(minutes=90),
        )
        write_status(con, uid, "AVAILABLE", begin + timedelta(minutes=90), midnight + DAY)

    build_marts(con, as_of=AS_OF)

    rows = con.execute(
        "select hour, charging_s, observed_s from mart.charging_hours where weekday = 1 "
        "and hour between 7 and 11 order by hour"
    ).fetchall()
    assert rows == [
        (7, 0, 7200),
        (8, 1200, 7200),
        (9, 3600, 7200),
        (10, 600, 7200),
        (11, 0, 7200),
    ]
    (charged, observed) = con.execute(
        "select sum(charging_s), sum(observed_s) from mart.charging_hours"
    ).fetchall()[0]
    assert (charged, observed) == (5400, 2 * 86400)
