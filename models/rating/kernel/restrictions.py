"""Whether a tariff element applies at a moment: one predicate for each restriction.

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


def time_of_day_matches(elements: Table, e: int, moment: Vector) -> bool:
    """`start_time`, `end_time`: local time of day; wraps past midnight if the end is earlier."""
    start = elements[e, Element.START_TIME]
    end = elements[e, Element.END_TIME]
    second = moment[Moment.SECOND]
    if end < start:
        return bool(second >= start or second < end)
    return bool(start <= second < end)


def date_matches(elements: Table, e: int, moment: Vector) -> bool:
    """`start_date` inclusive, `end_date` exclusive: local calendar days."""
    day = moment[Moment.DAY]
    return bool(elements[e, Element.START_DATE] <= day < elements[e, Element.END_DATE])


def weekday_matches(elements: Table, e: int, moment: Vector) -> bool:
    """`day_of_week`: the local day at the moment itself, also after midnight of a long window."""
    return bool((elements[e, Element.WEEKDAYS] >> moment[Moment.WEEKDAY]) & 1)


def energy_matches(elements: Table, e: int, moment: Vector) -> bool:
    """`min_kwh`, `max_kwh`: energy of the session so far."""
    energy = moment[Moment.ENERGY]
    return bool(elements[e, Element.MIN_KWH] <= energy < elements[e, Element.MAX_KWH])


def duration_matches(elements: Table, e: int, moment: Vector) -> bool:
    """`min_duration`, `max_duration`: wall clock since the session (not a reservation) began."""
    elapsed = moment[Moment.ELAPSED]
    return bool(elements[e, Element.MIN_DURATION] <= elapsed < elements[e, Element.MAX_DURATION])


def mean_power_reaches(threshold: int, moment: Vector) -> bool:
    """Whether energy ÷ time of the period is at least `threshold` millionths of a kW."""
    if threshold > MAX_PRICE:
        return False
    energy = moment[Moment.PERIOD_ENERGY]
    wanted = product(moment[Moment.POWER_TIME], threshold, UNBOUNDED)
    whole = energy // (UNIT // MICRO)
    rest = energy % (UNIT // MICRO) * MICRO
    return bool(whole > wanted[0] or (whole == wanted[0] and rest >= wanted[1]))


def power_matches(elements: Table, e: int, moment: Vector) -> bool:
    """`min_power` against MIN_POWER, `max_power` against MAX_POWER, else the mean power."""
    minimum = elements[e, Element.MIN_POWER]
    maximum = elements[e, Element.MAX_POWER]
    if moment[Moment.MIN_POWER] == NONE:
        if minimum != NONE and not mean_power_reaches(minimum, moment):
            return False
        return not (maximum != NONE and mean_power_reaches(maximum, moment))
    if minimum != NONE and moment[Moment.MIN_POWER] < minimum * 1000:
        return False
    return not (maximum != NONE and moment[Moment.MAX_POWER] >= maximum * 1000)


def current_matches(elements: Table, e: int, moment: Vector) -> int:
    """`min_current`, `max_current` against MIN_CURRENT, MAX_CURRENT; without them unverifiable."""
    minimum = elements[e, Element.MIN_CURRENT]
    maximum = elements[e, Element.MAX_CURRENT]
    if minimum == NONE and maximum == NONE:
        return YES
    if moment[Moment.MIN_CURRENT] == NONE:
        return UNVERIFIABLE_YES
    if minimum != NONE and moment[Moment.MIN_CURRENT] < minimum * 1000:
        return NO
    if maximum != NONE and moment[Moment.MAX_CURRENT] >= maximum * 1000:
        return NO
    return YES


def matches(elements: Table, e: int, moment: Vector) -> int:
    """Whether all restrictions of an element but `reservation` match.

    Returns:
        `YES` or `NO`; `UNVERIFIABLE_YES` where it hangs on a current nobody stated (taken as
        matching), `UNVERIFIABLE_NO` where on a restriction nobody knows (never matching).
    """
    if elements[e, Element.RESTRICTED] == 0:
        return YES
    if not (
        time_of_day_matches(elements, e, moment)
        and date_matches(elements, e, moment)
        and weekday_matches(elements, e, moment)
        and energy_matches(elements, e, moment)
        and duration_matches(elements, e, moment)
        and power_matches(elements, e, moment)
    ):
        return NO
    current = current_matches(elements, e, moment)
    if current != NO and elements[e, Element.UNKNOWN] != 0:
        return UNVERIFIABLE_NO
    return current
