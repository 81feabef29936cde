"""min_price and max_price: rule 9.

OCPI Tariff: the total before taxes and the total after taxes are limited each on its own. Where
a limit states only one side, the other side moves in proportion.
"""

from models.rating.kernel.amounts import NetGross
from models.rating.kernel.exact import Bounds, Exact, less_than, millionths, proportion, unknown
from models.rating.kernel.scale import NONE
from models.rating.kernel.tables import Batch, Note, Result, Tariff


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

    Args:
        total: before and after taxes.
        excl: the limit before taxes in millionths; NONE: not stated.
        incl: the limit after taxes.
        is_minimum: `min_price`, else `max_price`.
        bounds: of exact arithmetic.
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
