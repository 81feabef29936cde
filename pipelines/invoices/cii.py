"""UN/CEFACT Cross Industry Invoice (D16B), as EN 16931, Factur-X and ZUGFeRD 2 use it."""

from datetime import date
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

_DATA = "urn:un:unece:uncefact:data:"
ROOT = f"{{{_DATA}standard:CrossIndustryInvoice:100}}CrossIndustryInvoice"


def _rsm(name: str) -> str:
    return f"{{{_DATA}standard:CrossIndustryInvoice:100}}{name}"


def _ram(name: str) -> str:
    return f"{{{_DATA}standard:ReusableAggregateBusinessInformationEntity:100}}{name}"


_DATE = f"{{{_DATA}standard:UnqualifiedDataType:100}}DateTimeString"
_LINE = _ram("IncludedSupplyChainTradeLineItem")
_PRODUCT, _SETTLEMENT = _ram("SpecifiedTradeProduct"), _ram("SpecifiedLineTradeSettlement")
_TAX, _CATEGORY = _ram("ApplicableTradeTax"), _ram("CategoryCode")
_RATE, _ASSIGNED = _ram("RateApplicablePercent"), _ram("IssuerAssignedID")
_NAME, _DESCRIPTION, _ID = _ram("Name"), _ram("Description"), _ram("ID")
_SUMMATION = _ram("SpecifiedTradeSettlementLineMonetarySummation")
_CHARACTERISTIC, _VALUE = _ram("ApplicableProductCharacteristic"), _ram("Value")
_ARTICLES = (_ram("SellerAssignedID"), _ram("BuyerAssignedID"), _ram("GlobalID"))


def read_cii(data: bytes) -> ReceivedInvoice:
    """Read an invoice or credit note.

    Raises:
        UnreadableInvoice: it is none, or lacks what an invoice must state.
    """
    root, rows = read_stream(data, frozenset({_LINE}), _line)
    document = node_at(root, _rsm("ExchangedDocument"))
    trade = node_at(root, _rsm("SupplyChainTradeTransaction"))
    if root.tag != ROOT or document is None or trade is None:
        raise UnreadableInvoice("no Cross Industry Invoice of EN 16931")
    settlement = node_at(trade, _ram("ApplicableHeaderTradeSettlement"))
    agreement = node_at(trade, _ram("ApplicableHeaderTradeAgreement"))
    if settlement is None or agreement is None:
        raise UnreadableInvoice("the document states neither parties nor totals")
    currency = required_text(settlement, "currency", _ram("InvoiceCurrencyCode"))
    issued = _day(document, "issue date", _ram("IssueDateTime"))
    if issued is None:
        raise UnreadableInvoice("the document states no issue date")
    period = _ram("BillingSpecifiedPeriod")
    named = (
        text_at(reference, _ASSIGNED)
        for reference in settlement.iterfind(_ram("InvoiceReferencedDocument"))
    )
    return ReceivedInvoice(
        number=required_text(document, "number", _ID),
        type_code=text_at(document, _ram("TypeCode")) or "380",
        issued_on=issued,
        currency=currency,
        lines=lines_frame(rows),
        due_on=_day(
            settlement, "due date", _ram("SpecifiedTradePaymentTerms"), _ram("DueDateDateTime")
        ),
        period_from=_day(settlement, "start of the period", period, _ram("StartDateTime")),
        period_to=_day(settlement, "end of the period", period, _ram("EndDateTime")),
        corrects=tuple(number for number in named if number),
        taxes=tuple(_tax(part) for part in settlement.iterfind(_TAX)),
        **_party(agreement, "SellerTradeParty", "seller"),
        **_party(agreement, "BuyerTradeParty", "buyer"),
        **_totals(settlement, currency),
    )


def _line(node: Element) -> Row:
    settlement, product = node_at(node, _SETTLEMENT), node_at(node, _PRODUCT)
    if settlement is None:
        raise UnreadableInvoice("a line states no amount")
    total = required_text(settlement, "amount of a line", _SUMMATION, _ram("LineTotalAmount"))
    rate = text_at(settlement, _TAX, _RATE)
    row: Row = {
        "line_id": text_at(node, _ram("AssociatedDocumentLineDocument"), _ram("LineID")),
        "amount_excl_vat": amount_of(total, "a line"),
        "vat_category": text_at(settlement, _TAX, _CATEGORY),
        "vat_rate": rate_of(rate) if rate else None,
    }
    quantity = node_at(node, _ram("SpecifiedLineTradeDelivery"), _ram("BilledQuantity"))
    if quantity is not None and quantity.get("unitCode") == "KWH" and quantity.text:
        row["energy_kwh"] = amount_of(quantity.text.strip(), "a quantity")
    named = text_at(settlement, _ram("AdditionalReferencedDocument"), _ASSIGNED)
    note = text_at(
        node, _ram("AssociatedDocumentLineDocument"), _ram("IncludedNote"), _ram("Content")
    )
    if product is None:
        return line_row((), named, (note,), row)
    name, description = text_at(product, _NAME), text_at(product, _DESCRIPTION)
    row["description"] = name or description
    attributes = (
        (text_at(one, _DESCRIPTION), text_at(one, _VALUE))
        for one in product.iterfind(_CHARACTERISTIC)
    )
    articles = (text_at(product, tag) for tag in _ARTICLES)
    return line_row(attributes, named, (*articles, name, description, note), row)


def _day(node: Element, what: str, *path: str) -> date | None:
    text = text_at(node, *path, _DATE)
    return day_of(text, what) if text else None


def _party(agreement: Element, tag: str, role: str) -> Row:
    party = node_at(agreement, _ram(tag))
    if party is None:
        return {}
    vat_id = None
    for registration in party.iterfind(_ram("SpecifiedTaxRegistration")):
        number = registration.find(_ID)
        if number is not None and number.get("schemeID") == "VA":
            vat_id = number.text
    return {f"{role}_name": text_at(party, _NAME), f"{role}_vat_id": vat_id}


def _totals(settlement: Element, currency: str) -> Row:
    sums = node_at(settlement, _ram("SpecifiedTradeSettlementHeaderMonetarySummation"))
    if sums is None:
        raise UnreadableInvoice("the document states no totals")

    def stated(name: str) -> Decimal | None:
        for node in sums.iterfind(_ram(name)) if sums is not None else ():
            # A second tax total may be in the currency of the books.
            if node.text and node.get("currencyID", currency) == currency:
                return amount_of(node.text.strip(), name)
        return None

    net = stated("TaxBasisTotalAmount")
    if net is None:
        raise UnreadableInvoice("the document states no total before taxes")
    return {
        "total_excl_vat": net,
        "total_vat": stated("TaxTotalAmount"),
        "total_incl_vat": stated("GrandTotalAmount"),
        "allowances_excl_vat": stated("AllowanceTotalAmount") or Decimal(),
        "charges_excl_vat": stated("ChargeTotalAmount") or Decimal(),
    }


def _tax(part: Element) -> TaxAmount:
    rate = text_at(part, _RATE)
    return TaxAmount(
        text_at(part, _CATEGORY) or "*",
        rate_of(rate) if rate else None,
        amount_of(required_text(part, "taxable amount", _ram("BasisAmount")), "taxable amount"),
        amount_of(required_text(part, "tax amount", _ram("CalculatedAmount")), "tax amount"),
    )
