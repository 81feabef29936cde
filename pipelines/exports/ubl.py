"""UBL 2.1 of an invoice or credit note: EN 16931, and for Peppol BIS Billing 3 or Self-Billing 3.

Element order is that of the UBL schema; a document that breaks a rule we know of does not leave
the house. It says that it is for Peppol only if a party has an electronic address there.
"""

from decimal import Decimal
from xml.etree import ElementTree as ET

from models.settle.invoice import Invoice, TaxSubtotal, TradeParty, is_for_peppol
from models.settle.invoice_rules import legal_attributes, refuse_broken

_CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
_CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
_ROOTS = {
    False: "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
    True: "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2",
}
_BILLING = (
    "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0",
    "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
)
_SELF_BILLING = (
    "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0",
    "urn:fdc:peppol.eu:2017:poacc:selfbilling:01:1.0",
)
_EN_16931 = "urn:cen.eu:en16931:2017"
_CREDIT_TRANSFER, _ONE = "58", "C62"


def invoice_ubl(invoice: Invoice) -> bytes:
    """Return the invoice as UBL.

    Raises:
        NoInvoice: it breaks rules of EN 16931 or Peppol; the message names each.
    """
    refuse_broken(invoice, peppol=is_for_peppol(invoice.seller, invoice.buyer))
    root_namespace = _ROOTS[invoice.is_credit]
    for prefix, uri in (("", root_namespace), ("cac", _CAC), ("cbc", _CBC)):
        ET.register_namespace(prefix, uri)
    kind = "CreditNote" if invoice.is_credit else "Invoice"
    root = ET.Element(f"{{{root_namespace}}}{kind}")
    _head(root, invoice, kind)
    _party(_aggregate(root, "AccountingSupplierParty"), invoice.seller)
    _party(_aggregate(root, "AccountingCustomerParty"), invoice.buyer)
    if invoice.seller.iban:
        _payment(root, invoice)
    if not invoice.is_credit or not invoice.seller.iban:
        terms = _aggregate(root, "PaymentTerms")
        _basic(terms, "Note", f"Due on {invoice.due_on.isoformat()}")
    _taxes(root, invoice)
    _totals(root, invoice)
    for line in invoice.lines:
        _line(root, invoice, line.number)
    ET.indent(root, " ")
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _head(root: ET.Element, invoice: Invoice, kind: str) -> None:
    if is_for_peppol(invoice.seller, invoice.buyer):
        customization, profile = _SELF_BILLING if invoice.self_billed else _BILLING
        _basic(root, "CustomizationID", customization)
        _basic(root, "ProfileID", profile)
    else:
        _basic(root, "CustomizationID", _EN_16931)
    _basic(root, "ID", invoice.number)
    _basic(root, "IssueDate", invoice.issued_on.isoformat())
    if not invoice.is_credit:
        _basic(root, "DueDate", invoice.due_on.isoformat())
    _basic(root, f"{kind}TypeCode", invoice.type_code)
    if invoice.note:
        _basic(root, "Note", invoice.note)
    _basic(root, "DocumentCurrencyCode", invoice.currency)
    _basic(root, "BuyerReference", invoice.number)
    period = _aggregate(root, "InvoicePeriod")
    _basic(period, "StartDate", invoice.period[0].isoformat())
    _basic(period, "EndDate", invoice.period[1].isoformat())
    for number in invoice.corrects:
        reference = _aggregate(_aggregate(root, "BillingReference"), "InvoiceDocumentReference")
        _basic(reference, "ID", number)


