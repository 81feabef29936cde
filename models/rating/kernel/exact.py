"""Exact amounts of money: whole millionths and a fraction of one.

An amount is `(whole, numerator, denominator)` with `0 <= numerator < denominator`, worth
`whole + numerator / denominator` millionths. A denominator of `UNKNOWN` says that the amount
is not known, one of `OVERFLOW` that it does not fit; both spread through every operation, so
a wrong number cannot come out. `bounds` is `scale.NARROW` or `scale.WIDE`.
"""

from models.rating.kernel.scale import MICRO, UNIT

Exact = tuple[int, int, int]
Bounds = tuple[int, int]

UNKNOWN = 0
OVERFLOW = -1

SMALL_PRICE = 2_500_000  # millionths that, times any part of a unit, still fit 64 bits

ROUND_HALF_UP = 0
ROUND_HALF_EVEN = 1
ROUND_UP = 2
ROUND_DOWN = 3


def unknown() -> Exact:
    """Return the amount nobody knows."""
    return (0, 0, UNKNOWN)


def overflow() -> Exact:
    """Return the amount that does not fit."""
    return (0, 0, OVERFLOW)


def millionths(whole: int) -> Exact:
    """Return a whole number of millionths."""
    return (whole, 0, 1)


def is_zero(value: Exact) -> bool:
    """Return whether an amount is known and nothing."""
    return value[2] > 0 and value[0] == 0 and value[1] == 0


def common_divisor(a: int, b: int) -> int:
    """Return the greatest number that divides both."""
    while b != 0:
        a, b = b, a % b
    return a


def product(quantity: int, price: int, bounds: Bounds) -> Exact:
    """Return a quantity times a price per unit, in pieces that each fit 64 bits.

    Args:
        quantity: parts of a unit, at most `MAX_QUANTITY` either way.
        price: millionths per unit, at most `MAX_PRICE` either way.
        bounds: what may come out.
    """
    # A quantity times a price may need 80 bits. Whole units times the price fit, and of the rest,
    # which is less than a unit, only the large prices need care.
    units = quantity // UNIT
    rest = quantity - units * UNIT
    if -SMALL_PRICE <= price <= SMALL_PRICE:
        whole = units * price + rest * price // UNIT
        numerator = rest * price % UNIT
    else:
        whole, numerator = large_product(rest, price)
        whole += units * price
    if whole > bounds[0] or whole < -bounds[0]:
        return overflow()
    return (whole, numerator, UNIT)


def large_product(rest: int, price: int) -> tuple[int, int]:
    """Multiply less than a unit with a price of any size, as `product` does."""
    # The price in whole units of money (at most 2.5e6) and millionths (below 1e6): times a rest
    # below 3.6e12 parts each fits 64 bits, where the price at once (2.5e12) would not. Both
    # products are divided on their own, and their remainders put together again.
    money = price // MICRO
    small = price - money * MICRO
    per_millionth = UNIT // MICRO
    whole = rest * money // per_millionth + rest * small // UNIT
    numerator = rest * money % per_millionth * MICRO + rest * small % UNIT
    if numerator >= UNIT:
        return whole + 1, numerator - UNIT
    return whole, numerator


def with_tax(net: Exact, rate: int) -> Exact:
    """Return a known `product` (its denominator is `UNIT`) plus its tax, at most `MAX_RATE`."""
    # Whole and fraction are multiplied on their own: together, over one denominator, the amount
    # would need 100 bits.
    factor = MICRO + rate
    denominator = UNIT * MICRO
    scaled = net[0] * factor
    fraction = net[1] * factor
    whole = scaled // MICRO
    # A rate is at most 1, so the fraction is less than two.
    if fraction >= denominator:
        whole += 1
        fraction -= denominator
    numerator = scaled % MICRO * UNIT + fraction
    if numerator >= denominator:
        whole += 1
        numerator -= denominator
    return (whole, numerator, denominator)


def without_tax(gross: Exact, rate: int) -> Exact:
    """Return a `product` less the tax it contains: gross divided by (1 + rate)."""
    if rate == 0:
        return gross
    # A long division in two places: of the whole millionths, then of what they leave and the
    # fraction, so that no dividend is larger than 64 bits.
    factor = MICRO + rate
    scaled = gross[0] * MICRO
    fraction = gross[1] * MICRO
    whole = scaled // factor
    rest = scaled % factor + fraction // UNIT
    if rest >= factor:
        whole += 1
        rest -= factor
    return (whole, rest * UNIT + fraction % UNIT, factor * UNIT)


