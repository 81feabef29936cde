"""XLSX: sheets Summary, Lines, Disputes and VAT; typed cells, frozen headings, no formula."""

import io
from datetime import UTC, date, datetime, time
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from models.errors import Refused
from models.money import minor_unit_decimals
from models.settle.document import Document
from models.tables.recon import VERDICTS
from pipelines.exports.columns import DISPUTES, LINES, VAT, Field, cells
from pipelines.exports.formulas import escape_formula
from pipelines.exports.words import AGES, FIGURES, OF_AGREEMENTS, gross, month_name, party_of

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "remove_timezone": True,
}
_NUMBERS = {
    "energy": "#,##0.000",
    "count": "#,##0",
    "rate": "0.##",
    "day": "yyyy-mm-dd",
    "timestamp": "yyyy-mm-dd hh:mm",
}
_MAX_ROWS = 1_048_576


class TooManyLines(Refused):
    """A sheet cannot hold so many rows; the message says what to use instead."""


def statement_xlsx(document: Document, issued_on: date) -> bytes:
    """Return a statement as a workbook.

    `issued_on`: the date that the file carries as its own.

    Raises:
        TooManyLines: it has more lines than a sheet has rows.
    """
    if document.lines.height >= _MAX_ROWS:
        raise TooManyLines(
            f"{document.lines.height:,} lines do not fit a sheet; use --format csv, or one party"
        )
    buffer = io.BytesIO()
    book = _Book(xlsxwriter.Workbook(buffer, _OPTIONS))
    created = datetime.combine(issued_on, time(), UTC).replace(tzinfo=None)
    book.file.set_properties(
        {"title": f"Statement {document.partner} {document.month}", "created": created}
    )
    book.summary(document)
    for name, fields, frame in (
        ("Lines", LINES, document.lines),
        ("Disputes", DISPUTES, document.disputes),
        ("VAT", VAT, document.vat),
    ):
        book.table(name, fields, frame)
    book.file.close()
    return buffer.getvalue()


class _Book:
    """A workbook and its formats, each made once."""

    def __init__(self, file: xlsxwriter.Workbook) -> None:
        self.file = file
        self._formats: dict[str, Format] = {}

    def format(self, **properties: Any) -> Format:
        key = repr(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.file.add_format({"font_name": "Calibri", **properties})
        return self._formats[key]

    def table(self, name: str, fields: tuple[Field, ...], frame: pl.DataFrame) -> None:
        """Write a sheet of one table: heading, filter, a typed cell for each value."""
        sheet = self.file.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        head = self.format(bold=True, bg_color="#1F3A5F", font_color="#FFFFFF", text_wrap=True)
        for column, field in enumerate(fields):
            sheet.set_column(column, column, field.width)
            sheet.write_string(0, column, field.title, head)
        currencies = frame["currency"].to_list()
        for row, values in enumerate(cells(frame, fields), 1):
            for column, (field, value) in enumerate(zip(fields, values, strict=True)):
                self.write(sheet, row, column, value, field.kind, currencies[row - 1] or "")
        sheet.autofilter(0, 0, max(frame.height, 1), len(fields) - 1)
        sheet.set_landscape()
        sheet.repeat_rows(0)
        sheet.fit_to_pages(1, 0)

    def write(
        self, sheet: Worksheet, row: int, column: int, value: Any, kind: str, currency: str
    ) -> None:
        """Write a cell of its kind; unknown is an empty one."""
        if value is None:
            return
        if isinstance(value, str):
            sheet.write_string(row, column, value, self.format())
        elif isinstance(value, datetime):
            timestamp = value.astimezone(UTC).replace(tzinfo=None)
            sheet.write_datetime(
                row, column, timestamp, self.format(num_format=_NUMBERS["timestamp"])
            )
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, self.format(num_format=_NUMBERS["day"]))
        else:
            number = _money_format(currency) if kind == "money" else _NUMBERS[kind]
            sheet.write_number(row, column, value, self.format(num_format=number))

    def summary(self, document: Document) -> None:
        """Write the first sheet: a column for each statement, figures below one another."""
        sheet = self.file.add_worksheet("Summary")
        sheet.freeze_panes(2, 1)
        sheet.set_column(0, 0, 42)
        sheet.set_column(1, max(document.statements.height, 1), 20)
        title = f"Statement {month_name(document.month)}: {document.partner}"
        sheet.write_string(0, 0, escape_formula(title), self.format(bold=True, font_size=14))
        head = self.format(bold=True, bg_color="#1F3A5F", font_color="#FFFFFF", align="right")
        sheet.write_string(1, 0, "Amounts before VAT unless said", self.format(italic=True))
        statements = [gross(statement) for statement in document.statements.to_dicts()]
        shown = [
            figure
            for figure in _SUMMARY
            if figure[1] not in OF_AGREEMENTS or any(one[figure[1]] for one in statements)
        ]
        for column, statement in enumerate(statements, 1):
            sheet.write_string(1, column, escape_formula(party_of(statement)), head)
            for row, (label, key, kind) in enumerate(shown, 2):
                strong = {"bold": True} if key.startswith("payable") else {}
                sheet.write_string(row, 0, label, self.format(**strong))
                reported = "_reporting_" in key
                currency = statement["reporting_currency" if reported else "currency"] or ""
                self._figure(sheet, row, column, statement[key], kind, currency)
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 1)

    def _figure(
        self, sheet: Worksheet, row: int, column: int, value: Any, kind: str, currency: str
    ) -> None:
        if isinstance(value, bool):
            value = "yes" if value else "no"
        if value is None or isinstance(value, str):
            right = self.format(align="right", italic=value is None)
            sheet.write_string(
                row, column, "unknown" if value is None else escape_formula(value), right
            )
        else:
            self.write(sheet, row, column, value, kind, currency)


_SUMMARY: tuple[tuple[str, str, str], ...] = (
    ("Currency", "currency", "text"),
    ("Direction", "direction", "text"),
    ("Section", "section", "text"),
    ("Status of the month", "status", "text"),
    ("Billing", "billing", "text"),
    ("Reverse charge", "reverse_charge", "text"),
    ("CDRs", "cdr_count", "count"),
    *((f"  {verdict}", f"{verdict}_count", "count") for verdict in VERDICTS),
    ("CDRs that state no total", "unstated_count", "count"),
    ("CDRs in the repriced total", "repriced_count", "count"),
    ("Late CDRs of locked months", "late_count", "count"),
    ("Corrections of locked months", "correction_count", "count"),
    ("Energy, kWh", "energy_kwh", "energy"),
    *((label, key, "money") for key, label in FIGURES),
    ("Payable with unknown VAT", "vat_unknown_excl_vat", "money"),
    ("Tolerated differences may reach", "tolerance_excl_vat", "money"),
    ("  they exceed it", "tolerance_exceeded", "text"),
    *((f"Disputed, {label}", key, "money") for key, label in AGES),
    ("Net of both directions", "net_excl_vat", "money"),
    ("Reporting currency", "reporting_currency", "text"),
    ("Claimed, reporting", "claimed_reporting_excl_vat", "money"),
    ("Payable, reporting", "payable_reporting_excl_vat", "money"),
    ("Disputed, reporting", "disputed_reporting_excl_vat", "money"),
)


def _money_format(currency: str) -> str:
    decimals = minor_unit_decimals(currency)
    number = "#,##0" + (f".{'0' * decimals}" if decimals else "")
    return f"{number};[Red]-{number}"
