"""Root causes of a price difference: what each means, in words.

A cause is named only where it explains the difference fully, to the minor unit: the claim is
exactly what that mistake gives (`models.recon.variants` makes the mistakes).
"""

import polars as pl

from models.money import to_minor_unit
from models.recon import price

UNKNOWN = "unknown"

#: Cause → how a sentence ends that names it. The order is that of precedence: where two mistakes
#: give the same amount, the more common one is named.
CAUSES: dict[str, str] = {
    "LIST_PRICE": "the claim used the list price, not the agreed one",
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
    """Return the end of the sentence for the column `cause`."""
    return pl.col("cause").fill_null(UNKNOWN).replace_strict(CAUSES, default=CAUSES[UNKNOWN])


def add_causes(facts: pl.DataFrame, repriced: pl.DataFrame) -> pl.DataFrame:
    """Add `cause` and `cause_detail`: the first mistake, in the order of `CAUSES`, that fits.

    Args:
        facts: one row for each CDR, with `n` and both prices.
        repriced: what each mistake gives (`variants.repriced`); `cdr_row` is `n`.
    """
    differs = price.comparison().is_in(["overclaimed", "underclaimed"])
    known = facts.filter(differs & ~price.is_placeholder())
    net, taxed_price = pl.col("claimed_excl_vat"), pl.col("expected_incl_vat")
    taxed = known.filter(to_minor_unit(net) == to_minor_unit(taxed_price)).select(
        pl.col("n").cast(pl.Int64),
        pl.lit("VAT_INCLUDED").alias("cause"),
        pl.lit(None, dtype=pl.String).alias("cause_detail"),
    )
    found = [taxed, _at_list_price(known)]
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


def _at_list_price(differing: pl.DataFrame) -> pl.DataFrame:
    """Return the claims that come to the published price, or the CDR's own, where one is agreed."""
    net = price.delta_excl_vat().is_not_null()
    listed = [
        to_minor_unit(
            pl.when(net)
            .then(f"expected_{source}_excl_vat")
            .otherwise(f"expected_{source}_incl_vat")
        )
        for source in ("published", "embedded")
    ]
    claimed = to_minor_unit(price.claimed())
    return differing.filter(
        pl.col("tariff_source") == "agreement",
        pl.any_horizontal((claimed == amount).fill_null(value=False) for amount in listed),
    ).select(
        pl.col("n").cast(pl.Int64),
        pl.lit("LIST_PRICE").alias("cause"),
        pl.lit(None, dtype=pl.String).alias("cause_detail"),
    )


def _fitting(differing: pl.DataFrame, repriced: pl.DataFrame) -> pl.DataFrame:
    """Return the mistakes that give the claim to the minor unit."""
    given = repriced.select(
        pl.col("cdr_row").alias("n"),
        "cause",
        pl.col("detail").alias("cause_detail"),
        pl.col("expected_excl_vat").alias("given_excl_vat"),
        pl.col("expected_incl_vat").alias("given_incl_vat"),
    )
    net = price.delta_excl_vat().is_not_null()
    amount = pl.when(net).then("given_excl_vat").otherwise("given_incl_vat")
    return (
        given.join(
            differing.with_columns(pl.col("n").cast(pl.Int64)), on="n", maintain_order="left"
        )
        .filter(to_minor_unit(price.claimed()) == to_minor_unit(amount))
        .filter((pl.col("cause") != "STATES_WH") | pl.col("looks_like_wh"))
        .select("n", pl.col("cause").replace("STATES_WH", "WH_FOR_KWH"), "cause_detail")
    )
