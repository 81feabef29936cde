"""UN/CEFACT Cross Industry Invoice (D16B) of an invoice or credit note: EN 16931, for Factur-X.

Element order is that of the schema; a document that breaks a rule of EN 16931 that we know of does
not leave the house.
"""

from datetime import date
from decimal import Decimal
from typing import Final
from xml.etree import ElementTree as ET

from models.settle.invoice import Invoice, InvoiceLine, TaxSubtotal, TradeParty
from models.settle.invoice_rules import legal_attributes, refuse_broken

_DATA = "urn:un:unece:uncefact:data:standard:"
_NAMESPACES: Final = {
    "rsm": f"{_DATA}CrossIndustryInvoice:100",
    "ram": f"{_DATA}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_DATA}UnqualifiedDataType:100",
}
_EN_16931, _CREDIT_TRANSFER, _ONE, _DAY = "urn:cen.eu:en16931:2017", "58", "C62", "102"


def invoice_cii(invoice: Invoice) -> bytes:
    """Return the invoice as CII.

    Raises:
        NoInvoice: it breaks rules of EN 16931; the message names each.
    """
    refuse_broken(invoice, peppol=False)
    for prefix, uri in _NAMESPACES.items():
        ET.register_namespace(prefix, uri)
    root = ET.Element(_name("CrossIndustryInvoice", "rsm"))
    context = _node(root, "ExchangedDocumentContext", "rsm")
    _text(_node(context, "GuidelineSpecifiedDocumentContextParameter"), "ID", _EN_16931)
    document = _node(root, "ExchangedDocument", "rsm")
    _text(document, "ID", invoice.number)
    _text(document, "TypeCode", invoice.type_code)
    _date(document, "IssueDateTime", invoice.issued_on)
    if invoice.note:
        _text(_node(document, "IncludedNote"), "Content", invoice.note)
    trade = _node(root, "SupplyChainTradeTransaction", "rsm")
    for line in invoice.lines:
        _line(trade, invoice, line)
    agreement = _node(trade, "ApplicableHeaderTradeAgreement")
    _text(agreement, "BuyerReference", invoice.number)
    _party(_node(agreement, "SellerTradeParty"), invoice.seller)
    _party(_node(agreement, "BuyerTradeParty"), invoice.buyer)
    _node(trade, "ApplicableHeaderTradeDelivery")
    _settlement(_node(trade, "ApplicableHeaderTradeSettlement"), invoice)
    ET.indent(root, " ")
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _line(trade: ET.Element, invoice: Invoice, line: InvoiceLine) -> None:
    node = _node(trade, "IncludedSupplyChainTradeLineItem")
    _text(_node(node, "AssociatedDocumentLineDocument"), "LineID", str(line.number))
    _text(_node(node, "SpecifiedTradeProduct"), "Name", line.name)
    price = _node(_node(node, "SpecifiedLineTradeAgreement"), "NetPriceProductTradePrice")
    _amount(price, "ChargeAmount", abs(line.net), invoice)
    # A price is never below zero (BR-27): what runs against the document is a quantity of -1.
    quantity = "1" if line.net >= 0 else "-1"
    delivery = _node(node, "SpecifiedLineTradeDelivery")
    _text(delivery, "BilledQuantity", quantity, unitCode=_ONE)
    settlement = _node(node, "SpecifiedLineTradeSettlement")
    tax = _node(settlement, "ApplicableTradeTax")
    _text(tax, "TypeCode", "VAT")
    _text(tax, "CategoryCode", line.category)
    _text(tax, "RateApplicablePercent", f"{line.rate:f}")
    sums = _node(settlement, "SpecifiedTradeSettlementLineMonetarySummation")
    _amount(sums, "LineTotalAmount", line.net, invoice)


