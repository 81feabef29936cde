"""A claimed total against the expected one: equal to the cent, tolerated, over or under.

Net amounts are compared; gross ones only where the net price cannot be known (OCPI 2.3.0
`tax_included` without a rate).
"""

import polars as pl

from models.money import compare, to_minor_unit


def delta_excl_vat() -> pl.Expr:
    """Claimed minus expected before taxes; null where either is unknown."""
    return pl.col("claimed_excl_vat") - pl.col("expected_excl_vat")


def delta_incl_vat() -> pl.Expr:
    """Claimed minus expected after taxes; null where either is unknown."""
    return pl.col("claimed_incl_vat") - pl.col("expected_incl_vat")


def delta() -> pl.Expr:
    """Return the deciding difference: net, or gross where net is unknown; null: not comparable."""
    return pl.coalesce(delta_excl_vat(), delta_incl_vat())


def claimed() -> pl.Expr:
    """Return the claim on the side that is compared."""
    net = delta_excl_vat().is_not_null()
    return pl.when(net).then("claimed_excl_vat").otherwise("claimed_incl_vat")


def expected() -> pl.Expr:
    """Return the price on the side that is compared."""
    net = delta_excl_vat().is_not_null()
    return pl.when(net).then("expected_excl_vat").otherwise("expected_incl_vat")


def is_placeholder() -> pl.Expr:
    """Tell a claim of zero, a placeholder or a gift: no mistake explains it."""
    return claimed() == 0


def comparison() -> pl.Expr:
    """Compare claim and price under the contract's tolerance (`models.money.compare`)."""
    return compare(
        claimed(), expected(), pl.col("tolerance_absolute"), pl.col("tolerance_relative")
    )


def net_of(difference: pl.Expr) -> pl.Expr:
    """Return a deciding difference before taxes: a gross one less the claim's own tax share."""
    gross = delta_excl_vat().is_null()
    share = pl.col("claimed_excl_vat") / pl.col("claimed_incl_vat")
    taxed = pl.col("claimed_incl_vat") != 0
    shrunk = pl.when(taxed).then(to_minor_unit(difference * share)).otherwise(difference)
    return pl.when(gross).then(shrunk).otherwise(difference)
