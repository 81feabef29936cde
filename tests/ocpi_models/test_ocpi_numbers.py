"""Numbers come exactly from their JSON text, whatever a partner writes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ocpi.issues import Issues
from models.ocpi.json.parse import parse_strictly
from models.ocpi.values.numbers import read_number, stated_decimals


def read(text: str, scale: int = 9) -> tuple[Decimal | None, list[str]]:
    issues = Issues()
    number = read_number(parse_strictly(text.encode()), scale, "x", issues)
    return number, [deviation.kind for deviation in issues.deviations]


@pytest.mark.parametrize(
    ("text", "number", "found"),
    [
        ("0.1", "0.1", []),
        ("5", "5", []),
        ("-0", "0", []),
        ("-0.0", "0", []),
        ("1e3", "1000", []),
        ("1.5E-3", "0.0015", []),
        ("123456789.123456789", "123456789.123456789", []),
        ("0.1234567895", "0.123456790", ["normalised"]),
        ("0.1234567885", "0.123456788", ["normalised"]),
        ('"0.4583"', "0.4583", ["coerced"]),
        ('"0,45"', "0.45", ["coerced"]),
        ('" 7 "', "7", ["coerced"]),
    ],
)
def test_a_number_is_exact(text: str, number: str, found: list[str]) -> None:
    assert read(text) == (Decimal(number), found)


@pytest.mark.parametrize(
    "text",
    ["1e400", "1e999999", "1000000000", "999999999.9999999999", '"abc"', "true", "[]", '"1e99999"'],
)
def test_a_number_that_cannot_be_held_is_unknown(text: str) -> None:
    number, found = read(text)
    assert number is None
    assert found[0] == "unusable"


def test_a_number_too_small_to_show_is_rounded_to_zero_and_noted() -> None:
    assert read("1e-999999") == (Decimal(0), ["normalised"])


@pytest.mark.parametrize(
    ("text", "decimals"), [("0.50", 2), ("5", 0), ("1e3", 0), ("0.1667", 4), ("5E-2", 2)]
)
def test_decimals_are_as_stated(text: str, decimals: int) -> None:
    assert stated_decimals(Decimal(text)) == decimals


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, min_value=-999_999, max_value=999_999, places=9
    )
)
def test_nine_decimals_survive_unchanged(number: Decimal) -> None:
    assert read(format(number, "f")) == (number, [])


@given(st.one_of(st.text(), st.floats(), st.integers(), st.none(), st.lists(st.integers())))
def test_any_value_gives_a_number_that_fits_or_none(value: Any) -> None:
    issues = Issues()
    sent = Decimal(value) if isinstance(value, float) else value
    number = read_number(sent, 6, "x", issues)
    if number is None:
        assert issues.deviations
    else:
        assert number.as_tuple().exponent == -6
        assert abs(number) < 10**12
