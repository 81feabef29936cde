"""The invoice or credit note that a statement comes to, in the terms of EN 16931.

One line for each country and VAT rate; amounts in whole minor units, rounded once per line.
Names in comments are the business terms (BT) of the standard.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from models.errors import Refused
from models.money import amount_label, minor_unit_decimals, round_half_up, round_to_minor_unit
from models.settle.document import Document
from models.settle.months import first_day, last_day

INVOICE, CREDIT_NOTE, CORRECTED_INVOICE, PROFORMA_INVOICE = "380", "381", "384", "325"
SELF_BILLED_INVOICE, SELF_BILLED_CREDIT_NOTE = "389", "261"
PROVISIONAL = "Provisional: the month is open, its figures may change. "


class NoInvoice(Refused):
    """No invoice can be made of the statement; the message says what is missing."""


@dataclass(frozen=True)
class TradeParty:
    """Seller or buyer."""

    name: str  # legal name (BT-27, BT-44)
    country: str  # ISO 3166-1 alpha-2 (BT-40, BT-55)
    street: str | None = None  # first line of the address
    city: str | None = None  # city
    postal_code: str | None = None  # postal code
    vat_id: str | None = None  # VAT identifier with its country prefix (BT-31, BT-48)
    registration_id: str | None = None  # legal registration (BT-30, BT-47)
    endpoint: tuple[str, str] | None = None  # electronic address as `(scheme, id)` (BT-34, BT-49)
    email: str | None = None  # of the accounts department
    phone: str | None = None  # its number
    iban: str | None = None  # account to be paid to (BT-84)
    bic: str | None = None  # its bank


def is_for_peppol(*parties: TradeParty) -> bool:
    """Return whether a party has an electronic address."""
    return any(party.endpoint for party in parties)


@dataclass(frozen=True)
class InvoiceLine:
    """One line: the charging of a month in one country at one rate."""

    number: int  # BT-126
    name: str  # BT-153
    net: Decimal  # BT-131, as the document counts it: positive on a credit note that credits
    category: str  # VAT category (BT-151): S, Z or AE
    rate: Decimal  # percentage (BT-152)


@dataclass(frozen=True)
class TaxSubtotal:
    """VAT of one category and rate (BG-23)."""

    category: str
    rate: Decimal
    taxable: Decimal
    tax: Decimal


@dataclass(frozen=True)
class Invoice:
    """An invoice or credit note."""

    number: str  # BT-1
    type_code: str  # BT-3; one of the codes above
    issued_on: date  # BT-2
    due_on: date  # BT-9
    currency: str  # BT-5
    seller: TradeParty  # who delivered
    buyer: TradeParty  # who pays
    lines: tuple[InvoiceLine, ...]  # its lines
    note: str  # BT-22
    period: tuple[date, date]  # first and last day (BG-14)
    decimals: int = 2  # of the currency
    corrects: tuple[str, ...] = ()  # numbers of the invoices that it credits or corrects (BT-25)

    @property
    def is_credit(self) -> bool:
        """Return whether it is a credit note."""
        return self.type_code in (CREDIT_NOTE, SELF_BILLED_CREDIT_NOTE)

    @property
    def self_billed(self) -> bool:
        """Return whether the buyer wrote it."""
        return self.type_code in (SELF_BILLED_INVOICE, SELF_BILLED_CREDIT_NOTE)

    @property
    def subtotals(self) -> tuple[TaxSubtotal, ...]:
        """VAT by category and rate; each tax rounded once (BR-CO-17)."""
        bases: dict[tuple[str, Decimal], Decimal] = {}
        for line in self.lines:
            bases[line.category, line.rate] = (
                bases.get((line.category, line.rate), Decimal()) + line.net
            )
        return tuple(
            TaxSubtotal(category, rate, base, round_half_up(base * rate / 100, self.decimals))
            for (category, rate), base in sorted(bases.items())
        )

    @property
    def net(self) -> Decimal:
        """BT-106 and BT-109: the sum of the lines; there are no allowances or charges."""
        return sum((line.net for line in self.lines), Decimal())

    @property
    def tax(self) -> Decimal:
        """BT-110."""
        return sum((subtotal.tax for subtotal in self.subtotals), Decimal())

    @property
    def gross(self) -> Decimal:
        """BT-112 and BT-115: nothing was paid before."""
        return self.net + self.tax


@dataclass(frozen=True)
class InvoiceTerms:
    """Terms of an invoice that no statement knows."""

    ours: TradeParty  # we
    theirs: TradeParty  # the counterparty
    issued_on: date  # date of the document
    payment_days: int = 30  # until it is due
    # country → percentage, for charges whose VAT nobody stated
    assumed_vat: Mapping[str, Decimal] = field(default_factory=dict)
    revision: int = 0  # how often the month was reopened: a number is never used twice
    # earlier months of CDRs that are credited in this one, each with how often it was reopened
    credited_months: tuple[tuple[str, int], ...] = ()

    @property
    def has_corrected(self) -> bool:
        """Return whether corrected invoices have a type code: on Peppol only among Germans."""
        parties = (self.ours, self.theirs)
        return not is_for_peppol(*parties) or all(party.country == "DE" for party in parties)


def invoice_of(part: Document, terms: InvoiceTerms) -> Invoice:
    """Return the invoice, or credit note where it is below zero, of a single statement.

    `part`: a document of one statement; see `Document.parts`.

    Raises:
        NoInvoice: nothing is payable, the VAT of some of it is unknown, it is no supply, or the
            month is open and the trade knows no provisional document of that kind.
    """
    (statement,) = part.statements.to_dicts()
    if statement["direction"] == "compensation":
        raise NoInvoice("compensation for charging at home is paid, not invoiced")
    currency = statement["currency"]
    decimals = minor_unit_decimals(currency)
    nets = _nets(part, terms.assumed_vat, currency)
    total = sum((net for *_, net in nets), Decimal())
    if not nets:
        raise NoInvoice(f"nothing is payable for {part.month}, so there is nothing to invoice")
    credit = total < 0
    payable = statement["direction"] == "payable"
    self_billed = statement["billing"] == "reverse"
    provisional = statement["status"] == "open"
    if provisional and (self_billed or credit or terms.ours.endpoint or terms.theirs.endpoint):
        kind = "credit note" if credit else "self-billed" if self_billed else "Peppol"
        raise NoInvoice(
            f"{part.month} is open, and a {kind} document is of a closed month: close it first "
            "with `roamhouse close`"
        )
    lines = tuple(
        InvoiceLine(
            number,
            f"EV charging {part.month} in {country}: {cdrs} charge detail records",
            -net if credit else net,
            category,
            rate,
        )
        for number, (country, cdrs, category, rate, net) in enumerate(nets, 1)
    )
    corrects = _corrects(statement, terms, credit)
    return Invoice(
        number=number_of(statement, terms.revision),
        type_code=PROFORMA_INVOICE
        if provisional
        else _type_code(credit, self_billed, corrected=bool(corrects) and terms.has_corrected),
        corrects=corrects,
        issued_on=terms.issued_on,
        due_on=terms.issued_on + timedelta(days=terms.payment_days),
        currency=currency,
        seller=terms.theirs if payable else terms.ours,
        buyer=terms.ours if payable else terms.theirs,
        lines=lines,
        note=PROVISIONAL * provisional + _note(statement, self_billed, payable, corrects),
        period=(first_day(part.month), last_day(part.month)),
        decimals=decimals,
    )


def number_of(statement: Mapping[str, object], revision: int = 0) -> str:
    """Return the number of a statement's invoice: NLVOL-2026-10-EUR, R if receivable.

    `statement`: its key and status; a provisional document has a number of its own.
    """
    parts = (
        f"{statement['country_code']}{statement['party_id']}",
        statement["month"],
        statement["currency"],
    )
    suffix = "" if statement["direction"] == "payable" else "-R"
    again = f"-{revision + 1}" if revision else ""
    provisional = "-DRAFT" if statement["status"] == "open" else ""
    return "-".join(map(str, parts)) + suffix + again + provisional


def _nets(
    part: Document, assumed: Mapping[str, Decimal], currency: str
) -> list[tuple[str, int, str, Decimal, Decimal]]:
    """Country, CDRs, VAT category, rate and net amount of each line to be."""
    nets, unknown = [], []
    for row in part.vat.to_dicts():
        country, bucket = row["vat_country"], row["vat_bucket"]
        rate = assumed.get(country) if bucket == "unknown" else row["vat_rate"]
        if bucket == "unknown" and rate is None:
            unknown.append(f"{amount_label(row['payable_excl_vat'], currency)} in {country}")
            continue
        category = "AE" if bucket == "reverse_charge" else "S" if rate else "Z"
        net = round_to_minor_unit(row["payable_excl_vat"], currency)
        if net:
            nets.append((country, row["cdr_count"], category, (rate or Decimal()).normalize(), net))
    if unknown:
        raise NoInvoice(
            f"nobody stated the VAT of {', '.join(unknown)}: an invoice needs a rate; name it "
            "under assumed_vat in company.yaml, as NL: 21"
        )
    return nets


def _corrects(statement: Mapping[str, Any], terms: InvoiceTerms, credit: bool) -> tuple[str, ...]:
    """Return the numbers of the invoices that this one takes the place of, or credits.

    After a reopening it is the one before; a credit note credits those of its CDRs' months.
    """
    if statement["status"] == "open":
        return ()
    before = [(statement["month"], terms.revision - 1)] if terms.revision else []
    credited = terms.credited_months if credit else ()
    return tuple(
        number_of({**statement, "month": month}, revision)
        for month, revision in (*before, *credited)
    )


def _type_code(credit: bool, self_billed: bool, *, corrected: bool) -> str:
    if self_billed:
        return SELF_BILLED_CREDIT_NOTE if credit else SELF_BILLED_INVOICE
    if credit:
        return CREDIT_NOTE
    return CORRECTED_INVOICE if corrected else INVOICE


def _note(
    statement: Mapping[str, Any], self_billed: bool, payable: bool, corrects: tuple[str, ...]
) -> str:
    held = statement["disputed_excl_vat"]
    amount = amount_label(held, statement["currency"])
    apart = f" {amount} before taxes are contested and not included." if held else ""
    if corrects:
        apart += f" Credits or corrects {', '.join(corrects)}."
    if self_billed:
        return f"Drawn up by the party that owes it, as agreed (self-billing).{apart}"
    if payable:
        return f"The invoice that the reconciled charge detail records come to.{apart}"
    return f"Charge detail records of {statement['month']}.{apart}"
