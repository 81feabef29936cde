"""Every invoice that leaves the house keeps the official rules: XSD, EN 16931, Peppol."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal as D
from pathlib import Path

import official_rules
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from official_rules import OfficialRules
from pypdf import PdfReader
from settle_builder import SettleBuilder
from test_invoices import NETS, an_invoice, on_peppol
from test_peppol import BUYER, SELLER

from models.contract import Contract
from models.settle.invoice import TradeParty
from models.settle.view import DecisionsView
from pipelines.exports.cii import invoice_cii
from pipelines.exports.facturx import invoice_facturx
from pipelines.exports.statement import Paperwork, export_statement
from pipelines.exports.ubl import invoice_ubl
from pipelines.invoices.reading import read_document as read_invoice
from pipelines.sandbox.invoicing import BilledCdr, PartnerInvoice, invoice_xml
from pipelines.stages.settle.reading import read_credited_months, read_document

BELGIAN = TradeParty(
    "Lumen", "BE", vat_id="BE0403019261", endpoint=("0208", "0403019261"), email="a@lumen.example",
    phone="+3225550100", iban="BE68539007547034", bic="GKCCBEBB",
)  # fmt: skip
CREDIT, CORRECTED = ("NLVOL-2026-09-EUR", "NLVOL-2026-08-EUR-2"), ("NLVOL-2026-10-EUR",)


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> OfficialRules:
    if reason := official_rules.missing():
        pytest.skip(reason)
    pytest.importorskip("saxonche", reason="saxonche is not there: the rules cannot be run")
    return OfficialRules(tmp_path_factory.mktemp("rules"))


KINDS = {
    "invoice": {},
    "credit note": {"type_code": "381", "corrects": CREDIT[:1]},
    "credit note of several": {"type_code": "381", "corrects": CREDIT},
    "corrected invoice": {"corrects": CORRECTED},
    "self-billed invoice": {"type_code": "389"},
    "self-billed credit note": {"type_code": "261", "corrects": CREDIT},
}
PARTIES = {
    "Dutch, on Peppol": {"seller": SELLER, "buyer": BUYER},
    "Belgian, on Peppol": {"seller": BELGIAN, "buyer": BUYER},
    "no Peppol": {
        "seller": replace(SELLER, endpoint=None), "buyer": replace(BUYER, endpoint=None)
    },
}  # fmt: skip
LINES = [(D("10.00"), "S", D(21)), (D("-3.00"), "S", D("5.5")), (D("4.00"), "Z", D(0))]
REVERSE = [(D("10.00"), "AE", D(0))]


@pytest.mark.parametrize("lines", [LINES, REVERSE], ids=["taxed", "reverse charge"])
@pytest.mark.parametrize("parties", PARTIES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_document_of_each_kind_keeps_them(
    rules: OfficialRules, kind: str, parties: str, lines: list[tuple[D, str, D]]
) -> None:
    invoice = an_invoice(lines, **KINDS[kind], **PARTIES[parties])
    assert rules.violations(invoice_ubl(invoice)) == []
    assert rules.violations(invoice_cii(invoice)) == []


@pytest.mark.parametrize("code", ["325", "384"])
def test_what_peppol_has_no_room_for_keeps_the_standard(rules: OfficialRules, code: str) -> None:
    invoice = an_invoice(LINES, type_code=code, corrects=CORRECTED, **PARTIES["no Peppol"])
    assert rules.violations(invoice_ubl(invoice)) == []
    assert rules.violations(invoice_cii(invoice)) == []


@given(st.lists(NETS, min_size=1, max_size=4))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_amounts_keep_them(rules: OfficialRules, lines: list[tuple[D, str, D]]) -> None:
    invoice = an_invoice(lines, **PARTIES["Belgian, on Peppol"])
    assert rules.violations(invoice_ubl(invoice)) == []
    assert rules.violations(invoice_cii(invoice)) == []


def test_a_broken_rule_is_seen(rules: OfficialRules) -> None:
    right = invoice_ubl(an_invoice(LINES, **PARTIES["Dutch, on Peppol"]))
    wrong = right.replace(b">10.00</cbc:LineExtensionAmount>", b">11.00</cbc:LineExtensionAmount>")
    assert any("BR-CO-10" in one for one in rules.violations(wrong))
    shapeless = right.replace(b"<cbc:IssueDate>", b"<cbc:IssueDay>").replace(
        b"</cbc:IssueDate>", b"</cbc:IssueDay>"
    )
    assert rules.violations(shapeless)[0].startswith("XSD: ")


@pytest.mark.parametrize("billing", ["direct", "reverse"])
@pytest.mark.parametrize("letterhead", ["Peppol", "plain"])
def test_months_from_invoice_to_credit_note_keep_them(
    rules: OfficialRules, world: SettleBuilder, paperwork: Paperwork, billing: str, letterhead: str
) -> None:
    """An invoice, the same after a reopening, and a later month that credits one of its CDRs."""
    world.contracts["voltix"] = Contract.model_validate({"billing": billing})
    world.cdr("a", "10.00", rates={"21": "6", "9": "4"})
    later = datetime(2026, 11, 10, 12, tzinfo=UTC)
    world.cdr("k", "-10.00", credit=True, credits="a", end_at=later, verdict="credited",
              incl="-12.10", rates={"21": "-10"})  # fmt: skip
    if letterhead == "Peppol":
        paperwork = replace(paperwork, letterhead=on_peppol(paperwork.letterhead))
    world.settle()
    world.con.execute("update settle.statements set status = 'locked'")
    for month, revision in (("2026-10", 0), ("2026-10", 1), ("2026-11", 0)):
        document = read_document(world.con, "voltix", month)
        credited = read_credited_months(world.con, DecisionsView(), "voltix", month)
        paper = replace(paperwork, revision=revision, credited_months=credited)
        files = {kind: export_statement(document, kind, paper) for kind in ("ubl", "cii")}
        for kind, file in files.items():
            assert rules.violations(file) == []
            read = read_invoice(file, kind)
            expected = {1: ("NLVOL-2026-10-EUR",)}.get(revision, ())
            assert read.corrects == (("NLVOL-2026-10-EUR",) if month == "2026-11" else expected)


@pytest.mark.parametrize("code", ["380", "381", "384"])
def test_invoices_of_sandbox_partners_keep_them(rules: OfficialRules, code: str) -> None:
    one = PartnerInvoice(
        "I1", date(2026, 11, 3), "EUR", (date(2026, 10, 1), date(2026, 10, 31)),
        ("Voltix", "NL987654321B01"), ("Nord", "NL123456789B01"),
        [BilledCdr("A", D("10.00"), D(21), D(20)), BilledCdr("B", D("5.00"), D(9))],
        code, None if code == "380" else "I0",
    )  # fmt: skip
    assert rules.violations(invoice_xml(one)) == []


@pytest.mark.parametrize("write", [invoice_cii, invoice_facturx])
def test_what_we_write_is_what_we_read(write: Callable[..., bytes]) -> None:
    invoice = an_invoice(LINES, type_code="381", corrects=CORRECTED, **PARTIES["no Peppol"])
    kind = "pdf" if write is invoice_facturx else "cii"
    read = read_invoice(write(invoice), kind)
    assert (read.number, read.type_code, read.corrects) == (invoice.number, "381", CORRECTED)
    assert (read.total_excl_vat, read.total_vat, read.total_incl_vat) == (
        invoice.net,
        invoice.tax,
        invoice.gross,
    )
    assert read.lines["amount_excl_vat"].to_list() == [line.net for line in invoice.lines]
    assert read.seller_vat_id == SELLER.vat_id


def test_a_factur_x_file_is_an_archive_that_names_its_attachment() -> None:
    file = invoice_facturx(an_invoice(LINES, type_code="389", **PARTIES["no Peppol"]))
    assert invoice_facturx(an_invoice(LINES, type_code="389", **PARTIES["no Peppol"])) == file
    reader = PdfReader(io.BytesIO(file))
    metadata = reader.xmp_metadata.stream.get_data().decode()  # type: ignore[union-attr]
    for name in ("<pdfaid:part>3<", "<fx:ConformanceLevel>EN 16931<", "factur-x.xml"):
        assert name in metadata
    (attachment,) = reader.attachment_list
    assert attachment.name == "factur-x.xml"
    assert "/OutputIntents" in reader.trailer["/Root"]
    (associated,) = reader.trailer["/Root"]["/AF"]
    assert associated.get_object()["/AFRelationship"] == "/Alternative"
    text = reader.pages[0].extract_text()
    assert "Self-billed invoice NLVOL-2026-10-EUR" in text
    assert "To be paid 12.93 EUR" in text


def test_a_factur_x_file_keeps_the_rules_of_pdf_a(tmp_path: Path) -> None:
    if reason := official_rules.missing_pdfa():
        pytest.skip(reason)
    file = tmp_path / "invoice.pdf"
    file.write_bytes(invoice_facturx(an_invoice(LINES, **PARTIES["no Peppol"])))
    assert official_rules.pdfa_violations(file) == []
    # What is no archive is told apart.
    file.write_bytes(file.read_bytes().replace(b"<pdfaid:part>3<", b"<pdfaid:part>9<"))
    assert official_rules.pdfa_violations(file) != []
