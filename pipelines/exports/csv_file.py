"""CSV: UTF-8, commas, one heading row; amounts plain, unknown empty, no cell a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from models.settle.document import Document, plain_decimal
from pipelines.exports.columns import LINES, Field, cells


def statement_csv(document: Document) -> bytes:
    """Return the lines of a statement: one row for each CDR or correction."""
    return table_csv(LINES, cells(document.lines, LINES))


def table_csv(fields: tuple[Field, ...], rows: Iterable[tuple[Any, ...]]) -> bytes:
    """Return a table as CSV.

    Args:
        fields: its columns; their names are the heading.
        rows: escape_formula cells, as from `columns.cells`.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([field.name for field in fields])
    writer.writerows(map(_plain, rows))
    return buffer.getvalue().encode()


def _plain(row: tuple[Any, ...]) -> list[Any]:
    return [_text(value) for value in row]


def _text(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain_decimal(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value
