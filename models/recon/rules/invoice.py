"""Invoice: the partner's OCPI invoice reconciliation records against its CDRs."""

from __future__ import annotations

import polars as pl

from models.recon.quantities import HOUR_S, invoiceable_at
from models.recon.rule import Rule, Stake
from models.recon.words import day, sentence

INVOICE_CDR_UNKNOWN = Rule(
    id="INVOICE_CDR_UNKNOWN",
    severity="dispute",
    stake=Stake.NOTHING,
    title="an invoice lists CDRs that we do not have",
    subject="invoice",
    condition=pl.col("unknown_count") > 0,
    message=sentence(
        "Invoice {} lists {} CDR(s) that never came: {}.",
        "subject_id",
        "unknown_count",
        "unknown_ids",
    ),
    observed=pl.col("unknown_count"),
    expected=pl.lit(0),
    delta=pl.col("unknown_count"),
    unit="CDRs",
    related=pl.col("first_unknown_id"),
)

INVOICE_CDR_TWICE = Rule(
    id="INVOICE_CDR_TWICE",
    severity="dispute",
    stake=Stake.NOTHING,
    title="an invoice lists CDRs that it, or an earlier one, lists already",
    subject="invoice",
    condition=pl.col("repeated_count") > 0,
    message=sentence(
        "Invoice {} lists {} CDR(s) that were invoiced already: {}.",
        "subject_id",
        "repeated_count",
        "repeated_ids",
    ),
    observed=pl.col("repeated_count"),
    expected=pl.lit(0),
    delta=pl.col("repeated_count"),
    unit="CDRs",
    related=pl.col("first_repeated_id"),
)

CDR_NOT_INVOICED = Rule(
    id="CDR_NOT_INVOICED",
    severity="dispute",
    stake=Stake.NOTHING,
    title="no invoice lists it 30 days after its month was over, from a partner that lists CDRs",
    condition=lambda limits: (
        pl.col("invoices_offered")
        & (pl.col("billing") == "direct")
        & pl.col("invoice_id").is_null()
        & ~pl.col("is_cancelled_pair")
        & ~pl.col("home_charging_compensation")
        & (
            (pl.col("as_of") - invoiceable_at()).dt.total_seconds()
            >= pl.lit(limits["wait_h"] * HOUR_S)
        )
    ),
    message=sentence(
        "The month of this charge ended on {}, and no invoice lists it yet.",
        day("month_closed_at"),
    ),
)
