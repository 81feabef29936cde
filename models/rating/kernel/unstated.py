"""Quantities that the CDR states in total and no period states: rule 5.

A volume that is not there is not zero (OCPI ChargingPeriod, `dimensions`). The total may be
priced where one price holds for the whole session; else nobody can tell the price.
"""

from models.rating.kernel.changes import price_changes, read_restrictions, same_price
from models.rating.kernel.choice import NOT_FOUND, find_element, prices
from models.rating.kernel.moments import start_of_period
from models.rating.kernel.quantities import is_reservation
from models.rating.kernel.records import note_certainty, note_problem, write_line
from models.rating.kernel.restrictions import YES
from models.rating.kernel.scale import MAX_QUANTITY, NANO, NONE, UNSTATED
from models.rating.kernel.tables import (
    Batch,
    Cdr,
    Dimension,
    Element,
    Moment,
    Note,
    Period,
    Reason,
    Result,
    Tally,
    Tariff,
    Use,
)

NOT_ONE_PRICE = -2


def has_unstated(b: Batch, c: int) -> bool:
    """Return whether a CDR states any total whose parts no period states."""
    return bool(
        b.cdrs[c, Cdr.UNSTATED_ENERGY] != NONE
        or b.cdrs[c, Cdr.UNSTATED_TIME] != NONE
        or b.cdrs[c, Cdr.UNSTATED_PARKING] != NONE
    )


def energy_decides(b: Batch, t: int, total: int) -> bool:
    """Return whether a tariff goes by the energy so far in a session of `total` parts of a kWh."""
    for e in range(b.tariffs[t, Tariff.FIRST_ELEMENT], b.tariffs[t + 1, Tariff.FIRST_ELEMENT]):
        if 0 < b.elements[e, Element.MIN_KWH] <= total:
            return True
        if 0 < b.elements[e, Element.MAX_KWH] <= total:
            return True
    return False


def power_decides(b: Batch, t: int, dimension: int) -> bool:
    """Return whether a price hangs on a power that neither the period nor its energy tells."""
    if dimension != Dimension.ENERGY.value or b.moment[Moment.MIN_POWER] != NONE:
        return False
    for e in range(b.tariffs[t, Tariff.FIRST_ELEMENT], b.tariffs[t + 1, Tariff.FIRST_ELEMENT]):
        bounded = (
            b.elements[e, Element.MIN_POWER] != NONE or b.elements[e, Element.MAX_POWER] != NONE
        )
        if bounded and b.elements[e, Element.PRICE + dimension] != NONE:
            return True
    return False


def element_of_session(b: Batch, c: int, dimension: int) -> tuple[int, int]:
    """Return the element that prices a dimension through a session, as its last period finds it.

    Returns:
        The element, `NOT_FOUND` or `NOT_ONE_PRICE`, and the last period that is no reservation
        (NONE: there is none).
    """
    use = Use.CHARGING.value
    found, last = NOT_FOUND, NONE
    session = NONE
    energy = 0
    for p in range(b.cdrs[c, Cdr.FIRST_PERIOD], b.cdrs[c + 1, Cdr.FIRST_PERIOD]):
        if is_reservation(b, p):
            continue
        if session == NONE:
            session = b.periods[p, Period.START]
        t = b.periods[p, Period.TARIFF]
        start_of_period(b, c, p)
        read_restrictions(b, c, p, energy, session)
        energy += b.moment[Moment.PERIOD_ENERGY]
        e, certainty = NOT_FOUND, YES
        if prices(b, t, dimension, use):
            if power_decides(b, t, dimension):
                return NOT_ONE_PRICE, p
            e, certainty = find_element(b, t, dimension, use)
            note_certainty(b, c, certainty)
            if b.moment[Moment.MAY_CHANGE] != 0 and price_changes(b, t, dimension, use, e):
                return NOT_ONE_PRICE, p
        if last != NONE:
            same_tariff = b.periods[last, Period.TARIFF] == t
            both_free = e == NOT_FOUND and found == NOT_FOUND
            if not both_free and not (same_tariff and same_price(b, found, e, dimension)):
                return NOT_ONE_PRICE, p
        found, last = e, p
    return found, last


def write_unstated_dimension(b: Batch, at: int, c: int, dimension: int, total: int) -> int:
    """Write a line for a quantity that only the CDR's total states; return the next row."""
    e, p = element_of_session(b, c, dimension)
    if e == NOT_FOUND and p != NONE:
        return at
    if e == NOT_FOUND:  # A reservation that expired: nothing can have been charged.
        t = b.periods[b.cdrs[c, Cdr.FIRST_PERIOD], Period.TARIFF]
        if prices(b, t, dimension, Use.CHARGING.value):
            note_problem(b, Reason.PERIODS_INCOMPLETE.value)
        return at
    if e != NOT_ONE_PRICE and total == UNSTATED and b.elements[e, Element.PRICE + dimension] == 0:
        return at
    if e == NOT_ONE_PRICE or total == UNSTATED:
        note_problem(b, Reason.PERIODS_INCOMPLETE.value)
        return at
    b.results[c, Result.NOTES] |= Note.QUANTITY_FROM_TOTAL.value
    quantity = min(total, MAX_QUANTITY // NANO + 1) * NANO
    return write_line(b, at, c, p, e, dimension, dimension, dimension, quantity)


def write_unstated(b: Batch, at: int, c: int) -> int:
    """Write lines for what only the CDR's totals state; return the next row.

    A tariff that goes by the energy so far cannot be read where nobody knows when energy flowed.
    """
    energy = b.cdrs[c, Cdr.UNSTATED_ENERGY]
    if energy != NONE:
        most = MAX_QUANTITY // NANO + 1
        total = (most if energy == UNSTATED else min(energy, most)) * NANO
        for p in range(b.cdrs[c, Cdr.FIRST_PERIOD], b.cdrs[c + 1, Cdr.FIRST_PERIOD]):
            if energy_decides(b, b.periods[p, Period.TARIFF], total):
                note_problem(b, Reason.PERIODS_INCOMPLETE.value)
                return at
    for dimension in range(Dimension.FLAT.value):
        stated = b.cdrs[c, Cdr.UNSTATED_ENERGY + dimension]
        if stated != NONE and b.tally[Tally.PROBLEM] == Reason.PRICED.value:
            at = write_unstated_dimension(b, at, c, dimension, stated)
    return at
