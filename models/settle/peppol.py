"""Rules of Peppol BIS Billing 3 beyond EN 16931, as far as they can be checked without a network.

An invoice is for Peppol if a party of it has an electronic address there. The rules are named as
in the schematron of OpenPeppol; those that our documents meet by their shape (one tax total, one
note, dates, currencies of amounts, nothing empty) are not repeated here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from models.settle.identifiers import IDENTIFIER_RULES
from models.settle.invoice import (
    CREDIT_NOTE,
    INVOICE,
    SELF_BILLED_CREDIT_NOTE,
    SELF_BILLED_INVOICE,
    Invoice,
    TradeParty,
)

_EAS: Final = """
0002 0007 0009 0037 0060 0088 0096 0097 0106 0130 0135 0142 0147 0151 0154 0158 0170 0177 0183 0184
0188 0190 0191 0192 0193 0194 0195 0196 0198 0199 0200 0201 0202 0203 0204 0205 0208 0209 0210 0211
0212 0213 0215 0216 0217 0218 0221 0225 0230 0235 0240 9910 9913 9914 9915 9918 9919 9920 9922 9923
9924 9925 9926 9927 9928 9929 9930 9931 9932 9933 9934 9935 9936 9937 9938 9939 9940 9941 9942 9943
9944 9945 9946 9947 9948 9949 9950 9951 9952 9953 9957 9959
"""
#: Electronic address schemes (EAS) that a participant may have.
SCHEMES: Final = frozenset(_EAS.split())
_BILLING_CODES = (INVOICE, CREDIT_NOTE)
_SELF_BILLING_CODES = (SELF_BILLED_INVOICE, SELF_BILLED_CREDIT_NOTE)


def is_for_peppol(invoice: Invoice) -> bool:
    """Return whether a party has an electronic address."""
    return bool(invoice.seller.endpoint or invoice.buyer.endpoint)


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


def _blank(invoice: Invoice) -> Iterator[str]:
    for line in invoice.lines:
        if not line.name.strip():
            yield f"PEPPOL-EN16931-R008: line {line.number} has no name"


def _dutch(invoice: Invoice) -> Iterator[str]:
    """Yield what the Netherlands ask of suppliers there, and of their customers there."""
    seller, buyer = invoice.seller, invoice.buyer
    if seller.country != "NL":
        return
    if invoice.is_credit:
        yield "NL-R-001: a credit note names the invoice that it credits, and no statement knows it"
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
