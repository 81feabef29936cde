"""A tariff hour by hour over a week: what an hour of charging costs that starts then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from models.marts.prices_baskets import BASKETS
from models.marts.prices_charge import Charge
from models.marts.prices_engine import Case, price_cases

_HOUR_S: Final = 3600
_MINUTES: Final = 60
_DAYS: Final = 7


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
    energy = basket.energy_kwh * _MINUTES / basket.charging_min
    hours = list(_hours(first))
    local = ZoneInfo(zone) if zone else UTC
    cases = [
        Case(Charge(_start(day, hour, local), energy, _HOUR_S), (tariff,), zone)
        for day, hour in hours
    ]
    priced = price_cases(cases, compiled=False).cdrs
    known = pl.col("reason").is_null()
    return pl.DataFrame(
        {
            "weekday": [day.isoweekday() for day, _ in hours],
            "hour": [hour for _, hour in hours],
        }
    ).hstack(
        priced.select(
            *(
                pl.when(known).then(_each(f"unrounded_{side}_vat", energy)).alias(name)
                for side, name in (("excl", "per_kwh_excl_vat"), ("incl", "per_kwh_incl_vat"))
            ),
            "reason",
        )
    )


def _hours(first: date) -> Iterator[tuple[date, int]]:
    for day in range(_DAYS):
        for hour in range(24):
            yield first + timedelta(days=day), hour


def _start(day: date, hour: int, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(hour), zone).astimezone(UTC)


def _each(cost: str, energy: Decimal) -> pl.Expr:
    return (pl.col(cost) / pl.lit(energy, dtype=pl.Decimal(18, 9))).round(6).cast(pl.Decimal(18, 6))
