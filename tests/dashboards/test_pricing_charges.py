"""Charges that nobody made yet: their periods, and their price by the rating engine."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.marts.prices_baskets import basket_charges, next_weekday
from models.marts.prices_charge import Charge, Thresholds, charge_periods, thresholds
from models.marts.prices_engine import NOTHING_APPLIES, Case, price_cases
from models.marts.prices_simulation import price_grid, simulate, wanted_charge

ZONE = "Europe/Amsterdam"
WEDNESDAY = date(2026, 10, 21)
NOON = datetime(2026, 10, 21, 10, tzinfo=UTC)
NEVER = Thresholds(frozenset(), frozenset(), frozenset())


def tariff(*elements: dict[str, Any], **more: Any) -> str:
    whole = {"country_code": "NL", "party_id": "VLX", "id": "T", "currency": "EUR", **more}
    return json.dumps({**whole, "elements": elements})


def element(restrictions: dict[str, Any] | None = None, **prices: float) -> dict[str, Any]:
    components = [{"type": kind, "price": price, "step_size": 1} for kind, price in prices.items()]
    return {"price_components": components, "restrictions": restrictions}


def cost(text: str, charge: Charge, zone: str | None = ZONE) -> tuple[Any, Any]:
    total = price_cases([Case(charge, (text,), zone)], compiled=False).cdrs.row(0, named=True)
    return total["unrounded_excl_vat"], total["reason"]


@given(
    energy=st.decimals("0.001", "500", places=3),
    charging_s=st.integers(1, 100_000),
    idle_s=st.integers(0, 100_000),
    kwh=st.frozensets(st.decimals("0.001", "600", places=3), max_size=4),
    seconds=st.frozensets(st.integers(0, 300_000), max_size=4),
    clock=st.frozensets(st.integers(0, 86_399), max_size=4),
)
def test_periods_add_up_to_the_charge(
    energy: Decimal,
    charging_s: int,
    idle_s: int,
    kwh: frozenset[Decimal],
    seconds: frozenset[int],
    clock: frozenset[int],
) -> None:
    charge = Charge(NOON, energy, charging_s, idle_s)

    rows = charge_periods(charge, Thresholds(kwh, seconds, clock), ZONE)

    starts = [row["start_at"] for row in rows]
    assert starts[0] == NOON
    assert starts == sorted(set(starts))
    energies = [row["energy_kwh"] for row in rows if row["energy_kwh"] is not None]
    assert sum(energies) == energy
    assert all(part >= 0 for part in energies)
    hours = sum(row.get("time_h", 0) for row in rows)
    assert abs(hours - Decimal(charging_s) / 3600) < Decimal("1e-6")
    parked = [row for row in rows if "parking_time_h" in row]
    assert all(row["start_at"] >= NOON + timedelta(seconds=charging_s) for row in parked)


def test_a_period_begins_at_each_threshold() -> None:
    charge = Charge(NOON, Decimal(20), 7200, 3600)
    changes = thresholds(
        [
            json.loads(
                tariff(
                    element({"max_kwh": 5, "start_time": "12:30"}, ENERGY=1),
                    element({"min_duration": 9000}, PARKING_TIME=1),
                )
            )
        ]
    )

    rows = charge_periods(charge, changes, ZONE)

    minutes = [(row["start_at"] - NOON) // timedelta(minutes=1) for row in rows]
    assert minutes == [0, 30, 120, 150]
    assert rows[1]["energy_kwh"] == 15


def test_a_kwh_tier_costs_each_side_its_own_price() -> None:
    text = tariff(element({"max_kwh": 10}, ENERGY=0.5), element(ENERGY=0.3))

    assert cost(text, Charge(NOON, Decimal(22), 14_400)) == (Decimal("8.6"), None)


def test_an_evening_price_begins_in_the_middle_of_a_charge() -> None:
    text = tariff(element({"start_time": "14:00", "end_time": "20:00"}, ENERGY=0.5))

    # Two of the four hours lie before 14:00, when nothing is charged for.
    assert cost(text, Charge(NOON, Decimal(22), 14_400)) == (Decimal("5.5"), None)


def test_idling_costs_parking() -> None:
    text = tariff(element(ENERGY=0.4, PARKING_TIME=3))

    assert cost(text, Charge(NOON, Decimal(30), 1800, 3600)) == (Decimal(15), None)


def test_free_is_what_a_tariff_states_and_nothing_else() -> None:
    free = tariff(element(FLAT=0))
    silent = tariff(element({"start_date": "2020-01-01", "end_date": "2020-01-01"}, ENERGY=0))
    charge = Charge(NOON, Decimal(22), 14_400)

    assert cost(free, charge) == (Decimal(0), None)
    assert cost(silent, charge)[1] == NOTHING_APPLIES


def test_a_price_by_the_clock_needs_a_zone() -> None:
    text = tariff(element({"start_time": "08:00", "end_time": "20:00"}, ENERGY=0.4))

    assert cost(text, Charge(NOON, Decimal(22), 14_400), None)[1] == "TIME_ZONE_UNKNOWN"


def test_of_several_tariffs_the_active_one_for_all_sessions_applies() -> None:
    ended = tariff(element(ENERGY=9), end_date_time="2026-01-01T00:00:00Z")
    ad_hoc = tariff(element(ENERGY=5), type="AD_HOC_PAYMENT")
    regular = tariff(element(ENERGY=0.25), type="REGULAR")
    case = Case(Charge(NOON, Decimal(20), 7200), (ended, ad_hoc, regular), ZONE)

    total = price_cases([case], compiled=False).cdrs.row(0, named=True)

    assert total["unrounded_excl_vat"] == 5


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 10, 21, 23, tzinfo=UTC), date(2026, 10, 22)),
        (datetime(2026, 10, 23, 1, tzinfo=UTC), date(2026, 10, 26)),
        (datetime(2026, 10, 25, 1, tzinfo=UTC), date(2026, 10, 26)),
    ],
)
def test_baskets_are_charged_on_the_next_weekday(moment: datetime, day: date) -> None:
    assert next_weekday(moment) == day


def test_a_basket_is_charged_at_local_noon_and_evening() -> None:
    charges = list(basket_charges("ac", ZONE, WEDNESDAY))

    assert [(moment, idle) for moment, idle, _ in charges] == [
        ("noon", 0),
        ("noon", 60),
        ("evening", 0),
        ("evening", 60),
    ]
    assert [charge.start_at.hour for _, _, charge in charges] == [10, 10, 16, 16]
    assert {charge.power_kw for _, _, charge in charges} == {Decimal("5.5")}


def test_the_grid_shows_every_hour_of_the_week() -> None:
    text = tariff(
        element({"day_of_week": ["SATURDAY", "SUNDAY"]}, ENERGY=0.2),
        element({"start_time": "08:00", "end_time": "20:00"}, ENERGY=0.5),
        element(ENERGY=0.3),
    )

    rows = price_grid(text, "ac", ZONE, WEDNESDAY)

    assert rows.height == 7 * 24
    prices = {
        (day, hour): price
        for day, hour, price in rows.select("weekday", "hour", "per_kwh_excl_vat").iter_rows()
    }
    assert prices[3, 7] == Decimal("0.3")
    assert prices[3, 8] == prices[3, 19] == Decimal("0.5")
    assert prices[3, 20] == Decimal("0.3")
    assert prices[6, 8] == prices[7, 23] == Decimal("0.2")


def test_a_stay_that_is_too_short_cuts_the_energy() -> None:
    charge = wanted_charge(
        WEDNESDAY, time(12), ZONE, energy_kwh=Decimal(22), power_kw=Decimal(11), stay_min=60
    )

    assert (charge.energy_kwh, charge.charging_s, charge.idle_s) == (Decimal(11), 3600, 0)
    assert charge.start_at == NOON


def test_a_simulation_names_its_lines() -> None:
    text = tariff(element(ENERGY=0.4), element({"min_duration": 10_800}, PARKING_TIME=2))
    charge = wanted_charge(
        WEDNESDAY, time(12), ZONE, energy_kwh=Decimal(22), power_kw=Decimal(11), stay_min=240
    )

    simulated = simulate(charge, (text,), ZONE)

    assert simulated.total["expected_excl_vat"] == Decimal("10.8")
    lines = simulated.lines.select("dimension", "start_at", "amount_excl_vat").rows()
    assert lines == [
        ("ENERGY", NOON, Decimal("8.8")),
        ("PARKING_TIME", NOON + timedelta(hours=3), Decimal("2")),
    ]
