"""Price changes within a period: rule 3's `PERIOD_SPANS_PRICE_CHANGE`.

A period is priced by its start; a CPO must split it where another component becomes active
(OCPI CDR, ChargingPeriod). So the component is looked up again wherever a restriction of the
tariff begins or ends inside the period, and at its end; one with another price or tax counts.
"""

from models.rating.kernel.choice import NOT_FOUND, find_element
from models.rating.kernel.moments import fill_moment, move_to
from models.rating.kernel.scale import DAY_US, SECOND_US
from models.rating.kernel.tables import Batch, Element, Moment, Period, Tariff

MOST_DAYS = 8  # daily boundaries are followed for a week and a day; after that they repeat

DAY_SECONDS = 86_400


def same_price(b: Batch, one: int, other: int, dimension: int) -> bool:
    """Return whether two elements (or none) price a dimension alike."""
    if one == other:
        return True
    if one == NOT_FOUND or other == NOT_FOUND:
        return False
    price, rate = Element.PRICE + dimension, Element.RATE + dimension
    return bool(
        b.elements[one, price] == b.elements[other, price]
        and b.elements[one, rate] == b.elements[other, rate]
    )


def differs_at(
    b: Batch, t: int, dimension: int, use: int, found: int, after: int, energy: int
) -> bool:
    """Return whether another price than `found`'s holds some time and energy into the period.

    Args:
        b: the batch, its moment at the start of the period; left as it was.
        t: the tariff.
        dimension: what is priced.
        use: what for.
        found: the element that prices the period's start.
        after: microseconds into the period.
        energy: parts of a kWh into the period.
    """
    start = b.moment[Moment.AT]
    move_to(b, start + after)
    b.moment[Moment.ENERGY] += energy
    b.moment[Moment.ELAPSED] += after
    other, _ = find_element(b, t, dimension, use)
    b.moment[Moment.ENERGY] -= energy
    b.moment[Moment.ELAPSED] -= after
    move_to(b, start)
    return not same_price(b, found, other, dimension)


def daily_change(b: Batch, t: int, dimension: int, use: int, found: int, second: int) -> bool:
    """Return whether another price begins at a local time of day (in seconds) inside the period.

    The period is walked from one change of the clock to the next: between two of them a local
    time comes once a day.
    """
    start, end = b.moment[Moment.AT], b.moment[Moment.AT] + b.moment[Moment.LENGTH]
    # A day of 23 or 25 hours would put every later boundary an hour off, if it were counted from
    # the start of the period; so it is counted again from each change of the clock.
    since = start
    while since < end:
        move_to(b, since)
        until = min(b.moment[Moment.OFFSET_TO], end)
        local = since + b.moment[Moment.OFFSET]
        first = since + (second * SECOND_US - local) % DAY_US
        if first == start:
            first += DAY_US
        move_to(b, start)
        for day in range(MOST_DAYS):
            at = first + day * DAY_US
            if at < until and differs_at(b, t, dimension, use, found, at - start, 0):
                return True
        since = until
    return False


def clock_change(b: Batch, t: int, dimension: int, use: int, found: int) -> bool:
    """Return whether another price begins where the clock is changed inside the period."""
    # Put forward, the clock may jump over the beginning of a window, which then begins with the
    # jump; put back, it may return into one. No time of day of the tariff marks either.
    start, end = b.moment[Moment.AT], b.moment[Moment.AT] + b.moment[Moment.LENGTH]
    at = b.moment[Moment.OFFSET_TO]
    while at < end:
        if differs_at(b, t, dimension, use, found, at - start, 0):
            return True
        move_to(b, at)
        at = b.moment[Moment.OFFSET_TO]
        move_to(b, start)
    return False


