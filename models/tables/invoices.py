"""`settle.*` of partners' invoices: as received, and as matched with CDRs and statements.

What is received stands in the first columns; everything after `match_kind` of a line, and after
`line_count` of an invoice, is made again by each settlement.
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
from models.tables.recon import SEVERITIES

INVOICE_VERDICTS = ("pay", "pay_part", "refuse", "replaced")
MATCH_KINDS = ("cdr", "session", "place", "group", "invoice", "none")
INVOICE_KEY = ("partner", "country_code", "party_id", "number")
INVOICE_LINE_KEY = (*INVOICE_KEY, "line_number")

_KEY = (
    PARTNER,
    required("country_code", "Country of the party that invoices."),
    required("party_id", "The party that invoices."),
    required("number", "Number of the invoice (EN 16931 BT-1)."),
)
_LINE = whole("line_number", "Position on the invoice, from 1.", nullable=False)
_CDR = (
    text("cdr_country_code", "Country of the party that owns the CDR, where it is one."),
    text("cdr_party_id", "Party that owns the CDR."),
    text("cdr_id", "The CDR (`core.cdrs`); null: several, or none."),
)

#: What a document says of an invoice; amounts of credit notes are below zero.
HEADER_COLUMNS = (
    required("type_code", "Kind of document (BT-3): 380 invoice, 381 credit note, 384 corrected."),
    flag("is_credit", "Whether it is a credit note.", nullable=False),
    day("issued_on", "Issue date (BT-2).", nullable=False),
    day("due_on", "Due date (BT-9)."),
    day("period_from", "First day that it is about (BT-73)."),
    day("period_to", "Last day that it is about (BT-74)."),
    required("currency", "ISO 4217 code of every amount (BT-5)."),
    text("seller_name", "Who invoices (BT-27)."),
    text("seller_vat_id", "VAT identifier of the seller (BT-31)."),
    text("buyer_name", "Who is invoiced (BT-44)."),
    text("buyer_vat_id", "VAT identifier of the buyer (BT-48)."),
    texts("corrects", "Numbers of the invoices that it credits or corrects (BT-25)."),
    money("allowances_excl_vat", "Allowances on the whole document (BT-107)."),
    money("charges_excl_vat", "Charges on the whole document (BT-108)."),
    money("total_excl_vat", "Total before taxes (BT-109)."),
    money("total_vat", "Total tax (BT-110); null: not stated."),
    money("total_incl_vat", "Total after taxes (BT-112); null: not stated."),
)

#: What a document says of a line; amounts of credit notes are below zero.
LINE_COLUMNS = (
    _LINE,
    text("line_id", "Its identifier on the document (BT-126)."),
    text("description", "What it says is sold."),
    text("cdr_reference", "The CDR that it names."),
    text("session_reference", "The session that it names."),
    texts("other_references", "Other texts on it that may name a CDR or a session."),
    text("evse_id", "The EVSE that it names."),
    instant("start_at", "When the charge began, as it says."),
    quantity("energy_kwh", "Energy that it bills."),
    money("amount_excl_vat", "Net amount (BT-131)."),
    text("vat_category", "VAT category (BT-151), as S or AE."),
    money("vat_rate", "VAT percentage (BT-152); null: not stated."),
)
VAT_COLUMNS = (
    required("vat_category", "VAT category (BT-118); `*` where none is stated."),
    money("vat_rate", "Percentage (BT-119); null: not stated."),
    money("taxable_excl_vat", "Taxable amount (BT-116)."),
    money("vat_amount", "Tax (BT-117)."),
)

RECEIVED_INVOICES = table(
    "settle.invoices",
    "A partner's invoice or credit note, as received, and what it comes to.",
    INVOICE_KEY,
    *_KEY,
    *HEADER_COLUMNS,
    texts("sources", "SHA-256 of the files as received: the document, and its annexes."),
    texts("formats", "What those files are: ubl, cii, pdf, csv, xlsx or typed."),
    instant("imported_at", "When a person took it in.", nullable=False),
    required("imported_by", "Who did."),
    whole("import_order", "Position among all imports.", nullable=False),
    text("stated_month", "Month that the import names, as 2026-10; null: it names none."),
    required("read_by", "Digest of the code that read the files."),
    text("month", "Month that it is about, as 2026-10; null: nobody can tell."),
    count("line_count", "Lines."),
    count("matched_count", "Lines that CDRs, or an earlier invoice, were found for."),
    count("cdr_count", "CDRs that were found for them."),
    money("claimed_excl_vat", "Claimed by these CDRs."),
    money("payable_excl_vat", "To be paid of it, before taxes."),
    money("contested_excl_vat", "Not to be paid: total minus payable and taken back."),
    money("taken_back_excl_vat", "Taken back by a corrected invoice that replaces it."),
    money("credited_excl_vat", "Credit notes that name it: below zero."),
    money(
        "released_excl_vat",
        "Of a credit note: what it gives back of what the findings of others contest.",
    ),
    money("payable_vat", "Tax to be paid; null: unknown for some of it."),
    money("contested_vat", "Tax billed beyond what is right; null: unknown."),
    money("payable_incl_vat", "To be paid, after taxes; null: unknown."),
    required("verdict", "pay in full, pay in part, refuse; replaced.", among=INVOICE_VERDICTS),
    money("statement_claimed_excl_vat", "Claimed by all CDRs of its month and currency."),
    money("statement_payable_excl_vat", "Payable of these, by the statement."),
    count("missing_count", "CDRs of its period that no invoice lists."),
    money("missing_excl_vat", "Claimed by these."),
    texts("rules", "Rules that fired on it or its lines, the heaviest first."),
    text("message", "What it comes to, in a sentence."),
)

INVOICE_LINES = table(
    "settle.invoice_lines",
    "A line of a partner's invoice, as received, and what it was matched with.",
    INVOICE_LINE_KEY,
    *_KEY,
    *LINE_COLUMNS,
    required(
        "match_kind",
        "How it was matched: by CDR id, session id, or place and start; with a group of CDRs; "
        "with the invoice that it credits; with none.",
        among=MATCH_KINDS,
    ),
    *_CDR,
    count("cdr_count", "CDRs that it was matched with."),
    money("claimed_excl_vat", "Claimed by them."),
    money("payable_excl_vat", "To be paid of it, before taxes."),
    money("contested_excl_vat", "Not to be paid; amount = payable + contested."),
    texts("rules", "Rules that fired on it, the heaviest first."),
    text("message", "The heaviest finding, in a sentence."),
)

INVOICE_VAT = table(
    "settle.invoice_vat",
    "The tax of a partner's invoice under one category and rate, as received.",
    (*INVOICE_KEY, "position"),
    *_KEY,
    whole("position", "From 1, as stated.", nullable=False),
    *VAT_COLUMNS,
)

INVOICE_CDRS = table(
    "settle.invoice_cdrs",
    "A CDR that a line of a partner's invoice was matched with.",
    (*INVOICE_LINE_KEY, "cdr_country_code", "cdr_party_id", "cdr_id"),
    *_KEY,
    _LINE,
    required("cdr_country_code", "Country of the party that owns the CDR."),
    required("cdr_party_id", "Party that owns the CDR."),
    required("cdr_id", "The CDR (`core.cdrs`)."),
    money("credited_excl_vat", "Of a credit: what it settles of the CDR's dispute."),
)

INVOICE_FINDINGS = table(
    "settle.invoice_findings",
    "One rule that fired on a partner's invoice (line 0) or on a line of it.",
    (*INVOICE_LINE_KEY, "rule_id"),
    *_KEY,
    whole("line_number", "The line; 0: the invoice as a whole.", nullable=False),
    required("rule_id", "The rule (checks of `docs/reconciliation.md`)."),
    whole("rule_version", "Version of the rule.", nullable=False),
    required("severity", "fatal and dispute contest; warn does not.", among=SEVERITIES),
    text("observed", "What the invoice says."),
    text("expected", "What it should say."),
    money("delta", "Observed minus expected, in `unit`; null: not a number."),
    text("unit", "Of observed, expected and delta."),
    money("at_stake_excl_vat", "What it contests before taxes; 0: nothing."),
    money("at_stake_vat", "The tax that it contests; 0: none."),
    text("currency", "ISO 4217 code of what is at stake."),
    text("related_id", "The other CDR or invoice involved."),
    required("message", "The finding as a sentence."),
)
