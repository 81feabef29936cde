"""Exchange rates: amounts in the reporting currency at the reference rate of a day.

A quote is what the European Central Bank publishes: units of a currency for one euro. There is
none at weekends and on bank holidays; then the last one before counts, for a week at most.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from models.settle.canonical import canonical_text

MAX_AGE_DAYS = 7
"""Oldest quote that still counts; the longest gap in the history is five days."""

QUOTES_SCHEMA = {"currency": pl.String(), "on_date": pl.Date(), "quote": pl.Decimal(18, 6)}
_MICRO = 1_000_000


@dataclass(frozen=True)
class FxTable:
    """Reference rates by currency and day.

    Args:
        reporting_currency: what amounts are converted into.
        quotes: `QUOTES_SCHEMA`, sorted by currency and day; the euro is in it, at one.
    """

    reporting_currency: str
    quotes: pl.DataFrame

    @property
    def first_on(self) -> date | None:
        """Return the first day that has a quote."""
        first = self.quotes["on_date"].min()
        return first if isinstance(first, date) else None

    @property
    def last_on(self) -> date | None:
        """Return the last day that has a quote."""
        last = self.quotes["on_date"].max()
        return last if isinstance(last, date) else None

    @property
    def sha256(self) -> str:
        """Identifies the set of rates: equal for equal quotes and reporting currency."""
        digest = hashlib.sha256(self.reporting_currency.encode())
        digest.update(canonical_text(self.quotes).encode())
        return digest.hexdigest()

    def only(self, currencies: set[str]) -> FxTable:
        """Return the same table with the quotes of these currencies only."""
        kept = currencies | {self.reporting_currency}
        return FxTable(
            self.reporting_currency, self.quotes.filter(pl.col("currency").is_in(sorted(kept)))
        )


def fx_table(reporting_currency: str, quotes: pl.DataFrame) -> FxTable:
    """Return a table of rates; the euro is added at one on every day that is quoted at all.

    Args:
        reporting_currency: ISO 4217 code.
        quotes: `QUOTES_SCHEMA`, in any order, without the euro.
    """
    euro = quotes.select(
        pl.lit("EUR").alias("currency"),
        pl.col("on_date").unique().sort(),
        pl.lit(Decimal(1)).cast(QUOTES_SCHEMA["quote"]).alias("quote"),
    )
    return FxTable(reporting_currency, pl.concat([quotes, euro]).sort("currency", "on_date"))


def convert(amount: Decimal, quote: Decimal, reporting_quote: Decimal) -> Decimal:
    """Return an amount in the reporting currency, exact to a millionth, halves away from zero.

    The same arithmetic is in the SQL of settlement; tests hold the two together.

    Args:
        amount: in the currency of `quote`, at most six decimals.
        quote: units of that currency for one euro, above zero.
        reporting_quote: units of the reporting currency for one euro.
    """
    micro, from_, to = (int(value * _MICRO) for value in (amount, quote, reporting_quote))
    size = (2 * abs(micro) * to + from_) // (2 * from_)
    return Decimal(size if micro >= 0 else -size).scaleb(-6)