def _party(node: ET.Element, trader: TradeParty) -> None:
    _text(node, "Name", trader.name)
    if trader.registration_id:
        legal = _node(node, "SpecifiedLegalOrganization")
        _text(legal, "ID", trader.registration_id, **legal_attributes(trader))
    if trader.email or trader.phone:
        contact = _node(node, "DefinedTradeContact")
        if trader.phone:
            phone = _node(contact, "TelephoneUniversalCommunication")
            _text(phone, "CompleteNumber", trader.phone)
        if trader.email:
            _text(_node(contact, "EmailURIUniversalCommunication"), "URIID", trader.email)
    address = _node(node, "PostalTradeAddress")
    for name, value in (
        ("PostcodeCode", trader.postal_code),
        ("LineOne", trader.street),
        ("CityName", trader.city),
        ("CountryID", trader.country),
    ):
        if value:
            _text(address, name, value)
    if trader.endpoint:
        scheme, identifier = trader.endpoint
        _text(_node(node, "URIUniversalCommunication"), "URIID", identifier, schemeID=scheme)
    if trader.vat_id:
        _text(_node(node, "SpecifiedTaxRegistration"), "ID", trader.vat_id, schemeID="VA")


def _settlement(node: ET.Element, invoice: Invoice) -> None:
    seller = invoice.seller
    if seller.iban:
        _text(node, "PaymentReference", invoice.number)
    _text(node, "InvoiceCurrencyCode", invoice.currency)
    if seller.iban:
        means = _node(node, "SpecifiedTradeSettlementPaymentMeans")
        _text(means, "TypeCode", _CREDIT_TRANSFER)
        account = _node(means, "PayeePartyCreditorFinancialAccount")
        _text(account, "IBANID", seller.iban.replace(" ", ""))
        if seller.bic:
            bank = _node(means, "PayeeSpecifiedCreditorFinancialInstitution")
            _text(bank, "BICID", seller.bic)
    for subtotal in invoice.subtotals:
        _subtotal(_node(node, "ApplicableTradeTax"), subtotal, invoice)
    period = _node(node, "BillingSpecifiedPeriod")
    _date(period, "StartDateTime", invoice.period[0])
    _date(period, "EndDateTime", invoice.period[1])
    _date(_node(node, "SpecifiedTradePaymentTerms"), "DueDateDateTime", invoice.due_on)
    sums = _node(node, "SpecifiedTradeSettlementHeaderMonetarySummation")
    _amount(sums, "LineTotalAmount", invoice.net, invoice)
    _amount(sums, "TaxBasisTotalAmount", invoice.net, invoice)
    tax = f"{invoice.tax:.{invoice.decimals}f}"
    _text(sums, "TaxTotalAmount", tax, currencyID=invoice.currency)
    _amount(sums, "GrandTotalAmount", invoice.gross, invoice)
    _amount(sums, "DuePayableAmount", invoice.gross, invoice)
    if len(invoice.corrects) == 1:  # the schema has room for one; the note names them all
        reference = _node(node, "InvoiceReferencedDocument")
        _text(reference, "IssuerAssignedID", invoice.corrects[0])


def _subtotal(node: ET.Element, subtotal: TaxSubtotal, invoice: Invoice) -> None:
    _amount(node, "CalculatedAmount", subtotal.tax, invoice)
    _text(node, "TypeCode", "VAT")
    is_reverse = subtotal.category == "AE"
    if is_reverse:
        _text(node, "ExemptionReason", "Reverse charge")
    _amount(node, "BasisAmount", subtotal.taxable, invoice)
    _text(node, "CategoryCode", subtotal.category)
    if is_reverse:
        _text(node, "ExemptionReasonCode", "VATEX-EU-AE")
    _text(node, "RateApplicablePercent", f"{subtotal.rate:f}")


def _name(name: str, prefix: str = "ram") -> str:
    return f"{{{_NAMESPACES[prefix]}}}{name}"


def _node(parent: ET.Element, name: str, prefix: str = "ram") -> ET.Element:
    return ET.SubElement(parent, _name(name, prefix))


def _text(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, _name(name), attributes).text = text


def _date(parent: ET.Element, name: str, value: date) -> None:
    node = ET.SubElement(_node(parent, name), _name("DateTimeString", "udt"), {"format": _DAY})
    node.text = f"{value:%Y%m%d}"


def _amount(parent: ET.Element, name: str, value: Decimal, invoice: Invoice) -> None:
    _text(parent, name, f"{value:.{invoice.decimals}f}")
