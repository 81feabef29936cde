"""min_price and max_price: rule 9.

OCPI Tariff: the total before taxes and the total after taxes are limited each on its own. Where
a limit states only one side, the other side moves in proportion.
"""

from models.rating.kernel.amounts import Sides
from models.rating.kernel.exact import Bounds, Exact, less, millionths, proportion, unknown
from models.rating.kernel.scale import NONE
from models.rating.kernel.tables import Batch, Note, Result, Tariff


def breaches(value: Exact, limit: int, is_minimum: bool, bounds: Bounds) -> bool:
    """Whether a known amount is beyond a stated limit (millionths; NONE: not stated)."""
    if limit == NONE or value[2] <= 0:
        return False
    if is_minimum:
        return less(value, millionths(limit), bounds)
    return less(millionths(limit), value, bounds)


def limited(sides: Sides, excl: int, incl: int, is_minimum: bool, bounds: Bounds) -> Sides:
    """A total before and after taxes, moved to a limit where it is beyond.

    Args:
        sides: the total before and after taxes.
        excl: the limit before taxes in millionths; NONE: not stated.
        incl: the limit after taxes.
        is_minimum: `min_price`, else `max_price`.
        bounds: of exact arithmetic.
    """
    net, gross = sides
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


def is_unverifiable(sides: Sides, excl: int, incl: int) -> bool:
    """Whether a limit states only the side of the total that is unknown."""
    if excl != NONE and incl == NONE:
        return sides[0][2] <= 0
    if incl != NONE and excl == NONE:
        return sides[1][2] <= 0
    return False


def has_limits(b: Batch, t: int) -> bool:
    """Whether a tariff states any limit."""
    return bool(
        b.tariffs[t, Tariff.MIN_EXCL] != NONE
        or b.tariffs[t, Tariff.MIN_INCL] != NONE
        or b.tariffs[t, Tariff.MAX_EXCL] != NONE
        or b.tariffs[t, Tariff.MAX_INCL] != NONE
    )


def apply_limits(b: Batch, c: int, t: int, sides: Sides, bounds: Bounds) -> Sides:
    """A tariff's share of a CDR within the tariff's limits.

    Where a limit cannot be checked because the side it states is unknown, both sides are.
    """
    min_excl, min_incl = b.tariffs[t, Tariff.MIN_EXCL], b.tariffs[t, Tariff.MIN_INCL]
    max_excl, max_incl = b.tariffs[t, Tariff.MAX_EXCL], b.tariffs[t, Tariff.MAX_INCL]
    if is_unverifiable(sides, min_excl, min_incl) or is_unverifiable(sides, max_excl, max_incl):
        b.results[c, Result.NOTES] |= Note.LIMIT_UNVERIFIABLE.value
        return unknown(), unknown()
    capped = limited(sides, max_excl, max_incl, False, bounds)
    return limited(capped, min_excl, min_incl, True, bounds)
