"""The moment that restrictions are read at: the start of a charging period (rules 3 and 4).

Local time by the location's zone, energy and duration so far, power and current of the period
(OCPI ChargingPeriod, CdrDimension).
"""

from models.rating.kernel.quantities import energy_volume, period_length, time_volume
from models.rating.kernel.scale import DAY_US, MAX_QUANTITY, NONE, SECOND_US
from models.rating.kernel.tables import Batch, Cdr, Moment, Period, Table, Tariff

THURSDAY = 3  # the weekday of 1 January 1970, Monday being 0

FOREVER = 2**62  # later than any instant


def find_offset(zones: Table, zone: int, at: int) -> tuple[int, int, int]:
    """Return the offset of a zone from UTC, and the instants from and to which it holds.

    Row `zone` of the zone table is the range of rows that hold the zone's offsets, by the
    instant since which each holds.
    """
    low = zones[zone, 0]
    high = zones[zone, 1]
    last = high
    while high - low > 1:
        middle = (low + high) // 2
        if zones[middle, 0] <= at:
            low = middle
        else:
            high = middle
    until = zones[low + 1, 0] if low + 1 < last else FOREVER
    return zones[low, 1], zones[low, 0], until


def enter_zone(b: Batch, zone: int) -> None:
    """Set the moment's zone; the offset is looked up when a local time is asked for."""
    if b.moment[Moment.ZONE] != zone:
        b.moment[Moment.ZONE] = zone
        b.moment[Moment.OFFSET] = 0
        b.moment[Moment.OFFSET_FROM] = FOREVER
        b.moment[Moment.OFFSET_TO] = FOREVER


def move_to(b: Batch, at: int) -> None:
    """Set the moment's instant and with it the local day, second and weekday."""
    b.moment[Moment.AT] = at
    zone = b.moment[Moment.ZONE]
    inside = b.moment[Moment.OFFSET_FROM] <= at < b.moment[Moment.OFFSET_TO]
    if zone != NONE and not inside:
        offset, since, until = find_offset(b.zones, zone, at)
        b.moment[Moment.OFFSET] = offset
        b.moment[Moment.OFFSET_FROM] = since
        b.moment[Moment.OFFSET_TO] = until
    local = at + b.moment[Moment.OFFSET]
    day = local // DAY_US
    b.moment[Moment.DAY] = day
    b.moment[Moment.SECOND] = (local - day * DAY_US) // SECOND_US
    b.moment[Moment.WEEKDAY] = (day + THURSDAY) % 7


def state_power(b: Batch, p: int) -> None:
    """Set the stated power and current; of a minimum and a maximum, one serves for both."""
    low, high = b.periods[p, Period.MIN_POWER], b.periods[p, Period.MAX_POWER]
    b.moment[Moment.MIN_POWER] = high if low == NONE else low
    b.moment[Moment.MAX_POWER] = low if high == NONE else high
    low, high = b.periods[p, Period.MIN_CURRENT], b.periods[p, Period.MAX_CURRENT]
    b.moment[Moment.MIN_CURRENT] = high if low == NONE else low
    b.moment[Moment.MAX_CURRENT] = low if high == NONE else high


def start_of_period(b: Batch, c: int, p: int) -> None:
    """Fill in what every period needs of its moment: its length, energy and charging time."""
    length = period_length(b, c, p)
    b.moment[Moment.LENGTH] = length
    b.moment[Moment.PERIOD_ENERGY] = energy_volume(b, p)
    b.moment[Moment.PERIOD_TIME] = time_volume(b, p, Period.TIME, length)
    b.moment[Moment.PERIOD_PARKING] = time_volume(b, p, Period.PARKING, length)


def fill_moment(b: Batch, c: int, p: int, energy: int, session: int) -> None:
    """Fill in what restrictions are read against, at the start of a period (`start_of_period`).

    Args:
        b: the batch.
        c: the CDR.
        p: the period.
        energy: parts of a kWh before the period.
        session: instant at which the session, not its reservation, began; NONE: not yet.
    """
    start = b.periods[p, Period.START]
    length = b.moment[Moment.LENGTH]
    b.moment[Moment.AT] = start
    if b.tariffs[b.periods[p, Period.TARIFF], Tariff.LOCAL_TIME] != 0:
        enter_zone(b, b.cdrs[c, Cdr.ZONE])
        move_to(b, start)
    b.moment[Moment.ENERGY] = energy
    b.moment[Moment.ELAPSED] = 0 if session == NONE else start - session
    charging = b.moment[Moment.PERIOD_TIME]
    if charging <= 0:
        charging = min(max(length, 0) * 1000, MAX_QUANTITY)
    b.moment[Moment.POWER_TIME] = charging
    state_power(b, p)
