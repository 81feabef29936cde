"""Root causes of a price difference: what each means, in words.

A cause is named only where it explains the difference fully, to the minor unit: the claim is
exactly what that mistake gives (`models.recon.variants` makes the mistakes).
"""

from __future__ import annotations

import polars as pl

UNKNOWN = "unknown"

#: Cause → how a sentence ends that names it. The order is that of precedence: where two mistakes
#: give the same amount, the more common one is named.
CAUSES: dict[str, str] = {
    "WRONG_TARIFF_VERSION": "the claim used another version of the tariff",
    "VAT_INCLUDED": "the claim states the amount after taxes as the amount before them",
    "LIMIT_IGNORED": "the claim leaves out the tariff's minimum or maximum price",
    "RESERVATION_IGNORED": "the claim leaves out the price of the reservation",
    "STEP_PER_PERIOD": "the claim rounds to step_size in every charging period",
    "STEP_PER_DIMENSION": "the claim rounds charging and parking to step_size each",
    "WALL_CLOCK_TIME": "the claim prices the whole stay as charging time",
    "WH_FOR_KWH": "the claim counts Wh as kWh, or the CDR states Wh where it bills kWh",
    "LINE_ROUNDING": "the claim rounds line by line",
    "OTHER_TARIFF": "the claim used another tariff of the same connector",
    UNKNOWN: "the difference has no single explanation",
}


def cause_words() -> pl.Expr:
    """The end of the sentence for the column `cause`."""
    return pl.col("cause").fill_null(UNKNOWN).replace_strict(CAUSES, default=CAUSES[UNKNOWN])
