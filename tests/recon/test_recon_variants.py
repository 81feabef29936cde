"""Each mistake on its own: what a claim would be, had the partner made it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from models.recon.mistakes import Case
from models.recon.variants import reprice
from models.tables.charging import CHARGING_PERIODS
from models.terms import PriceTerms

START = datetime(2026, 10, 5, 10, tzinfo=UTC)


def component(kind: str, price: float, step: Any = 1) -> dict[str, Any]:
    return {"type": kind, "price": price, "step_size": step, "vat": 21.0}


def tariff(*components: dict[str, Any], **more: Any) -> str:
    elements = more.pop("elements", [{"price_components": list(components)}])
    return json.dumps(
        {"country_code": "NL", "party_id": "VOL", "id": "T7", "currency": "EUR",
         "elements": elements, **more}
    )  # fmt: skip


def period(minutes: int, length: int, **volumes: str | int) -> dict[str, Any]:
    return {
        "start_at": START + timedelta(minutes=minutes),
        "length_s": length * 60,
        **{name: Decimal(v) if isinstance(v, str) else v for name, v in volumes.items()},
    }


def given(
    text: str, *periods: dict[str, Any], others: dict[str, str] | None = None
) -> dict[str, Decimal]:
    """What each mistake gives, before taxes."""
    rows = [{"cdr_row": 0, "period_index": index, **row} for index, row in enumerate(periods)]
    schema = CHARGING_PERIODS.polars_schema() | {"cdr_row": pl.Int64(), "length_s": pl.Int64()}
    frame = pl.DataFrame({name: [row.get(name) for row in rows] for name in schema}, schema=schema)
    end = START + timedelta(minutes=sum(row["length_s"] for row in periods) // 60)
    cdrs = pl.DataFrame(
        {"cdr_row": [0], "partner": ["voltix"], "country_code": ["NL"], "party_id": ["VOL"],
         "start_at": [START], "end_at": [end], "currency": ["EUR"], "credit": [False],
         "home_charging_compensation": [False], "zone": ["Europe/Amsterdam"],
         "zone_assumed": [False], "input_hash": [""]},
        schema_overrides={"start_at": pl.Datetime("us", "UTC"), "end_at": pl.Datetime("us", "UTC")},
    )  # fmt: skip
    own = Case(cdrs, frame, _offered(text), {"voltix": PriceTerms()})
    alone = {
        cause: Case(cdrs, frame, _offered(other), own.contracts)
        for cause, other in (others or {}).items()
    }
    found = reprice(own, alone)
    return {row["cause"]: row["expected_excl_vat"] for row in reversed(found.to_dicts())}


def _offered(text: str) -> pl.DataFrame:
    return pl.DataFrame(
        {"cdr_row": [0], "tariff": [text], "detail": [None]},
        schema={"cdr_row": pl.Int64, "tariff": pl.String, "detail": pl.String},
    )


TWO_CHARGING_PERIODS = (
    period(0, 7, energy_kwh="1", time_h="0.116667", time_h_decimals=6),
    period(7, 8, energy_kwh="1", time_h="0.133333", time_h_decimals=6),
)


def test_steps_in_every_period() -> None:
    by_time = tariff(component("TIME", 6.0, step=600))

    # 15 minutes are two steps of ten; 7 and 8 minutes are a step each: the same; with a third
    # period of one minute there is a third step where there should still be two.
    more = period(15, 1, time_h="0.016667", time_h_decimals=6)
    assert given(by_time, *TWO_CHARGING_PERIODS, more)["STEP_PER_PERIOD"] == Decimal("3")


def test_steps_in_some_periods_and_another_price_between() -> None:
    elements = [
        {"price_components": [component("ENERGY", 0.5, step=500)], "restrictions": {"max_kwh": 2}},
        {"price_components": [component("ENERGY", 0.8)], "restrictions": {"max_kwh": 4}},
        {"price_components": [component("ENERGY", 0.3, step=500)]},
    ]
    found = given(
        tariff(elements=elements),
        period(0, 10, energy_kwh="2.2", time_h="0.166667"),
        period(10, 10, energy_kwh="2.1", time_h="0.166667"),
        period(20, 10, energy_kwh="1.1", time_h="0.166667"),
    )

    # 2.5 kWh at 0.50, 2.1 at 0.80, 1.5 at 0.30: nothing is rounded once more at the end.
    assert found["STEP_PER_PERIOD"] == Decimal("3.38")


def test_steps_for_charging_although_parking_is_rounded() -> None:
    both = tariff(component("TIME", 6.0, step=600), component("PARKING_TIME", 3.0, step=600))
    parked = period(15, 12, parking_time_h="0.2", parking_time_h_decimals=6)

    assert given(both, *TWO_CHARGING_PERIODS, parked)["STEP_PER_DIMENSION"] == Decimal("3")


@pytest.mark.parametrize(
    ("cause", "amount"),
    [("WALL_CLOCK_TIME", "2.7"), ("WH_FOR_KWH", "1.5"), ("LINE_ROUNDING", "1.5")],
)
def test_a_stay_priced_as_charging_time(cause: str, amount: str) -> None:
    by_time = tariff(component("TIME", 6.0))
    parked = period(15, 12, parking_time_h="0.2", parking_time_h_decimals=6)

    assert given(by_time, *TWO_CHARGING_PERIODS, parked)[cause] == Decimal(amount)


def test_wh_priced_as_kwh() -> None:
    found = given(tariff(component("ENERGY", 0.5)), *TWO_CHARGING_PERIODS)

    assert found["WH_FOR_KWH"] == Decimal(1000)
    assert found["STATES_WH"] == Decimal(0)


def test_lines_rounded_one_by_one() -> None:
    found = given(
        tariff(component("ENERGY", 0.335)),
        *(period(5 * n, 5, energy_kwh="1", time_h="0.083333") for n in range(4)),
    )

    assert found["LINE_ROUNDING"] == Decimal("1.36")
    assert found["LIMIT_IGNORED"] == Decimal("1.34")


def test_limits_and_reservations_left_out() -> None:
    limited = tariff(
        min_price={"before_taxes": 9.0},
        elements=[
            {
                "price_components": [component("TIME", 12.0)],
                "restrictions": {"reservation": "RESERVATION"},
            },
            {"price_components": [component("ENERGY", 0.5)]},
        ],
    )
    reserved = period(0, 15, reservation_time_h="0.25", reservation_time_h_decimals=6)
    charged = period(15, 15, energy_kwh="20", time_h="0.25", time_h_decimals=6)
    found = given(limited, reserved, charged)

    assert found["LIMIT_IGNORED"] == Decimal(13)
    assert found["RESERVATION_IGNORED"] == Decimal(10)


def test_other_tariffs_are_priced_alone() -> None:
    found = given(
        tariff(component("ENERGY", 0.5)),
        *TWO_CHARGING_PERIODS,
        others={"OTHER_TARIFF": tariff(component("ENERGY", 0.9), id="T9")},
    )

    assert found["OTHER_TARIFF"] == Decimal("1.8")


def test_a_step_that_no_integer_holds_stops_nobody() -> None:
    """A partner's `step_size` of 10**30 ended the search for causes of all partners."""
    caused = given(tariff(component("ENERGY", 0.5, step=10**30)), period(0, 60, energy_kwh="10"))
    assert set(caused) == {"STEP_PER_PERIOD"}


@pytest.mark.parametrize("step", ["x", "", [1], {}, True, 1.5, "1.5", None])
def test_a_step_that_is_no_number_stops_nobody(step: Any) -> None:
    """A `step_size` beside the price that counts ended `roamhouse price` for the whole file."""
    priced = component("ENERGY", 0.5)
    found = given(tariff(priced, component("ENERGY", 9.0, step)), period(0, 60, energy_kwh="10"))
    assert found["WH_FOR_KWH"] == Decimal(5000)
