"""CSV: UTF-8, one heading row; amounts plain, unknown empty, no cell a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from models.settle.document import Document, plain_decimal
from pipelines.exports.columns import LINES, Field, cells

_BOM = "\ufeff"


@dataclass(frozen=True)
class Dialect:
    """The CSV that a program expects.

    Args:
        separator: between cells.
        decimal: the decimal separator.
        bom: whether a byte order mark says that it is UTF-8: Excel needs it.
    """

    separator: str = ","
    decimal: str = "."
    bom: bool = False


#: By name. Excel takes the list and decimal separators of the country that it is set to.
DIALECTS: Final = {
    "standard": Dialect(),
    "excel": Dialect(bom=True),
    "excel-semicolon": Dialect(";", ",", bom=True),
    "excel-semicolon-point": Dialect(";", ".", bom=True),
    "excel-tab": Dialect("\t", ",", bom=True),
}


def statement_csv(document: Document, dialect: Dialect = DIALECTS["standard"]) -> bytes:
    """Return the lines of a statement: one row for each CDR or correction."""
    return table_csv(LINES, cells(document.lines, LINES), dialect)


def table_csv(
    fields: tuple[Field, ...],
    rows: Iterable[tuple[Any, ...]],
    dialect: Dialect = DIALECTS["standard"],
) -> bytes:
    """Return a table as CSV.

    Args:
        fields: its columns; their names are the heading.
        rows: cells without formulas, as from `columns.cells`.
        dialect: of the program that reads it.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=dialect.separator, lineterminator="\r\n")
    writer.writerow([field.name for field in fields])
    writer.writerows([_text(value, dialect.decimal) for value in row] for row in rows)
    return ((_BOM if dialect.bom else "") + buffer.getvalue()).encode()


def _text(value: Any, decimal: str) -> Any:
    if isinstance(value, Decimal):
        return plain_decimal(value).replace(".", decimal)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value
