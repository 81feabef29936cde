"""Invoice documents of partners against CDRs and statement: their lines, then each as a whole.

The facts come from `models/sql/settle` once statements are made; amounts of credit notes are below
zero. A line contests what is not due of it; the rules of whole documents come after it.
"""

import polars as pl

from models.recon.quantities import positive
from models.recon.rule import CURRENCY, Limits, Rule, Stake, compared
from models.recon.words import either, sentence

OPEN = ~pl.col("is_replaced")  # no later document takes the invoice's place


def beyond(difference: pl.Expr, limits: Limits) -> pl.Expr:
    """Return whether a difference is beyond the contract's absolute tolerance."""
    return difference.abs() > pl.lit(limits["absolute"])


INVOICE_LINE_UNKNOWN = Rule(
    id="INVOICE_LINE_UNKNOWN",
    severity="dispute",
    stake=Stake.CLAIM,
    title="a line bills a CDR that we do not have, or something that nothing can be found for",
    subject="invoice_line",
    condition=(pl.col("match_kind") == "none") & OPEN,
    message=either(
        pl.col("is_charge"),
        "Line {line_number} bills {reference}, which we do not have.",
        "Line {line_number} ({description}) bills {amount_excl_vat:money} for nothing that we "
        "have.",
    ),
    **compared("amount_excl_vat", 0, CURRENCY),
    at_stake=positive(pl.col("contested_excl_vat")),
)

INVOICE_LINE_TWICE = Rule(
    id="INVOICE_LINE_TWICE",
    severity="dispute",
    stake=Stake.CLAIM,
    title="a line bills a CDR that this invoice, or an earlier one, bills already",
    subject="invoice_line",
    condition=pl.col("is_repeated") & OPEN,
    message=either(
        pl.col("cdr_id").is_null(),
        "Line {line_number} bills CDRs that an earlier invoice bills already.",
        "Line {line_number} bills CDR {cdr_id} again; invoice {earlier_number} bills it already.",
    ),
    **compared("amount_excl_vat", 0, CURRENCY),
    at_stake=positive(pl.col("contested_excl_vat")),
    related=pl.col("cdr_id"),
)

INVOICE_CURRENCY_MISMATCH = Rule(
    id="INVOICE_CURRENCY_MISMATCH",
    severity="fatal",
    stake=Stake.CLAIM,
    title="a line bills a CDR in another currency than the CDR's",
    subject="invoice_line",
    condition=pl.col("is_foreign") & OPEN,
    message="Line {line_number} bills {amount_excl_vat:money} for a charge in {cdr_currency}.",
    observed=pl.col("currency"),
    expected=pl.col("cdr_currency"),
    at_stake=positive(pl.col("contested_excl_vat")),
    related=pl.col("cdr_id"),
)

INVOICE_LINE_MISMATCH = Rule(
    id="INVOICE_LINE_MISMATCH",
    severity="dispute",
    stake=Stake.DIFFERENCE,
    title="a line bills another amount than its CDR claims, beyond tolerance",
    subject="invoice_line",
    condition=(pl.col("mismatch_excl_vat") != 0) & OPEN,
    message="Line {line_number} bills {billed_excl_vat:money} for CDR {cdr_id}, which claims "
    "{claimed_excl_vat:money}.",
    **compared("billed_excl_vat", "claimed_excl_vat", CURRENCY, pl.col("mismatch_excl_vat")),
    at_stake=pl.col("overbilled_excl_vat"),
    related=pl.col("cdr_id"),
)

INVOICE_LINE_CONTESTED = Rule(
    id="INVOICE_LINE_CONTESTED",
    severity="dispute",
    stake=Stake.DIFFERENCE,
    title="a line bills what the statement holds back: disputed or rejected",
    subject="invoice_line",
    condition=(pl.col("held_excl_vat") > 0) & OPEN,
    message=either(
        pl.col("cdr_id").is_null(),
        "Line {line_number} bills {held_excl_vat:money} that the statement holds back.",
        "Line {line_number} bills {held_excl_vat:money} of CDR {cdr_id} that is {cdr_verdict} "
        "({cdr_rule_id:rule}).",
    ),
    observed=pl.col("amount_excl_vat"),
    expected=pl.col("amount_excl_vat") - pl.col("held_excl_vat"),
    delta=pl.col("held_excl_vat"),
    unit=CURRENCY,
    at_stake=pl.col("held_excl_vat"),
    related=pl.col("cdr_id"),
)

