"""Records that pricing writes as it goes: price lines, their tally, notes."""

from models.rating.kernel.restrictions import UNREADABLE, UNVERIFIABLE_YES
from models.rating.kernel.scale import MAX_QUANTITY, NONE
from models.rating.kernel.tables import (
    Batch,
    Cdr,
    Dimension,
    Element,
    Line,
    Note,
    Period,
    Reason,
    Result,
    Tally,
)


def write_line(
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
    """Write a line with its measured quantity into row `at`; return the next row.

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
    if quantity > 0:  # Only then is a component used, and its step the last one.
        b.tally[Tally.LAST_LINE + dimension] = at
    return at + 1


def clear_tally(b: Batch) -> None:
    """Start the tally of a CDR, which has no lines yet."""
    for dimension in range(Dimension.LIMIT.value):
        b.tally[Tally.LAST_LINE + dimension] = NONE
        b.tally[Tally.TOTAL + dimension] = 0
    b.tally[Tally.PROBLEM] = Reason.PRICED.value
    b.tally[Tally.PARKED] = 0


def note_certainty(b: Batch, c: int, certainty: int) -> None:
    """Note how sure it is that a component was the right one, if it is not."""
    if certainty == UNVERIFIABLE_YES:
        b.results[c, Result.NOTES] |= Note.RESTRICTION_UNVERIFIABLE.value
    if certainty == UNREADABLE:
        note_problem(b, Reason.RESTRICTION_UNREADABLE.value)


def note_problem(b: Batch, reason: int) -> None:
    """Note why the CDR cannot be priced; of several reasons the first found is given."""
    if b.tally[Tally.PROBLEM] == Reason.PRICED.value:
        b.tally[Tally.PROBLEM] = reason
