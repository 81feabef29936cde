"""Amounts of a line before and after taxes: rule 8.

OCPI PriceComponent `vat`, Tariff `tax_included`. An amount of zero has no tax, rate or no
rate; any other without a stated rate has one side unknown.
"""

from models.rating.kernel.exact import (
    OVERFLOW,
    Bounds,
    Exact,
    add,
    is_zero,
    millionths,
    overflow,
    product,
    round_to_micro,
    round_to_unit,
    unknown,
    with_tax,
    without_tax,
)
from models.rating.kernel.scale import NONE
from models.rating.kernel.tables import (
    Batch,
    Cdr,
    Dimension,
    Line,
    Part,
    Result,
    Stage,
    Tariff,
    Tax,
)

NetGross = tuple[Exact, Exact]


def net_gross_of(amount: Exact, tax: int, rate: int) -> NetGross:
    """Return quantity times price before and after taxes; a rate of NONE is not stated."""
    if amount[2] == OVERFLOW:
        return overflow(), overflow()
    if tax == Tax.UNTAXED.value or is_zero(amount):
        return amount, amount
    if tax == Tax.GROSS.value:
        return (unknown() if rate == NONE else without_tax(amount, rate)), amount
    return amount, (unknown() if rate == NONE else with_tax(amount, rate))


def line_amounts(b: Batch, c: int, at: int, bounds: Bounds) -> NetGross:
    """Return the exact cost of a line, net and gross, rounded where the contract rounds lines."""
    amount = product(b.lines[at, Line.BILLED], b.lines[at, Line.PRICE], bounds)
    tax = b.tariffs[b.lines[at, Line.TARIFF], Tariff.TAX]
    net, gross = net_gross_of(amount, tax, b.lines[at, Line.RATE])
    if b.cdrs[c, Cdr.REVERSE_CHARGE] != 0:
        gross = net
    if b.cdrs[c, Cdr.ROUNDING_STAGE] != Stage.LINE.value:
        return net, gross
    unit, mode = b.cdrs[c, Cdr.MINOR_UNIT], b.cdrs[c, Cdr.ROUNDING_MODE]
    return round_known(net, unit, mode), round_known(gross, unit, mode)


def round_known(value: Exact, unit: int, mode: int) -> Exact:
    """Return an amount rounded to the minor unit; what is unknown stays so."""
    return millionths(round_to_unit(value, unit, mode)) if value[2] > 0 else value


def column_of(value: Exact) -> int:
    """Return an amount as a column holds it: whole millionths, NONE where unknown."""
    return round_to_micro(value) if value[2] > 0 else NONE


def add_to(b: Batch, row: int, column: int, amount: int) -> None:
    """Add to a result's sum, which is unknown once anything in it is."""
    if amount == NONE or b.results[row, column] == NONE:
        b.results[row, column] = NONE
    else:
        b.results[row, column] += amount


def write_amounts(b: Batch, c: int, first: int, end: int, bounds: Bounds) -> NetGross:
    """Write to each line its amounts and add them to their part of the total.

    Returns:
        The exact sum of all lines before and after taxes.
    """
    total_net, total_gross = millionths(0), millionths(0)
    for at in range(first, end):
        net, gross = line_amounts(b, c, at, bounds)
        excl, incl = column_of(net), column_of(gross)
        b.lines[at, Line.EXCL] = excl
        b.lines[at, Line.INCL] = incl
        part = b.lines[at, Line.PART]
        add_to(b, c, Result.PART_EXCL + part, excl)
        add_to(b, c, Result.PART_INCL + part, incl)
        if b.lines[at, Line.DIMENSION] != Dimension.FLAT.value:
            count_billed(b, c, part, b.lines[at, Line.BILLED])
        total_net = add(total_net, net, bounds)
        total_gross = add(total_gross, gross, bounds)
    return total_net, total_gross


def count_billed(b: Batch, c: int, part: int, quantity: int) -> None:
    """Add to what was billed of a part, which is unknown until something was."""
    if b.results[c, Result.BILLED + part] == NONE:
        b.results[c, Result.BILLED + part] = 0
    b.results[c, Result.BILLED + part] += quantity


def sum_of_lines(
    b: Batch, c: int, first: int, end: int, t: int, part: int, bounds: Bounds
) -> NetGross:
    """Return the exact cost of a tariff's lines of one part, or of all for `Part.WHOLE`."""
    net, gross = millionths(0), millionths(0)
    for at in range(first, end):
        wanted = part == Part.WHOLE.value or b.lines[at, Line.PART] == part
        if wanted and b.lines[at, Line.TARIFF] == t:
            line_net, line_gross = line_amounts(b, c, at, bounds)
            net = add(net, line_net, bounds)
            gross = add(gross, line_gross, bounds)
    return net, gross
