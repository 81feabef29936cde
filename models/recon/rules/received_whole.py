"""Invoice documents as a whole: their own arithmetic, their record, and what is still to come."""

from __future__ import annotations

import polars as pl

from models.recon.quantities import positive
from models.recon.rule import CURRENCY, Rule, Stake, compared
from models.recon.rules.received import OPEN, beyond
from models.recon.words import sentence

INVOICE_ARITHMETIC = Rule(
    id="INVOICE_ARITHMETIC",
    severity="dispute",
    stake=Stake.DIFFERENCE,
    title="its lines, allowances and charges do not add up to its total, or total and tax do not",
    subject="received_invoice",
    condition=lambda limits: (
        (
            beyond(pl.col("total_excl_vat") - pl.col("lines_excl_vat"), limits)
            | beyond(pl.col("total_incl_vat") - pl.col("sum_incl_vat"), limits).fill_null(
                value=False
            )
        )
        & OPEN
    ),
    message=lambda limits: (
        pl.when(beyond(pl.col("total_excl_vat") - pl.col("lines_excl_vat"), limits))
        .then(
            sentence(
                "Invoice {subject_id} is over {total_excl_vat:money}, its lines add up to "
                "{lines_excl_vat:money}."
            )
        )
        .otherwise(
            sentence(
                "Invoice {subject_id} asks for {total_incl_vat:money}, its total and tax come to "
                "{sum_incl_vat:money}."
            )
        )
    ),
    **compared("total_excl_vat", "lines_excl_vat", CURRENCY),
    at_stake=positive(pl.col("total_excl_vat") - pl.col("lines_excl_vat")),
    at_stake_vat=positive(pl.col("total_incl_vat") - pl.col("sum_incl_vat")),
)

INVOICE_VAT_ARITHMETIC = Rule(
    id="INVOICE_VAT_ARITHMETIC",
    severity="dispute",
    stake=Stake.TAX,
    title="its tax is not its rates of its amounts, or does not add up to its total tax",
    subject="received_invoice",
    condition=lambda limits: (
        (
            beyond(pl.col("vat_excess"), limits)
            | beyond(pl.col("total_vat") - pl.col("vat_amount"), limits).fill_null(value=False)
        )
        & OPEN
    ),
    message=sentence(
        "Invoice {subject_id} states {total_vat:money} of tax; its rates come to {right:money}.",
        right=pl.col("vat_amount") - pl.col("vat_excess"),
    ),
    observed=pl.col("total_vat"),
    expected=pl.col("vat_amount") - pl.col("vat_excess"),
    delta=pl.col("total_vat") - pl.col("vat_amount") + pl.col("vat_excess"),
    unit=CURRENCY,
    at_stake_vat=positive(pl.col("total_vat") - pl.col("vat_amount") + pl.col("vat_excess")),
)

INVOICE_CHARGE = Rule(
    id="INVOICE_CHARGE",
    severity="dispute",
    stake=Stake.DIFFERENCE,
    title="a charge on the whole document that no CDR stands for",
    subject="received_invoice",
    condition=(pl.col("charges_excl_vat") > 0) & OPEN,
    message=sentence("Invoice {subject_id} adds {charges_excl_vat:money} on the whole of it."),
    **compared("charges_excl_vat", 0, CURRENCY),
    at_stake=pl.col("charges_excl_vat"),
)

INVOICE_REFERENCE_UNKNOWN = Rule(
    id="INVOICE_REFERENCE_UNKNOWN",
    severity="dispute",
    stake=Stake.NOTHING,
    title="it credits or corrects an invoice that we do not have",
    subject="received_invoice",
    condition=pl.col("is_reference_unknown") & OPEN,
    message=sentence("Invoice {subject_id} corrects {corrects}, which we do not have."),
    observed=pl.col("corrects"),
    related=pl.col("corrects"),
)

INVOICE_INCOMPLETE = Rule(
    id="INVOICE_INCOMPLETE",
    severity="warn",
    stake=Stake.NOTHING,
    title="CDRs of its period are on no invoice: what they claim is still to come",
    subject="received_invoice",
    condition=(pl.col("missing_count") > 0) & OPEN,
    message=sentence(
        "{missing_count} CDRs of its period over {missing_excl_vat:money} are on no invoice: "
        "{missing_ids}."
    ),
    **compared(0, "missing_excl_vat", CURRENCY, -pl.col("missing_excl_vat")),
    related=pl.col("missing_ids"),
)

INVOICE_RECORD_MISMATCH = Rule(
    id="INVOICE_RECORD_MISMATCH",
    severity="warn",
    stake=Stake.NOTHING,
    title="its CDRs are not those of the OCPI invoice reconciliation record of its number",
    subject="received_invoice",
    condition=((pl.col("only_on_record_count") + pl.col("only_on_invoice_count") > 0) & OPEN),
    message=sentence(
        "The OCPI record of invoice {subject_id} lists {only_on_record_count} CDRs that it does "
        "not bill, and lacks {only_on_invoice_count} that it bills."
    ),
    observed=pl.col("only_on_invoice_count"),
    expected=pl.col("only_on_record_count"),
    unit="CDRs",
)