INVOICE_TOTAL_MISMATCH = Rule(
    id="INVOICE_TOTAL_MISMATCH",
    version=2,
    severity="dispute",
    stake=Stake.DIFFERENCE,
    title="an invoice that lists no CDRs is over another amount than its CDRs claim",
    subject="invoice_line",
    condition=lambda limits: beyond(pl.col("sum_mismatch_excl_vat"), limits) & OPEN,
    message="Invoice {subject_id} is over {billed_excl_vat:money}; its {cdr_count} CDRs claim "
    "{claimed_excl_vat:money}.",
    **compared("billed_excl_vat", "claimed_excl_vat", CURRENCY, pl.col("sum_mismatch_excl_vat")),
    at_stake=pl.col("sum_overbilled_excl_vat"),
)

INVOICE_LINE_OTHER_MONTH = Rule(
    id="INVOICE_LINE_OTHER_MONTH",
    severity="warn",
    stake=Stake.CLAIM,
    title="a line bills a charge of another month than the invoice is about",
    subject="invoice_line",
    condition=(
        (pl.col("natural_month") != pl.col("month"))
        & (pl.col("posting_month") != pl.col("month"))
        & ~pl.col("is_in_period")
        & OPEN
    ),
    message="Line {line_number} bills CDR {cdr_id} of {natural_month} on an invoice of {month}.",
    **compared("natural_month", "month", CURRENCY, pl.col("amount_excl_vat")),
    at_stake=positive(pl.col("amount_excl_vat") - pl.col("contested_excl_vat")),
    related=pl.col("cdr_id"),
)

INVOICE_VAT_RATE_MISMATCH = Rule(
    id="INVOICE_VAT_RATE_MISMATCH",
    severity="dispute",
    stake=Stake.TAX,
    title="a line's tax rate is not the statement's; under reverse charge none is right",
    subject="invoice_line",
    condition=pl.col("is_vat_rate_wrong") & OPEN,
    message="Line {line_number} bills {vat_rate:percent} of tax, {expected_vat_rate:percent} is "
    "right.",
    **compared("vat_rate", "expected_vat_rate", "%"),
    at_stake_vat=positive(
        (pl.col("amount_excl_vat") - pl.col("contested_excl_vat"))
        * (pl.col("vat_rate") - pl.col("expected_vat_rate"))
        / 100
    ),
    related=pl.col("cdr_id"),
)


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
    message=lambda limits: either(
        beyond(pl.col("total_excl_vat") - pl.col("lines_excl_vat"), limits),
        "Invoice {subject_id} is over {total_excl_vat:money}, its lines add up to "
        "{lines_excl_vat:money}.",
        "Invoice {subject_id} asks for {total_incl_vat:money}, its total and tax come to "
        "{sum_incl_vat:money}.",
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
    message="Invoice {subject_id} adds {charges_excl_vat:money} on the whole of it.",
    **compared("charges_excl_vat", 0, CURRENCY),
    at_stake=pl.col("charges_excl_vat"),
)

INVOICE_REFERENCE_UNKNOWN = Rule(
    id="INVOICE_REFERENCE_UNKNOWN",
    severity="dispute",
    title="it credits or corrects an invoice that we do not have",
    subject="received_invoice",
    condition=pl.col("is_reference_unknown") & OPEN,
    message="Invoice {subject_id} corrects {corrects}, which we do not have.",
    observed=pl.col("corrects"),
    related=pl.col("corrects"),
)

INVOICE_INCOMPLETE = Rule(
    id="INVOICE_INCOMPLETE",
    severity="warn",
    title="CDRs of its period are on no invoice: what they claim is still to come",
    subject="received_invoice",
    condition=(pl.col("missing_count") > 0) & OPEN,
    message="{missing_count} CDRs of its period over {missing_excl_vat:money} are on no invoice: "
    "{missing_ids}.",
    **compared(0, "missing_excl_vat", CURRENCY, -pl.col("missing_excl_vat")),
    related=pl.col("missing_ids"),
)

INVOICE_RECORD_MISMATCH = Rule(
    id="INVOICE_RECORD_MISMATCH",
    severity="warn",
    title="its CDRs are not those of the OCPI invoice reconciliation record of its number",
    subject="received_invoice",
    condition=((pl.col("only_on_record_count") + pl.col("only_on_invoice_count") > 0) & OPEN),
    message="The OCPI record of invoice {subject_id} lists {only_on_record_count} CDRs that it "
    "does not bill, and lacks {only_on_invoice_count} that it bills.",
    observed=pl.col("only_on_invoice_count"),
    expected=pl.col("only_on_record_count"),
    unit="CDRs",
)
