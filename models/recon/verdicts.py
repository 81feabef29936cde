"""One verdict for each CDR, and what is payable, disputed and rejected of its claim.

The order of precedence: a cancelled pair is settled whatever else is wrong with it; a fatal
finding rejects; a claim without a price is held; then the findings, then the price decide.
"""

import polars as pl

from models.recon import price
from models.tables.kinds import MONEY

ZERO = pl.lit(0, dtype=MONEY)

#: What `judge` reads of each CDR.
CLAIM_SCHEMA: dict[str, pl.DataType] = {
    "claimed_excl_vat": MONEY,
    "claimed_incl_vat": MONEY,
    "expected_excl_vat": MONEY,
    "expected_incl_vat": MONEY,
    "currency": pl.String(),
    "tolerance_absolute": MONEY,
    "tolerance_relative": pl.Decimal(18, 9),
    "credit": pl.Boolean(),
    "home_charging_compensation": pl.Boolean(),
    "is_cancelled_pair": pl.Boolean(),
    "credit_is_honoured": pl.Boolean(),
    "taken_off_excl_vat": MONEY,
    "has_fatal": pl.Boolean(),
    "stake_excl_vat": MONEY,
    "non_price_stake_excl_vat": MONEY,
}


def judge(claims: pl.DataFrame) -> pl.DataFrame:
    """Add the verdict and the split of the claim to each CDR.

    `claims`: the columns of `CLAIM_SCHEMA` and any others. `stake_excl_vat` is the largest amount
    at stake among the CDR's dispute findings, `non_price_stake_excl_vat` the largest among those
    that are not about the price; 0: nothing.

    Returns:
        The same rows with `verdict`, `delta_excl_vat`, `delta_incl_vat`, `at_stake_excl_vat`,
        `payable_excl_vat`, `disputed_excl_vat` and `rejected_excl_vat`; the claim is the sum of
        the last three, and all three are unknown where the claim is.
    """
    return (
        claims.with_columns(
            price.delta_excl_vat().cast(MONEY).alias("delta_excl_vat"),
            price.delta_incl_vat().cast(MONEY).alias("delta_incl_vat"),
            _at_stake().cast(MONEY).alias("at_stake_excl_vat"),
        )
        .with_columns(_verdict().alias("verdict"))
        .with_columns(
            _disputed().cast(MONEY).alias("disputed_excl_vat"),
            _only("rejected").cast(MONEY).alias("rejected_excl_vat"),
        )
        .with_columns(
            (pl.col("claimed_excl_vat") - pl.col("disputed_excl_vat") - pl.col("rejected_excl_vat"))
            .cast(MONEY)
            .alias("payable_excl_vat")
        )
    )


def _at_stake() -> pl.Expr:
    """Never more than the claim: no dispute brings what is paid below zero, but a price may."""
    floor = pl.min_horizontal(pl.col("expected_excl_vat").fill_null(0), ZERO)
    ceiling = pl.max_horizontal(_rest() - floor, ZERO)
    return pl.min_horizontal(pl.max_horizontal(pl.col("stake_excl_vat"), ZERO), ceiling)


def _rest() -> pl.Expr:
    """Return the part of the claim that no credit took off."""
    return pl.col("claimed_excl_vat").fill_null(0) - pl.col("taken_off_excl_vat")


def _verdict() -> pl.Expr:
    # Neither is priced: a credit without its original waits for it, home charging is paid the
    # other way and has no tariff to be held against.
    waiting = pl.col("credit") | pl.col("claimed_excl_vat").is_null()
    comparison = price.comparison()
    return (
        pl.when(pl.col("is_cancelled_pair") | pl.col("credit_is_honoured"))
        .then(pl.lit("credited"))
        .when(pl.col("has_fatal"))
        .then(pl.lit("rejected"))
        .when(waiting)
        .then(pl.lit("unpriceable"))
        .when(comparison.is_null() & ~pl.col("home_charging_compensation"))
        .then(pl.lit("unpriceable"))
        .when((pl.col("non_price_stake_excl_vat") > 0) & (pl.col("claimed_excl_vat") > 0))
        .then(pl.lit("disputed"))
        .otherwise(comparison.fill_null(pl.lit("agreed")))
    )


def _disputed() -> pl.Expr:
    held = pl.col("verdict") == "unpriceable"
    settled = pl.col("verdict").is_in(["credited", "rejected"])
    return (
        pl.when(pl.col("claimed_excl_vat").is_null())
        .then(None)
        .when(held)
        .then(_rest())
        .when(settled)
        .then(ZERO)
        .otherwise("at_stake_excl_vat")
    )


def _only(verdict: str) -> pl.Expr:
    return (
        pl.when(pl.col("claimed_excl_vat").is_null())
        .then(None)
        .when(pl.col("verdict") == verdict)
        .then(_rest())
        .otherwise(ZERO)
    )
