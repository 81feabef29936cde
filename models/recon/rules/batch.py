"""Batch: did all of it come? About a connection's pulls and days, not about any one CDR."""

from __future__ import annotations

import polars as pl

from models.recon.rule import Rule, Stake
from models.recon.words import day, decimals, sentence

PAGE_COUNT_SHORT = Rule(
    id="PAGE_COUNT_SHORT",
    severity="dispute",
    stake=Stake.NOTHING,
    title="the last pull of a list brought fewer objects than X-Total-Count promised",
    subject="batch",
    condition=pl.col("object_count") < pl.col("promised_count"),
    message=sentence(
        "{} promised {} {} and sent {}.",
        "partner",
        "promised_count",
        "module",
        "object_count",
    ),
    observed=pl.col("object_count"),
    expected=pl.col("promised_count"),
    delta=pl.col("object_count") - pl.col("promised_count"),
    unit="objects",
)

VOLUME_DROP = Rule(
    id="VOLUME_DROP",
    severity="warn",
    stake=Stake.NOTHING,
    title="a day with far fewer CDRs than the same weekday of the four weeks before",
    subject="batch",
    condition=lambda limits: (
        (pl.col("usual_count") >= pl.lit(limits["least_cdrs"]))
        & (pl.col("cdr_count") < pl.col("usual_count") * pl.lit(limits["share"]))
    ),
    message=sentence(
        "{} sent {} CDRs for {}, where {} are usual on that weekday.",
        "partner",
        "cdr_count",
        day("day_at"),
        decimals("usual_count", 0),
    ),
    observed=pl.col("cdr_count"),
    expected=decimals("usual_count", 1),
    delta=pl.col("cdr_count").cast(pl.Decimal(18, 6)) - pl.col("usual_count"),
    unit="CDRs",
)

SEQUENCE_GAP = Rule(
    id="SEQUENCE_GAP",
    severity="warn",
    stake=Stake.NOTHING,
    title="numbers that count up lack some, at a partner that only pushes its CDRs",
    subject="batch",
    condition=lambda limits: (
        (pl.col("number_count") >= pl.lit(limits["least_numbers"]))
        & (pl.col("gap_count") > 0)
        & (pl.col("gap_count") <= pl.col("span_count") * pl.lit(limits["share"]))
    ),
    message=sentence(
        "{} pushed {} of the {} {} from {} to {}: {} never came, as {}.",
        "partner",
        "number_count",
        "span_count",
        "numbers_of",
        "first_number",
        "last_number",
        "gap_count",
        "examples",
    ),
    observed=pl.col("number_count"),
    expected=pl.col("span_count"),
    delta=pl.col("number_count") - pl.col("span_count"),
    unit="numbers",
)