def reduce_fraction(value: Exact) -> Exact:
    """Return the same amount with the smallest denominator."""
    divisor = common_divisor(value[2], value[1])
    return (value[0], value[1] // divisor, value[2] // divisor)


def add(a: Exact, b: Exact, bounds: Bounds) -> Exact:
    """Return the sum of two amounts; unknown if either is, too large if it is."""
    if a[2] != b[2]:
        a, b = bring_to_common_denominator(a, b, bounds)
    if a[2] <= 0:
        return a
    whole = a[0] + b[0]
    denominator = a[2]
    # Written so that two numerators near the denominator do not exceed 64 bits.
    if a[1] >= denominator - b[1]:
        numerator = a[1] - (denominator - b[1])
        whole += 1
    else:
        numerator = a[1] + b[1]
    if whole > bounds[0] or whole < -bounds[0]:
        return overflow()
    return (whole, numerator, denominator)


def bring_to_common_denominator(a: Exact, b: Exact, bounds: Bounds) -> tuple[Exact, Exact]:
    """Return two amounts over one denominator; both `OVERFLOW` or `UNKNOWN` where either is."""
    if a[2] == OVERFLOW or b[2] == OVERFLOW:
        return overflow(), overflow()
    if a[2] == UNKNOWN or b[2] == UNKNOWN:
        return unknown(), unknown()
    # Most amounts are whole, or over one denominator already: neither needs a common divisor.
    if a[1] == 0:
        return (a[0], 0, b[2]), b
    if b[1] == 0:
        return a, (b[0], 0, a[2])
    return expand_to_common_denominator(a, b, bounds)


def expand_to_common_denominator(a: Exact, b: Exact, bounds: Bounds) -> tuple[Exact, Exact]:
    """Return two amounts over their least common denominator, or `OVERFLOW` twice."""
    # Denominators grow with each sum of different tax rates: only the least common one keeps them
    # within 64 bits, and where even that does not fit, the CDR is priced on unbounded integers.
    a, b = reduce_fraction(a), reduce_fraction(b)
    divisor = common_divisor(a[2], b[2])
    factor_a = b[2] // divisor
    factor_b = a[2] // divisor
    if a[2] > bounds[1] // factor_a:
        return overflow(), overflow()
    denominator = a[2] * factor_a
    return (a[0], a[1] * factor_a, denominator), (b[0], b[1] * factor_b, denominator)


def subtract(a: Exact, b: Exact, bounds: Bounds) -> Exact:
    """Return the difference of two amounts."""
    if b[2] <= 0:
        return add(a, b, bounds)
    if b[1] == 0:
        return add(a, (-b[0], 0, b[2]), bounds)
    # A fraction is never below zero: minus 1.25 is minus 2 and 0.75.
    return add(a, (-b[0] - 1, b[2] - b[1], b[2]), bounds)


def less_than(a: Exact, b: Exact, bounds: Bounds) -> bool:
    """Return whether a known amount is below another."""
    return subtract(a, b, bounds)[0] < 0


def proportion(value: Exact, new: int, old: Exact, bounds: Bounds) -> Exact:
    """Move `value` as `old` moved to `new` millionths: value * new / old.

    Unknown where there is no proportion to speak of (`old` not above zero).
    """
    if value[2] == OVERFLOW or old[2] == OVERFLOW:
        return overflow()
    if value[2] == UNKNOWN or old[2] == UNKNOWN or old[0] < 0 or is_zero(old):
        return unknown()
    value = reduce_fraction(value)
    old = reduce_fraction(old)
    largest = bounds[1]
    if abs(value[0]) > largest // value[2] - 1 or old[0] > largest // old[2] - 1:
        return overflow()
    # The proportion is (top / value[2]) * new / (bottom / old[2]), a fraction of three factors over
    # two. Multiplied out at once it would overflow; so each factor above is reduced against each
    # below first, and what then does not fit is an overflow of the lowest terms, not of the order
    # in which they were multiplied.
    top = value[0] * value[2] + value[1]
    bottom = old[0] * old[2] + old[1]
    divisor = common_divisor(bottom, abs(top))
    top, bottom = top // divisor, bottom // divisor
    divisor = common_divisor(old[2], value[2])
    up, down = old[2] // divisor, value[2] // divisor
    divisor = common_divisor(bottom, abs(new))
    new, bottom = new // divisor, bottom // divisor
    divisor = common_divisor(down, abs(new))
    new, down = new // divisor, down // divisor
    divisor = common_divisor(bottom, up)
    up, bottom = up // divisor, bottom // divisor
    divisor = common_divisor(down, abs(top))
    top, down = top // divisor, down // divisor
    if abs(new) > largest // up or bottom > largest // down:
        return overflow()
    new, bottom = new * up, bottom * down
    if new != 0 and abs(top) > largest // abs(new):
        return overflow()
    top = top * new
    whole = top // bottom
    if whole > bounds[0] or whole < -bounds[0]:
        return overflow()
    return (whole, top % bottom, bottom)


def round_to_micro(value: Exact) -> int:
    """Return a known amount in whole millionths, half away from zero."""
    # Without a branch: which way it goes nobody can foresee. Of a tie, the larger amount.
    return value[0] + int(value[1] + int(value[0] >= 0) > value[2] - value[1])


def round_to_unit(value: Exact, unit: int, mode: int) -> int:
    """Return a known amount rounded to a multiple of `unit` millionths.

    A mode is what it adds before the amount is cut down to the multiple below.

    Args:
        value: the exact amount.
        unit: millionths in the currency's minor unit, an even number.
        mode: `ROUND_HALF_UP`, `ROUND_HALF_EVEN`, `ROUND_UP` or `ROUND_DOWN`; as in Python's
            `decimal`, up and down mean away from and towards zero.
    """
    fraction = int(value[1] > 0)
    half = unit // 2
    if mode == ROUND_HALF_UP:
        added = half if value[0] >= 0 else half - 1 + fraction
    elif mode == ROUND_HALF_EVEN:
        down_is_even = fraction == 0 and value[0] // unit % 2 == 0
        added = half - int(down_is_even)
    elif (mode == ROUND_UP) == (value[0] >= 0):
        added = unit - 1 + fraction
    else:
        added = 0
    return (value[0] + added) // unit * unit
