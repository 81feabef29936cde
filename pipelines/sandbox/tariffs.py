"""Tariffs of the sandbox: their elements and versions.

Prices are whole ten-thousandths of the currency, energy is in Wh, power in W, durations in seconds,
times of day in minutes, tax rates in thousandths of a percent.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Literal, TypeVar

Ordered = TypeVar("Ordered", int, str)
Dimension = Literal["ENERGY", "TIME", "PARKING_TIME", "FLAT"]
DAY_MINUTES = 1440
WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


@dataclass(frozen=True)
class Component:
    """A price of one dimension (OCPI PriceComponent)."""

    dimension: Dimension
    price: int
    step: int = 1
    vat: int | None = None


@dataclass(frozen=True)
class Restrictions:
    """The conditions of an element (OCPI TariffRestrictions); None: any. `end_time` is exclusive.

    A restriction on current is written but never held against anything: the sandbox states none.
    """

    start_time: int | None = None
    end_time: int | None = None
    start_date: str | None = None
    end_date: str | None = None
    min_wh: int | None = None
    max_wh: int | None = None
    max_current: int | None = None
    min_power: int | None = None
    max_power: int | None = None
    min_duration: int | None = None
    max_duration: int | None = None
    weekdays: tuple[int, ...] = ()
    reservation: Literal["RESERVATION", "RESERVATION_EXPIRES"] | None = None

    def match(self, moment: Moment) -> bool:
        """Tell whether a charging period that starts like this is priced by the element."""
        return (
            (not self.weekdays or moment.weekday in self.weekdays)
            and self._within_hours(moment.minute)
            and _within(moment.date, self.start_date, self.end_date)
            and _within(moment.wh, self.min_wh, self.max_wh)
            and _within(moment.power, self.min_power, self.max_power)
            and _within(moment.elapsed, self.min_duration, self.max_duration)
        )

    def _within_hours(self, minute: int) -> bool:
        start, end = self.start_time or 0, self.end_time or DAY_MINUTES
        if start < end:
            return start <= minute < end
        return start == end or minute >= start or minute < end


@dataclass(frozen=True)
class Moment:
    """The facts that a restriction is held against: local time, and the session so far."""

    minute: int
    weekday: int
    date: str
    wh: int
    elapsed: int
    power: int


def _within(value: Ordered, low: Ordered | None, high: Ordered | None) -> bool:
    return (low is None or value >= low) and (high is None or value < high)


@dataclass(frozen=True)
class Element:
    """Components that share their restrictions (OCPI TariffElement)."""

    components: tuple[Component, ...]
    restrictions: Restrictions = field(default_factory=Restrictions)


@dataclass(frozen=True)
class Limit:
    """A lowest or highest total, in cents; after taxes where stated."""

    net: int
    gross: int | None = None


@dataclass(frozen=True, eq=False)
class Tariff:
    """One version of a tariff (OCPI Tariff)."""

    country_code: str
    party_id: str
    id: str
    currency: str
    elements: tuple[Element, ...]
    last_updated: int
    kind: str = "REGULAR"
    min_price: Limit | None = None
    max_price: Limit | None = None
    tax_included: Literal["YES", "NO"] = "NO"
    end: int | None = None
    text: str | None = None

    @cached_property
    def flat(self) -> bool:
        """True where no price depends on anything."""
        return all(e.restrictions == Restrictions() for e in self.elements)

    @cached_property
    def rates(self) -> dict[Dimension, Component]:
        """The first component of each dimension, of no reservation: what a flat tariff charges."""
        charged = [e for e in reversed(self.elements) if not e.restrictions.reservation]
        return {c.dimension: c for element in charged for c in reversed(element.components)}

    @cached_property
    def reserves(self) -> bool:
        """True where reservations cost something."""
        return any(e.restrictions.reservation for e in self.elements)

    @cached_property
    def clock_cuts(self) -> frozenset[int]:
        """Local minutes of the day at which a price may change; empty: at none."""
        cuts: set[int] = set()
        for restrictions in (e.restrictions for e in self.elements):
            stated = (restrictions.start_time, restrictions.end_time)
            cuts.update(minute % DAY_MINUTES for minute in stated if minute is not None)
            if restrictions.weekdays or restrictions.start_date or restrictions.end_date:
                cuts.add(0)
        return frozenset(cuts)

    @cached_property
    def cuts(self) -> dict[str, tuple[int, ...]]:
        """Energies (`wh`) and durations (`duration`) at which a price may change."""
        stated: dict[str, set[int]] = {"wh": set(), "duration": set()}
        for limits in (vars(element.restrictions) for element in self.elements):
            for of, values in stated.items():
                values |= {limits[f"min_{of}"], limits[f"max_{of}"]} - {None}
        return {of: tuple(sorted(values)) for of, values in stated.items()}

    def with_components(self, change: Callable[[Component], Component]) -> Tariff:
        """Return the tariff with every component changed."""
        elements = tuple(
            replace(element, components=tuple(map(change, element.components)))
            for element in self.elements
        )
        return replace(self, elements=elements)

    def component(self, dimension: Dimension, moment: Moment) -> Component | None:
        """Return the first component of a dimension whose element applies; None: it is free."""
        for element in self.elements:
            if element.restrictions.reservation:
                continue
            for component in element.components:
                if component.dimension == dimension and element.restrictions.match(moment):
                    return component
        return None


class TariffLine:
    """A tariff over time: its versions in order of `last_updated`.

    `published`: whether the tariffs endpoint lists it; `daily`: for tariffs that change every day,
    makes the version of a moment instead.
    """

    def __init__(
        self,
        versions: Iterable[Tariff],
        *,
        published: bool = True,
        daily: Callable[[int], Tariff] | None = None,
    ) -> None:
        self.versions = tuple(versions)
        self.published = published
        self._starts = [version.last_updated for version in self.versions]
        self._daily = lru_cache(maxsize=256)(daily) if daily else None

    @property
    def id(self) -> str:
        """The tariff's id."""
        return self.versions[0].id

    def at(self, moment: int) -> Tariff:
        """Return the version in force at a moment, in epoch seconds; the first before any."""
        if self._daily:
            return self._daily(moment)
        return self.versions[max(0, bisect_right(self._starts, moment) - 1)]

    def before(self, moment: int) -> Tariff | None:
        """Return the version that the one in force at a moment replaced."""
        position = bisect_right(self._starts, moment) - 2
        return self.versions[position] if position >= 0 and self._daily is None else None
