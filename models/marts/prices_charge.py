"""A charge that nobody made yet, as the periods a careful operator would bill it in.

A period is priced by its start (OCPI ChargingPeriod), so one begins wherever a restriction of
a tariff may change: at a local time of day or midnight, at a duration, at an amount of energy.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from models.ocpi.values.timestamps import is_zone
from models.rating.numbers import number_or_none, parse_second_of_day

HOUR_S: Final = 3600
MINUTE_S: Final = 60
_NINE: Final = Decimal("1e-9")
_NINE_DECIMALS: Final = 9
_DAY: Final = timedelta(days=1)
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True)
class Charge:
    """The stay of a driver at a connector."""

    start_at: datetime  # when charging starts, in UTC
    energy_kwh: Decimal  # energy, above zero
    charging_s: int  # how long it flows, at even power, in whole seconds above zero
    idle_s: int = 0  # how long the car stays connected after that, in whole seconds

    @property
    def charging_ends_at(self) -> datetime:
        """Return when energy stops to flow, in UTC."""
        return self.start_at + timedelta(seconds=self.charging_s)

    @property
    def end_at(self) -> datetime:
        """Return when the car leaves, in UTC."""
        return self.start_at + timedelta(seconds=self.charging_s + self.idle_s)

    @property
    def power_kw(self) -> Decimal:
        """Return the power at which energy flows."""
        return (self.energy_kwh * HOUR_S / self.charging_s).quantize(_NINE, ROUND_HALF_UP)


def local_start(day: date, clock: time, zone: str | None) -> datetime:
    """Return a local time of a zone in UTC; where the zone is not known it is taken as UTC."""
    local = ZoneInfo(zone) if zone is not None and is_zone(zone) else UTC
    return datetime.combine(day, clock, local).astimezone(UTC)


@dataclass(frozen=True)
class Thresholds:
    """The bounds within which restrictions of tariffs hold."""

    kwh: frozenset[Decimal]  # amounts of energy since the start
    seconds: frozenset[int]  # durations since the start
    clock: frozenset[int]  # seconds of the local day


def thresholds(tariffs: Iterable[Mapping[str, Any]]) -> Thresholds:
    """Return all thresholds of canonical tariffs (OCPI TariffRestrictions) that can be read."""
    kwh: set[Decimal] = set()
    seconds: set[int] = set()
    clock: set[int] = set()
    for restrictions in _restrictions(tariffs):
        kwh |= {*_numbers(restrictions, "min_kwh", "max_kwh")}
        seconds |= {int(value) for value in _numbers(restrictions, "min_duration", "max_duration")}
        clock |= {*_times(restrictions)}
        if restrictions.keys() & {"day_of_week", "start_date", "end_date"}:
            clock.add(0)
    return Thresholds(frozenset(kwh), frozenset(seconds), frozenset(clock))


def charge_periods(charge: Charge, changes: Thresholds, zone: str | None) -> list[dict[str, Any]]:
    """Return the charge as rows in columns of `core.charging_periods`, without its owner.

    Energies and times add up exactly to the charge's.

    `zone`: IANA zone in which clock times are read; where it is not known, none is.
    """
    energy_at = _energy_at_cuts(charge, changes, zone)
    cuts = sorted(energy_at)
    rows = []
    for index, (begin, end) in enumerate(pairwise(cuts)):
        hours = (Decimal(end - begin) / HOUR_S).quantize(_NINE, ROUND_HALF_UP)
        charging = begin < charge.charging_s
        power = charge.power_kw if charging else Decimal(0)
        kind = "time_h" if charging else "parking_time_h"
        rows.append(
            {
                "period_index": index,
                "start_at": charge.start_at + timedelta(seconds=begin),
                "energy_kwh": energy_at[end] - energy_at[begin] if charging else None,
                kind: hours,
                f"{kind}_decimals": _NINE_DECIMALS,
                "min_power_kw": power,
                "max_power_kw": power,
            }
        )
    return rows


def _energy_at_cuts(charge: Charge, changes: Thresholds, zone: str | None) -> dict[int, Decimal]:
    """Return seconds since the start at which a period begins or ends → energy until then."""
    end = charge.charging_s + charge.idle_s
    clock = _clock_offsets(charge, changes.clock, zone)
    cuts = {
        offset: _energy_after(charge, offset)
        for offset in (0, *changes.seconds, *clock, charge.charging_s, end)
        if 0 <= offset <= end
    }
    for kwh in changes.kwh:
        offset = int((kwh * charge.charging_s / charge.energy_kwh).to_integral(ROUND_HALF_UP))
        # The threshold's own energy counts, not that of the second nearest to it.
        if 0 < offset < charge.charging_s:
            cuts[offset] = kwh
    return cuts


def _energy_after(charge: Charge, offset: int) -> Decimal:
    flowing = min(offset, charge.charging_s)
    if flowing == charge.charging_s:
        return charge.energy_kwh
    return (charge.energy_kwh * flowing / charge.charging_s).quantize(_NINE, ROUND_HALF_UP)


def _clock_offsets(charge: Charge, clock: Iterable[int], zone: str | None) -> Iterator[int]:
    if zone is None or not is_zone(zone):
        return
    day = charge.start_at.astimezone(ZoneInfo(zone)).date()
    while _instant(day, 0, zone) <= charge.end_at:
        for second in clock:
            yield (_instant(day, second, zone) - charge.start_at) // _SECOND
        day += _DAY


@lru_cache(maxsize=65_536)
def _instant(day: date, second: int, zone: str) -> datetime:
    """Return when a clock shows a second of a day; charges of one day ask for the same few."""
    shown = datetime.combine(day, time(0)) + second * _SECOND
    return shown.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _restrictions(tariffs: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for tariff in tariffs:
        elements = tariff.get("elements")
        for element in elements if isinstance(elements, Sequence) else ():
            found = element.get("restrictions") if isinstance(element, Mapping) else None
            if isinstance(found, Mapping):
                yield found


def _numbers(restrictions: Mapping[str, Any], *names: str) -> Iterator[Decimal]:
    found = (number_or_none(restrictions.get(name)) for name in names)
    return (number for number in found if number is not None)


def _times(restrictions: Mapping[str, Any]) -> Iterator[int]:
    for name in ("start_time", "end_time"):
        try:
            yield parse_second_of_day(restrictions.get(name))
        except ValueError:
            continue
