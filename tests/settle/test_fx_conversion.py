"""Conversion: the same to the last millionth in Python and in the warehouse's SQL."""

from datetime import date
from decimal import Decimal as D
from fractions import Fraction

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from settle_builder import rates

from models.settle.fx import convert
from pipelines.warehouse.structure import prepare

AMOUNTS = st.decimals("-99999999", "99999999", places=6)
QUOTES = st.decimals("0.000001", "40000", places=6)

QUERY = "select convert_amount(?::decimal(18, 6), ?::decimal(18, 6), ?::decimal(18, 6))"


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    opened = duckdb.connect()
    prepare(opened)
    return opened


@settings(max_examples=200, deadline=None)
@given(amount=AMOUNTS, quote=QUOTES, reporting=QUOTES)
@example(amount=D("0.000001"), quote=D(2), reporting=D(1))
@example(amount=D("-0.000001"), quote=D(2), reporting=D(1))
@example(amount=D("0.000001"), quote=D("2.000001"), reporting=D(1))
def test_sql_and_python_agree(
    con: duckdb.DuckDBPyConnection, amount: D, quote: D, reporting: D
) -> None:
    if abs(convert(amount, quote, reporting)) >= 10**12:
        return
    row = con.execute(QUERY, [str(amount), str(quote), str(reporting)]).fetchall()[0]
    assert row == (convert(amount, quote, reporting),)


@given(amount=AMOUNTS, quote=QUOTES, reporting=QUOTES)
def test_a_conversion_is_the_exact_quotient_rounded_once(amount: D, quote: D, reporting: D) -> None:
    exact = Fraction(amount) * Fraction(reporting) / Fraction(quote)
    assert abs(Fraction(convert(amount, quote, reporting)) - exact) <= Fraction(1, 2_000_000)


@given(AMOUNTS)
def test_a_currency_into_itself_changes_nothing(amount: D) -> None:
    assert convert(amount, D("7.5"), D("7.5")) == amount


def test_halves_go_away_from_zero() -> None:
    assert convert(D("0.000001"), D(2), D(1)) == D("0.000001")
    assert convert(D("-0.000001"), D(2), D(1)) == D("-0.000001")


def test_a_table_says_how_far_it_reaches_and_which_rates_it_has() -> None:
    table = rates()
    assert table.last_on == date(2026, 10, 30)
    assert set(table.only({"DKK"}).quotes["currency"]) == {"DKK", "EUR"}
    assert table.only({"DKK"}).sha256 != table.only({"USD"}).sha256
    assert table.sha256 == rates().sha256
    assert rates("USD").sha256 != table.sha256


@pytest.mark.parametrize("reporting", ["EUR", "DKK"])
def test_the_euro_is_one_on_every_day(reporting: str) -> None:
    euro = rates(reporting).quotes.filter(currency="EUR")["quote"].to_list()
    assert euro == [D(1), D(1)]
