"""Money: minor units (ISO 4217), rounding to them, and comparing a claim with a price.

Each stands here once, for single amounts and for columns; queries round by the macro
`round_to_minor_unit`.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


USUAL_DECIMALS = 2
OTHER_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_DECIMALS = {code: n for n, codes in OTHER_DECIMALS.items() for code in codes.split()}


def minor_unit_decimals(currency: str) -> int:
    """Return the decimals of a currency's minor unit; two for a code that is no exception."""
    return _DECIMALS.get(currency.upper(), USUAL_DECIMALS)


def minor_unit_millionths(currency: str) -> int:
    """Return the millionths in a currency's minor unit: 10,000 for a cent."""
    return int(10 ** (6 - minor_unit_decimals(currency)))


def round_half_up(amount: Decimal, decimals: int) -> Decimal:
    """Round an amount half up to so many decimals."""
    return amount.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def round_to_minor_unit(amount: Decimal, currency: str) -> Decimal:
    """Round an amount half up to its currency's minor unit."""
    return round_half_up(amount, minor_unit_decimals(currency))


def amount_text(amount: Decimal, currency: str) -> str:
    """Return an amount as people read it, to the currency's minor unit: `6,859.12`."""
    return f"{round_to_minor_unit(amount, currency):z,}"


def amount_label(amount: Decimal, currency: str) -> str:
    """Return an amount for a sentence: `6,859.12 EUR`, to the currency's minor unit."""
    return f"{amount_text(amount, currency)} {currency}"


@cache
def currency_decimals() -> pl.Expr:
    """Return the decimals of the minor unit of the column `currency`."""
    import polars as pl

    return pl.col("currency").replace_strict(
        _DECIMALS, default=USUAL_DECIMALS, return_dtype=pl.Int32
    )


@cache
def minor_unit() -> pl.Expr:
    """One minor unit of the column `currency`: 0.01 for the euro."""
    import polars as pl

    unit = pl.lit(Decimal("0.01"))
    for decimals in OTHER_DECIMALS:
        own = pl.lit(Decimal(1).scaleb(-decimals))
        unit = pl.when(currency_decimals() == decimals).then(own).otherwise(unit)
    return unit.cast(pl.Decimal(18, 6))


def to_minor_unit(amount: pl.Expr) -> pl.Expr:
    """Amounts rounded half up to the minor unit of the column `currency`."""
    import polars as pl

    rounded = amount.round(USUAL_DECIMALS, mode="half_away_from_zero")
    for decimals in OTHER_DECIMALS:
        rounded = (
            pl.when(currency_decimals() == decimals)
            .then(amount.round(decimals, mode="half_away_from_zero"))
            .otherwise(rounded)
        )
    return rounded


def compare(claimed: pl.Expr, expected: pl.Expr, absolute: pl.Expr, relative: pl.Expr) -> pl.Expr:
    """Compare a claim with its price: `agreed`, `tolerated`, `overclaimed` or `underclaimed`.

    Agreed is equal to the minor unit of the column `currency`. The tolerance is inclusive, and
    within either bound is enough.

    Args:
        claimed: an amount; null gives null.
        expected: the price; null gives null.
        absolute: how far apart they may be, as an amount.
        relative: the same as a share of the price.
    """
    import polars as pl

    difference = claimed - expected
    return (
        pl.when(difference.is_null())
        .then(None)
        .when(to_minor_unit(claimed) == to_minor_unit(expected))
        .then(pl.lit("agreed"))
        .when(difference.abs() <= pl.max_horizontal(absolute, relative * expected.abs()))
        .then(pl.lit("tolerated"))
        .when(difference > 0)
        .then(pl.lit("overclaimed"))
        .otherwise(pl.lit("underclaimed"))
    )
