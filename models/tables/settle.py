"""`settle.*`: what is owed to whom, for which month, and what is contested.

A statement's key is `STATEMENT_KEY`; lines, VAT and disputes carry it too, so that every figure
of a statement is a sum over rows that name it.
"""

from models.tables.kinds import (
    PARTNER,
    count,
    day,
    flag,
    instant,
    money,
    quantity,
    required,
    table,
    text,
    texts,
    whole,
)
from models.tables.recon import SUBJECTS, VERDICTS

DIRECTIONS = ("payable", "receivable", "compensation")
SECTIONS = ("roaming", "home_charging")
BILLINGS = ("direct", "reverse")
MONTH_STATES = ("open", "soft_closed", "locked")
LINE_KINDS = ("cdr", "correction", "fee")
DISPUTE_STATES = (
    *("detected", "open", "sent", "accepted", "rejected"),
    *("credited", "withdrawn", "escalated", "written_off", "closed"),
)
ESCALATIONS = ("reminder", "escalation")
AGE_BUCKETS = {"0_30": "up to 30", "31_60": "31 to 60", "61_90": "61 to 90", "over_90": "over 90"}
STATEMENT_KEY = ("partner", "country_code", "party_id", "month", "currency", "direction", "section")
LINE_KEY = ("partner", "cdr_country_code", "cdr_party_id", "cdr_id", "month")

_MONTH = required("month", "Month it is settled in, as 2026-10, in the contract's time zone.")
_CURRENCY = required("currency", "ISO 4217 code of every amount not named otherwise.")
_DIRECTION = required(
    "direction",
    "payable: the counterparty charges us; receivable: we charge it; compensation: of drivers for "
    "charging at home, paid through the counterparty.",
    among=DIRECTIONS,
)
_SECTION = required(
    "section",
    "roaming, or home_charging: compensation of drivers, never part of roaming payables.",
    among=SECTIONS,
)
_COUNTERPARTY = (
    PARTNER,
    required("country_code", "Country of the counterparty."),
    required("party_id", "Party id of the counterparty."),
)
_STATEMENT = (*_COUNTERPARTY, _MONTH, _CURRENCY, _DIRECTION, _SECTION)


# Every row of this stage keeps the identity claimed = payable + disputed + rejected.
_FIGURES = (
    money("claimed_excl_vat", "Claimed before taxes."),
    money("payable_excl_vat", "To be paid, before taxes; includes what was conceded."),
    money("disputed_excl_vat", "Held back because it is contested."),
    money("rejected_excl_vat", "Not payable: a fatal finding, or given up by the partner."),
)
_LINE = (
    required("cdr_country_code", "Country of the party that owns the CDR."),
    required("cdr_party_id", "Party that owns the CDR."),
    required("cdr_id", "The CDR (`core.cdrs`)."),
)
_VAT = (
    required("vat_country", "ISO 3166-1 alpha-2 code of where it was charged."),
    required("vat_bucket", "The rate as 21.00, else reverse_charge, else unknown: never zero."),
    money("vat_rate", "Percentage; null: unknown, or owed by the recipient."),
)

