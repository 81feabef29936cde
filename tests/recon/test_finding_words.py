"""The words of findings: amounts and energies as finance reads them."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from models.recon.words import sentence


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        ("999.994", "EUR", "999.99 EUR for 999.994 kWh"),
        ("-28600", "EUR", "-28,600.00 EUR for -28,600.000 kWh"),
        ("1234567.5", "JPY", "1,234,568 JPY for 1,234,567.500 kWh"),
        ("1000000", "KWD", "1,000,000.000 KWD for 1,000,000.000 kWh"),
        (None, "EUR", "unknown EUR for unknown kWh"),
    ],
)
def test_a_finding_writes_thousands_with_separators(
    value: str | None, currency: str, text: str
) -> None:
    fact = None if value is None else Decimal(value)
    schema = {"fact": pl.Decimal(18, 6), "currency": pl.String}
    frame = pl.DataFrame({"fact": [fact], "currency": [currency]}, schema=schema)
    assert frame.select(sentence("{fact:money} for {fact:kwh}")).item() == text
