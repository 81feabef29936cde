"""Root causes of a price difference: what each means, in words.

A cause is named only where it explains the difference fully, to the minor unit: the claim is
exactly what that mistake gives (`models.recon.variants` makes the mistakes).
"""

from __future__ import annotations

import polars as pl

from models.money import to_minor_unit
from models.recon import price

UNKNOWN = "unknown"

#: Cause → how a sentence ends that names it. The order is that of precedence: where two mistakes
#: give the same amount, the more common one is named.
CAUSES: dict[str, str] = {
    "WRONG_TARIFF_VERSION": "the claim used another version of the tariff",
    "VAT_INCLUDED": "the claim states the amount after taxes as the amount before them",
    "LIMIT_IGNORED": "the claim leaves out the tariff's minimum or maximum price",
    "RESERVATION_IGNORED": "the claim leaves out the price of the reservation",
    "STEP_PER_DIMENSION": "the claim rounds charging and parking to step_size each",
    "STEP_PER_PERIOD": "the claim rounds to step_size in every charging period",
    "WALL_CLOCK_TIME": "the claim prices the whole stay as charging time",
    "WH_FOR_KWH": "the claim counts Wh as kWh, or the CDR states Wh where it bills kWh",
    "LINE_ROUNDING": "the claim rounds line by line",
    "OTHER_TARIFF": "the claim used another tariff of the same connector",
    UNKNOWN: "the difference has no single explanation",
}


def cause_words() -> pl.Expr:
    """The end of the sentence for the column `cause`."""
    return pl.col("cause").fill_null(UNKNOWN).replace_strict(CAUSES, default=CAUSES[UNKNOWN])


def add_causes(facts: pl.DataFrame, repriced: pl.DataFrame) -> pl.DataFrame:
    """Add `cause` and `cause_detail`: the first mistake, in the order of `CAUSES`, that fits.

    Args:
        facts: one row for each CDR, with `n` and both prices.
        repriced: what each mistake gives (`variants.repriced`); `cdr_row` is `n`.
    """
    differs = price.comparison().is_in(["overclaimed", "underclaimed"])
    # A claim of nothing is a placeholder or a gift: no mistake in pricing leads to it.
    known = facts.filter(differs & (_claimed() != 0))
    taxed = known.filter(to_minor_unit(_net()) == to_minor_unit(_taxed())).select(
        pl.col("n").cast(pl.Int64),
        pl.lit("VAT_INCLUDED").alias("cause"),
        pl.lit(None, dtype=pl.String).alias("cause_detail"),
    )
    found = [taxed]
    if not repriced.is_empty():
        found.append(_fitting(known, repriced))
    order = {cause: place for place, cause in enumerate(CAUSES)}
    first = (
        pl.concat(found)
        .sort(
            "n", pl.col("cause").replace_strict(order, return_dtype=pl.Int32), maintain_order=True
        )
        .unique("n", keep="first", maintain_order=True)
    )
    return facts.join(first, on="n", how="left", maintain_order="left").with_columns(
        pl.when(differs).then(pl.col("cause").fill_null(UNKNOWN)).alias("cause")
    )


def _claimed() -> pl.Expr:
    net = pl.col("expected_excl_vat").is_not_null()
    return pl.when(net).then("claimed_excl_vat").otherwise("claimed_incl_vat")


def _net() -> pl.Expr:
    return pl.col("claimed_excl_vat")


def _taxed() -> pl.Expr:
    return pl.col("expected_incl_vat")


def _fitting(differing: pl.DataFrame, repriced: pl.DataFrame) -> pl.DataFrame:
    """The mistakes that give the claim to the minor unit."""
    joined = repriced.join(differing, left_on="cdr_row", right_on="n", maintain_order="left")
    net = pl.col("expected_excl_vat").is_not_null()
    given = pl.when(net).then("excl_vat").otherwise("incl_vat")
    return joined.filter(to_minor_unit(_claimed()) == to_minor_unit(given)).select(
        pl.col("cdr_row").alias("n"), "cause", pl.col("detail").alias("cause_detail")
    )