STATEMENTS = table(
    "settle.statements",
    "What one counterparty and we owe each other for one month, in one currency and direction.",
    STATEMENT_KEY,
    *_STATEMENT,
    required("status", "Of the month: open, soft_closed or locked.", among=MONTH_STATES),
    required("billing", "direct: they invoice; reverse: the debtor writes it.", among=BILLINGS),
    flag("reverse_charge", "Whether VAT is owed by the recipient.", nullable=False),
    count("cdr_count", "CDRs, credits included; corrections are not counted again."),
    *(count(f"{verdict}_count", f"CDRs with the verdict {verdict}.") for verdict in VERDICTS),
    count("unstated_count", "CDRs that state no total; they add nothing to the amounts."),
    count("credit_count", "Credit CDRs among them."),
    count("late_count", "CDRs of an earlier, locked month that are settled here."),
    count("correction_count", "Corrections of earlier, locked months."),
    quantity("energy_kwh", "Energy; credits count as negative."),
    *_FIGURES,
    count(
        "repriced_count",
        "CDRs that the repriced total is of: priced, neither credited nor rejected, and with "
        "energy and times that nothing disproves.",
    ),
    money("repriced_claimed_excl_vat", "Claimed by these CDRs."),
    money("expected_excl_vat", "Repriced total of these CDRs."),
    money(
        "agreement_claimed_excl_vat",
        "Claimed by those of these CDRs that have a list price and an agreed one; null: none.",
    ),
    money("expected_published_excl_vat", "The same CDRs at list prices."),
    money("expected_agreement_excl_vat", "The same CDRs at agreed prices."),
    money("fees_excl_vat", "Agreed fees, payable: lines of their own, in the amounts above."),
    money("agreed_excl_vat", "Claimed by CDRs that are equal to the cent."),
    money("tolerated_difference_excl_vat", "Claimed minus expected of the CDRs within tolerance."),
    money("tolerance_excl_vat", "What those differences may add up to."),
    flag(
        "tolerance_exceeded",
        "Whether the tolerated differences add up to more, in either direction.",
        nullable=False,
    ),
    money("credited_excl_vat", "Credit CDRs that are taken: their payable part, below zero."),
    money("conceded_excl_vat", "Contested once, payable since a person let it go."),
    money(
        "settled_excl_vat",
        "Contested once, given up by the partner: in `rejected_excl_vat`, disputed no longer.",
    ),
    money("rejected_charges_excl_vat", "Rejected above zero, without what is settled."),
    money("rejected_credits_excl_vat", "Rejected below zero, without what is settled."),
    money("claimed_incl_vat", "Claimed after taxes; null: unknown for some CDR."),
    money("payable_vat", "VAT on the payable amount; null: unknown for some of it."),
    money("payable_incl_vat", "Payable after taxes; null: unknown for some of it."),
    money("vat_unknown_excl_vat", "The part of the payable amount whose VAT nobody stated."),
    *(
        money(f"disputed_{bucket}_days_excl_vat", f"Disputed, charged {words} days ago.")
        for bucket, words in AGE_BUCKETS.items()
    ),
    text("reporting_currency", "ISO 4217 code; null: there is no rate for some line."),
    money("claimed_reporting_excl_vat", "Claimed, in the reporting currency."),
    money("payable_reporting_excl_vat", "Payable, in the reporting currency."),
    money("disputed_reporting_excl_vat", "Disputed, in the reporting currency."),
    money(
        "net_excl_vat",
        "Payable minus receivable with this counterparty, roaming only, in this month and "
        "currency; below zero: it owes us. Disputed amounts stay apart.",
    ),
)

STATEMENT_LINES = table(
    "settle.statement_lines",
    "A CDR in the one statement it belongs to, or a correction of a month that is locked.",
    LINE_KEY,
    *_STATEMENT,
    *_LINE,
    required(
        "kind",
        "cdr; correction: the difference to what locked months already hold; fee: agreed fees "
        "of the month, under an id of their own.",
        among=LINE_KINDS,
    ),
    required("natural_month", "Month by the contract's basis and time zone."),
    instant("basis_at", "The moment that decides it: session end or CDR date.", nullable=False),
    required("verdict", "Verdict of reconciliation.", among=VERDICTS),
    flag("credit", "Whether it is a credit CDR.", nullable=False),
    quantity("energy_kwh", "Energy; credits count as negative."),
    *_FIGURES,
    money("expected_excl_vat", "Repriced total; null: not priced."),
    money("expected_published_excl_vat", "By the published tariff; null: not priced."),
    money("expected_agreement_excl_vat", "As agreed; null: nothing is."),
    money("conceded_excl_vat", "Part of payable that was contested once."),
    money("settled_excl_vat", "Part of rejected that the partner has given up."),
    money("claimed_incl_vat", "Claimed after taxes; null: no tax was stated."),
    required("vat_country", "Country that taxes it: where the charge took place."),
    money("fx_quote", "ECB reference rate: units of `currency` for one euro."),
    money("fx_reporting_quote", "ECB reference rate: units of the reporting currency."),
    day("fx_date", "Date of those rates: the session's end, else before."),
    money("claimed_reporting_excl_vat", "Claimed, in the reporting currency."),
    money("payable_reporting_excl_vat", "Payable, in the reporting currency."),
    money("disputed_reporting_excl_vat", "Disputed, in the reporting currency."),
    text("cause", "Root cause of the leading finding; its rule where there is none."),
    texts("rules", "Rules that fired on it, the heaviest first."),
    text("message", "The leading finding, in a sentence."),
)

