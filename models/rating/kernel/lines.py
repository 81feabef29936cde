"""The price lines of a CDR: each dimension of each period with its component, rules 2 to 6."""

from models.rating.kernel.changes import price_changes, read_restrictions
from models.rating.kernel.choice import NOT_FOUND, find_element, prices
from models.rating.kernel.moments import start_of_period
from models.rating.kernel.quantities import is_reservation, time_volume
from models.rating.kernel.records import clear_tally, note_certainty, write_line
from models.rating.kernel.restrictions import YES
from models.rating.kernel.scale import MAX_QUANTITY, NONE, UNIT
from models.rating.kernel.tables import (
    Batch,
    Cdr,
    Dimension,
    Line,
    Moment,
    Note,
    Part,
    Period,
    Result,
    Tally,
    Use,
)
from models.rating.kernel.unstated import has_unstated, write_unstated

TOO_LARGE = -1


def write_volume(
    b: Batch,
    at: int,
    c: int,
    p: int,
    dimension: int,
    component: int,
    part: int,
    use: int,
    quantity: int,
) -> int:
    """Write a line for a volume of a period, if any component prices it; return the next row.

    Notes what hangs on an unverifiable restriction, and a price change inside the period.
    """
    t = b.periods[p, Period.TARIFF]
    if not prices(b, t, component, use):
        return at
    e, certainty = find_element(b, t, component, use)
    if certainty != YES:
        note_certainty(b, c, certainty)
    if b.moment[Moment.MAY_CHANGE] != 0 and price_changes(b, t, component, use, e):
        b.results[c, Result.NOTES] |= Note.PERIOD_SPANS_PRICE_CHANGE.value
        b.moment[Moment.MAY_CHANGE] = 0  # Once is enough.
    if e == NOT_FOUND:
        return at
    return write_line(b, at, c, p, e, dimension, component, part, quantity)


def write_fee(b: Batch, at: int, c: int, p: int, part: int, use: int) -> int:
    """Write a line for the FLAT component active at the moment, if any; return the next row."""
    flat = Dimension.FLAT.value
    if not prices(b, b.periods[p, Period.TARIFF], flat, use):
        return at
    e, certainty = find_element(b, b.periods[p, Period.TARIFF], flat, use)
    if certainty != YES:
        note_certainty(b, c, certainty)
    if e == NOT_FOUND:
        return at
    return write_line(b, at, c, p, e, flat, flat, part, UNIT)


def write_reservation(b: Batch, at: int, c: int, p: int, expired: bool, quantity: int) -> int:
    """Price reservation time by the TIME of the reservation elements; return the next row.

    Of an expired reservation RESERVATION_EXPIRES prices the time where it can, else
    RESERVATION does (OCPI ReservationRestrictionType).
    """
    dimension, component = Dimension.RESERVATION_TIME.value, Dimension.TIME.value
    part = Part.RESERVATION.value
    if expired:
        use = Use.RESERVATION_EXPIRES.value
        following = write_volume(b, at, c, p, dimension, component, part, use, quantity)
        if following != at:
            return following
    use = Use.RESERVATION.value
    return write_volume(b, at, c, p, dimension, component, part, use, quantity)


def write_charging(b: Batch, at: int, c: int, p: int) -> int:
    """Write lines for the energy, charging time and parking of a period; return the next row."""
    use = Use.CHARGING.value
    # Energy, charging time and parking: the same numbers as dimensions and as parts of the total.
    row = at
    for dimension in range(Dimension.FLAT.value):
        volume = b.moment[Moment.PERIOD_ENERGY + dimension]
        if volume != 0:
            row = at
            at = write_volume(b, at, c, p, dimension, dimension, dimension, use, volume)
    if b.moment[Moment.PERIOD_PARKING] != 0 or b.tally[Tally.PARKED] != 0:
        note_parking(b, c, at != row and b.lines[row, Line.PRICE] != 0)
    return at


def note_parking(b: Batch, c: int, billed: bool) -> None:
    """Note parking that was billed while, or before, the vehicle charged.

    PARKING_TIME is time in which the vehicle does not request power (OCPI 2.3.0 edition 2).
    `billed`: the period's last line is parking that costs something.
    """
    parked = billed and b.moment[Moment.PERIOD_PARKING] > 0
    if (parked or b.tally[Tally.PARKED] != 0) and b.moment[Moment.PERIOD_ENERGY] > 0:
        b.results[c, Result.NOTES] |= Note.PARKING_WHILE_CHARGING.value
    if parked:
        b.tally[Tally.PARKED] = 1


def has_charging(b: Batch, c: int) -> bool:
    """Return whether any period is not a reservation: the reservation, if any, was used."""
    for p in range(b.cdrs[c, Cdr.FIRST_PERIOD], b.cdrs[c + 1, Cdr.FIRST_PERIOD]):
        if not is_reservation(b, p):
            return True
    return False


def write_lines(b: Batch, c: int, first: int) -> int:
    """Write the lines of a CDR with measured quantities, in period order.

    A flat fee is due once for the session and once for the reservation: the first that is
    active in any period; an expired reservation owes that of RESERVATION_EXPIRES as well.

    Returns:
        The row after the last line; `TOO_LARGE` where the energy is beyond `MAX_QUANTITY`.
    """
    at = first
    clear_tally(b)
    expired = not has_charging(b, c)
    session = NONE
    energy = 0
    moved = 0
    incomplete = has_unstated(b, c)
    start_fee_due, reservation_fee_due, expiry_fee_due = True, True, expired
    for p in range(b.cdrs[c, Cdr.FIRST_PERIOD], b.cdrs[c + 1, Cdr.FIRST_PERIOD]):
        charging = not is_reservation(b, p)
        if session == NONE and charging:
            session = b.periods[p, Period.START]
        start_of_period(b, c, p)
        read_restrictions(b, c, p, energy, session)
        energy += b.moment[Moment.PERIOD_ENERGY]
        reserved = time_volume(b, p, Period.RESERVATION, b.moment[Moment.LENGTH])
        row = at
        if reserved > 0 and reservation_fee_due:
            at = write_fee(b, at, c, p, Part.RESERVATION.value, Use.RESERVATION.value)
            reservation_fee_due = at == row
        row = at
        if reserved > 0 and expiry_fee_due:
            at = write_fee(b, at, c, p, Part.RESERVATION.value, Use.RESERVATION_EXPIRES.value)
            expiry_fee_due = at == row
        if reserved > 0:
            at = write_reservation(b, at, c, p, expired, reserved)
        row = at
        if charging and start_fee_due:
            at = write_fee(b, at, c, p, Part.FIXED.value, Use.CHARGING.value)
            start_fee_due = at == row
        at = write_charging(b, at, c, p)
        # Each sum of some of the energies is within bounds if that of their sizes is.
        moved += abs(b.moment[Moment.PERIOD_ENERGY])
        if moved > MAX_QUANTITY:
            return TOO_LARGE
    if incomplete:
        at = write_unstated(b, at, c)
    return at
