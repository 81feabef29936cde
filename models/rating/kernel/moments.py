"""The moment that restrictions are read at: the start of a charging period (rules 3 and 4).

Local time by the location's zone, energy and duration so far, power and current of the period
(OCPI ChargingPeriod, CdrDimension).
"""

from models.rating.kernel.quantities import energy_volume, period_length, time_volume
from models.rating.kernel.scale import DAY_US, MAX_QUANTITY, NONE, SECOND_US
from models.rating.kernel.tables import Batch, Cdr, Moment, Period

THURSDAY = 3
"""The weekday of 1 January 1970, Monday being 0."""


def local_time(b: Batch, zone: int, at: int) -> int:
    """An instant (microseconds UTC) as local wall-clock microseconds since 1970.

    Row `zone` of the zone table is the range of rows that hold the zone's offsets, by the
    instant since which each holds.
    """
    low = b.zones[zone, 0]
    high = b.zones[zone, 1]
    while high - low > 1:
        middle = (low + high) // 2
        if b.zones[middle, 0] <= at:
            low = middle
        else:
            high = middle
    return int(at + b.zones[low, 1])


def move_to(b: Batch, at: int) -> None:
    """Sets the moment's instant and with it the local day, second and weekday."""
    b.moment[Moment.AT] = at
    local = at
    if b.moment[Moment.ZONE] != NONE:
        local = local_time(b, b.moment[Moment.ZONE], at)
    day = local // DAY_US
    b.moment[Moment.DAY] = day
    b.moment[Moment.SECOND] = (local - day * DAY_US) // SECOND_US
    b.moment[Moment.WEEKDAY] = (day + THURSDAY) % 7


def state_power(b: Batch, p: int) -> None:
    """Sets the stated power and current; of a minimum and a maximum, one serves for both."""
    low, high = b.periods[p, Period.MIN_POWER], b.periods[p, Period.MAX_POWER]
    b.moment[Moment.MIN_POWER] = high if low == NONE else low
    b.moment[Moment.MAX_POWER] = low if high == NONE else high
    low, high = b.periods[p, Period.MIN_CURRENT], b.periods[p, Period.MAX_CURRENT]
    b.moment[Moment.MIN_CURRENT] = high if low == NONE else low
    b.moment[Moment.MAX_CURRENT] = low if high == NONE else high


def start_of_period(b: Batch, c: int, p: int, energy: int, session: int) -> None:
    """Fills in the moment at which period `p` of CDR `c` starts.

    Args:
        b: the batch.
        c: the CDR.
        p: the period.
        energy: parts of a kWh before the period.
        session: instant at which the session, not its reservation, began; NONE: not yet.
    """
    start = b.periods[p, Period.START]
    length = period_length(b, c, p)
    b.moment[Moment.ZONE] = b.cdrs[c, Cdr.ZONE]
    move_to(b, start)
    b.moment[Moment.ENERGY] = energy
    b.moment[Moment.ELAPSED] = 0 if session == NONE else start - session
    b.moment[Moment.LENGTH] = length
    b.moment[Moment.PERIOD_ENERGY] = energy_volume(b, p)
    charging = time_volume(b, p, Period.TIME, length)
    if charging <= 0:
        charging = min(max(length, 0) * 1000, MAX_QUANTITY)
    b.moment[Moment.PERIOD_TIME] = charging
    state_power(b, p)
