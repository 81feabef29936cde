"""What Peppol asks beyond EN 16931, rule by rule."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D
from xml.etree import ElementTree as ET

import pytest
from test_invoices import an_invoice, texts

from models.settle.invoice import InvoiceLine, NoInvoice, TradeParty
from models.settle.invoice_rules import IDENTIFIER_RULES, SCHEMES, peppol_violations
from pipelines.exports.ubl import invoice_ubl

GLN = ("0088", "5790000435975")
SELLER = TradeParty(
    "Voltix", "NL", "Kade 1", "Zwolle", "8011 AB", "NL987654321B01", "12345678", GLN,
    iban="NL02RABO0123456789",
)  # fmt: skip
BUYER = TradeParty(
    "Nord", "NL", "Weg 2", "Breda", "4811 AB", "NL123456789B01", "00000001234567890000",
    ("0190", "00000001234567890000"),
)  # fmt: skip
LINE = (D("10.00"), "S", D(21))


def test_an_invoice_between_two_participants_breaks_nothing() -> None:
    invoice = an_invoice([LINE], seller=SELLER, buyer=BUYER)
    assert peppol_violations(invoice) == []
    root = ET.fromstring(invoice_ubl(invoice))  # noqa: S314  our own
    assert texts(root, "cbc:ProfileID") == ["urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"]
    legal = root.findall(".//{*}PartyLegalEntity/{*}CompanyID")
    assert [node.get("schemeID") for node in legal] == ["0106", "0190"]
    assert [node for node in root.iter() if not len(node) and not (node.text or "").strip()] == []


def test_without_electronic_addresses_it_does_not_say_it_is_for_peppol() -> None:
    root = ET.fromstring(invoice_ubl(an_invoice([LINE])))  # noqa: S314  our own
    assert texts(root, "cbc:CustomizationID") == ["urn:cen.eu:en16931:2017"]
    assert texts(root, "cbc:ProfileID") == []


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"buyer": replace(BUYER, endpoint=None)}, "PEPPOL-EN16931-R010"),
        ({"seller": replace(SELLER, endpoint=None)}, "PEPPOL-EN16931-R020"),
        ({"seller": replace(SELLER, endpoint=("1234", "x"))}, "PEPPOL-EN16931-CL008"),
        ({"seller": replace(SELLER, endpoint=("0088", "5790000435974"))}, "PEPPOL-COMMON-R040"),
        ({"type_code": "325"}, "PEPPOL-EN16931-P0100"),
        ({"type_code": "384"}, "PEPPOL-EN16931-P0112"),
        ({"lines": (InvoiceLine(1, " ", D(1), "S", D(21)),)}, "PEPPOL-EN16931-R008"),
        ({"type_code": "381"}, "NL-R-001"),
        ({"seller": replace(SELLER, street=None)}, "NL-R-002"),
        ({"seller": replace(SELLER, registration_id=None)}, "NL-R-003"),
        ({"seller": replace(SELLER, registration_id="123")}, "NL-R-003"),
        ({"buyer": replace(BUYER, postal_code=None)}, "NL-R-004"),
        ({"buyer": replace(BUYER, registration_id="123")}, "NL-R-005"),
        ({"seller": replace(SELLER, iban=None)}, "NL-R-007"),
    ],
)
def test_a_broken_rule_is_named(changes: dict[str, object], rule: str) -> None:
    invoice = an_invoice([LINE], **{"seller": SELLER, "buyer": BUYER, **changes})
    assert [found for found in peppol_violations(invoice) if found.startswith(f"{rule}:")] != []
    with pytest.raises(NoInvoice, match=rule):
        invoice_ubl(invoice)


def test_dutch_rules_are_for_dutch_sellers() -> None:
    seller = TradeParty("Lumen", "BE", vat_id="BE0403019261", endpoint=("0208", "0403019261"))
    assert peppol_violations(an_invoice([LINE], seller=seller, buyer=BUYER)) == []


@pytest.mark.parametrize(
    ("scheme", "right", "wrong"),
    [
        ("0088", "7300010000001", "7300010000002"),
        ("0192", "974760673", "974760674"),
        ("0184", "DK12345678", "DK1234567"),
        ("0208", "0403019261", "0403019262"),
        ("0007", "5560160680", "5560160681"),
    ],
)
def test_identifiers_are_checked_by_their_digits(scheme: str, right: str, wrong: str) -> None:
    _, _, is_right = IDENTIFIER_RULES[scheme]
    assert (is_right(right), is_right(wrong), is_right("")) == (True, False, False)
    assert scheme in SCHEMES
