"""A CPO's billing: prices the periods of a charge exactly, and wrongly on demand.

Written from the OCPI text apart from the warehouse's own rating, so that the two can be held
against each other. Amounts are whole units of 1 / `UNIT` of the currency: a price of 0.0001 for a
Wh and one for a second are both whole in it, and so is a tax rate of a thousandth of a percent.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from pipelines.sandbox.numbers import DAY_S, date_of, offset
from pipelines.sandbox.tariffs import Component, Dimension, Limit, Moment, Tariff

PeriodKind = Literal["RESERVATION", "CHARGING", "PARKING"]


@dataclass(slots=True)
class Period:
    """One charging period."""

    start: int  # epoch seconds
    seconds: int  # its length
    kind: PeriodKind  # what happens in it
    wh: int  # energy delivered
    power: int  # mean power in W
    tariff: Tariff  # the tariff that prices it


Part = Literal["energy", "time", "parking", "fixed", "reservation"]
PARTS: tuple[Part, ...] = ("energy", "time", "parking", "fixed", "reservation")
RATE = 100_000
PER_WH = 3600 * RATE
PER_SECOND = 1000 * RATE
PER_FLAT = 3_600_000 * RATE
UNIT = 10_000 * PER_FLAT
Exact = int | Fraction
CENT = UNIT // 100


@dataclass(frozen=True)
class BillingPractice:
    """The billing practice of a CPO; the defaults are right, any other value is a mistake."""

    # `session` as the spec says, or wrongly for each `period` or each `dimension`
    steps: Literal["session", "period", "dimension"] = "session"
    wall_clock: bool = False  # TIME is billed for the whole stay
    limits: bool = True  # min_price and max_price are kept
    reservation: bool = True  # reservation time is billed


RIGHT = BillingPractice()


@dataclass(slots=True)
class Line:
    """One amount: what, how much of it, at which price."""

    part: Part
    quantity: int
    component: Component

    @property
    def amount(self) -> int:
        """In units of 1 / `UNIT`, as the tariff states prices (with or without taxes)."""
        return self.quantity * self.component.price * _SCALE[self.component.dimension]


_SCALE: dict[Dimension, int] = {
    "ENERGY": PER_WH, "TIME": PER_SECOND, "PARKING_TIME": PER_SECOND, "FLAT": PER_FLAT,
}  # fmt: skip


@dataclass(slots=True)
class Amounts:
    """A total and its parts, in cents; `gross` is None where no tax rate is known."""

    net: int
    gross: int | None
    parts: dict[Part, tuple[int, int | None]]


def price(
    periods: Sequence[Period], zone: str, local_rate: int = 0, practice: BillingPractice = RIGHT
) -> Amounts:
    """Price a charge in cents: each part and the total are rounded half up once.

    `local_rate`: taxes of the place, in thousandths of a percent, for prices that include them and
    do not say how much (2.3.0 `tax_included` in North America).
    """
    tariff = periods[0].tariff
    lines = list(_lines(periods, zone, practice))
    lines.extend(_steps(lines, practice))
    exact = {part: sums for part in PARTS if (sums := _sum(lines, part))[0]}
    stated = {part: _sides(*sums, tariff, local_rate) for part, sums in exact.items()}
    net: Exact = sum(n for n, _ in stated.values())
    taxed = [g for _, g in stated.values() if g is not None]
    gross: Exact | None = sum(taxed) if len(taxed) == len(stated) else None
    if practice.limits:
        net, gross = _clamp(net, gross, tariff.min_price, max)
        net, gross = _clamp(net, gross, tariff.max_price, min)
    return Amounts(
        cents(net),
        None if gross is None else cents(gross),
        {p: (cents(n), None if g is None else cents(g)) for p, (n, g) in stated.items()},
    )


def cents(amount: Exact) -> int:
    """Round an exact amount to cents, half up."""
    return (2 * amount.numerator + CENT * amount.denominator) // (2 * CENT * amount.denominator)


def _lines(periods: Sequence[Period], zone: str, practice: BillingPractice) -> Iterator[Line]:
    charged = [period for period in periods if period.kind != "RESERVATION"]
    if practice.reservation and len(charged) < len(periods):
        yield from _reservation(periods[0], expired=not charged)
    flat_due = True
    wh = 0
    idle = sum(p.seconds for p in charged if p.kind == "PARKING") if practice.wall_clock else 0
    for period in charged:
        find = _finder(period, zone, wh, period.start - charged[0].start)
        if flat_due and (flat := find("FLAT")):
            flat_due = False
            yield Line("fixed", 1, flat)
        if period.kind == "CHARGING":
            if period.wh and (energy := find("ENERGY")):
                yield Line("energy", period.wh, energy)
            if time := find("TIME"):
                yield Line("time", period.seconds + idle, time)
                idle = 0
        elif parking := find("PARKING_TIME"):
            yield Line("parking", period.seconds, parking)
        wh += period.wh


def _finder(
    period: Period, zone: str, wh: int, elapsed: int
) -> Callable[[Dimension], Component | None]:
    tariff = period.tariff
    if tariff.flat:
        return tariff.rates.get
    local = period.start + offset(zone, period.start)
    day = local // DAY_S  # counted from a Thursday
    moment = Moment(local % DAY_S // 60, (day + 3) % 7, date_of(day), wh, elapsed, period.power)
    return lambda dimension: tariff.component(dimension, moment)


def _reservation(period: Period, *, expired: bool) -> Iterator[Line]:
    """Reserved time; when it expired, that TIME price replaces the other and its FLAT is added."""
    found: dict[tuple[str | None, str], Component] = {}
    for element in period.tariff.elements:
        kind = element.restrictions.reservation
        for component in element.components:
            found.setdefault((kind, component.dimension), component)
    wanted = ("RESERVATION_EXPIRES", "RESERVATION") if expired else ("RESERVATION",)
    times = [found[reason, "TIME"] for reason in wanted if (reason, "TIME") in found]
    if times:
        step = max(1, times[0].step)
        yield Line("reservation", -(-period.seconds // step) * step, times[0])
    for reason in wanted:
        if (reason, "FLAT") in found:
            yield Line("reservation", 1, found[reason, "FLAT"])


def _steps(lines: Sequence[Line], practice: BillingPractice) -> Iterator[Line]:
    """Return what rounding up to the step sizes adds."""
    by_part = {part: [line for line in lines if line.part == part] for part in PARTS[:3]}
    if practice.steps == "session" and by_part["parking"]:
        by_part["time"] = []
    for part, members in by_part.items():
        if not members:
            continue
        groups = [[line] for line in members] if practice.steps == "period" else [members]
        for group in groups:
            step = group[-1].component.step
            surplus = -sum(line.quantity for line in group) % step if step > 1 else 0
            if surplus:
                yield Line(part, surplus, group[-1].component)


def _sum(lines: Sequence[Line], part: Part) -> tuple[int, int | None]:
    amounts = [(line.amount, line.component.vat) for line in lines if line.part == part]
    net = sum(amount for amount, _ in amounts)
    if any(amount and vat is None for amount, vat in amounts):
        return net, None
    return net, net + sum(amount * (vat or 0) // RATE for amount, vat in amounts)


def _sides(
    net: int, gross: int | None, tariff: Tariff, local_rate: int
) -> tuple[Exact, Exact | None]:
    if tariff.tax_included != "YES":
        return net, gross
    rate = next((c.vat for e in tariff.elements for c in e.components if c.vat is not None), None)
    return Fraction(net * RATE, RATE + (rate or local_rate)), net


def _clamp(
    net: Exact, gross: Exact | None, limit: Limit | None, choose: Callable[[Exact, Exact], Exact]
) -> tuple[Exact, Exact | None]:
    if limit is None:
        return net, gross
    clamped = choose(net, limit.net * CENT)
    if gross is not None and limit.gross is not None:
        return clamped, choose(gross, limit.gross * CENT)
    if gross is not None and net and clamped != net:
        gross = Fraction(gross) * Fraction(clamped) / Fraction(net)
    return clamped, gross
