"""The price lines of a CDR: each dimension of each period with its component, rules 2 to 6."""

from models.rating.kernel.changes import may_change, price_changes
from models.rating.kernel.choice import NOT_FOUND, find_element, prices
from models.rating.kernel.moments import read_restrictions_at, start_of_period
from models.rating.kernel.quantities import is_reservation, time_volume
from models.rating.kernel.scale import MAX_QUANTITY, NONE, UNIT
from models.rating.kernel.tables import (
    Batch,
    Cdr,
    Dimension,
    Element,
    Line,
    Moment,
    Note,
    Part,
    Period,
    Result,
    Tally,
    Tariff,
    Use,
)

TOO_LARGE = -1


def put_line(
    b: Batch,
    at: int,
    c: int,
    p: int,
    e: int,
    dimension: int,
    component: int,
    part: int,
    quantity: int,
) -> int:
    """Writes a line with its measured quantity; returns where the next one goes.

    Args:
        b: the batch.
        at: the row to write.
        c: the CDR.
        p: the period.
        e: the element whose component prices the line.
        dimension: what the line is about.
        component: the component's dimension (a reservation is priced by TIME).
        part: the part of the total it belongs to.
        quantity: measured, in parts.
    """
    b.lines[at, Line.CDR] = c
    b.lines[at, Line.PERIOD] = p - b.cdrs[c, Cdr.FIRST_PERIOD]
    b.lines[at, Line.DIMENSION] = dimension
    b.lines[at, Line.PART] = part
    b.lines[at, Line.QUANTITY] = quantity
    b.lines[at, Line.BILLED] = quantity
    b.lines[at, Line.PRICE] = b.elements[e, Element.PRICE + component]
    b.lines[at, Line.RATE] = b.elements[e, Element.RATE + component]
    b.lines[at, Line.TARIFF] = b.periods[p, Period.TARIFF]
    b.lines[at, Line.ELEMENT] = e
    total = b.tally[Tally.TOTAL + dimension] + quantity
    b.tally[Tally.TOTAL + dimension] = min(total, MAX_QUANTITY + 1)
    b.tally[Tally.LAST_LINE + dimension] = at
    return at + 1


def clear_tally(b: Batch) -> None:
    """No lines yet."""
    for dimension in range(Dimension.LIMIT.value):
        b.tally[Tally.LAST_LINE + dimension] = NONE
        b.tally[Tally.TOTAL + dimension] = 0


def volume_line(
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
    """A line for a volume of a period, if any component prices it; returns the next row.

    Notes what hangs on an unverifiable restriction, and a price change inside the period.
    """
    t = b.periods[p, Period.TARIFF]
    if not prices(b, t, component, use):
        return at
    e, unverifiable = find_element(b, t, component, use)
    if unverifiable:
        b.results[c, Result.NOTES] |= Note.RESTRICTION_UNVERIFIABLE.value
    if b.moment[Moment.MAY_CHANGE] != 0 and price_changes(b, t, component, use, e):
        b.results[c, Result.NOTES] |= Note.PERIOD_SPANS_PRICE_CHANGE.value
        b.moment[Moment.MAY_CHANGE] = 0  # Once is enough.
    if e == NOT_FOUND:
        return at
    return put_line(b, at, c, p, e, dimension, component, part, quantity)


def flat_line(b: Batch, at: int, c: int, p: int, part: int, use: int) -> int:
    """A line for the FLAT component active at the moment, if there is one; the next row."""
    flat = Dimension.FLAT.value
    if not prices(b, b.periods[p, Period.TARIFF], flat, use):
        return at
    e, unverifiable = find_element(b, b.periods[p, Period.TARIFF], flat, use)
    if unverifiable:
        b.results[c, Result.NOTES] |= Note.RESTRICTION_UNVERIFIABLE.value
    if e == NOT_FOUND:
        return at
    return put_line(b, at, c, p, e, flat, flat, part, UNIT)


def reservation_line(b: Batch, at: int, c: int, p: int, expired: bool, quantity: int) -> int:
    """Reservation time by the TIME of the reservation elements; the next row.

    Of an expired reservation RESERVATION_EXPIRES prices the time where it can, else
    RESERVATION does (OCPI ReservationRestrictionType).
    """
    dimension, component = Dimension.RESERVATION_TIME.value, Dimension.TIME.value
    part = Part.RESERVATION.value
    if expired:
        use = Use.RESERVATION_EXPIRES.value
        following = volume_line(b, at, c, p, dimension, component, part, use, quantity)
        if following != at:
            return following
    use = Use.RESERVATION.value
    return volume_line(b, at, c, p, dimension, component, part, use, quantity)


def charging_lines(b: Batch, at: int, c: int, p: int) -> int:
    """Lines for the energy, charging time and parking time of a period; the next row."""
    use = Use.CHARGING.value
    # Energy, charging time and parking: the same numbers as dimensions and as parts of the total.
    for dimension in range(Dimension.FLAT.value):
        volume = b.moment[Moment.PERIOD_ENERGY + dimension]
        if volume > 0:
            at = volume_line(b, at, c, p, dimension, dimension, dimension, use, volume)
    return at


def has_charging(b: Batch, c: int) -> bool:
    """Whether any period is not a reservation: the reservation, if any, was used."""
    for p in range(b.cdrs[c, Cdr.FIRST_PERIOD], b.cdrs[c + 1, Cdr.FIRST_PERIOD]):
        if not is_reservation(b, p):
            return True
    return False


def restrict(b: Batch, c: int, p: int, energy: int, session: int) -> None:
    """Makes the moment ready for the restrictions of the period's tariff, if it has any."""
    t = b.periods[p, Period.TARIFF]
    b.moment[Moment.MAY_CHANGE] = 0
    if b.tariffs[t, Tariff.RESTRICTED] != 0:
        read_restrictions_at(b, c, p, energy, session)
        b.moment[Moment.MAY_CHANGE] = int(may_change(b, t))


def put_lines(b: Batch, c: int, first: int) -> int:
    """Writes the lines of a CDR with measured quantities, in period order.

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
    start_fee_due, reservation_fee_due, expiry_fee_due = True, True, expired
    for p in range(b.cdrs[c, Cdr.FIRST_PERIOD], b.cdrs[c + 1, Cdr.FIRST_PERIOD]):
        charging = not is_reservation(b, p)
        if session == NONE and charging:
            session = b.periods[p, Period.START]
        start_of_period(b, c, p)
        restrict(b, c, p, energy, session)
        energy += b.moment[Moment.PERIOD_ENERGY]
        reserved = time_volume(b, p, Period.RESERVATION, b.moment[Moment.LENGTH])
        row = at
        if reserved > 0 and reservation_fee_due:
            at = flat_line(b, at, c, p, Part.RESERVATION.value, Use.RESERVATION.value)
            reservation_fee_due = at == row
        row = at
        if reserved > 0 and expiry_fee_due:
            at = flat_line(b, at, c, p, Part.RESERVATION.value, Use.RESERVATION_EXPIRES.value)
            expiry_fee_due = at == row
        if reserved > 0:
            at = reservation_line(b, at, c, p, expired, reserved)
        row = at
        if charging and start_fee_due:
            at = flat_line(b, at, c, p, Part.FIXED.value, Use.CHARGING.value)
            start_fee_due = at == row
        at = charging_lines(b, at, c, p)
        if energy > MAX_QUANTITY:
            return TOO_LARGE
    return at
