"""The standard baskets: what is charged, when, and by which connectors they are judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from models.marts.prices_charge import Charge

IDLE_MINUTES: Final = (0, 60)
CLOCKS: Final = {"noon": time(12), "evening": time(18)}
_SATURDAY: Final = 5
_MINUTE_S: Final = 60


@dataclass(frozen=True)
class Basket:
    """The energy of a charge, and how long that takes."""

    energy_kwh: Decimal
    charging_min: int


BASKETS: Final = {
    "ac": Basket(Decimal(22), 240),
    "dc": Basket(Decimal(30), 30),
    "hpc": Basket(Decimal(50), 25),
}
"""By power class; a connector of unknown power has none."""


def next_weekday(at: datetime) -> date:
    """Return the first day from Monday to Friday after a timestamp's (UTC)."""
    day = at.astimezone(UTC).date() + timedelta(days=1)
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    return day


def basket_charges(
    power_class: str, zone: str | None, day: date
) -> Iterator[tuple[str, int, Charge]]:
    """Yield the charges of a power class: each local time of day, without and with idling.

    Args:
        power_class: a key of `BASKETS`.
        zone: IANA zone; None: unknown, the times are taken as UTC.
        day: the local day.

    Yields:
        The time of day's name, the minutes of idling, the charge.
    """
    basket = BASKETS[power_class]
    for moment, clock in CLOCKS.items():
        start = datetime.combine(day, clock, ZoneInfo(zone) if zone else UTC).astimezone(UTC)
        for idle_min in IDLE_MINUTES:
            charge = Charge(
                start, basket.energy_kwh, basket.charging_min * _MINUTE_S, idle_min * _MINUTE_S
            )
            yield moment, idle_min, charge
