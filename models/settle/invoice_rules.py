"""Rules of EN 16931 and of Peppol BIS Billing 3 that an invoice of ours meets before it leaves us.

The arithmetic (BR-CO) and what must be there (BR, BR-S, BR-AE, BR-Z, BR-DEC), by their ids. A full
validator has several hundred rules, most of them about parts that our invoices do not have.

An invoice is for Peppol if a party of it has an electronic address there. Its rules are named as
in the schematron of OpenPeppol; those that our documents meet by their shape (one tax total, one
note, dates, currencies of amounts, nothing empty) are not repeated here.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from models.money import round_half_up
from models.settle.invoice import (
    CORRECTED_INVOICE,
    CREDIT_NOTE,
    INVOICE,
    SELF_BILLED_CREDIT_NOTE,
    SELF_BILLED_INVOICE,
    Invoice,
    NoInvoice,
    TradeParty,
)


def violations(invoice: Invoice) -> list[str]:
    """Return every rule that the invoice breaks, as `rule: what is wrong`; empty: none."""
    return [*_there(invoice), *_arithmetic(invoice), *_categories(invoice), *_decimals(invoice)]


def refuse_broken(invoice: Invoice, *, peppol: bool) -> None:
    """Refuse an invoice that breaks a rule we know of.

    `peppol`: whether Peppol's rules are to be met, too.

    Raises:
        NoInvoice: it breaks some; the message names each.
    """
    broken = violations(invoice) + (peppol_violations(invoice) if peppol else [])
    if broken:
        raise NoInvoice(
            "the invoice would break rules of EN 16931 or Peppol:\n  "
            + "\n  ".join(broken)
            + "\nsay who you and they are in company.yaml"
        )


def _there(invoice: Invoice) -> Iterator[str]:
    if not invoice.number:
        yield "BR-02: the invoice has no number"
    if not re.fullmatch("[A-Z]{3}", invoice.currency):
        yield "BR-05: the currency is no ISO 4217 code"
    if not invoice.lines:
        yield "BR-16: the invoice has no line"
    yield from _party(invoice.seller, "seller", "BR-06", "BR-09")
    yield from _party(invoice.buyer, "buyer", "BR-07", "BR-11")
    if not (invoice.seller.vat_id or invoice.seller.registration_id):
        yield "BR-CO-26: the seller has neither vat_id nor registration_id"
    if invoice.due_on < invoice.issued_on:
        yield "BR-CO-25: it is due before it is issued"


def _party(party: TradeParty, role: str, name_rule: str, country_rule: str) -> Iterator[str]:
    if not party.name.strip():
        yield f"{name_rule}: the {role} has no name"
    if not re.fullmatch("[A-Z]{2}", party.country):
        yield f"{country_rule}: the {role} has no country"
    if party.vat_id and not re.match("[A-Z]{2}", party.vat_id):
        yield f"BR-CO-09: the {role}'s vat_id does not begin with a country code"


def _arithmetic(invoice: Invoice) -> Iterator[str]:
    subtotals = invoice.subtotals
    if invoice.net != sum(line.net for line in invoice.lines):
        yield "BR-CO-10: the net total is not the sum of the lines"
    if invoice.tax != sum(subtotal.tax for subtotal in subtotals):
        yield "BR-CO-14: the tax is not the sum of its breakdown"
    if invoice.gross != invoice.net + invoice.tax:
        yield "BR-CO-15: net and tax do not make the gross total"
    for subtotal in subtotals:
        expected = round_half_up(subtotal.taxable * subtotal.rate / 100, invoice.decimals)
        if subtotal.tax != expected:
            yield f"BR-CO-17: tax at {subtotal.rate} % is {subtotal.tax}, not {expected}"
    if not subtotals:
        yield "BR-CO-18: there is no VAT breakdown"


def _categories(invoice: Invoice) -> Iterator[str]:
    for subtotal in invoice.subtotals:
        rule = f"BR-{subtotal.category}"
        if subtotal.category in ("S", "Z", "AE") and not invoice.seller.vat_id:
            yield f"{rule}-02: the seller {invoice.seller.name} has no vat_id"
        if subtotal.category == "AE" and not (
            invoice.buyer.vat_id or invoice.buyer.registration_id
        ):
            yield f"{rule}-02: the buyer {invoice.buyer.name} has no vat_id"
        if subtotal.category == "S" and subtotal.rate <= 0:
            yield "BR-S-05: a standard rate is above zero"
        if subtotal.category in ("Z", "AE") and subtotal.rate != 0:
            yield f"{rule}-05: the rate of {subtotal.category} is zero"


def _decimals(invoice: Invoice) -> Iterator[str]:
    amounts: dict[str, Decimal] = {"BR-DEC-09": invoice.net, "BR-DEC-14": invoice.gross}
    amounts |= {f"BR-DEC-23 line {line.number}": line.net for line in invoice.lines}
    for rule, amount in amounts.items():
        if amount != round_half_up(amount, 2):
            yield f"{rule}: {amount} has more than two decimals"


_EAS: Final = """
0002 0007 0009 0037 0060 0088 0096 0097 0106 0130 0135 0142 0147 0151 0154 0158 0170 0177 0183 0184
0188 0190 0191 0192 0193 0194 0195 0196 0198 0199 0200 0201 0202 0203 0204 0205 0208 0209 0210 0211
0212 0213 0215 0216 0217 0218 0221 0225 0230 0235 0240 9910 9913 9914 9915 9918 9919 9920 9922 9923
9924 9925 9926 9927 9928 9929 9930 9931 9932 9933 9934 9935 9936 9937 9938 9939 9940 9941 9942 9943
9944 9945 9946 9947 9948 9949 9950 9951 9952 9953 9957 9959
"""
#: Electronic address schemes (EAS) that a participant may have.
SCHEMES: Final = frozenset(_EAS.split())
_BILLING_CODES = (INVOICE, CREDIT_NOTE, CORRECTED_INVOICE)
_SELF_BILLING_CODES = (SELF_BILLED_INVOICE, SELF_BILLED_CREDIT_NOTE)


def legal_attributes(party: TradeParty) -> dict[str, str]:
    """Return the attributes of a party's legal registration: its scheme, where we know it."""
    scheme = legal_scheme(party)
    return {} if scheme is None else {"schemeID": scheme}