LINE_VAT = table(
    "settle.line_vat",
    "The part of one line's payable amount that one VAT rate applies to.",
    (*LINE_KEY, "vat_country", "vat_bucket"),
    *(PARTNER, *_LINE, _MONTH, *_VAT),
    money("payable_excl_vat", "Payable before taxes."),
)

STATEMENT_VAT = table(
    "settle.statement_vat",
    "The payable amount of one statement under one country's rate.",
    (*STATEMENT_KEY, "vat_country", "vat_bucket"),
    *_STATEMENT,
    *_VAT,
    count("cdr_count", "CDRs with an amount here; one of several rates counts at each."),
    money("payable_excl_vat", "Payable before taxes."),
    money("vat_amount", "VAT on it, rounded once to the currency's minor unit; null: unknown."),
)

DISPUTES = table(
    "settle.disputes",
    "One contested claim: as reconciliation sees it now, and where people have taken it.",
    ("dispute_id",),
    required("dispute_id", "Stable: made from partner, subject and its key."),
    *_COUNTERPARTY,
    text("month", "Month it is settled in, or that its invoice is about; null: of no month."),
    text("currency", "ISO 4217 code."),
    text("direction", "As in `settle.statements`.", among=DIRECTIONS),
    text("section", "As in `settle.statements`.", among=SECTIONS),
    required(
        "subject",
        "What it is about; vat: the tax on a CDR.",
        among=(*SUBJECTS, "vat", "statement"),
    ),
    required("subject_id", "Its id."),
    text("subject_country_code", "Country of the party that it is of: ours, where we claim."),
    text("subject_party_id", "That party."),
    required(
        "state",
        "Where it stands; credited without a decision: credits cover all of it.",
        among=DISPUTE_STATES,
    ),
    text("reason_code", "Root cause, or the rule where none is known, or a person's choice."),
    texts("rules", "Rules that fired."),
    money("contested_excl_vat", "Held back now, disputed or rejected; zero: nothing any more."),
    money("contested_vat", "Tax in doubt now, of a CDR (subject vat) or of an invoice."),
    money("opened_excl_vat", "Contested when a person opened it."),
    money("credited_excl_vat", "What credit CDRs and credit notes gave back; 0: nothing."),
    money("credited_vat", "Tax in doubt that credit notes gave back; 0: none."),
    texts("credited_by", "Those credit CDRs and credit notes."),
    text("message", "Why, in a sentence."),
    text("owner", "Who looks after it."),
    day("due_on", "When an answer is due."),
    day("sent_on", "When the partner was first told of it; null: not yet."),
    text(
        "escalation",
        "reminder: the answer is overdue; escalation: by more than `escalation_days` of "
        "company.yaml, and nobody escalated it; null: neither. By the newest landed page.",
        among=ESCALATIONS,
    ),
    whole("age_days", "Days since the charge, its invoice, or since it was opened."),
    instant("changed_at", "When a person last did something about it."),
    text("changed_by", "Who did."),
)

SETTLE_INPUTS = table(
    "settle.inputs",
    "What the last settlement had seen, so that the next one looks at what is new.",
    ("source", "value"),
    required(
        "source",
        "`rules`, `resolved/HASH` of a dispute, `partner/NAME`, or `rest` for all that no line "
        "rests on.",
    ),
    required("value", "A hash of what it said, or the key of a CDR."),
)
