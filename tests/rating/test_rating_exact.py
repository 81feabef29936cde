"""Exact money: the kernel's arithmetic against fractions, and what does not fit."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rating.kernel import exact, scale

quantities = st.integers(-scale.MAX_QUANTITY, scale.MAX_QUANTITY)
prices = st.integers(-scale.MAX_PRICE, scale.MAX_PRICE)
rates = st.integers(0, scale.MAX_RATE)
amounts = st.builds(
    lambda whole, top, bottom: (whole, top % bottom, bottom),
    st.integers(-(10**12), 10**12), st.integers(0, 10**12), st.integers(1, 10**6),
)  # fmt: skip
MODES = {
    exact.ROUND_HALF_UP: ROUND_HALF_UP,
    exact.ROUND_HALF_EVEN: ROUND_HALF_EVEN,
    exact.ROUND_UP: ROUND_UP,
    exact.ROUND_DOWN: ROUND_DOWN,
}


def value(amount: exact.Exact) -> Fraction:
    assert 0 <= amount[1] < amount[2]
    return amount[0] + Fraction(amount[1], amount[2])


@given(quantities, prices)
def test_a_product_is_exact(quantity: int, price: int) -> None:
    found = exact.product(quantity, price, scale.WIDE)
    if found[2] == exact.OVERFLOW:
        assert abs(quantity * price // scale.UNIT) >= 10**18
    else:
        assert value(found) == Fraction(quantity * price, scale.UNIT)


@given(st.integers(-(10**17), 10**17), st.integers(-(10**11), 10**11), rates)
def test_tax_is_exact_both_ways(quantity: int, price: int, rate: int) -> None:
    amount = exact.product(quantity, price, scale.WIDE)
    factor = 1 + Fraction(rate, scale.MICRO)
    assert value(exact.with_tax(amount, rate)) == value(amount) * factor
    assert value(exact.without_tax(amount, rate)) == value(amount) / factor


@given(quantities, prices, rates)
def test_every_step_on_the_way_fits_64_bits_or_says_so(
    quantity: int, price: int, rate: int
) -> None:
    fixed: Any = np.int64
    with np.errstate(over="raise"):
        amount = exact.product(fixed(quantity), fixed(price), scale.NARROW)
        if amount[2] == exact.OVERFLOW:
            return
        for side in (amount, exact.with_tax(amount, rate), exact.without_tax(amount, rate)):
            plain = (int(side[0]), int(side[1]), int(side[2]))
            assert exact.round_to_micro(side) == exact.round_to_micro(plain)
            assert exact.round_to_unit(side, 10_000, 0) == exact.round_to_unit(plain, 10_000, 0)
            assert exact.add(side, side, scale.NARROW) == exact.add(plain, plain, scale.NARROW)


@given(amounts, amounts)
def test_sums_and_differences_are_exact(a: exact.Exact, b: exact.Exact) -> None:
    assert value(exact.add(a, b, scale.WIDE)) == value(a) + value(b)
    assert value(exact.subtract(a, b, scale.WIDE)) == value(a) - value(b)
    assert exact.less_than(a, b, scale.WIDE) == (value(a) < value(b))


@given(amounts, st.integers(0, 10**12), amounts)
def test_a_proportion_is_exact(moved: exact.Exact, new: int, old: exact.Exact) -> None:
    found = exact.proportion(moved, new, old, scale.WIDE)
    if value(old) <= 0:
        assert found == exact.unknown()
        return
    wanted = value(moved) * new / value(old)
    if found[2] == exact.OVERFLOW:
        assert abs(wanted) > scale.WIDE[0]
    else:
        assert value(found) == wanted


def test_a_proportion_that_no_column_holds_is_an_overflow() -> None:
    tiny = (0, 249346, 999840)
    found = exact.proportion((394933671, 0, 1), 631766847, tiny, scale.WIDE)
    assert found[2] == exact.OVERFLOW


@given(amounts, st.sampled_from([1_000, 10_000, 1_000_000]), st.sampled_from(sorted(MODES)))
def test_rounding_is_that_of_decimal(amount: exact.Exact, unit: int, mode: int) -> None:
    quotient = value(amount) / unit
    # Decimal rounds what it holds: enough digits that none of these quotients meets a half.
    stated = Decimal(quotient.numerator * 10**30 // quotient.denominator).scaleb(-30)
    exactly = Fraction(stated) == quotient
    stated = stated if exactly else stated + Decimal("1e-31")
    assert exact.round_to_unit(amount, unit, mode) == int(stated.quantize(1, MODES[mode])) * unit


@pytest.mark.parametrize(
    ("amount", "found"),
    [((0, 1, 2), 1), ((-1, 1, 2), -1), ((0, 49, 100), 0), ((-1, 49, 100), -1), ((-1, 51, 100), 0)],
)
def test_a_millionth_is_rounded_half_away_from_zero(amount: exact.Exact, found: int) -> None:
    assert exact.round_to_micro(amount) == found


def test_unknown_and_overflow_spread() -> None:
    one = exact.millionths(1)
    assert exact.add(one, exact.unknown(), scale.WIDE) == exact.unknown()
    assert exact.add(exact.unknown(), exact.overflow(), scale.WIDE) == exact.overflow()
    assert exact.subtract(one, exact.unknown(), scale.WIDE) == exact.unknown()
    assert exact.proportion(exact.overflow(), 1, one, scale.WIDE) == exact.overflow()


def test_what_does_not_fit_is_said_not_wrapped() -> None:
    largest = scale.NARROW[0]
    assert exact.add((largest, 0, 1), (1, 0, 1), scale.NARROW) == exact.overflow()
    assert exact.product(scale.MAX_QUANTITY, scale.MAX_PRICE, scale.NARROW) == exact.overflow()
    odd, prime = (0, 1, 2_999_999_999_999), (0, 1, 2_999_999_999_998)
    assert exact.add(odd, prime, scale.NARROW) == exact.overflow()
    assert value(exact.add(odd, prime, scale.WIDE)) == value(odd) + value(prime)
