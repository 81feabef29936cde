"""How a claimed total lies to the expected one: equal to the cent, tolerated, over or under.

Net amounts are compared; gross ones only where the net price cannot be known (OCPI 2.3.0
`tax_included` without a rate).
"""

from __future__ import annotations

import polars as pl

_MINOR_DIGITS = {0: 0, 2: 2, 3: 3, 4: 4}


def delta_excl_vat() -> pl.Expr:
    """Claimed minus expected before taxes; null where either is unknown."""
    return pl.col("claimed_excl_vat") - pl.col("expected_excl_vat")


def delta_incl_vat() -> pl.Expr:
    """Claimed minus expected after taxes; null where either is unknown."""
    return pl.col("claimed_incl_vat") - pl.col("expected_incl_vat")


def delta() -> pl.Expr:
    """The difference that decides: net, or gross where net is unknown; null: not comparable."""
    return pl.coalesce(delta_excl_vat(), delta_incl_vat())


def _claimed() -> pl.Expr:
    net = delta_excl_vat().is_not_null()
    return pl.when(net).then("claimed_excl_vat").otherwise("claimed_incl_vat")


def _expected() -> pl.Expr:
    net = delta_excl_vat().is_not_null()
    return pl.when(net).then("expected_excl_vat").otherwise("expected_incl_vat")


def to_minor_unit(amount: pl.Expr) -> pl.Expr:
    """The amount rounded half up to the currency's minor unit (`minor_digits`, ISO 4217)."""
    rounded = pl.lit(None)
    for digits in _MINOR_DIGITS:
        rounded = (
            pl.when(pl.col("minor_digits") == digits)
            .then(amount.round(digits, mode="half_away_from_zero"))
            .otherwise(rounded)
        )
    return rounded


def comparison() -> pl.Expr:
    """`agreed`, `tolerated`, `overclaimed` or `underclaimed`; null where not comparable.

    The tolerance is inclusive, of the expected amount, and within either bound is enough.
    """
    difference = delta()
    bound = pl.max_horizontal(
        pl.col("tolerance_absolute"), pl.col("tolerance_relative") * _expected().abs()
    )
    return (
        pl.when(difference.is_null())
        .then(None)
        .when(to_minor_unit(_claimed()) == to_minor_unit(_expected()))
        .then(pl.lit("agreed"))
        .when(difference.abs() <= bound)
        .then(pl.lit("tolerated"))
        .when(difference > 0)
        .then(pl.lit("overclaimed"))
        .otherwise(pl.lit("underclaimed"))
    )


def net_of(difference: pl.Expr) -> pl.Expr:
    """A deciding difference before taxes: a gross one is shrunk by the claim's own tax share."""
    gross = delta_excl_vat().is_null()
    share = pl.col("claimed_excl_vat") / pl.col("claimed_incl_vat")
    taxed = pl.col("claimed_incl_vat") != 0
    shrunk = pl.when(taxed).then(to_minor_unit(difference * share)).otherwise(difference)
    return pl.when(gross).then(shrunk).otherwise(difference)
