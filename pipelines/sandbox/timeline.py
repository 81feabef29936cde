"""Cuts a charge into charging periods, as a CPO must: at every moment a price may change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipelines.sandbox.clock import clock_moments
from pipelines.sandbox.shapes import Tariff

PeriodKind = Literal["RESERVATION", "CHARGING", "PARKING"]


@dataclass(slots=True)
class Period:
    """One charging period.

    Args:
        start: epoch seconds.
        seconds: its length.
        kind: what happens in it.
        wh: energy delivered.
        power: mean power in W.
        tariff: the tariff that prices it.
    """

    start: int
    seconds: int
    kind: PeriodKind
    wh: int
    power: int
    tariff: Tariff


@dataclass(slots=True)
class Charge:
    """What physically happened.

    Args:
        start: when charging began, epoch seconds.
        reserved_s: how long the EVSE was reserved before.
        phases: seconds and Wh of each phase of constant power.
        idle_s: how long the car stayed after charging.
        tariffs: the tariff, and for a charge that changed over the one after its first phase.
        zone: IANA zone of the place.
        uncut: leave the periods whole where the price changes (a fault).
    """

    start: int
    reserved_s: int
    phases: tuple[tuple[int, int], ...]
    idle_s: int
    tariffs: tuple[Tariff, ...]
    zone: str
    uncut: bool = False

    @property
    def charging_s(self) -> int:
        """Seconds in which energy flowed."""
        return sum(seconds for seconds, _ in self.phases)

    @property
    def end(self) -> int:
        """When the car left."""
        return self.start + self.charging_s + self.idle_s

    @property
    def wh(self) -> int:
        """Energy of the whole charge."""
        return sum(wh for _, wh in self.phases)


def periods_of(charge: Charge) -> list[Period]:
    """The charging periods of a charge, in order, without gaps."""
    tariff = charge.tariffs[0]
    periods: list[Period] = []
    if charge.reserved_s:
        begin = charge.start - charge.reserved_s
        periods.append(Period(begin, charge.reserved_s, "RESERVATION", 0, 0, tariff))
    moment, drawn = charge.start, 0
    for seconds, wh in charge.phases:
        power = wh * 3600 // seconds
        whole = Period(moment, seconds, "CHARGING", wh, power, tariff)
        periods.extend(_cut(whole, charge, drawn))
        moment, drawn, tariff = moment + seconds, drawn + wh, charge.tariffs[-1]
    if charge.idle_s:
        whole = Period(moment, charge.idle_s, "PARKING", 0, 0, tariff)
        periods.extend(_cut(whole, charge, drawn))
    return periods


def _cut(whole: Period, charge: Charge, drawn: int) -> list[Period]:
    tariff = whole.tariff
    if tariff.flat or charge.uncut:
        return [whole]
    start, end = whole.start, whole.start + whole.seconds
    marks: dict[int, int] = {}
    if tariff.clock_cuts:
        marks.update((m, -1) for m in clock_moments(charge.zone, start, end, tariff.clock_cuts))
    for duration in tariff.duration_cuts:
        marks[charge.start + duration] = -1
    for cut in tariff.wh_cuts:
        if drawn < cut < drawn + whole.wh:
            # The first whole second by which so much was drawn; it is drawn exactly then.
            reached = start - (drawn - cut) * whole.seconds // whole.wh
            marks[min(reached, end - 1)] = cut
    marks = {moment: wh for moment, wh in marks.items() if start < moment < end}
    return _pieces(whole, drawn, marks) if marks else [whole]


def _pieces(whole: Period, drawn: int, marks: dict[int, int]) -> list[Period]:
    pieces: list[Period] = []
    end = whole.start + whole.seconds
    moment, before = whole.start, drawn
    for mark in [*sorted(marks), end]:
        known = marks.get(mark, -1)
        after = known if known >= 0 else drawn + whole.wh * (mark - whole.start) // whole.seconds
        pieces.append(
            Period(moment, mark - moment, whole.kind, after - before, whole.power, whole.tariff)
        )
        moment, before = mark, after
    return pieces