def _party(parent: ET.Element, trader: TradeParty) -> None:
    party = _aggregate(parent, "Party")
    if trader.endpoint:
        scheme, identifier = trader.endpoint
        _basic(party, "EndpointID", identifier, schemeID=scheme)
    _basic(_aggregate(party, "PartyName"), "Name", trader.name)
    address = _aggregate(party, "PostalAddress")
    for name, value in (
        ("StreetName", trader.street),
        ("CityName", trader.city),
        ("PostalZone", trader.postal_code),
    ):
        if value:
            _basic(address, name, value)
    _basic(_aggregate(address, "Country"), "IdentificationCode", trader.country)
    if trader.vat_id:
        tax = _aggregate(party, "PartyTaxScheme")
        _basic(tax, "CompanyID", trader.vat_id)
        _basic(_aggregate(tax, "TaxScheme"), "ID", "VAT")
    legal = _aggregate(party, "PartyLegalEntity")
    _basic(legal, "RegistrationName", trader.name)
    if trader.registration_id:
        _basic(legal, "CompanyID", trader.registration_id, **legal_attributes(trader))
    if trader.email or trader.phone:
        contact = _aggregate(party, "Contact")
        if trader.phone:
            _basic(contact, "Telephone", trader.phone)
        if trader.email:
            _basic(contact, "ElectronicMail", trader.email)


def _payment(root: ET.Element, invoice: Invoice) -> None:
    means = _aggregate(root, "PaymentMeans")
    _basic(means, "PaymentMeansCode", _CREDIT_TRANSFER)
    if invoice.is_credit:
        _basic(means, "PaymentDueDate", invoice.due_on.isoformat())
    _basic(means, "PaymentID", invoice.number)
    account = _aggregate(means, "PayeeFinancialAccount")
    _basic(account, "ID", (invoice.seller.iban or "").replace(" ", ""))
    if invoice.seller.bic:
        _basic(_aggregate(account, "FinancialInstitutionBranch"), "ID", invoice.seller.bic)


def _taxes(root: ET.Element, invoice: Invoice) -> None:
    total = _aggregate(root, "TaxTotal")
    _amount(total, "TaxAmount", invoice.tax, invoice)
    for subtotal in invoice.subtotals:
        part = _aggregate(total, "TaxSubtotal")
        _amount(part, "TaxableAmount", subtotal.taxable, invoice)
        _amount(part, "TaxAmount", subtotal.tax, invoice)
        _category(part, "TaxCategory", subtotal, with_reason=True)


def _totals(root: ET.Element, invoice: Invoice) -> None:
    totals = _aggregate(root, "LegalMonetaryTotal")
    _amount(totals, "LineExtensionAmount", invoice.net, invoice)
    _amount(totals, "TaxExclusiveAmount", invoice.net, invoice)
    _amount(totals, "TaxInclusiveAmount", invoice.gross, invoice)
    _amount(totals, "PayableAmount", invoice.gross, invoice)


def _line(root: ET.Element, invoice: Invoice, number: int) -> None:
    line = invoice.lines[number - 1]
    kind = "Credited" if invoice.is_credit else "Invoiced"
    node = _aggregate(root, "CreditNoteLine" if invoice.is_credit else "InvoiceLine")
    _basic(node, "ID", str(line.number))
    # A price is never below zero (BR-27): what runs against the document is a quantity of -1.
    _basic(node, f"{kind}Quantity", "1" if line.net >= 0 else "-1", unitCode=_ONE)
    _amount(node, "LineExtensionAmount", line.net, invoice)
    item = _aggregate(node, "Item")
    _basic(item, "Name", line.name)
    subtotal = TaxSubtotal(line.category, line.rate, line.net, Decimal())
    _category(item, "ClassifiedTaxCategory", subtotal, with_reason=False)
    _amount(_aggregate(node, "Price"), "PriceAmount", abs(line.net), invoice)


def _category(parent: ET.Element, name: str, of: TaxSubtotal, *, with_reason: bool) -> None:
    category = _aggregate(parent, name)
    _basic(category, "ID", of.category)
    _basic(category, "Percent", f"{of.rate:f}")
    if with_reason and of.category == "AE":
        _basic(category, "TaxExemptionReasonCode", "VATEX-EU-AE")
        _basic(category, "TaxExemptionReason", "Reverse charge")
    _basic(_aggregate(category, "TaxScheme"), "ID", "VAT")


def _aggregate(parent: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{_CAC}}}{name}")


def _basic(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, f"{{{_CBC}}}{name}", attributes).text = text


def _amount(parent: ET.Element, name: str, value: Decimal, invoice: Invoice) -> None:
    _basic(parent, name, f"{value:.{invoice.decimals}f}", currencyID=invoice.currency)
