"""Minor units, rounding and comparing: single amounts, columns and the SQL macro say the same."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.money import (
    amount_label,
    compare,
    minor_unit,
    minor_unit_decimals,
    minor_unit_millionths,
    round_to_minor_unit,
    to_minor_unit,
)
from pipelines.warehouse.structure import prepare

CURRENCIES = {"EUR": 2, "JPY": 0, "KWD": 3, "CLF": 4, "clf": 4, "ABC": 2}


@pytest.mark.parametrize(
    ("amount", "currency", "label"),
    [
        ("6859.12", "EUR", "6,859.12 EUR"),
        ("-0.004", "EUR", "0.00 EUR"),
        ("-1234.5", "JPY", "-1,235 JPY"),
        ("0.0005", "KWD", "0.001 KWD"),
    ],
)
def test_amounts_of_sentences_are_rounded_and_have_separators(
    amount: str, currency: str, label: str
) -> None:
    assert amount_label(Decimal(amount), currency) == label


@pytest.mark.parametrize(("currency", "decimals"), CURRENCIES.items())
def test_currencies_are_divided_as_iso_4217_says(currency: str, decimals: int) -> None:
    assert minor_unit_decimals(currency) == decimals
    assert minor_unit_millionths(currency) == 10 ** (6 - decimals)


def test_a_column_has_the_minor_unit_of_each_currency() -> None:
    frame = pl.DataFrame({"currency": ["EUR", "JPY", "KWD", "CLF"]})

    units = frame.select(minor_unit().alias("unit"))["unit"]

    assert units.to_list() == [Decimal(text) for text in ("0.01", "1", "0.001", "0.0001")]


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        prepare(con)
        yield con


@given(
    st.decimals(min_value=-(10**6), max_value=10**6, places=6, allow_nan=False),
    st.sampled_from(["EUR", "JPY", "KWD", "CLF"]),
)
def test_amounts_columns_and_queries_round_alike(
    con: duckdb.DuckDBPyConnection, amount: Decimal, currency: str
) -> None:
    frame = pl.DataFrame(
        {"amount": [amount], "currency": [currency]},
        schema={"amount": pl.Decimal(18, 6), "currency": pl.String},
    )
    queried = con.execute(
        "select round_to_minor_unit($amount::decimal(18, 6), $decimals)",
        {"amount": amount, "decimals": minor_unit_decimals(currency)},
    ).fetchall()[0][0]

    assert frame.select(to_minor_unit(pl.col("amount"))).item() == queried
    assert round_to_minor_unit(amount, currency) == queried


def test_nothing_compares_with_an_unknown_amount() -> None:
    frame = pl.DataFrame(
        {"claimed": [Decimal(1), None], "expected": [None, Decimal(1)], "currency": ["EUR"] * 2}
    )
    zero = pl.lit(Decimal(0))

    said = frame.select(compare(pl.col("claimed"), pl.col("expected"), zero, zero).alias("said"))

    assert said["said"].to_list() == [None, None]
