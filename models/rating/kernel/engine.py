"""The engine: prices the CDRs of a batch one by one, each from its own rows alone.

Read `price_cdr` first; the functions it calls are the rules of `docs/rating.md` in order.
"""

from models.rating.kernel.amounts import write_amounts
from models.rating.kernel.choice import choose_tariffs
from models.rating.kernel.exact import Bounds
from models.rating.kernel.lines import TOO_LARGE, write_lines
from models.rating.kernel.moments import enter_zone
from models.rating.kernel.quantities import apply_steps
from models.rating.kernel.scale import NONE
from models.rating.kernel.tables import (
    Batch,
    Candidate,
    Cdr,
    Element,
    Line,
    Part,
    Period,
    Reason,
    Result,
    Tally,
    Tariff,
)
from models.rating.kernel.totals import write_totals

WRONG_COLUMNS = -1


def problem_of_periods(b: Batch, c: int) -> int:
    """Return why the charging periods of a CDR cannot be priced; `Reason.PRICED` where they can."""
    first, end = b.cdrs[c, Cdr.FIRST_PERIOD], b.cdrs[c + 1, Cdr.FIRST_PERIOD]
    if first == end:
        return Reason.NO_PERIODS.value
    for p in range(first, end):
        # Energy below zero is energy fed back.
        for column in (Period.TIME, Period.PARKING, Period.RESERVATION):
            if NONE < b.periods[p, column] < 0:
                return Reason.NEGATIVE_VOLUME.value
    return Reason.PRICED.value


def clear_result(b: Batch, c: int) -> None:
    """Set a result to: no price, parts of nothing, nothing billed."""
    for column in range(Result.COLUMNS.value):
        b.results[c, column] = NONE
    b.results[c, Result.NOTES] = 0
    for part in range(Part.WHOLE.value):
        b.results[c, Result.PART_EXCL + part] = 0
        b.results[c, Result.PART_INCL + part] = 0


def refuse(b: Batch, c: int, reason: int) -> None:
    """Set a result to: no price, for a reason."""
    notes = b.results[c, Result.NOTES]
    for column in range(Result.COLUMNS.value):
        b.results[c, column] = NONE
    b.results[c, Result.NOTES] = notes
    b.results[c, Result.REASON] = reason


def price_cdr(b: Batch, c: int, first: int, bounds: Bounds) -> int:
    """Price one CDR: its result row, and its lines from row `first` on.

    Returns:
        The next free row of the lines; `first` where the CDR has no price.
    """
    clear_result(b, c)
    reason = b.cdrs[c, Cdr.REASON]
    if reason == Reason.PRICED.value:
        reason = problem_of_periods(b, c)
    if reason == Reason.PRICED.value:
        reason = choose_tariffs(b, c)
    if reason != Reason.PRICED.value:
        refuse(b, c, reason)
        return first
    end = write_lines(b, c, first)
    if b.tally[Tally.PROBLEM] != Reason.PRICED.value:
        refuse(b, c, b.tally[Tally.PROBLEM])
        return first
    if end != TOO_LARGE and apply_steps(b):
        total = write_amounts(b, c, first, end, bounds)
        end = write_totals(b, c, first, end, total, bounds)
    else:
        end = TOO_LARGE
    if end == TOO_LARGE:
        refuse(b, c, Reason.OUT_OF_RANGE.value)
        return first
    b.results[c, Result.REASON] = Reason.PRICED.value
    return end


def has_columns(b: Batch) -> bool:
    """Return whether each table has the columns that the kernel knows.

    Once it has looked, the compiler knows as well how far one row is from the next.
    """
    return bool(
        b.cdrs.shape[1] == Cdr.COLUMNS.value
        and b.periods.shape[1] == Period.COLUMNS.value
        and b.candidates.shape[1] == Candidate.COLUMNS.value
        and b.tariffs.shape[1] == Tariff.COLUMNS.value
        and b.elements.shape[1] == Element.COLUMNS.value
        and b.zones.shape[1] == 2
        and b.lines.shape[1] == Line.COLUMNS.value
        and b.results.shape[1] == Result.COLUMNS.value
    )


def price_all(b: Batch, bounds: Bounds) -> int:
    """Price every CDR of a batch.

    Returns:
        The number of lines written; `WRONG_COLUMNS` where a table is not what it should be.
    """
    if not has_columns(b):
        return WRONG_COLUMNS
    at = 0
    enter_zone(b, NONE)
    for c in range(b.results.shape[0]):
        at = price_cdr(b, c, at, bounds)
    return at
