"""PDFs: every word on them, in any European script, with page numbers and the company's name."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader
from settle_builder import SettleBuilder

from models.settle.document import Document
from models.settle.invoice import TradeParty
from pipelines.exports.company import CompanyError, Letterhead, load_letterhead
from pipelines.exports.letter import NothingContested, letter_csv, letter_pdf
from pipelines.exports.sheet import Paper
from pipelines.exports.statement import Paperwork, export_statement
from pipelines.stages.settle.reading import read_document

ON = date(2026, 11, 5)


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    words: list[str] = []
    for name in ("cell", "multi_cell"):
        original = getattr(Paper, name)

        def speak(
            self: Paper, *args: object, _original: object = original, **kwargs: object
        ) -> object:
            words.extend(
                str(value) for value in (*args, *kwargs.values()) if isinstance(value, str)
            )
            return _original(self, *args, **kwargs)  # type: ignore[operator]

        monkeypatch.setattr(Paper, name, speak)
    return words


def test_a_statement_says_what_finance_needs(
    document: Document, paperwork: Paperwork, said: list[str]
) -> None:
    pdf = export_statement(document, "pdf", paperwork)
    assert pdf.startswith(b"%PDF-")
    text = "\n".join(said)
    for words in (
        "Émobilité Nord B.V.",
        "Voltix Ørsted N.V.",
        "Statement of charging, October 2026",
        "Payable before VAT",
        "Time without charging billed as charging time: 2 records, 8.20 EUR",
        "Billed 96 minutes; the car charged for 61 (wall-0).",
        "VAT NL123456789B01",
        "Page 1 of",
        "Kraków ø €",
    ):
        assert words in text, words


def test_a_font_has_every_letter_it_needs(document: Document, paperwork: Paperwork) -> None:
    paper = Paper(paperwork.letterhead.ours(), "Test", ON)
    fonts = [paper.fonts[name] for name in ("dejavu", "dejavuB")]
    for letter in "éøå€ßłŻčřőțğΩЖї·":
        assert all(ord(letter) in font.cmap for font in fonts), letter


def test_a_long_statement_leaves_its_lines_to_the_other_files(
    world: SettleBuilder, paperwork: Paperwork, said: list[str]
) -> None:
    world.cdr("c0", "1.00")
    for table in ("core.cdrs", "recon.cdrs", "recon.changed"):
        world.con.execute(
            f"insert into {table} select t.* replace ('c' || n as id) "  # noqa: S608
            f"from {table} as t, range(1, 401) as r(n)"
        )
    world.settle()
    pdf = export_statement(read_document(world.con, "voltix", "2026-10"), "pdf", paperwork)
    assert "The 401 records are in the statement's CSV and XLSX files." in said
    assert pages(pdf) == 1


def test_a_letter_groups_by_cause_and_names_the_day_of_answer(
    document: Document, paperwork: Paperwork, said: list[str]
) -> None:
    letter_pdf(document, paperwork.letterhead, ON, "NL/EMS")
    text = "\n".join(said)
    assert "1. Time without charging billed as charging time: 8.20 EUR" in text
    assert "2. CDR too old: 7.00 EUR" in text
    assert "We contest 15.20 EUR of it, in 3 records" in text
    assert "by 5 December 2026" in text


def test_the_evidence_is_a_csv_of_the_contested_records(document: Document) -> None:
    rows = list(csv.DictReader(io.StringIO(letter_csv(document).decode(), newline="")))
    assert {row["subject_id"] for row in rows} == {"wall-0", "wall-1", "old"}
    (wall,) = [row for row in rows if row["subject_id"] == "wall-0"]
    assert (wall["claimed_excl_vat"], wall["expected_excl_vat"]) == ("18.20", "14.10")
    assert wall["contested_excl_vat"] == "4.10"


def test_without_disputes_there_is_no_letter(world: SettleBuilder, paperwork: Paperwork) -> None:
    world.cdr("a")
    world.settle()
    document = read_document(world.con, "voltix", "2026-10")
    for write in (
        lambda: letter_pdf(document, paperwork.letterhead, ON),
        lambda: letter_csv(document),
    ):
        with pytest.raises(NothingContested, match="nothing of voltix 2026-10 is contested"):
            write()


def test_no_clock_is_in_a_pdf(document: Document, paperwork: Paperwork) -> None:
    pdf = export_statement(document, "pdf", paperwork)
    assert set(re.findall(rb"D:(\d{8})", pdf)) == {b"20261105"}


def test_a_company_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "company.yaml"
    path.write_text(
        "company: {name: Nord, country: NL, endpoint: {scheme: '0106', id: '00123'}}\n"
        "assumed_vat: {NL: 21, FR: 5.5}\n",
        encoding="utf-8",
    )
    letterhead = load_letterhead(path)
    assert letterhead.ours("NL/EMS").endpoint == ("0106", "00123")
    assert str(letterhead.assumed_vat["FR"]) == "5.5"
    assert letterhead.theirs("DE/ABC").name == "DE/ABC"


def test_without_a_company_file_party_ids_stand_for_names(tmp_path: Path) -> None:
    assert load_letterhead(tmp_path / "none.yaml") == Letterhead()
    assert Letterhead().ours("NL/EMS").name == "NL/EMS"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("company: {nam: x}", r"company\.nam: Extra inputs"),
        ("assumed_vat: {NL: lots}", r"assumed_vat\.NL"),
        ("company: [", "cannot be read"),
        ("reporting_currency: euro", "reporting_currency"),
    ],
)
def test_a_wrong_company_file_says_where(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "company.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CompanyError, match=says):
        load_letterhead(path)


def test_nothing_on_paper_overlaps_or_is_broken() -> None:
    name = "Příliš žluťoučký kůň úpěl ďábelské ódy a nabíjel u Karlových Varů, s.r.o. a spol."
    paper = Paper(TradeParty(name, "CZ", vat_id="CZ" + "1" * 180), "T", ON, "PROVISIONAL")
    figures = ["12,345,678.90", "-2,345,678.90"]
    paper.rows(
        ("Record", "Claimed", "Contested"), [["x" * 300, *figures]], (80, 5, 5), right=(1, 2)
    )
    paper.add_page()
    first, second = PdfReader(io.BytesIO(paper.finish())).pages
    lines = first.extract_text().splitlines()
    assert lines[0].strip() == "PROVISIONAL"
    assert [figure for figure in figures if not any(figure in line for line in lines)] == []
    assert second.extract_text().splitlines()[0].strip() == "PROVISIONAL"
    drawn = []
    first.extract_text(visitor_text=lambda text, _, at, *__: drawn.append((text, at[4])))
    assert [text for text, left in drawn if left > float(first.mediabox.width) - 51] == []


@pytest.mark.parametrize(("text", "shaped"), [("شركة الشحن", True), ("Θεσσαλονίκη", False)])
def test_what_runs_from_right_to_left_is_shaped(
    text: str, shaped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    original = Paper.set_text_shaping

    def note(self: Paper, use: bool) -> None:
        asked.append(use)
        original(self, use)

    paper = Paper(TradeParty("EMS", "NL"), "T", ON)
    monkeypatch.setattr(Paper, "set_text_shaping", note)
    paper.text_block(text)
    assert (True in asked) is shaped
