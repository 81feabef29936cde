"""UBL 2.1 Invoice and CreditNote, as EN 16931 and Peppol BIS Billing use them."""

from decimal import Decimal
from xml.etree.ElementTree import Element

from models.settle.received import (
    ReceivedInvoice,
    TaxAmount,
    UnreadableInvoice,
    amount_of,
    day_of,
    lines_frame,
    rate_of,
)
from pipelines.invoices.line_fields import line_row
from pipelines.invoices.xml_source import Row, node_at, read_stream, required_text, text_at

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
ROOTS = {f"{{{_UBL}{kind}-2}}{kind}": kind for kind in ("Invoice", "CreditNote")}


def _cac(name: str) -> str:
    return f"{{{_UBL}CommonAggregateComponents-2}}{name}"


def _cbc(name: str) -> str:
    return f"{{{_UBL}CommonBasicComponents-2}}{name}"


_LINES = frozenset({_cac("InvoiceLine"), _cac("CreditNoteLine")})
_ID, _NAME, _NOTE = _cbc("ID"), _cbc("Name"), _cbc("Note")
_ITEM, _DESCRIPTION = _cac("Item"), _cbc("Description")
_IDENTIFICATIONS = (
    _cac("SellersItemIdentification"),
    _cac("BuyersItemIdentification"),
    _cac("StandardItemIdentification"),
)
_CATEGORY, _PERCENT = _cac("ClassifiedTaxCategory"), _cbc("Percent")
_DOCUMENT, _AMOUNT = _cac("DocumentReference"), _cbc("LineExtensionAmount")
_PROPERTY, _VALUE = _cac("AdditionalItemProperty"), _cbc("Value")
_QUANTITIES = (_cbc("InvoicedQuantity"), _cbc("CreditedQuantity"))
_START_DATE, _END_DATE = _cbc("StartDate"), _cbc("EndDate")


def read_ubl(data: bytes) -> ReceivedInvoice:
    """Read an invoice or credit note.

    Raises:
        UnreadableInvoice: it is none, or lacks what an invoice must state.
    """
    root, rows = read_stream(data, _LINES, _line)
    kind = ROOTS.get(root.tag)
    if kind is None:
        raise UnreadableInvoice("neither a UBL Invoice nor a CreditNote")
    usual = "381" if kind == "CreditNote" else "380"
    due = text_at(root, _cbc("DueDate")) or text_at(
        root, _cac("PaymentMeans"), _cbc("PaymentDueDate")
    )
    currency = required_text(root, "currency", _cbc("DocumentCurrencyCode"))
    return ReceivedInvoice(
        number=required_text(root, "number", _ID),
        type_code=text_at(root, _cbc(f"{kind}TypeCode")) or usual,
        issued_on=day_of(required_text(root, "issue date", _cbc("IssueDate")), "issue date"),
        currency=currency,
        lines=lines_frame(rows),
        due_on=day_of(due, "due date") if due else None,
        corrects=_corrects(root),
        **_period(root),
        **_party(root, "AccountingSupplierParty", "seller"),
        **_party(root, "AccountingCustomerParty", "buyer"),
        **_totals(root),
        **_taxes(root, currency),
    )


def _line(node: Element) -> Row:
    item = node_at(node, _ITEM)
    row: Row = {
        "line_id": text_at(node, _ID),
        "amount_excl_vat": amount_of(required_text(node, "amount of a line", _AMOUNT), "a line"),
    }
    for tag in _QUANTITIES:
        quantity = node.find(tag)
        if quantity is not None and quantity.get("unitCode") == "KWH" and quantity.text:
            row["energy_kwh"] = amount_of(quantity.text.strip(), "a quantity")
    note, named = text_at(node, _NOTE), text_at(node, _DOCUMENT, _ID)
    if item is None:
        return line_row((), named, (note,), row)
    name, description = text_at(item, _NAME), text_at(item, _DESCRIPTION)
    rate = text_at(item, _CATEGORY, _PERCENT)
    row |= {
        "description": name or description,
        "vat_category": text_at(item, _CATEGORY, _ID),
        "vat_rate": rate_of(rate) if rate else None,
    }
    attributes = ((text_at(one, _NAME), text_at(one, _VALUE)) for one in item.iterfind(_PROPERTY))
    ids = (text_at(item, tag, _ID) for tag in _IDENTIFICATIONS)
    return line_row(attributes, named, (*ids, name, description, note), row)


def _corrects(root: Element) -> tuple[str, ...]:
    named = (
        text_at(reference, _cac("InvoiceDocumentReference"), _ID)
        for reference in root.iterfind(_cac("BillingReference"))
    )
    return tuple(number for number in named if number)


def _period(root: Element) -> Row:
    start = text_at(root, _cac("InvoicePeriod"), _START_DATE)
    end = text_at(root, _cac("InvoicePeriod"), _END_DATE)
    return {
        "period_from": day_of(start, "start of the period") if start else None,
        "period_to": day_of(end, "end of the period") if end else None,
    }


def _party(root: Element, tag: str, role: str) -> Row:
    party = node_at(root, _cac(tag), _cac("Party"))
    if party is None:
        return {}
    legal = text_at(party, _cac("PartyLegalEntity"), _cbc("RegistrationName"))
    return {
        f"{role}_name": legal or text_at(party, _cac("PartyName"), _NAME),
        f"{role}_vat_id": text_at(party, _cac("PartyTaxScheme"), _cbc("CompanyID")),
    }


def _totals(root: Element) -> Row:
    totals = node_at(root, _cac("LegalMonetaryTotal"))
    if totals is None:
        raise UnreadableInvoice("the document states no totals")

    def stated(name: str) -> Decimal | None:
        text = text_at(totals, _cbc(name)) if totals is not None else None
        return amount_of(text, name) if text else None

    net = stated("TaxExclusiveAmount")
    if net is None:
        raise UnreadableInvoice("the document states no total before taxes")
    return {
        "total_excl_vat": net,
        "total_incl_vat": stated("TaxInclusiveAmount"),
        "allowances_excl_vat": stated("AllowanceTotalAmount") or Decimal(),
        "charges_excl_vat": stated("ChargeTotalAmount") or Decimal(),
    }


def _taxes(root: Element, currency: str) -> Row:
    """Return the tax in the document's currency: a second total may be in that of the books."""
    amount = _cbc("TaxAmount")
    for total in root.iterfind(_cac("TaxTotal")):
        node = total.find(amount)
        if node is None or not node.text or node.get("currencyID", currency) != currency:
            continue
        taxes = tuple(_tax(part) for part in total.iterfind(_cac("TaxSubtotal")))
        return {"total_vat": amount_of(node.text.strip(), "the tax"), "taxes": taxes}
    return {}


def _tax(part: Element) -> TaxAmount:
    category = _cac("TaxCategory")
    rate = text_at(part, category, _PERCENT)
    return TaxAmount(
        text_at(part, category, _ID) or "*",
        rate_of(rate) if rate else None,
        amount_of(required_text(part, "taxable amount", _cbc("TaxableAmount")), "taxable amount"),
        amount_of(required_text(part, "tax amount", _cbc("TaxAmount")), "tax amount"),
    )
