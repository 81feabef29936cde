"""Exchange rates: amounts in the reporting currency at the reference rate of a day.

A quote is what the European Central Bank publishes: units of a currency for one euro. There is
none at weekends and on bank holidays; then the last one before counts, for a week at most.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from models.settle.document import canonical_text

MAX_AGE_DAYS = 7  # oldest quote that still counts; the longest gap in the history is five days

QUOTES_SCHEMA = {"currency": pl.String(), "on_date": pl.Date(), "quote": pl.Decimal(18, 6)}
_MICRO = 1_000_000


NO_OWN_RATES = pl.DataFrame(schema={**QUOTES_SCHEMA, "last_on": pl.Date()})
EVER, _OPEN_END = date(1, 1, 1), date(9999, 12, 31)
"""First day of a rate that has always counted, as the euro's of one."""
_EURO = pl.DataFrame(
    [("EUR", EVER, Decimal(1), _OPEN_END)], schema=NO_OWN_RATES.schema, orient="row"
)


@dataclass(frozen=True)
class FxTable:
    """Reference rates by currency and day, and rates of our own."""

    reporting_currency: str  # what amounts are converted into
    quotes: pl.DataFrame  # `QUOTES_SCHEMA`, sorted by currency and day; the euro is in it, at one
    # rates that a company sets itself, with the last day each counts for (`last_on`)
    own: pl.DataFrame = field(default_factory=NO_OWN_RATES.clone)
    source: str = ""  # where the reference rates come from, for messages

    @property
    def last_on(self) -> date | None:
        """The last day that has a reference rate."""
        last = self.quotes["on_date"].max()
        return last if isinstance(last, date) else None

    @property
    def relation(self) -> pl.DataFrame:
        """All rates with the last day each counts for; our own go before the bank's."""
        days = pl.duration(days=MAX_AGE_DAYS)
        own = pl.concat([_EURO.filter(~pl.lit("EUR" in set(self.own["currency"]))), self.own])
        reference = self.quotes.filter(~pl.col("currency").is_in(own["currency"].to_list()))
        dated = reference.with_columns(last_on=pl.col("on_date") + days)
        return pl.concat([dated, own]).sort("currency", "on_date")

    @property
    def sha256(self) -> str:
        """Identifies the set of rates: equal for equal rates and reporting currency."""
        digest = hashlib.sha256(self.reporting_currency.encode())
        digest.update(canonical_text(self.quotes).encode())
        if not self.own.is_empty():
            digest.update(canonical_text(self.own).encode())
        return digest.hexdigest()

    def only(self, currencies: set[str]) -> FxTable:
        """Return the same table with the rates of these currencies only."""
        kept = pl.col("currency").is_in(sorted(currencies | {self.reporting_currency}))
        return replace(self, quotes=self.quotes.filter(kept), own=self.own.filter(kept))


def fx_table(reporting_currency: str, quotes: pl.DataFrame, source: str = "") -> FxTable:
    """Return a table of rates; the euro is added at one on every day that is quoted at all.

    Args:
        reporting_currency: ISO 4217 code.
        quotes: `QUOTES_SCHEMA`, in any order, without the euro.
        source: where the quotes come from.
    """
    euro = quotes.select(
        pl.lit("EUR").alias("currency"),
        pl.col("on_date").unique().sort(),
        pl.lit(Decimal(1)).cast(QUOTES_SCHEMA["quote"]).alias("quote"),
    )
    whole = pl.concat([quotes, euro]).sort("currency", "on_date")
    return FxTable(reporting_currency, whole, source=source)


def own_rates(own: Mapping[str, Mapping[date, Decimal]]) -> pl.DataFrame:
    """Return rates of our own, each with the last day it counts for.

    `own`: currency → first day → units of it for one euro, until the next first day.
    """
    rows = []
    for currency, rates in sorted(own.items()):
        days = sorted(rates)
        for day, following in zip(days, [*days[1:], None], strict=True):
            last = _OPEN_END if following is None else following - timedelta(days=1)
            rows.append((currency, day, rates[day], last))
    return pl.DataFrame(rows, schema=NO_OWN_RATES.schema, orient="row")


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
