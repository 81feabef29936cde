"""Billing errors of time: impossible, implausible, late, or at odds with the periods."""

from __future__ import annotations

from dataclasses import replace

from pipelines.sandbox.bill import Bill
from pipelines.sandbox.clock import DAY_S
from pipelines.sandbox.mishap import MODERN, Apply, Fits, Mishap, Scene, both, by_energy, older

HOUR_S = 3600
FUTURE_DAYS = 400
TOO_OLD_DAYS = 93


def ends_before(bill: Bill, role: int, scene: Scene) -> None:
    """An end one minute before the start."""
    bill.end = bill.start - 60


def in_future(bill: Bill, role: int, scene: Scene) -> None:
    """A charge of next year: far enough ahead for any clock that pulls it."""
    bill.charge.start += FUTURE_DAYS * DAY_S
    bill.rebuild()


def sentinel(bill: Bill, role: int, scene: Scene) -> None:
    """A start that was never set."""
    bill.start = 0


def longer_total(bill: Bill, role: int, scene: Scene) -> None:
    """Half an hour more in total than between start and end."""
    bill.total_s += HOUR_S // 2


def parked_longer(bill: Bill, role: int, scene: Scene) -> None:
    """More parking than the whole took."""
    bill.parking_s = bill.total_s + HOUR_S


def short_periods(bill: Bill, role: int, scene: Scene) -> None:
    """A first period that states ten minutes of charging too few."""
    first = bill.periods[0]
    bill.periods[0] = replace(first, seconds=first.seconds - 600)


def early_period(bill: Bill, role: int, scene: Scene) -> None:
    """A first period that begins ten minutes before the CDR."""
    first = bill.periods[0]
    bill.periods[0] = replace(first, start=first.start - 600)


def unordered(bill: Bill, role: int, scene: Scene) -> None:
    """The second and third period changed about."""
    bill.periods[1], bill.periods[2] = bill.periods[2], bill.periods[1]


def days_late(days: int) -> Apply:
    """Makes the CDR come so many days after the charge."""

    def late(bill: Bill, role: int, scene: Scene) -> None:
        bill.last_updated += days * DAY_S

    return late


def too_old(bill: Bill, role: int, scene: Scene) -> None:
    """A charge from before the quarter, and so before every other charge there."""
    bill.charge.start -= TOO_OLD_DAYS * DAY_S
    bill.rebuild()


def blink(bill: Bill, role: int, scene: Scene) -> None:
    """A charge of 45 seconds that costs something."""
    bill.charge.phases = ((25, 250), (20, 150))
    bill.charge.idle_s = 0
    bill.rebuild()


def overnight_dc(bill: Bill, role: int, scene: Scene) -> None:
    """A fast charge that ends in seven hours of standing."""
    bill.charge.idle_s = 7 * HOUR_S
    bill.rebuild()
    bill.last_updated = bill.end + 300


def _periods(count: int) -> Fits:
    return lambda bill, scene: len(bill.periods) >= count and bill.periods[0].seconds > 1300


def _fast(bill: Bill, scene: Scene) -> bool:
    return by_energy(bill, scene) and bill.evse.site.kind == "DC"


MISHAPS = (
    Mishap(
        "ends_before_start", "END_NOT_AFTER_START", ends_before, by_energy, "rejected",
        also=("TOTAL_TIME_MISMATCH", "PERIOD_OUTSIDE_CDR", "DURATION_IMPLAUSIBLE", "CDR_LATE",
              "ENERGY_EXCEEDS_POWER"),
        session="the truth",
    ),
    Mishap("in_future", "IN_FUTURE", in_future, by_energy, "rejected",
           also=("TARIFF_NOT_ACTIVE", "TARIFF_DIFFERS_FROM_PUBLISHED"), session="the truth",
           versions=MODERN),
    Mishap("start_never_set", "SENTINEL_TIME", sentinel, by_energy, "claim",
           also=("TOTAL_TIME_MISMATCH", "DURATION_IMPLAUSIBLE", "OVERLAP_EVSE", "OVERLAP_TOKEN",
                 "TARIFF_DIFFERS_FROM_PUBLISHED"),
           session="the truth", versions=MODERN),
    Mishap("longer_total", "TOTAL_TIME_MISMATCH", longer_total, by_energy,
           also=("PERIODS_TIME_MISMATCH",), session="the truth"),
    Mishap("parked_longer", "PARKING_EXCEEDS_TOTAL", parked_longer, by_energy, "rejected",
           session="the truth"),
    Mishap("short_periods", "PERIODS_TIME_MISMATCH", short_periods, both(by_energy, _periods(1)),
           session="the truth"),
    Mishap("early_period", "PERIOD_OUTSIDE_CDR", early_period, both(by_energy, _periods(1)),
           session="the truth"),
    Mishap("unordered", "PERIODS_UNORDERED", unordered, both(by_energy, _periods(3)),
           session="the truth"),
    Mishap("two_days_late", "CDR_LATE", days_late(2), both(by_energy, older(3))),
    Mishap("five_weeks_late", "CDR_LATE", days_late(35), both(by_energy, older(36)), "claim"),
    Mishap("too_old", "CDR_TOO_OLD", too_old, by_energy, "rejected",
           also=("CDR_LATE", "TARIFF_DIFFERS_FROM_PUBLISHED")),
    Mishap("blink", "DURATION_IMPLAUSIBLE", blink, _fast, "claim"),
    Mishap("overnight_dc", "DURATION_IMPLAUSIBLE", overnight_dc, _fast, "claim"),
)  # fmt: skip
