"""References: do the place and the token of a CDR exist, and were they in order?"""

from __future__ import annotations

import polars as pl

from models.recon.rule import FindingText, Rule, Stake
from models.recon.words import duration, sentence, timestamp

LOCATION_UNKNOWN = Rule(
    id="LOCATION_UNKNOWN",
    version=1,
    severity="warn",
    stake=Stake.CLAIM,
    title="its location was never published; home chargers are legitimate",
    condition=lambda limits: ~pl.col("location_known") & ~pl.col("home_charging_compensation"),
    text=lambda limits: FindingText(
        message=sentence(
            "{} never published location {} ({}).", "partner", "location_id", "location_name"
        ),
        observed=pl.col("location_id"),
    ),
)

EVSE_UNKNOWN = Rule(
    id="EVSE_UNKNOWN",
    version=1,
    severity="warn",
    stake=Stake.CLAIM,
    title="its location is known, its EVSE is not; home chargers are legitimate",
    condition=lambda limits: (
        pl.col("location_known") & ~pl.col("evse_known") & ~pl.col("home_charging_compensation")
    ),
    text=lambda limits: FindingText(
        message=sentence(
            "Location {} has no EVSE {}.", "location_id", pl.coalesce("evse_uid", "evse_id")
        ),
        observed=pl.coalesce("evse_uid", "evse_id"),
    ),
)

TOKEN_UNKNOWN = Rule(
    id="TOKEN_UNKNOWN",
    version=1,
    severity="dispute",
    stake=Stake.CLAIM,
    title="its token is not one of ours; one made for an app or ad hoc use need not be known",
    condition=lambda limits: ~pl.col("token_known"),
    text=lambda limits: FindingText(
        message=sentence(
            "The charge of {} was made with a token that is not one of ours.", timestamp("start_at")
        ),
        observed=pl.col("token_uid"),
        severity=pl.when(pl.col("token_type").is_in(["AD_HOC_USER", "APP_USER"]))
        .then(pl.lit("warn"))
        .otherwise(pl.lit("dispute")),
    ),
)

TOKEN_BLOCKED = Rule(
    id="TOKEN_BLOCKED",
    version=1,
    severity="fatal",
    stake=Stake.CLAIM,
    title="its token was not valid when the charge began",
    condition=lambda limits: pl.col("token_blocked_at") <= pl.col("start_at"),
    text=lambda limits: FindingText(
        message=sentence(
            "The token was blocked on {}, before the charge began on {}.",
            timestamp("token_blocked_at"),
            timestamp("start_at"),
        ),
        observed=timestamp("start_at"),
        expected=timestamp("token_blocked_at"),
    ),
)

EVSE_NOT_OPERATIVE = Rule(
    id="EVSE_NOT_OPERATIVE",
    version=1,
    severity="warn",
    stake=Stake.CLAIM,
    title="its EVSE was said to be out of order during the charge",
    condition=lambda limits: pl.col("outage_s") > pl.lit(limits["outage_s"]),
    text=lambda limits: FindingText(
        message=sentence(
            "EVSE {} was {} for {} of the charge.",
            pl.coalesce("evse_id", "evse_uid"),
            "outage_status",
            duration("outage_s"),
        ),
        observed=pl.col("outage_s"),
        expected=pl.lit(0),
        delta=pl.col("outage_s"),
        unit="s",
    ),
)

RULES = (LOCATION_UNKNOWN, EVSE_UNKNOWN, TOKEN_UNKNOWN, TOKEN_BLOCKED, EVSE_NOT_OPERATIVE)
