"""Invoices and credit notes: EN 16931's arithmetic, UBL's shape, and who writes which."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal as D
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from settle_builder import SettleBuilder

from models.contract import Contract
from models.settle.document import Document
from models.settle.invoice import Invoice, InvoiceLine, NoInvoice, TradeParty
from models.settle.invoice_rules import violations
from pipelines.exports.company import Letterhead
from pipelines.exports.invoice_record import NoRecord, invoice_record
from pipelines.exports.statement import Paperwork, export_statement
from pipelines.exports.ubl import invoice_ubl
from pipelines.stages.settle.reading import read_document

NS = {
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
}
SELLER = TradeParty("Voltix", "NL", vat_id="NL987654321B01")
BUYER = TradeParty("Émobilité", "NL", vat_id="NL123456789B01")


def settled(world: SettleBuilder) -> Document:
    world.settle()
    world.con.execute("update settle.statements set status = 'locked'")
    return read_document(world.con, "voltix", "2026-10")


def texts(root: ET.Element, path: str) -> list[str | None]:
    return [node.text for node in root.findall(path, NS)]


def on_peppol(letterhead: Letterhead) -> Letterhead:
    """The same companies, with everything that Peppol asks of Dutch ones."""
    more = {
        **dict(street="Kade 1", city="Zwolle", postal_code="8011 AB", registration_id="12345678"),
        "endpoint": {"scheme": "0106", "id": "12345678"},
    }
    told = letterhead.model_dump(exclude_none=True, mode="json")
    companies = [told["company"], *told["counterparties"].values()]
    for company in companies:
        company.update(more)
    return Letterhead.model_validate(told)


def ubl(document: Document, paperwork: Paperwork) -> ET.Element:
    return ET.fromstring(export_statement(document, "ubl", paperwork))  # noqa: S314  our own


def test_direct_billing_gives_the_invoice_as_they_should_write_it(
    document: Document, paperwork: Paperwork
) -> None:
    root = ubl(document, paperwork)
    assert root.tag.endswith("}Invoice")
    assert texts(root, "cbc:InvoiceTypeCode") == ["380"]
    assert texts(root, "cac:AccountingSupplierParty/cac:Party/cac:PartyName/cbc:Name") == [
        "Voltix Ørsted N.V."
    ]
    assert texts(root, "cbc:DueDate") == ["2026-12-05"]
    assert texts(root, "cac:InvoiceLine/cbc:LineExtensionAmount") == ["52.20", "3.00"]
    assert texts(root, "cac:TaxTotal/cbc:TaxAmount") == ["11.23"]
    assert texts(root, "cac:LegalMonetaryTotal/cbc:PayableAmount") == ["66.43"]


def test_reverse_billing_gives_a_self_billed_invoice(
    world: SettleBuilder, paperwork: Paperwork
) -> None:
    world.contracts["voltix"] = Contract(billing="reverse", reverse_charge=True)
    world.cdr("a", "10.00")
    root = ubl(settled(world), replace(paperwork, letterhead=on_peppol(paperwork.letterhead)))
    assert texts(root, "cbc:InvoiceTypeCode") == ["389"]
    assert texts(root, "cbc:CustomizationID") == [
        "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0"
    ]
    assert texts(root, "cbc:ProfileID") == ["urn:fdc:peppol.eu:2017:poacc:selfbilling:01:1.0"]
    assert texts(root, "cac:AccountingCustomerParty/cac:Party/cbc:EndpointID") == ["12345678"]
    category = "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/"
    assert texts(root, f"{category}cbc:ID") == ["AE"]
    assert texts(root, f"{category}cbc:TaxExemptionReasonCode") == ["VATEX-EU-AE"]


def test_more_credits_than_charges_give_a_credit_note(
    world: SettleBuilder, paperwork: Paperwork
) -> None:
    world.cdr("a", "-10.00", credit=True, incl="-12.10", verdict="credited")
    world.cdr("b", "4.00", rates={"9": "4"})
    root = ubl(settled(world), paperwork)
    assert root.tag.endswith("}CreditNote")
    assert texts(root, "cbc:CreditNoteTypeCode") == ["381"]
    assert texts(root, "cac:CreditNoteLine/cbc:LineExtensionAmount") == ["10.00", "-4.00"]
    assert texts(root, "cac:CreditNoteLine/cbc:CreditedQuantity") == ["1", "-1"]
    assert texts(root, "cac:CreditNoteLine/cac:Price/cbc:PriceAmount") == ["10.00", "4.00"]
    assert texts(root, "cac:LegalMonetaryTotal/cbc:PayableAmount") == ["7.74"]


def test_unknown_vat_makes_no_invoice_until_a_rate_is_named(
    world: SettleBuilder, paperwork: Paperwork
) -> None:
    world.cdr("a", "10.00")
    document = settled(world)
    with pytest.raises(NoInvoice, match=r"nobody stated the VAT of 10\.00 EUR in NL"):
        export_statement(document, "ubl", paperwork)
    named = paperwork.letterhead.model_copy(update={"assumed_vat": {"NL": D(21)}})
    root = ubl(document, replace(paperwork, letterhead=named))
    assert texts(root, "cac:TaxTotal/cbc:TaxAmount") == ["2.10"]


def test_nothing_payable_makes_no_invoice(world: SettleBuilder, paperwork: Paperwork) -> None:
    world.cdr("a", "10.00", verdict="rejected", rejected="10.00")
    with pytest.raises(NoInvoice, match="nothing is payable"):
        export_statement(settled(world), "ubl", paperwork)


def test_several_statements_need_a_choice(world: SettleBuilder, paperwork: Paperwork) -> None:
    world.cdr("a", rates={"21": "1"})
    world.cdr("b", currency="DKK", rates={"25": "1"})
    with pytest.raises(NoInvoice, match="choose with --party and --currency"):
        export_statement(settled(world), "ubl", paperwork)


def test_without_a_company_file_it_says_what_is_missing(
    document: Document, paperwork: Paperwork
) -> None:
    with pytest.raises(NoInvoice, match=r"BR-S-02: the seller NL/VOL has no vat_id"):
        export_statement(document, "ubl", replace(paperwork, letterhead=Letterhead()))


def an_invoice(nets: list[tuple[D, str, D]], **changes: object) -> Invoice:
    invoice = Invoice(
        number="NLVOL-2026-10-EUR",
        type_code="380",
        issued_on=date(2026, 11, 5),
        due_on=date(2026, 12, 5),
        currency="EUR",
        seller=SELLER,
        buyer=BUYER,
        lines=tuple(
            InvoiceLine(number, "EV charging", net, category, rate)
            for number, (net, category, rate) in enumerate(nets, 1)
        ),
        note="",
        period=(date(2026, 10, 1), date(2026, 10, 31)),
    )
    return replace(invoice, **changes)


NETS = st.tuples(
    st.decimals("-9999.99", "9999.99", places=2),
    st.just("S"),
    st.sampled_from([D("5.5"), D(9), D(19), D(21), D("25.5")]),
)


@given(st.lists(NETS, min_size=1, max_size=6))
def test_the_arithmetic_holds_for_any_lines(lines: list[tuple[D, str, D]]) -> None:
    invoice = an_invoice(lines)
    assert violations(invoice) == []
    root = ET.fromstring(invoice_ubl(invoice))  # noqa: S314  our own
    amounts = "cac:LegalMonetaryTotal/cbc:"
    (net,), (gross,) = (
        texts(root, f"{amounts}TaxExclusiveAmount"),
        texts(root, f"{amounts}PayableAmount"),
    )
    (tax,) = texts(root, "cac:TaxTotal/cbc:TaxAmount")
    assert D(net or "") + D(tax or "") == D(gross or "")


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"number": ""}, "BR-02"),
        ({"currency": "euro"}, "BR-05"),
        ({"lines": ()}, "BR-16"),
        ({"seller": replace(SELLER, name=" ")}, "BR-06"),
        ({"buyer": replace(BUYER, country="")}, "BR-11"),
        ({"seller": replace(SELLER, vat_id=None)}, "BR-CO-26"),
        ({"seller": replace(SELLER, vat_id="12345")}, "BR-CO-09"),
        ({"due_on": date(2026, 1, 1)}, "BR-CO-25"),
        ({"lines": (InvoiceLine(1, "x", D("1.005"), "S", D(21)),)}, "BR-DEC-23"),
        ({"lines": (InvoiceLine(1, "x", D(1), "S", D(0)),)}, "BR-S-05"),
        ({"lines": (InvoiceLine(1, "x", D(1), "AE", D(21)),)}, "BR-AE-05"),
        (
            {
                "buyer": replace(BUYER, vat_id=None),
                "lines": (InvoiceLine(1, "x", D(1), "AE", D(0)),),
            },
            "BR-AE-02",
        ),
    ],
)
def test_a_broken_rule_is_named(changes: dict[str, object], rule: str) -> None:
    invoice = an_invoice([(D("10.00"), "S", D(21))], **changes)
    assert rule in " ".join(violations(invoice))
    with pytest.raises(NoInvoice, match=rule):
        invoice_ubl(invoice)


NOW = datetime(2026, 11, 5, 9, tzinfo=UTC)


def test_a_record_lists_the_cdrs_of_the_invoice_we_wrote(world: SettleBuilder) -> None:
    world.contracts["voltix"] = Contract(billing="reverse")
    world.cdr("b", "2.00")
    world.cdr("a", "1.00")
    world.cdr("held", "5.00", verdict="unpriceable", disputed="5.00")
    record = json.loads(invoice_record(settled(world), ("NL", "EMS"), NOW))
    assert (record["cdrs"], record["invoice_id"]) == (["a", "b"], "NLVOL-2026-10-EUR")
    assert (record["party_id"], record["last_updated"]) == ("EMS", "2026-11-05T09:00:00Z")
    assert len(record["id"]) == 36


def test_no_record_of_an_invoice_that_they_write(world: SettleBuilder) -> None:
    world.cdr("a")
    with pytest.raises(NoRecord, match="the counterparty writes this invoice"):
        invoice_record(settled(world), ("NL", "EMS"), NOW)


def test_a_cdr_id_longer_than_the_field_is_said(world: SettleBuilder) -> None:
    world.contracts["voltix"] = Contract(billing="reverse")
    world.cdr("x" * 37)
    with pytest.raises(NoRecord, match="longer than the 36 characters"):
        invoice_record(settled(world), ("NL", "EMS"), NOW)


def open_month(world: SettleBuilder) -> Document:
    world.settle()
    return read_document(world.con, "voltix", "2026-10")


def test_an_invoice_of_an_open_month_is_a_proforma_that_says_so(
    world: SettleBuilder, paperwork: Paperwork
) -> None:
    world.cdr("a", rates={"21": "10"})
    root = ubl(open_month(world), paperwork)
    assert texts(root, "cbc:InvoiceTypeCode") == ["325"]
    assert texts(root, "cbc:ID") == ["NLVOL-2026-10-EUR-DRAFT"]
    (note,) = texts(root, "cbc:Note")
    assert str(note).startswith("Provisional: the month is open")


@pytest.mark.parametrize("kind", ["self-billed", "credit note", "Peppol"])
def test_the_trade_knows_no_provisional_document_of_some_kinds(
    world: SettleBuilder, paperwork: Paperwork, kind: str
) -> None:
    if kind == "self-billed":
        world.contracts["voltix"] = Contract(billing="reverse")
    if kind == "Peppol":
        paperwork = replace(paperwork, letterhead=on_peppol(paperwork.letterhead))
    if kind == "credit note":
        world.cdr("k", "-1.00", credit=True, incl="-1.21", verdict="credited")
    else:
        world.cdr("a", rates={"21": "10"})
    with pytest.raises(NoInvoice, match=f"a {kind} document is of a closed month"):
        export_statement(open_month(world), "ubl", paperwork)


def test_no_number_is_used_twice_after_a_reopening(
    document: Document, paperwork: Paperwork
) -> None:
    numbers = [
        texts(ubl(document, replace(paperwork, revision=revision)), "cbc:ID")[0]
        for revision in range(3)
    ]
    assert numbers == ["NLVOL-2026-10-EUR", "NLVOL-2026-10-EUR-2", "NLVOL-2026-10-EUR-3"]


def test_compensation_for_home_charging_is_no_invoice(
    world: SettleBuilder, paperwork: Paperwork
) -> None:
    world.cdr("h", home=True, rates={"21": "10"})
    with pytest.raises(NoInvoice, match="compensation for charging at home"):
        export_statement(settled(world), "ubl", paperwork)


def test_no_record_of_an_open_month(world: SettleBuilder) -> None:
    world.contracts["voltix"] = Contract(billing="reverse")
    world.cdr("a")
    with pytest.raises(NoRecord, match="is open"):
        invoice_record(open_month(world), ("NL", "EMS"), NOW)


def test_a_self_billed_invoice_has_the_right_rate_whatever_the_tariff_says(
    world: SettleBuilder, paperwork: Paperwork
) -> None:
    world.contracts["voltix"] = Contract(billing="reverse")
    world.cdr("a", "10.00", incl="11.90", rates={"19": "10"}, rule="VAT_RATE_MISMATCH")
    root = ubl(settled(world), paperwork)
    assert texts(root, "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:Percent") == ["21"]
    assert texts(root, "cac:TaxTotal/cbc:TaxAmount") == ["2.10"]
