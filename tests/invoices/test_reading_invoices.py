"""Invoices as partners send them: every format says the same, and nothing hostile gets in."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from documents import CII, ubl
from fpdf import FPDF

from models.settle.imports import ImportedFile, InvoiceImport
from models.settle.received import ReceivedInvoice, UnreadableInvoice
from pipelines.invoices import sheet as sheets
from pipelines.invoices.annex import annex_lines, complete_columns, parse_columns
from pipelines.invoices.reading import format_of, read_document, read_import
from pipelines.invoices.sheet import read_sheet
from pipelines.sandbox.invoicing import BilledCdr

D = Decimal


def only_line(document: ReceivedInvoice) -> dict[str, Any]:
    (line,) = document.lines.to_dicts()
    return line


def test_ubl_is_read_with_its_lines_tax_and_references() -> None:
    document = read_document(ubl(), "ubl")

    assert (document.number, document.type_code, document.currency) == ("INV-1", "380", "EUR")
    assert (document.period_from, document.period_to) == (date(2026, 10, 1), date(2026, 10, 31))
    assert (document.seller_name, document.seller_vat_id) == ("Voltix BV", "NL123456789B01")
    assert (document.total_excl_vat, document.total_vat) == (D("10.00"), D("2.10"))
    assert document.total_incl_vat == D("12.10")
    line = only_line(document)
    assert (line["cdr_reference"], line["amount_excl_vat"]) == ("C1", D("10"))
    assert (line["energy_kwh"], line["vat_rate"]) == (D("20.5"), D("21"))


def test_cii_is_read_with_its_lines_tax_and_references() -> None:
    assert format_of(CII) == "cii"
    document = read_document(CII, "cii")

    assert (document.number, document.type_code, document.corrects) == ("CII-7", "384", ("CII-6",))
    assert (document.issued_on, document.seller_vat_id) == (date(2026, 11, 4), "DE123456789")
    assert (document.total_vat, document.total_incl_vat) == (D("1.90"), D("11.90"))
    line = only_line(document)
    assert (line["cdr_reference"], line["energy_kwh"]) == ("C1", D("20.5"))
    assert line["start_at"] == datetime(2026, 10, 3, 6, tzinfo=UTC)


def test_a_factur_x_pdf_carries_its_invoice() -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.embed_file(bytes=CII, basename="factur-x.xml")
    data = bytes(pdf.output())

    assert format_of(data) == "pdf"
    assert read_document(data, "pdf").number == "CII-7"


def test_a_pdf_without_an_invoice_says_what_to_ask_for() -> None:
    pdf = FPDF()
    pdf.add_page()
    with pytest.raises(UnreadableInvoice, match=r"factur-x\.xml"):
        read_document(bytes(pdf.output()), "pdf")
    with pytest.raises(UnreadableInvoice, match="no PDF"):
        read_document(b"%PDF-1.7 torn", "pdf")


def test_a_credit_note_counts_below_zero() -> None:
    one = InvoiceImport("voltix", "NL", "VOL", "CN-1", (ImportedFile("x", "x.xml", "ubl", {}),))
    data = ubl("CN-1", type_code="381", corrects="INV-1")

    document = read_import(one, lambda _: data)

    assert (document.is_credit, document.corrects) == (True, ("INV-1",))
    assert (document.total_excl_vat, document.total_vat) == (D("-10.00"), D("-2.10"))
    assert only_line(document)["amount_excl_vat"] == D("-10")


HOSTILE = {
    "an entity": b'<!DOCTYPE i [<!ENTITY a "b">]><Invoice>&a;</Invoice>',
    "an external entity": b'<!DOCTYPE i [<!ENTITY a SYSTEM "file:///etc/passwd">]><i>&a;</i>',
    "a document type": b'<!DOCTYPE Invoice SYSTEM "http://127.0.0.1/x.dtd"><Invoice/>',
    "entities of entities": b'<!DOCTYPE i [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><i>&b;</i>',
    "torn XML": ubl()[:900],
    "another vocabulary": b"<html/>",
    "an unknown encoding": b'<?xml version="1.0" encoding="none-such"?><Invoice/>',
    "nothing": b"  \n",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_hostile_documents_are_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(UnreadableInvoice):
        read_document(data, format_of(data))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"10.00</cbc:LineExtensionAmount>", b"1e99</cbc:LineExtensionAmount>", "no amount"),
        (b"10.00</cbc:LineExtensionAmount>", b"NaN</cbc:LineExtensionAmount>", "no amount"),
        (b"2026-11-03", b"03/11/2026", "no date"),
        (b"<cbc:ID>INV-1</cbc:ID>", b"", "no number"),
    ],
)
def test_what_an_invoice_must_state_is_asked_for(old: bytes, new: bytes, message: str) -> None:
    with pytest.raises(UnreadableInvoice, match=message):
        read_document(ubl().replace(old, new), "ubl")


CSV = """\
CDR number;Start;Netto;MwSt;Note
C1;03.10.2026 08:00;1.234,50;19 %;
C2;03.10.2026 09:00;2,00;19 %;x
;;1.236,50;;total
"""


def test_a_sheet_is_mapped_by_names_and_by_what_a_person_says() -> None:
    sheet = read_sheet(CSV.encode("cp1252"), "csv")
    with pytest.raises(UnreadableInvoice, match="'CDR number', 'Start', 'Netto', 'MwSt', 'Note'"):
        complete_columns(sheet, {"vat_rate": "Steuer"}, {}, "Europe/Berlin")
    said = parse_columns(("vat_rate=MwSt",))
    columns = complete_columns(sheet, said, {}, "Europe/Berlin")
    assert columns["cdr_id"] == "CDR number"
    assert columns["decimal"] == ","

    lines = annex_lines(sheet, columns)

    assert lines["amount_excl_vat"].to_list() == [D("1234.50"), D("2")]  # not the total below
    assert lines["vat_rate"].to_list() == [D("19"), D("19")]
    assert lines["start_at"][0] == datetime(2026, 10, 3, 6, tzinfo=UTC)
    # The next sheet of the partner starts from what was learned.
    assert complete_columns(sheet, {}, columns, "UTC") == columns


@pytest.mark.parametrize(
    ("texts", "learned", "amounts"),
    [
        (["12.50", "1,250"], None, ["12.50", "1250"]),
        (["12,50", "1.250"], None, ["12.50", "1250"]),
        (["1,250,000", "3"], None, ["1250000", "3"]),
        (["0,125", "2.500"], None, ["0.125", "2500"]),
        (["12,50", "-3,1"], ".", ["12.50", "-3.1"]),
        (["12.50", "€ 3.1"], ",", ["12.50", "3.1"]),
        (["1.250", "3"], ",", ["1250", "3"]),
        (["1,250", "3"], None, ["1.250", "3"]),
    ],
)
def test_marks_are_of_decimals_or_of_thousands_as_all_amounts_have_them(
    texts: list[str], learned: str | None, amounts: list[str]
) -> None:
    rows = {"cdr_id": [f"C{n}" for n in range(len(texts))], "amount": texts}
    known = {"decimal": learned} if learned else {}
    columns = complete_columns(pl.DataFrame(rows), {}, known, "UTC")
    lines = annex_lines(pl.DataFrame(rows), columns)
    assert lines["amount_excl_vat"].to_list() == [D(amount) for amount in amounts]


def test_amounts_with_both_decimal_marks_are_refused_until_a_person_says_which() -> None:
    sheet = pl.DataFrame({"cdr_id": ["C1", "C2"], "amount": ["12.50", "1,25"]})
    with pytest.raises(UnreadableInvoice, match="--map decimal=,"):
        complete_columns(sheet, {}, {}, "UTC")
    assert complete_columns(sheet, {"decimal": ","}, {"decimal": "."}, "UTC")["decimal"] == ","


def test_a_workbook_reads_as_its_csv() -> None:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    page = book.add_worksheet()
    page.write_row(0, 0, ["CDR ID", "EVSE ID", "Start", "Amount"])
    page.write_row(1, 0, ["C1", "NL*VOL*E1", "2026-10-03T08:00:00Z", 12.34])
    book.close()
    data = buffer.getvalue()

    assert format_of(data) == "xlsx"
    sheet = read_sheet(data, "xlsx")
    (line,) = annex_lines(sheet, complete_columns(sheet, {}, {}, "UTC")).to_dicts()

    assert (line["cdr_reference"], line["evse_id"]) == ("C1", "NL*VOL*E1")
    assert (line["amount_excl_vat"], line["start_at"]) == (
        D("12.34"),
        datetime(2026, 10, 3, 8, tzinfo=UTC),
    )


def test_a_workbook_that_inflates_beyond_measure_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    book.add_worksheet().write_row(0, 0, ["a", "b"])
    book.close()
    monkeypatch.setattr(sheets, "_MAX_INFLATED", 100)
    with pytest.raises(UnreadableInvoice, match="inflates"):
        read_sheet(buffer.getvalue(), "xlsx")
    with pytest.raises(UnreadableInvoice, match="no sheet"):
        read_sheet(b"PK\x03\x04 torn", "xlsx")


def test_an_unread_amount_is_named_with_its_row() -> None:
    sheet = read_sheet(b"cdr_id,amount\nC1,1.00\nC2,free\n", "csv")
    with pytest.raises(UnreadableInvoice, match="row 3 of the sheet: 'free' is no amount"):
        annex_lines(sheet, complete_columns(sheet, {}, {}, "UTC"))


@pytest.mark.parametrize("net", [{}, {"net": "10"}, {"net": "-10", "gross": "-12.10"}])
@pytest.mark.parametrize("sign", ["", "-"])
def test_a_credit_note_takes_off_on_whichever_side_of_zero_it_is_listed(
    sign: str, net: dict[str, str]
) -> None:
    head = {"type_code": "381", "issued_on": "2026-11-03", "currency": "EUR", **net}
    columns = {"cdr_id": "cdr", "amount": "net", "decimal": ".", "time_zone": "UTC"}
    annex = ImportedFile("annex", "a.csv", "csv", columns)
    one = InvoiceImport("voltix", "NL", "VOL", "CN-1", (annex,), head=head)
    body = f"cdr,net\nC1,{sign}4.00\nC2,{sign}6.00\n".encode()
    read = read_import(one, lambda _: body)
    assert (read.total_excl_vat, sum(read.lines["amount_excl_vat"])) == (D(-10), D(-10))
    assert read.total_incl_vat in (None, D("-12.10"))


def test_an_annex_lists_what_the_document_sums_up() -> None:
    columns = {"cdr_id": "cdr", "amount": "net", "decimal": ".", "time_zone": "UTC"}
    annex = ImportedFile("annex", "a.csv", "csv", columns)
    files = (ImportedFile("doc", "a.xml", "ubl", {}), annex)
    one = InvoiceImport("voltix", "NL", "VOL", "INV-1", files)
    bodies = {"doc": ubl(), "annex": b"cdr,net\nC1,4.00\nC2,6.00\n"}

    document = read_import(one, bodies.__getitem__)

    assert document.lines["cdr_reference"].to_list() == ["C1", "C2"]
    assert document.total_excl_vat == D("10.00")


def test_an_invoice_can_be_typed_in() -> None:
    head = {
        "issued_on": "2026-11-03",
        "currency": "EUR",
        "net": "100.00",
        "taxes": '[["21", "21.00"]]',
    }
    one = InvoiceImport("voltix", "NL", "VOL", "T-1", (), head)

    document = read_import(one, lambda _: b"")

    assert (document.total_excl_vat, document.total_vat) == (D("100.00"), D("21.00"))
    assert only_line(document)["amount_excl_vat"] == D("100")
    assert document.vat_rows().rows() == [(1, "S", D("21"), D("100"), D("21"))]


def test_ids_in_free_text_are_kept_to_be_matched() -> None:
    data = ubl("INV-1", BilledCdr("C1", D(1), D(21))).replace(
        b"<cbc:Name>EV charging</cbc:Name>", b"<cbc:Name>Session S-12345 at Dam</cbc:Name>"
    )
    line = only_line(read_document(data, "ubl"))
    assert "S-12345" in line["other_references"]
    assert isinstance(line["other_references"], list)
    assert pl.Series([line["amount_excl_vat"]]).to_list() == [D(1)]


def test_a_workbook_that_is_damaged_or_encrypted_is_refused() -> None:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    book.add_worksheet().write_row(0, 0, ["cdr", *map(str, range(500))])
    book.close()
    data = buffer.getvalue()
    at = data.index(b"xl/worksheets/sheet1.xml")
    torn = data[: at + 60] + bytes(40) + data[at + 100 :]
    place = data.rindex(b"PK\x01\x02", 0, data.rindex(b"xl/worksheets/sheet1.xml"))
    locked = data[: place + 8] + b"\x01\x00" + data[place + 10 :]
    for broken in (torn, locked):
        with pytest.raises(UnreadableInvoice, match="no sheet that can be read"):
            read_sheet(broken, "xlsx")
