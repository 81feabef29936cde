"""Invoices of sandbox partners: when each is issued, and UBL 2.1 with a line for each CDR."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec

from pipelines.sandbox.numbers import DAY_S

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_CAC, _CBC = f"{_UBL}CommonAggregateComponents-2", f"{_UBL}CommonBasicComponents-2"
_CENT, _OVER = Decimal("0.01"), Decimal(5)
Members = dict[str, Any]
"""Of an element, in order: texts, amounts, quantities with their unit, elements, lists of them."""


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
    kind = "CreditNote" if invoice.type_code == "381" else "Invoice"
    for prefix, uri in (("", f"{_UBL}{kind}-2"), ("cac", _CAC), ("cbc", _CBC)):
        ET.register_namespace(prefix, uri)
    root = ET.Element(f"{{{_UBL}{kind}-2}}{kind}")
    corrected = {"InvoiceDocumentReference": {"ID": invoice.corrects}}
    first, last = (day.isoformat() for day in invoice.period)
    document: Members = {
        "CustomizationID": "urn:cen.eu:en16931:2017",
        "ID": invoice.number,
        "IssueDate": invoice.issued_on.isoformat(),
        f"{kind}TypeCode": invoice.type_code,
        "DocumentCurrencyCode": invoice.currency,
        "InvoicePeriod": {"StartDate": first, "EndDate": last},
        **({"BillingReference": corrected} if invoice.corrects else {}),
        "AccountingSupplierParty": _party(*invoice.seller),
        "AccountingCustomerParty": _party(*invoice.buyer),
        "PaymentTerms": {"Note": "30 days net"},
        **_totals(invoice),
        f"{kind}Line": [_line(kind, number, line) for number, line in enumerate(invoice.lines, 1)],
    }
    _write(root, document, invoice.currency)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()


def _party(name: str, vat_id: str) -> Members:
    party = {
        "PostalAddress": {"Country": {"IdentificationCode": vat_id[:2]}},
        "PartyTaxScheme": {"CompanyID": vat_id, "TaxScheme": {"ID": "VAT"}},
        "PartyLegalEntity": {"RegistrationName": name},
    }
    return {"Party": party}


def _totals(invoice: PartnerInvoice) -> Members:
    bases: dict[Decimal, Decimal] = {}
    for line in invoice.lines:
        bases[line.vat_rate] = bases.get(line.vat_rate, Decimal()) + line.amount
    taxes = {
        rate: (base * rate / 100).quantize(_CENT, rounding=ROUND_HALF_UP)
        for rate, base in bases.items()
    }
    first = next(iter(taxes), None)
    if first is not None:
        taxes[first] += invoice.vat_beyond
    net, tax = sum(bases.values(), Decimal()), sum(taxes.values(), Decimal())
    parts = [
        {"TaxableAmount": base, "TaxAmount": taxes[rate], "TaxCategory": _category(rate)}
        for rate, base in bases.items()
    ]
    sums = {
        "LineExtensionAmount": net,
        "TaxExclusiveAmount": net,
        "TaxInclusiveAmount": net + tax,
        "PayableAmount": net + tax,
    }
    return {"TaxTotal": {"TaxAmount": tax, "TaxSubtotal": parts}, "LegalMonetaryTotal": sums}


def _line(kind: str, number: int, line: BilledCdr) -> Members:
    quantity = (line.energy_kwh, "KWH") if line.energy_kwh else (Decimal(1), "C62")
    return {
        "ID": str(number),
        "CreditedQuantity" if kind == "CreditNote" else "InvoicedQuantity": quantity,
        "LineExtensionAmount": line.amount,
        "DocumentReference": {"ID": line.cdr_id, "DocumentTypeCode": "130"},
        "Item": {"Name": "EV charging", "ClassifiedTaxCategory": _category(line.vat_rate)},
        # of all of it: no price of a kWh would make the amount
        "Price": {"PriceAmount": line.amount, "BaseQuantity": quantity},
    }


def _category(rate: Decimal) -> Members:
    return {"ID": "S" if rate else "Z", "Percent": f"{rate:f}", "TaxScheme": {"ID": "VAT"}}


def _write(parent: ET.Element, members: Members, currency: str) -> None:
    """Append members: an aggregate each mapping, and of other values a basic component."""
    for name, content in members.items():
        for one in content if isinstance(content, list) else [content]:
            match one:
                case str():
                    ET.SubElement(parent, f"{{{_CBC}}}{name}").text = one
                case Decimal():
                    amount = ET.SubElement(parent, f"{{{_CBC}}}{name}", currencyID=currency)
                    amount.text = f"{one:f}"
                case (value, unit):
                    quantity = ET.SubElement(parent, f"{{{_CBC}}}{name}", unitCode=unit)
                    quantity.text = f"{value:f}"
                case _:
                    _write(ET.SubElement(parent, f"{{{_CAC}}}{name}"), one, currency)


class InvoiceRecord(msgspec.Struct):
    """Which CDRs an invoice lists (OCPI 2.3.0, InvoiceReconciliationRecord)."""

    country_code: str
    party_id: str
    id: str
    invoice_id: str
    cdrs: list[str]
    last_updated: str


ISSUED_AFTER_S = 4 * DAY_S + 9 * 3600


def issue_times(moment: int) -> list[int]:
    """Return when the invoices of the past half year were issued, earliest first; UTC months."""
    today = datetime.fromtimestamp(moment, UTC)
    months = [divmod(today.year * 12 + today.month - 1 - back, 12) for back in range(6, -1, -1)]
    firsts = [int(datetime(year, month + 1, 1, tzinfo=UTC).timestamp()) for year, month in months]
    return [first + ISSUED_AFTER_S for first in firsts if first + ISSUED_AFTER_S <= moment]


def issue_of(ended: int, made: int, issued: list[int]) -> int | None:
    """Return when a CDR was invoiced that was made after its charge ended; None: not yet."""
    return next((at for at in issued if made < at and ended < at - ISSUED_AFTER_S), None)


def close_age_days(ended: int, made: int, now: int) -> int:
    """Return days since the month of a CDR was invoiced; -1: it was not yet."""
    at = issue_of(ended, made, issue_times(now))
    return -1 if at is None else (now - at) // DAY_S
