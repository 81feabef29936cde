"""From lines to totals: parts, limits, rounding (rules 9 and 10).

The lines of a part add up to the part, all lines to the total: what a limit or rounding changes is
a line of its own. OCPI Tariff, `min_price` and `max_price`: the total before taxes and the total
after taxes are limited each on its own; where a limit states only one side, the other side moves
in proportion.
"""

from models.rating.kernel.amounts import NetGross, add_to, column_of, round_known, sum_of_lines
from models.rating.kernel.exact import (
    OVERFLOW,
    Bounds,
    Exact,
    add,
    less_than,
    millionths,
    overflow,
    proportion,
    subtract,
    unknown,
)
from models.rating.kernel.lines import TOO_LARGE
from models.rating.kernel.scale import NONE
from models.rating.kernel.tables import (
    Batch,
    Cdr,
    Dimension,
    Line,
    Note,
    Part,
    Period,
    Result,
    Stage,
    Tally,
    Tariff,
)


def breaches(value: Exact, limit: int, is_minimum: bool, bounds: Bounds) -> bool:
    """Return whether a known amount is beyond a stated limit (millionths; NONE: not stated)."""
    if limit == NONE or value[2] <= 0:
        return False
    if is_minimum:
        return less_than(value, millionths(limit), bounds)
    return less_than(millionths(limit), value, bounds)


def clamp_to_limit(
    total: NetGross, excl: int, incl: int, is_minimum: bool, bounds: Bounds
) -> NetGross:
    """Return a total before and after taxes, moved to a limit where it is beyond.

    The limit before and after taxes is in millionths; NONE: not stated. It is `min_price`, else
    `max_price`.
    """
    # Each side is held against its own limit. Only where the limit is silent on the other side does
    # that one follow, by the blend of tax of this very session: a limit of 10 before taxes on a
    # charge taxed at 21 % means 12.10 after them. A side that has a limit of its own is not moved
    # by the other's, even if the two limits imply another rate.
    net, gross = total
    new_net, new_gross = net, gross
    if breaches(net, excl, is_minimum, bounds):
        new_net = millionths(excl)
        if incl == NONE:
            new_gross = proportion(gross, excl, net, bounds)
    if breaches(gross, incl, is_minimum, bounds):
        new_gross = millionths(incl)
        if excl == NONE:
            new_net = proportion(net, incl, gross, bounds)
    return new_net, new_gross


def is_unverifiable(total: NetGross, excl: int, incl: int) -> bool:
    """Return whether a limit states only the side of the total that is unknown."""
    if excl != NONE and incl == NONE:
        return total[0][2] <= 0
    if incl != NONE and excl == NONE:
        return total[1][2] <= 0
    return False


def has_limits(b: Batch, t: int) -> bool:
    """Return whether a tariff states any limit."""
    return bool(
        b.tariffs[t, Tariff.MIN_EXCL] != NONE
        or b.tariffs[t, Tariff.MIN_INCL] != NONE
        or b.tariffs[t, Tariff.MAX_EXCL] != NONE
        or b.tariffs[t, Tariff.MAX_INCL] != NONE
    )


def apply_limits(b: Batch, c: int, t: int, total: NetGross, bounds: Bounds) -> NetGross:
    """Return a tariff's share of a CDR within the tariff's limits.

    Where a limit cannot be checked because the side it states is unknown, both sides are.
    """
    min_excl, min_incl = b.tariffs[t, Tariff.MIN_EXCL], b.tariffs[t, Tariff.MIN_INCL]
    max_excl, max_incl = b.tariffs[t, Tariff.MAX_EXCL], b.tariffs[t, Tariff.MAX_INCL]
    if is_unverifiable(total, min_excl, min_incl) or is_unverifiable(total, max_excl, max_incl):
        b.results[c, Result.NOTES] |= Note.LIMIT_UNVERIFIABLE.value
        return unknown(), unknown()
    # The minimum last: between a min_price above a max_price the CPO is paid the minimum.
    capped = clamp_to_limit(total, max_excl, max_incl, False, bounds)
    return clamp_to_limit(capped, min_excl, min_incl, True, bounds)


def write_adjustment(
    b: Batch, at: int, c: int, dimension: int, part: int, t: int, excl: int, incl: int
) -> int:
    """Write a line about the CDR (a limit, rounding), if it is not nothing; return the next row."""
    if excl in (0, NONE) and incl in (0, NONE):
        return at
    for column in range(Line.COLUMNS.value):
        b.lines[at, column] = NONE
    b.lines[at, Line.CDR] = c
    b.lines[at, Line.DIMENSION] = dimension
    b.lines[at, Line.PART] = part
    b.lines[at, Line.TARIFF] = t
    b.lines[at, Line.EXCL] = excl
    b.lines[at, Line.INCL] = incl
    return at + 1


def is_first_use(b: Batch, c: int, p: int) -> bool:
    """Return whether no earlier period of the CDR has the tariff of period `p`."""
    for earlier in range(b.cdrs[c, Cdr.FIRST_PERIOD], p):
        if b.periods[earlier, Period.TARIFF] == b.periods[p, Period.TARIFF]:
            return False
    return True


