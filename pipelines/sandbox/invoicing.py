"""Invoices as sandbox partners write them: UBL 2.1 with a line for each CDR."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_CAC, _CBC = f"{_UBL}CommonAggregateComponents-2", f"{_UBL}CommonBasicComponents-2"
_CENT, _OVER = Decimal("0.01"), Decimal(5)


@dataclass(frozen=True)
class BilledCdr:
    """One line: a CDR, what is asked for it before taxes, and the rate of tax."""

    cdr_id: str
    amount: Decimal
    vat_rate: Decimal
    energy_kwh: Decimal = Decimal()


@dataclass(frozen=True)
class PartnerInvoice:
    """An invoice, credit note (381) or corrected invoice (384)."""

    number: str  # of the invoice
    issued_on: date  # its date
    currency: str  # of every amount
    period: tuple[date, date]  # first and last day
    seller: tuple[str, str]  # name and VAT identifier of who invoices
    buyer: tuple[str, str]  # name and VAT identifier of who is invoiced
    lines: Sequence[BilledCdr]  # as they are asked for; of a credit note above zero
    type_code: str = "380"  # 380, 381 or 384
    corrects: str | None = None  # the invoice that it credits or corrects
    vat_beyond: Decimal = Decimal()  # tax that is asked for beyond what the rates come to


def with_differences(lines: Sequence[BilledCdr]) -> list[BilledCdr]:
    """Return the lines with three things wrong: one dearer, one twice, one of no CDR."""
    first, second, *rest = lines
    dearer = replace(first, amount=first.amount + _OVER)
    unknown = replace(second, cdr_id=f"{second.cdr_id[:8]}-NEVER-SENT")
    return [dearer, second, *rest, second, unknown]


def invoice_xml(invoice: PartnerInvoice) -> bytes:
    """Return the invoice as UBL."""
    credit = invoice.type_code == "381"
    kind = "CreditNote" if credit else "Invoice"
    for prefix, uri in (("", f"{_UBL}{kind}-2"), ("cac", _CAC), ("cbc", _CBC)):
        ET.register_namespace(prefix, uri)
    root = ET.Element(f"{{{_UBL}{kind}-2}}{kind}")
    _basic(root, "CustomizationID", "urn:cen.eu:en16931:2017")
    _basic(root, "ID", invoice.number)
    _basic(root, "IssueDate", invoice.issued_on.isoformat())
    _basic(root, f"{kind}TypeCode", invoice.type_code)
    _basic(root, "DocumentCurrencyCode", invoice.currency)
    period = _aggregate(root, "InvoicePeriod")
    _basic(period, "StartDate", invoice.period[0].isoformat())
    _basic(period, "EndDate", invoice.period[1].isoformat())
    if invoice.corrects:
        reference = _aggregate(_aggregate(root, "BillingReference"), "InvoiceDocumentReference")
        _basic(reference, "ID", invoice.corrects)
    for tag, (name, vat_id) in (
        ("AccountingSupplierParty", invoice.seller),
        ("AccountingCustomerParty", invoice.buyer),
    ):
        _party(_aggregate(_aggregate(root, tag), "Party"), name, vat_id)
    _basic(_aggregate(root, "PaymentTerms"), "Note", "30 days net")
    _totals(root, invoice)
    for number, line in enumerate(invoice.lines, 1):
        _line(root, kind, number, line, invoice.currency)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()


def _party(party: ET.Element, name: str, vat_id: str) -> None:
    country = _aggregate(_aggregate(party, "PostalAddress"), "Country")
    _basic(country, "IdentificationCode", vat_id[:2])
    tax = _aggregate(party, "PartyTaxScheme")
    _basic(tax, "CompanyID", vat_id)
    _basic(_aggregate(tax, "TaxScheme"), "ID", "VAT")
    _basic(_aggregate(party, "PartyLegalEntity"), "RegistrationName", name)


def _totals(root: ET.Element, invoice: PartnerInvoice) -> None:
    bases: dict[Decimal, Decimal] = {}
    for line in invoice.lines:
        bases[line.vat_rate] = bases.get(line.vat_rate, Decimal()) + line.amount
    taxes = {rate: _cents(base * rate / 100) for rate, base in bases.items()}
    first = next(iter(taxes), None)
    if first is not None:
        taxes[first] += invoice.vat_beyond
    net, tax = sum(bases.values(), Decimal()), sum(taxes.values(), Decimal())
    currency = invoice.currency
    total = _aggregate(root, "TaxTotal")
    _amount(total, "TaxAmount", tax, currency)
    for rate, base in bases.items():
        part = _aggregate(total, "TaxSubtotal")
        _amount(part, "TaxableAmount", base, currency)
        _amount(part, "TaxAmount", taxes[rate], currency)
        _category(part, "TaxCategory", rate)
    sums = _aggregate(root, "LegalMonetaryTotal")
    for name, value in (
        ("LineExtensionAmount", net),
        ("TaxExclusiveAmount", net),
        ("TaxInclusiveAmount", net + tax),
        ("PayableAmount", net + tax),
    ):
        _amount(sums, name, value, currency)


def _line(root: ET.Element, kind: str, number: int, line: BilledCdr, currency: str) -> None:
    node = _aggregate(root, f"{kind}Line")
    _basic(node, "ID", str(number))
    verb = "Credited" if kind == "CreditNote" else "Invoiced"
    quantity, unit = (line.energy_kwh, "KWH") if line.energy_kwh else (Decimal(1), "C62")
    ET.SubElement(node, f"{{{_CBC}}}{verb}Quantity", unitCode=unit).text = f"{quantity:f}"
    _amount(node, "LineExtensionAmount", line.amount, currency)
    reference = _aggregate(node, "DocumentReference")
    _basic(reference, "ID", line.cdr_id)
    _basic(reference, "DocumentTypeCode", "130")
    item = _aggregate(node, "Item")
    _basic(item, "Name", "EV charging")
    _category(item, "ClassifiedTaxCategory", line.vat_rate)
    price = _aggregate(node, "Price")  # of all of it: no price of a kWh would make the amount
    _amount(price, "PriceAmount", line.amount, currency)
    ET.SubElement(price, f"{{{_CBC}}}BaseQuantity", unitCode=unit).text = f"{quantity:f}"


def _category(parent: ET.Element, name: str, rate: Decimal) -> None:
    category = _aggregate(parent, name)
    _basic(category, "ID", "S" if rate else "Z")
    _basic(category, "Percent", f"{rate:f}")
    _basic(_aggregate(category, "TaxScheme"), "ID", "VAT")


def _cents(value: Decimal) -> Decimal:
    return value.quantize(_CENT, rounding=ROUND_HALF_UP)


def _aggregate(parent: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{_CAC}}}{name}")


def _basic(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{_CBC}}}{name}").text = text


def _amount(parent: ET.Element, name: str, value: Decimal, currency: str) -> None:
    ET.SubElement(parent, f"{{{_CBC}}}{name}", currencyID=currency).text = f"{value:f}"
