"""Formats of statements and of the ledger, and dialects of CSV: what commands and views offer."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

LEDGER_FORMATS: Final = ("csv", "datev", "sap", "own")


@dataclass(frozen=True)
class Format:
    """A kind of file that a statement can be had as."""

    title: str  # as the dashboards offer it
    suffix: str  # of the file's name
    media_type: str
    is_text: bool = True  # whether a terminal can show it


#: By the name that `--format` takes.
FORMATS: Final = {
    "pdf": Format("Statement (PDF)", "pdf", "application/pdf", is_text=False),
    "xlsx": Format(
        "Statement (Excel)",
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        is_text=False,
    ),
    "csv": Format("CDR lines (CSV)", "csv", "text/csv"),
    "json": Format("Everything (JSON)", "json", "application/json"),
    "ubl": Format("Invoice (UBL)", "xml", "application/xml"),
    "cii": Format("Invoice (CII)", "xml", "application/xml"),
    "facturx": Format("Invoice (Factur-X PDF)", "pdf", "application/pdf", is_text=False),
    "record": Format("Invoice record (OCPI)", "json", "application/json"),
}
LETTERS: Final = {
    "letter_pdf": Format("Dispute letter (PDF)", "pdf", "application/pdf", is_text=False),
    "letter_csv": Format("Dispute evidence (CSV)", "csv", "text/csv"),
}


@dataclass(frozen=True)
class Dialect:
    """The CSV that a program expects."""

    separator: str = ","  # between cells
    decimal: str = "."  # the decimal separator
    bom: bool = False  # whether a byte order mark says that it is UTF-8: Excel needs it


#: By name. Excel takes the list and decimal separators of the country that it is set to.
DIALECTS: Final = {
    "standard": Dialect(),
    "excel": Dialect(bom=True),
    "excel-semicolon": Dialect(";", ",", bom=True),
    "excel-semicolon-point": Dialect(";", ".", bom=True),
    "excel-tab": Dialect("\t", ",", bom=True),
}


def write_csv(head: Sequence[str], rows: Iterable[Iterable[Any]], dialect: Dialect) -> bytes:
    """Return rows as CSV, their cells as they are to stand there."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=dialect.separator, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8-sig" if dialect.bom else "utf-8")