def legal_scheme(party: TradeParty) -> str | None:
    """Return the scheme (ICD) of a party's legal registration: Dutch KVK and OIN numbers."""
    digits = party.registration_id or ""
    if party.country != "NL" or not digits.isdecimal():
        return None
    return {8: "0106", 20: "0190"}.get(len(digits))


def peppol_violations(invoice: Invoice) -> list[str]:
    """Return every rule that the invoice breaks, as `rule: what is wrong`; empty: none."""
    return [
        *_address(invoice.buyer, "buyer", "PEPPOL-EN16931-R010"),
        *_address(invoice.seller, "seller", "PEPPOL-EN16931-R020"),
        *_type_code(invoice),
        *_blank(invoice),
        *_dutch(invoice),
    ]


def _address(party: TradeParty, role: str, rule: str) -> Iterator[str]:
    if party.endpoint is None:
        yield f"{rule}: the {role} {party.name} has no electronic address (endpoint)"
        return
    scheme, identifier = party.endpoint
    if scheme not in SCHEMES:
        yield f"PEPPOL-EN16931-CL008: {scheme} of the {role} is no electronic address scheme"
    if scheme in IDENTIFIER_RULES:
        name, what, is_right = IDENTIFIER_RULES[scheme]
        if not is_right(identifier):
            yield f"{name}: {identifier} of the {role} is no {what}"