def element_changes(b: Batch, t: int, e: int, dimension: int, use: int, found: int) -> bool:
    """Return whether a restriction of element `e` changes the price inside the period."""
    if b.tariffs[t, Tariff.LOCAL_TIME] != 0:
        # Midnight: weekdays and dates.
        if daily_change(b, t, dimension, use, found, 0):
            return True
        for second in (b.elements[e, Element.START_TIME], b.elements[e, Element.END_TIME]):
            if daily_change(b, t, dimension, use, found, second):
                return True
    energy, more = b.moment[Moment.ENERGY], b.moment[Moment.PERIOD_ENERGY]
    for threshold in (b.elements[e, Element.MIN_KWH], b.elements[e, Element.MAX_KWH]):
        # On the way down a minimum still holds at the threshold itself.
        beyond = threshold - energy - int(more < 0)
        crossed = is_crossed(threshold, energy, more)
        if crossed and differs_at(b, t, dimension, use, found, 0, beyond):
            return True
    elapsed, length = b.moment[Moment.ELAPSED], b.moment[Moment.LENGTH]
    for threshold in (b.elements[e, Element.MIN_DURATION], b.elements[e, Element.MAX_DURATION]):
        crossed = is_crossed(threshold, elapsed, length)
        if crossed and differs_at(b, t, dimension, use, found, threshold - elapsed, 0):
            return True
    return False


def begins_inside(b: Batch, second: int) -> bool:
    """Return whether a local time of day (in seconds) comes within the period."""
    after = second - b.moment[Moment.SECOND]
    if after <= 0:
        after += DAY_SECONDS
    return bool(after * SECOND_US < b.moment[Moment.LENGTH])


def clock_changes(b: Batch) -> bool:
    """Return whether the clock is put forward or back, or a year of the zone table ends, inside."""
    return bool(b.moment[Moment.OFFSET_TO] < b.moment[Moment.AT] + b.moment[Moment.LENGTH])


def is_crossed(threshold: int, so_far: int, more: int) -> bool:
    """Return whether a threshold is passed on the way from `so_far` to `more` beyond it."""
    if more < 0:
        return so_far + more < threshold <= so_far
    return so_far < threshold < so_far + more


def may_change(b: Batch, t: int) -> bool:
    """Return whether any restriction of a tariff begins or ends inside the period at the moment."""
    # Nearly all periods are split as they should be. This question is cheap and asked of each; the
    # search, which looks prices up again at every bound, only follows where the answer is yes.
    energy, more = b.moment[Moment.ENERGY], b.moment[Moment.PERIOD_ENERGY]
    elapsed, length = b.moment[Moment.ELAPSED], b.moment[Moment.LENGTH]
    local = b.tariffs[t, Tariff.LOCAL_TIME] != 0
    if local and (begins_inside(b, 0) or clock_changes(b)):
        return True
    for e in range(b.tariffs[t, Tariff.FIRST_ELEMENT], b.tariffs[t + 1, Tariff.FIRST_ELEMENT]):
        if b.elements[e, Element.RESTRICTED] == 0:
            continue
        if (
            (local and begins_inside(b, b.elements[e, Element.START_TIME]))
            or (local and begins_inside(b, b.elements[e, Element.END_TIME]))
            or is_crossed(b.elements[e, Element.MIN_KWH], energy, more)
            or is_crossed(b.elements[e, Element.MAX_KWH], energy, more)
            or is_crossed(b.elements[e, Element.MIN_DURATION], elapsed, length)
            or is_crossed(b.elements[e, Element.MAX_DURATION], elapsed, length)
        ):
            return True
    return False


def price_changes(b: Batch, t: int, dimension: int, use: int, found: int) -> bool:
    """Return whether a price changes within the period, whose start `found` prices, if any."""
    # The end itself belongs to the next period: look just before it.
    last = max(b.moment[Moment.LENGTH] - 1, 0)
    energy = b.moment[Moment.PERIOD_ENERGY]
    energy -= int(energy > 0) - int(energy < 0)
    if differs_at(b, t, dimension, use, found, last, energy):
        return True
    if b.tariffs[t, Tariff.LOCAL_TIME] != 0 and clock_change(b, t, dimension, use, found):
        return True
    for e in range(b.tariffs[t, Tariff.FIRST_ELEMENT], b.tariffs[t + 1, Tariff.FIRST_ELEMENT]):
        restricted = b.elements[e, Element.RESTRICTED] != 0
        if restricted and element_changes(b, t, e, dimension, use, found):
            return True
    return False


def read_restrictions(b: Batch, c: int, p: int, energy: int, session: int) -> None:
    """Make the moment ready for the restrictions of the period's tariff, if it has any."""
    t = b.periods[p, Period.TARIFF]
    b.moment[Moment.MAY_CHANGE] = 0
    if b.tariffs[t, Tariff.RESTRICTED] != 0:
        fill_moment(b, c, p, energy, session)
        b.moment[Moment.MAY_CHANGE] = int(may_change(b, t))
