"""`settle.*` of the books: sessions not billed yet at a month's end, and journal entries."""

from models.tables.kinds import PARTNER, day, instant, money, quantity, required, table, text
from models.tables.settle import DIRECTIONS, SECTIONS

ACCRUAL_KINDS = ("completed", "running")
ACCRUAL_BASES = ("published", "agreement", "session", "mean", "unknown")
ENTRY_KINDS = (
    *("charging", "vat", "reverse_charge", "dispute_reserve"),
    *("accrual", "accrual_reversal"),
    *("exchange_accrual", "exchange_correction", "exchange_reserve", "exchange_invoice"),
)
ACCOUNTS = (
    *("expense", "compensation", "revenue", "payable", "receivable"),
    *("input_vat", "output_vat", "reverse_charge_input_vat", "reverse_charge_output_vat"),
    *("dispute_expense", "dispute_reserve", "accrued"),
    *("exchange_gain", "exchange_loss"),
)

_KEY = (
    PARTNER,
    required("country_code", "Country of the counterparty."),
    required("party_id", "Party id of the counterparty."),
)
_MONTH = required("month", "Month that it is booked in, as 2026-10.")

ACCRUALS = table(
    "settle.accruals",
    "A session of a month that has no CDR by its end, or by its lock, and what it will cost.",
    (*("partner", "country_code", "party_id"), "month", "session_id"),
    *_KEY,
    _MONTH,
    required("session_id", "The session (`core.sessions`)."),
    required("kind", "completed, or running over the month's end.", among=ACCRUAL_KINDS),
    text("currency", "ISO 4217 code; null: nobody stated one."),
    instant("start_at", "When it began."),
    instant("end_at", "When it ended; null: not yet."),
    quantity("energy_kwh", "Energy, of a running one the part until the month's end by time."),
    required(
        "basis",
        "published, agreement: its price by that tariff; session: its own cost; mean: the "
        "party's mean price per kWh of this month and the two before; unknown: none of these.",
        among=ACCRUAL_BASES,
    ),
    money("amount_excl_vat", "What it will cost before taxes; null: unknown."),
    text("cdr_id", "The CDR that came after the month was locked; null: none yet."),
    money("actual_excl_vat", "What that CDR claims."),
)

JOURNAL = table(
    "settle.journal",
    "One amount on two accounts: what is booked for a counterparty in a month.",
    (
        *("partner", "country_code", "party_id", "month", "currency", "direction", "section"),
        *("kind", "vat_country", "vat_bucket", "reference"),
    ),
    *_KEY,
    _MONTH,
    required("currency", "ISO 4217 code of the amount."),
    required("direction", "As in `settle.statements`.", among=DIRECTIONS),
    required("section", "As in `settle.statements`.", among=SECTIONS),
    required(
        "kind",
        "What it is about; exchange_…: the difference of two days' rates, of an accrual that "
        "is taken back, of a correction, of a reserve, of a payable once its invoice came.",
        among=ENTRY_KINDS,
    ),
    required("vat_country", "Country of the charges; `*`: of several."),
    required("vat_bucket", "Rate as in `settle.statement_vat`; `*`: none of it."),
    day("posted_on", "The month's last day; of a reversal its first.", nullable=False),
    required("debit", "Account that is debited, by its role.", among=ACCOUNTS),
    required("credit", "Account that is credited, by its role.", among=ACCOUNTS),
    money("amount", "Above zero: what runs the other way has its accounts changed over."),
    required(
        "reference",
        "Of the statement, as NL/VOL 2026-10 EUR; of exchange_invoice the invoice's number.",
    ),
    text("reporting_currency", "ISO 4217 code; null: there is no rate for that day."),
    money("reporting_amount", "The amount in it, at the reference rate of `posted_on`."),
)
