"""A charge that a driver asks the simulator for, with all its price lines; a tariff over a week."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any, Final

import polars as pl

from models.marts.prices_baskets import BASKETS, for_each_kwh
from models.marts.prices_charge import HOUR_S, MINUTE_S, Charge, charge_periods, local_start
from models.marts.prices_engine import Case, offered_thresholds, price_cases
from models.tables.kinds import QUANTITY

_WATT_HOUR: Final = Decimal("0.001")
_DAYS: Final = 7


@dataclass(frozen=True)
class Simulated:
    """The price of a charge."""

    total: Mapping[str, Any]  # its row of `rating.cdrs`
    # its rows of `rating.lines` with the `start_at` of their period; null: about all
    lines: pl.DataFrame


def wanted_charge(
    day: date,
    clock: time,
    zone: str | None,
    *,
    energy_kwh: Decimal,
    power_kw: Decimal,
    stay_min: int,
) -> Charge:
    """Return a charge at even power; a stay that is too short cuts its energy."""
    start = local_start(day, clock, zone)
    stay_s = stay_min * MINUTE_S
    needed = max(int((energy_kwh * HOUR_S / power_kw).to_integral(ROUND_HALF_UP)), 1)
    if needed <= stay_s:
        return Charge(start, energy_kwh, needed, stay_s - needed)
    possible = (power_kw * stay_s / HOUR_S).quantize(_WATT_HOUR, ROUND_DOWN)
    return Charge(start, max(possible, _WATT_HOUR), stay_s)


def simulate(charge: Charge, tariffs: tuple[str, ...], zone: str | None) -> Simulated:
    """Price a charge by what its connector offers (canonical JSON), under the default contract."""
    case = Case(charge, tariffs, zone)
    rated = price_cases([case], compiled=False)
    periods = charge_periods(charge, offered_thresholds(tariffs), zone)
    starts = pl.DataFrame(
        {
            "period_index": [row["period_index"] for row in periods],
            "start_at": [row["start_at"] for row in periods],
        },
        schema={"period_index": pl.Int32, "start_at": pl.Datetime("us", "UTC")},
    )
    lines = rated.lines.join(starts, on="period_index", how="left", maintain_order="left")
    return Simulated(rated.cdrs.row(0, named=True), lines)


def price_grid(tariff: str, power_class: str, zone: str | None, first: date) -> pl.DataFrame:
    """Price an hour of charging at the power of a class's basket, for every hour of a week.

    Args:
        tariff: canonical 2.3.0 JSON.
        power_class: a key of `BASKETS`.
        zone: IANA zone; None: unknown, hours are taken as UTC.
        first: the first local day of the week.

    Returns:
        `weekday` (1: Monday), `hour`, `per_kwh_excl_vat`, `per_kwh_incl_vat`, `reason` where
        there is no price.
    """
    basket = BASKETS[power_class]
    energy = basket.energy_kwh * HOUR_S / (basket.charging_min * MINUTE_S)
    each = pl.lit(energy, dtype=QUANTITY)
    hours = [(first + timedelta(days=day), hour) for day in range(_DAYS) for hour in range(24)]
    cases = [
        Case(Charge(local_start(day, time(hour), zone), energy, HOUR_S), (tariff,), zone)
        for day, hour in hours
    ]
    priced = price_cases(cases, compiled=False).cdrs
    known = pl.col("reason").is_null()
    return pl.DataFrame(
        {"weekday": [day.isoweekday() for day, _ in hours], "hour": [hour for _, hour in hours]}
    ).hstack(
        priced.select(
            *(
                pl.when(known)
                .then(for_each_kwh(f"unrounded_{side}_vat", each))
                .alias(f"per_kwh_{side}_vat")
                for side in ("excl", "incl")
            ),
            "reason",
        )
    )