def round_parts(
    b: Batch, c: int, first: int, end: int, at: int, t: int, bounds: Bounds
) -> tuple[int, Exact, Exact]:
    """Round a tariff's lines part by part; return the next row and the sum of rounded parts."""
    net, gross = millionths(0), millionths(0)
    unit, mode = b.cdrs[c, Cdr.MINOR_UNIT], b.cdrs[c, Cdr.ROUNDING_MODE]
    for part in range(Part.WHOLE.value):
        part_net, part_gross = sum_of_lines(b, c, first, end, t, part, bounds)
        if part_net[2] == OVERFLOW or part_gross[2] == OVERFLOW:
            return at, part_net, part_gross
        part_net = round_known(part_net, unit, mode)
        part_gross = round_known(part_gross, unit, mode)
        excl, incl = (
            sum_of_column(b, first, end, t, part, Line.EXCL),
            sum_of_column(b, first, end, t, part, Line.INCL),
        )
        excl = NONE if part_net[2] <= 0 else part_net[0] - excl
        incl = NONE if part_gross[2] <= 0 else part_gross[0] - incl
        add_to(b, c, Result.PART_EXCL + part, excl)
        add_to(b, c, Result.PART_INCL + part, incl)
        at = write_adjustment(b, at, c, Dimension.ROUNDING.value, part, t, excl, incl)
        net = add(net, part_net, bounds)
        gross = add(gross, part_gross, bounds)
    return at, net, gross


def sum_of_column(b: Batch, first: int, end: int, t: int, part: int, column: int) -> int:
    """Return the sum of what a tariff's lines of a part say; an unknown line counts nothing."""
    total = 0
    for at in range(first, end):
        counts = b.lines[at, Line.PART] == part and b.lines[at, Line.TARIFF] == t
        if counts and b.lines[at, column] != NONE:
            total += b.lines[at, column]
    return total


def within_limits(
    b: Batch, c: int, at: int, t: int, net: Exact, gross: Exact, bounds: Bounds
) -> tuple[int, Exact, Exact]:
    """Hold a tariff's lines within its limits; return the next row, the net and the gross total."""
    if not has_limits(b, t):
        return at, net, gross
    if net[2] == OVERFLOW or gross[2] == OVERFLOW:
        return at, net, gross
    new_net, new_gross = apply_limits(b, c, t, (net, gross), bounds)
    if b.cdrs[c, Cdr.REVERSE_CHARGE] != 0:
        new_gross = new_net
    # Amounts that fit may differ by one that does not: their denominators have to come together.
    more_net, more_gross = subtract(new_net, net, bounds), subtract(new_gross, gross, bounds)
    if more_net[2] == OVERFLOW or more_gross[2] == OVERFLOW:
        return at, overflow(), overflow()
    excl, incl = column_of(more_net), column_of(more_gross)
    row = at
    at = write_adjustment(b, at, c, Dimension.LIMIT.value, NONE, t, excl, incl)
    if at != row:
        b.results[c, Result.NOTES] |= Note.LIMIT_APPLIED.value
    return at, new_net, new_gross


def tariff_by_tariff(
    b: Batch, c: int, first: int, end: int, bounds: Bounds
) -> tuple[int, Exact, Exact]:
    """Each tariff's lines summed and limited on their own: the next row, the sum of all."""
    net, gross = millionths(0), millionths(0)
    at = end
    for p in range(b.cdrs[c, Cdr.FIRST_PERIOD], b.cdrs[c + 1, Cdr.FIRST_PERIOD]):
        if not is_first_use(b, c, p):
            continue
        t = b.periods[p, Period.TARIFF]
        if b.cdrs[c, Cdr.ROUNDING_STAGE] == Stage.DIMENSION.value:
            at, tariff_net, tariff_gross = round_parts(b, c, first, end, at, t, bounds)
        else:
            tariff_net, tariff_gross = sum_of_lines(b, c, first, end, t, Part.WHOLE.value, bounds)
        at, tariff_net, tariff_gross = within_limits(b, c, at, t, tariff_net, tariff_gross, bounds)
        net = add(net, tariff_net, bounds)
        gross = add(gross, tariff_gross, bounds)
    return at, net, gross


def round_total(b: Batch, c: int, first: int, at: int, total: NetGross) -> int:
    """Write the totals, rounded as the contract says, and a line for it; return the next row."""
    unit, mode = b.cdrs[c, Cdr.MINOR_UNIT], b.cdrs[c, Cdr.ROUNDING_MODE]
    b.results[c, Result.UNROUNDED_EXCL] = column_of(total[0])
    b.results[c, Result.UNROUNDED_INCL] = column_of(total[1])
    excl = column_of(round_known(total[0], unit, mode))
    incl = column_of(round_known(total[1], unit, mode))
    b.results[c, Result.EXCL] = excl
    b.results[c, Result.INCL] = incl
    for line in range(first, at):
        if excl != NONE:
            excl -= b.lines[line, Line.EXCL]
        if incl != NONE:
            incl -= b.lines[line, Line.INCL]
    return write_adjustment(b, at, c, Dimension.ROUNDING.value, NONE, NONE, excl, incl)


def write_totals(b: Batch, c: int, first: int, end: int, total: NetGross, bounds: Bounds) -> int:
    """Write the totals of a CDR and the lines that limits and rounding make.

    Each tariff of the CDR limits its own part of the cost. `total` is the exact sum of its lines,
    `end` the row after the last of them.

    Returns:
        The row after the last line; `TOO_LARGE` where an amount does not fit.
    """
    net, gross = total
    several = b.tally[Tally.SEVERAL_TARIFFS] != 0
    if b.cdrs[c, Cdr.ROUNDING_STAGE] != Stage.DIMENSION.value and not several:
        t = b.periods[b.cdrs[c, Cdr.FIRST_PERIOD], Period.TARIFF]
        at, net, gross = within_limits(b, c, end, t, net, gross, bounds)
    else:
        at, net, gross = tariff_by_tariff(b, c, first, end, bounds)
    if net[2] == OVERFLOW or gross[2] == OVERFLOW:
        return TOO_LARGE
    return round_total(b, c, first, at, (net, gross))
