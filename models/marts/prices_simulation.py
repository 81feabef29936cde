"""The charge that a driver asks the simulator for, and its price with all its lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl

from models.marts.prices_charge import Charge, charge_periods, thresholds
from models.marts.prices_engine import Case, price_cases
from models.rating.numbers import parse_json
from models.rating.zones import is_zone

_HOUR_S: Final = 3600
_MINUTE_S: Final = 60
_WATT_HOUR: Final = Decimal("0.001")


@dataclass(frozen=True)
class Simulated:
    """The price of a charge.

    Args:
        total: its row of `rating.cdrs`.
        lines: its rows of `rating.lines` with the `start_at` of their period; null: about all.
    """

    total: Mapping[str, Any]
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
    """Return the charge that somebody asks for; a stay that is too short cuts its energy.

    Args:
        day: local day of the start.
        clock: local time of the start.
        zone: IANA zone; None: unknown, the time is taken as UTC.
        energy_kwh: energy wanted, above zero.
        power_kw: even power, above zero.
        stay_min: minutes connected, above zero.
    """
    local = ZoneInfo(zone) if zone is not None and is_zone(zone) else UTC
    start = datetime.combine(day, clock, local).astimezone(UTC)
    stay_s = stay_min * _MINUTE_S
    needed = max(int((energy_kwh * _HOUR_S / power_kw).to_integral(ROUND_HALF_UP)), 1)
    if needed <= stay_s:
        return Charge(start, energy_kwh, needed, stay_s - needed)
    possible = (power_kw * stay_s / _HOUR_S).quantize(_WATT_HOUR, ROUND_DOWN)
    return Charge(start, max(possible, _WATT_HOUR), stay_s)


def simulate(charge: Charge, tariffs: tuple[str, ...], zone: str | None) -> Simulated:
    """Price a charge by the rating engine, with the default contract.

    Args:
        charge: what is charged.
        tariffs: canonical 2.3.0 JSON of what the connector offers, in its order; at least one.
        zone: IANA zone of the location; None: unknown.
    """
    case = Case(charge, tariffs, zone)
    rated = price_cases([case], compiled=False)
    changes = thresholds([parse_json(text) for text in tariffs])
    periods = charge_periods(charge, changes, zone if zone and is_zone(zone) else None)
    starts = pl.DataFrame(
        {
            "period_index": [row["period_index"] for row in periods],
            "start_at": [row["start_at"] for row in periods],
        },
        schema={"period_index": pl.Int32, "start_at": pl.Datetime("us", "UTC")},
    )
    lines = rated.lines.join(starts, on="period_index", how="left", maintain_order="left")
    return Simulated(rated.cdrs.row(0, named=True), lines)


def charging_ends_at(charge: Charge) -> datetime:
    """Return when energy stops to flow, in UTC."""
    return charge.start_at + timedelta(seconds=charge.charging_s)
