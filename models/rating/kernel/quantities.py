"""Measured and billed quantities: rules 5 and 7.

Measured: of a charging period (OCPI CdrDimension). Billed: OCPI CDR, step_size: taken into account
once per session for ENERGY and once for TIME and PARKING_TIME together, over the session's total;
the step is that of the last component used.
"""

from models.rating.kernel.scale import MAX_QUANTITY, NANO, NONE, SECOND, SECOND_US, UNIT
from models.rating.kernel.tables import Batch, Cdr, Dimension, Element, Line, Period, Tally

SAME_LENGTH = 2 * SECOND
"""A volume further from the period's length than this is another quantity."""

LEEWAY = tuple(min(UNIT // 2 // 10**decimals, SAME_LENGTH) for decimals in range(10))
"""Parts of an hour that a volume may be off the length it means, by its stated decimals.

Half a unit of the last decimal; hours are kept with nine.
"""


def period_length(b: Batch, c: int, p: int) -> int:
    """Microseconds from the period's start to the next start, or to the session's end."""
    following = p + 1
    end = b.cdrs[c, Cdr.END]
    if following < b.cdrs[c + 1, Cdr.FIRST_PERIOD]:
        end = b.periods[following, Period.START]
    return int(end - b.periods[p, Period.START])


def whole_seconds(length: int) -> int:
    """Return a length in microseconds as parts of an hour, to the nearest second."""
    return (length + SECOND_US // 2) // SECOND_US * SECOND


def duration(stated: int, decimals: int, length: int) -> int:
    """Return a time volume in parts of an hour: as stated, or the period's length if it means that.

    Ten minutes is often stated as 0.1667 h, which is 600.12 s.

    Args:
        stated: billionths of an hour.
        decimals: decimals it was stated with; NONE: take it as it is.
        length: the period's length in microseconds.
    """
    hours = stated * NANO
    if decimals == NONE or length <= 0:
        return hours
    seconds = whole_seconds(length)
    if abs(hours - seconds) <= LEEWAY[min(decimals, 9)]:
        return seconds
    return hours


def energy_volume(b: Batch, p: int) -> int:
    """Return the ENERGY of a period in parts of a kWh, below zero if fed back; absent is 0."""
    stated = b.periods[p, Period.ENERGY]
    if stated == NONE:
        return 0
    most = MAX_QUANTITY // NANO + 1
    return int(max(-most, min(stated, most)) * NANO)


def time_volume(b: Batch, p: int, column: int, length: int) -> int:
    """Return the TIME, PARKING or RESERVATION of a period in parts of an hour; absent is 0.

    Its decimals stand in the column after it; the period's length is in microseconds.
    """
    stated = b.periods[p, column]
    if stated == NONE:
        return 0
    stated = min(stated, MAX_QUANTITY // NANO + 1)
    return duration(stated, b.periods[p, column + 1], length)


def is_reservation(b: Batch, p: int) -> bool:
    """Return whether a period holds reservation time and no charging or parking."""
    return bool(
        b.periods[p, Period.RESERVATION] > 0
        and b.periods[p, Period.ENERGY] in (NONE, 0)
        and b.periods[p, Period.TIME] <= 0
        and b.periods[p, Period.PARKING] <= 0
    )


NOISE = SECOND // 2  # a time this little above a whole number of steps is that number of steps


def surplus(total: int, step: int, noise: int) -> int:
    """Return what rounding up to whole steps adds; at most `noise` is taken away instead."""
    if step == 0:
        return 0
    over = total % step
    # Hours come with few decimals: 0.3334 h of three steps of 400 s is 1200.24 s, which nobody
    # means to bill as a fourth.
    if over <= noise:
        return -over
    return step - over


def round_up(b: Batch, dimension: int, component: int) -> bool:
    """Bills a dimension's surplus on its last line.

    Returns:
        False where the quantity is beyond `MAX_QUANTITY`.
    """
    at = b.tally[Tally.LAST_LINE + dimension]
    if at == NONE:
        return True
    total = b.tally[Tally.TOTAL + dimension]
    if total > MAX_QUANTITY:
        return False
    if total <= 0:
        return True  # As much energy was fed back as was charged, or more.
    step = b.elements[b.lines[at, Line.ELEMENT], Element.STEP + component]
    noise = 0 if dimension == Dimension.ENERGY.value else NOISE
    added = surplus(total, step, noise)
    b.lines[at, Line.BILLED] += added
    return bool(total + added <= MAX_QUANTITY)


def apply_steps(b: Batch) -> bool:
    """Round the billed quantities of a CDR's lines up to whole steps.

    Where any parking is priced, only parking is rounded and charging time is not. Reservation
    time is rounded on its own.

    Returns:
        False where a quantity is beyond `MAX_QUANTITY`.
    """
    energy, time = Dimension.ENERGY.value, Dimension.TIME.value
    parking, reservation = Dimension.PARKING_TIME.value, Dimension.RESERVATION_TIME.value
    # The text rounds time once for both dimensions, by the component used last. Parking comes after
    # charging, so wherever parking has a price its step is that one, and the time charged before it
    # is billed as it was measured. Parking that became free has no line, and no step.
    parked = b.tally[Tally.LAST_LINE + parking] != NONE
    if b.tally[Tally.TOTAL + time] > MAX_QUANTITY:
        return False
    last_time = parking if parked else time
    return (
        round_up(b, energy, energy)
        and round_up(b, last_time, last_time)
        and round_up(b, reservation, time)
    )