def _type_code(invoice: Invoice) -> Iterator[str]:
    codes = _SELF_BILLING_CODES if invoice.self_billed else _BILLING_CODES
    if invoice.type_code not in codes:
        rule = "P0101" if invoice.is_credit else "P0100"
        yield f"PEPPOL-EN16931-{rule}: type code {invoice.type_code} is not of this process"
    parties = (invoice.seller, invoice.buyer)
    if invoice.type_code == CORRECTED_INVOICE and any(party.country != "DE" for party in parties):
        yield "PEPPOL-EN16931-P0112: a corrected invoice (384) is for two German parties only"


def _blank(invoice: Invoice) -> Iterator[str]:
    for line in invoice.lines:
        if not line.name.strip():
            yield f"PEPPOL-EN16931-R008: line {line.number} has no name"


def _dutch(invoice: Invoice) -> Iterator[str]:
    """Yield what the Netherlands ask of suppliers there, and of their customers there."""
    seller, buyer = invoice.seller, invoice.buyer
    if seller.country != "NL":
        return
    if invoice.is_credit and not invoice.corrects:
        yield "NL-R-001: a credit note names the invoice that it credits, and this credits none"
    yield from _dutch_party(seller, "seller", "NL-R-002", "NL-R-003")
    if not seller.registration_id:
        yield "NL-R-003: the seller has no KVK or OIN number as registration_id"
    if not invoice.is_credit and not seller.iban:
        yield "NL-R-007: the seller has no iban to be paid to"
    if buyer.country == "NL":
        yield from _dutch_party(buyer, "buyer", "NL-R-004", "NL-R-005")


def _dutch_party(
    party: TradeParty, role: str, address_rule: str, identifier_rule: str
) -> Iterator[str]:
    if not (party.street and party.city and party.postal_code):
        yield f"{address_rule}: the {role}'s address lacks street, city or postal_code"
    if party.registration_id and legal_scheme(party) is None:
        yield f"{identifier_rule}: the {role}'s registration_id is no KVK or OIN number"


def is_gln(text: str) -> bool:
    """Recognize a Global Location Number: 13 digits, the last by GS1's weights of 3 and 1."""
    if not re.fullmatch("[0-9]{13}", text):
        return False
    weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(text[:-1]))
    return (10 - weighed % 10) % 10 == int(text[-1])


def is_norwegian(text: str) -> bool:
    """Recognize a Norwegian organisation number: nine digits, the last modulo 11."""
    if not re.fullmatch("[0-9]{9}", text):
        return False
    weighed = sum(int(d) * w for d, w in zip(text, (3, 2, 7, 6, 5, 4, 3, 2), strict=False))
    return int(text) > 0 and (11 - weighed % 11) % 11 == int(text[-1])


def is_danish(text: str) -> bool:
    """Recognize a Danish CVR number: eight digits, with or without DK before them."""
    return bool(re.fullmatch("(DK)?[0-9]{8}", text))


def is_belgian(text: str) -> bool:
    """Recognize a Belgian enterprise number: ten digits, the last two modulo 97."""
    return bool(re.fullmatch("[0-9]{10}", text)) and 97 - int(text[:8]) % 97 == int(text[8:])


def is_swedish(text: str) -> bool:
    """Recognize a Swedish organisation number: ten digits, the last by Luhn."""
    if not re.fullmatch("[0-9]{10}", text):
        return False
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(text)]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


#: Scheme → the rule's name, what the identifier is, and whether a text is one.
IDENTIFIER_RULES: dict[str, tuple[str, str, Callable[[str], bool]]] = {
    "0088": ("PEPPOL-COMMON-R040", "Global Location Number", is_gln),
    "0192": ("PEPPOL-COMMON-R041", "Norwegian organisation number", is_norwegian),
    "0184": ("PEPPOL-COMMON-R042", "Danish CVR number", is_danish),
    "0208": ("PEPPOL-COMMON-R043", "Belgian enterprise number", is_belgian),
    "0007": ("PEPPOL-COMMON-R049", "Swedish organisation number", is_swedish),
}
