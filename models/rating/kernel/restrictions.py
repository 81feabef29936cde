"""Restrictions of a tariff element at a moment: one predicate for each.

OCPI `TariffRestrictions`. All restrictions of an element must match (logical AND); minima are
inclusive, maxima exclusive. A moment is the row that `moments` fills in.
"""

from models.rating.kernel.exact import product
from models.rating.kernel.scale import MAX_PRICE, MICRO, NONE, UNBOUNDED, UNIT
from models.rating.kernel.tables import Element, Moment, Table, Vector

NO = 0
YES = 1
UNVERIFIABLE_YES = 2
UNVERIFIABLE_NO = 3
UNREADABLE = 4


def time_of_day_matches(elements: Table, e: int, moment: Vector) -> bool:
    """Match `start_time`, `end_time`: local time, past midnight where the end is earlier."""
    start = elements[e, Element.START_TIME]
    end = elements[e, Element.END_TIME]
    second = moment[Moment.SECOND]
    if end < start:
        return bool(second >= start or second < end)
    return bool(start <= second < end)


def date_matches(elements: Table, e: int, moment: Vector) -> bool:
    """Match `start_date`, inclusive, and `end_date`, exclusive: local calendar days."""
    day = moment[Moment.DAY]
    return bool(elements[e, Element.START_DATE] <= day < elements[e, Element.END_DATE])


def weekday_matches(elements: Table, e: int, moment: Vector) -> int:
    """Match `day_of_week`: the local day at the moment, also after midnight of a long window.

    A day that nobody can read may be any that the list does not name.
    """
    if (elements[e, Element.WEEKDAYS] >> moment[Moment.WEEKDAY]) & 1:
        return YES
    return NO if elements[e, Element.WEEKDAY_UNREADABLE] == 0 else UNREADABLE


def energy_matches(elements: Table, e: int, moment: Vector) -> bool:
    """Match `min_kwh`, `max_kwh`: energy of the session so far."""
    energy = moment[Moment.ENERGY]
    return bool(elements[e, Element.MIN_KWH] <= energy < elements[e, Element.MAX_KWH])


def duration_matches(elements: Table, e: int, moment: Vector) -> bool:
    """Match `min_duration`, `max_duration`: wall clock since charging, not a reservation, began."""
    elapsed = moment[Moment.ELAPSED]
    return bool(elements[e, Element.MIN_DURATION] <= elapsed < elements[e, Element.MAX_DURATION])


def mean_power_reaches(threshold: int, moment: Vector) -> bool:
    """Return whether energy ÷ time of the period is at least `threshold` millionths of a kW."""
    if threshold > MAX_PRICE:
        return False
    energy = moment[Moment.PERIOD_ENERGY]
    wanted = product(moment[Moment.POWER_TIME], threshold, UNBOUNDED)
    whole = energy // (UNIT // MICRO)
    rest = energy % (UNIT // MICRO) * MICRO
    return bool(whole > wanted[0] or (whole == wanted[0] and rest >= wanted[1]))


def within_bounds(low: int, high: int, minimum: int, maximum: int) -> int:
    """Compare what a period measured with a restriction's bounds.

    OCPI asks for a new period where a power or current crosses a bound. Of a period that was on
    both sides, the minimum is held against its least and the maximum against its largest
    measurement; nobody can verify that.

    Args:
        low: MIN_POWER or MIN_CURRENT, billionths.
        high: MAX_POWER or MAX_CURRENT.
        minimum: inclusive bound, millionths; NONE: none.
        maximum: exclusive bound.
    """
    least, most = low // 1000, high // 1000
    above = minimum == NONE or least >= minimum
    below = maximum == NONE or most < maximum
    ever_above = minimum == NONE or most >= minimum
    ever_below = maximum == NONE or least < maximum
    if not ((above or ever_above) and (below or ever_below)):
        return NO
    if above and below:
        return YES if ever_above and ever_below else UNVERIFIABLE_YES
    return UNVERIFIABLE_NO


def power_matches(elements: Table, e: int, moment: Vector) -> int:
    """Match `min_power` with MIN_POWER, `max_power` with MAX_POWER, else with the mean power."""
    minimum = elements[e, Element.MIN_POWER]
    maximum = elements[e, Element.MAX_POWER]
    if minimum == NONE and maximum == NONE:
        return YES
    if moment[Moment.MIN_POWER] != NONE:
        return within_bounds(moment[Moment.MIN_POWER], moment[Moment.MAX_POWER], minimum, maximum)
    if minimum != NONE and not mean_power_reaches(minimum, moment):
        return NO
    return NO if maximum != NONE and mean_power_reaches(maximum, moment) else YES


def current_matches(elements: Table, e: int, moment: Vector) -> int:
    """Match `min_current`, `max_current` with MIN_CURRENT, MAX_CURRENT; unverifiable without."""
    minimum = elements[e, Element.MIN_CURRENT]
    maximum = elements[e, Element.MAX_CURRENT]
    if minimum == NONE and maximum == NONE:
        return YES
    if moment[Moment.MIN_CURRENT] == NONE:
        return UNVERIFIABLE_YES
    return within_bounds(moment[Moment.MIN_CURRENT], moment[Moment.MAX_CURRENT], minimum, maximum)


def matches(elements: Table, e: int, moment: Vector) -> int:
    """Return whether all restrictions of an element but `reservation` match.

    Returns:
        `YES` or `NO`; `UNVERIFIABLE_YES` where it hangs on a current nobody stated (taken as
        matching), `UNVERIFIABLE_NO` where on a restriction nobody knows, or on a power that was
        on both sides of its bound (not matching); `UNREADABLE` where only a value that nobody
        can read could tell.
    """
    if elements[e, Element.RESTRICTED] == 0:
        return YES
    weekday = weekday_matches(elements, e, moment)
    if not (
        time_of_day_matches(elements, e, moment)
        and date_matches(elements, e, moment)
        and weekday != NO
        and energy_matches(elements, e, moment)
        and duration_matches(elements, e, moment)
    ):
        return NO
    power = power_matches(elements, e, moment)
    current = current_matches(elements, e, moment)
    if power == NO or current == NO:
        return NO
    if power == UNVERIFIABLE_NO or current == UNVERIFIABLE_NO or elements[e, Element.UNKNOWN] != 0:
        return UNVERIFIABLE_NO
    if weekday == UNREADABLE or elements[e, Element.UNREADABLE] != 0:
        return UNREADABLE
    return power if power == UNVERIFIABLE_YES else current
