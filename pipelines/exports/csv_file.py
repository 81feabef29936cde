"""CSV: UTF-8, one heading row; amounts plain, unknown empty, no cell a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from models.settle.document import Document, plain_decimal
from pipelines.exports.columns import LINES, Field, cells
from pipelines.exports.formats import DIALECTS, Dialect

_BOM = "\ufeff"


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
