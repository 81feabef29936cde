"""Invoice: the partner's OCPI invoice reconciliation records against its CDRs."""

import polars as pl

from models.recon.quantities import HOUR_S, invoiceable_at
from models.recon.rule import Rule, compared

INVOICE_CDR_UNKNOWN = Rule(
    id="INVOICE_CDR_UNKNOWN",
    severity="dispute",
    title="an invoice lists CDRs that we do not have",
    subject="invoice",
    condition=pl.col("unknown_count") > 0,
    message="Invoice {subject_id} lists {unknown_count} CDR(s) that never came: {unknown_ids}.",
    **compared("unknown_count", 0, "CDRs"),
    related=pl.col("first_unknown_id"),
)

INVOICE_CDR_TWICE = Rule(
    id="INVOICE_CDR_TWICE",
    severity="dispute",
    title="an invoice lists CDRs that it, or an earlier one, lists already",
    subject="invoice",
    condition=pl.col("repeated_count") > 0,
    message="Invoice {subject_id} lists {repeated_count} CDR(s) that were invoiced already: "
    "{repeated_ids}.",
    **compared("repeated_count", 0, "CDRs"),
    related=pl.col("first_repeated_id"),
)

CDR_NOT_INVOICED = Rule(
    id="CDR_NOT_INVOICED",
    severity="dispute",
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
    message="The month of this charge ended on {month_closed_at:day}, and no invoice lists it yet.",
)
