"""Statements as files: typed, complete, byte for byte repeatable, and never a formula."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from decimal import Decimal as D

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from settle_builder import SettleBuilder

from models.errors import NothingThere
from models.settle.document import Document, plain_decimal
from pipelines.exports.formats import FORMATS
from pipelines.exports.formulas import escape_formula
from pipelines.exports.statement import Paperwork, export_statement
from pipelines.stages.settle.reading import read_document

STARTERS = tuple("=+-@\t\r\n")


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "record"])
def test_the_same_statement_gives_the_same_bytes(
    document: Document, paperwork: Paperwork, kind: str
) -> None:
    assert export_statement(document, kind, paperwork) == export_statement(
        document, kind, paperwork
    )


def test_csv_has_every_line_and_its_amounts_add_up(
    document: Document, paperwork: Paperwork
) -> None:
    rows = rows_of(export_statement(document, "csv", paperwork))
    assert len(rows) == document.statements["cdr_count"].sum()
    claimed = sum(D(row["claimed_excl_vat"]) for row in rows)
    assert claimed == document.statements["claimed_excl_vat"].sum()
    (wall,) = [row for row in rows if row["cdr_id"] == "wall-0"]
    assert (wall["disputed_excl_vat"], wall["cause"]) == ("4.10", "WALL_CLOCK_TIME")
    assert wall["end_at"] == "2026-10-10T12:00:00Z"


def test_an_unknown_amount_is_an_empty_cell(world: SettleBuilder, paperwork: Paperwork) -> None:
    world.cdr("a", None, verdict="unpriceable", disputed=None, rejected=None)
    world.settle()
    document = read_document(world.con, "voltix", "2026-10")
    (row,) = rows_of(export_statement(document, "csv", paperwork))
    assert row["claimed_excl_vat"] == ""
    book = openpyxl.load_workbook(io.BytesIO(export_statement(document, "xlsx", paperwork)))
    headings = [cell.value for cell in book["Lines"][1]]
    assert book["Lines"][2][headings.index("Claimed excl. VAT")].value is None


def test_no_text_of_a_csv_starts_a_formula(document: Document, paperwork: Paperwork) -> None:
    for row in rows_of(export_statement(document, "csv", paperwork)):
        for name in ("cdr_id", "location_name", "message"):
            assert not row[name].lstrip().startswith(STARTERS), row[name]


def test_no_cell_of_a_workbook_is_or_starts_a_formula(
    document: Document, paperwork: Paperwork
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(export_statement(document, "xlsx", paperwork)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    assert len(texts) > 100
    assert not [text for text in texts if text.lstrip().startswith(STARTERS)]


@given(st.text())
def test_a_guarded_text_never_starts_a_formula_and_keeps_its_words(text: str) -> None:
    safe = escape_formula(text)
    assert not safe.lstrip().startswith(STARTERS)
    assert (
        safe.removeprefix("'").split()
        == escape_formula(safe.removeprefix("'")).removeprefix("'").split()
    )


@given(st.lists(st.sampled_from([";", "=", "+", " ", "a", "\t"])).map("".join))
def test_no_part_between_semicolons_starts_a_formula_either(text: str) -> None:
    assert not [
        part for part in escape_formula(text).split(";") if part.lstrip().startswith(STARTERS)
    ]


@pytest.mark.parametrize("text", ["a; b", "Dam Square", "NL*VOL*E1", "5-7 High Street", "", "a=b"])
def test_harmless_texts_stay_as_they_are(text: str) -> None:
    assert escape_formula(text) == text


def test_a_workbook_has_its_sheets_with_typed_cells_and_frozen_headings(
    document: Document, paperwork: Paperwork
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(export_statement(document, "xlsx", paperwork)))
    assert book.sheetnames == ["Summary", "Lines", "Disputes", "VAT"]
    lines = book["Lines"]
    assert (lines.freeze_panes, lines.max_row) == ("A2", document.lines.height + 1)
    headings = [cell.value for cell in lines[1]]
    row = next(r for r in lines.iter_rows(min_row=2) if r[headings.index("CDR")].value == "wall-0")
    claimed, end = row[headings.index("Claimed excl. VAT")], row[headings.index("End (UTC)")]
    assert (claimed.value, claimed.data_type) == (18.2, "n")
    assert claimed.number_format.startswith("#,##0.00")
    assert end.value == datetime(2026, 10, 10, 12)  # noqa: DTZ001  a sheet knows no zones
    assert book["Disputes"].max_row == 4
    summary = {row[0].value: row[1].value for row in book["Summary"].iter_rows(min_row=3)}
    assert summary["Payable before VAT"] == float(document.statements["payable_excl_vat"][0])
    assert summary["CDRs"] == 13


def test_a_statement_as_json_reads_back_exactly(document: Document, paperwork: Paperwork) -> None:
    whole = json.loads(export_statement(document, "json", paperwork), parse_float=D)
    (statement,) = whole["statements"]
    assert D(statement["claimed_excl_vat"]) == document.statements["claimed_excl_vat"][0]
    assert len(statement["lines"]) == 13
    assert {row["vat_bucket"]: row["vat_amount"] for row in statement["vat"]}["9.00"] == "0.27"


@given(st.decimals("-1e12", "1e12", places=6))
def test_plain_decimals_keep_their_value(value: D) -> None:
    text = plain_decimal(value)
    assert D(text) == value
    assert "E" not in text
    assert len(text.partition(".")[2]) >= 2


def test_one_party_or_currency_can_be_asked_for(world: SettleBuilder) -> None:
    world.cdr("a")
    world.cdr("b", party=("DE", "VOL"), currency="DKK")
    world.settle()
    one = read_document(world.con, "voltix", "2026-10", party=("DE", "VOL"))
    assert one.lines["cdr_id"].to_list() == ["b"]
    assert len(read_document(world.con, "voltix", "2026-10").parts()) == 2
    with pytest.raises(NothingThere, match="matches DE/VOL EUR; there is DE/VOL in DKK, NL/VOL"):
        read_document(world.con, "voltix", "2026-10", party=("DE", "VOL"), currency="EUR")


def test_a_stranger_is_told_who_there_is(world: SettleBuilder) -> None:
    with pytest.raises(NothingThere, match="nobody yet: run the pipeline"):
        read_document(world.con, "volt", "2026-10")
    world.cdr("a")
    world.settle()
    with pytest.raises(NothingThere, match="there are statements of voltix"):
        read_document(world.con, "volt", "2026-10")
