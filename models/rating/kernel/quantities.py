"""Measured quantities of a charging period (OCPI CdrDimension): rule 5 and half of rule 7."""

from models.rating.kernel.scale import MAX_QUANTITY, NANO, NONE, SECOND, SECOND_US, UNIT
from models.rating.kernel.tables import Batch, Cdr, Period

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
