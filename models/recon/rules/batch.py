"""Batch: did all of it come? About a connection's pulls and days, not about any one CDR."""

import polars as pl

from models.recon.rule import Rule, compared
from models.recon.words import decimals

PAGE_COUNT_SHORT = Rule(
    id="PAGE_COUNT_SHORT",
    severity="dispute",
    title="the last pull of a list brought fewer objects than X-Total-Count promised",
    subject="batch",
    condition=pl.col("object_count") < pl.col("promised_count"),
    message="{partner} promised {promised_count} {module} and sent {object_count}.",
    **compared("object_count", "promised_count", "objects"),
)

VOLUME_DROP = Rule(
    id="VOLUME_DROP",
    severity="warn",
    title="a day with far fewer CDRs than the same weekday of the four weeks before",
    subject="batch",
    condition=lambda limits: (
        (pl.col("usual_count") >= pl.lit(limits["least_cdrs"]))
        & (pl.col("cdr_count") < pl.col("usual_count") * pl.lit(limits["share"]))
    ),
    message="{partner} sent {cdr_count} CDRs for {day_at:day}, where {usual_count:0} are usual on "
    "that weekday.",
    observed=pl.col("cdr_count"),
    expected=decimals("usual_count", 1),
    delta=pl.col("cdr_count").cast(pl.Decimal(18, 6)) - pl.col("usual_count"),
    unit="CDRs",
)

SEQUENCE_GAP = Rule(
    id="SEQUENCE_GAP",
    severity="warn",
    title="numbers that count up lack some, at a partner that only pushes its CDRs",
    subject="batch",
    condition=lambda limits: (
        (pl.col("number_count") >= pl.lit(limits["least_numbers"]))
        & (pl.col("gap_count") > 0)
        & (pl.col("gap_count") <= pl.col("span_count") * pl.lit(limits["share"]))
    ),
    message="{partner} pushed {number_count} of the {span_count} {numbers_of} from {first_number} "
    "to {last_number}: {gap_count} never came, as {examples}.",
    **compared("number_count", "span_count", "numbers"),
)
