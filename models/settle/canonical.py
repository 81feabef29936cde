r"""Canonical text of rows, for hashes that must stay provable: ours, not a library's CSV.

Commas, a heading, quotes only where a field is empty or holds a comma, quote or line break; null
is `\N`. Months that are locked have hashes of it, so that nothing of it may ever change.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

_NULL = "\\N"


def canonical_text(frame: pl.DataFrame) -> str:
    """Return the rows of a frame as text, in their order; of the types that `_writer` knows."""
    columns = [_column(frame[name]) for name in frame.columns]
    lines = [",".join(frame.columns), *map(",".join, zip(*columns, strict=True))]
    return "\n".join(lines) + "\n"


def _column(column: pl.Series) -> list[str]:
    write = _writer(column.dtype)
    return [_NULL if value is None else write(value) for value in column.to_list()]


def _writer(kind: pl.DataType) -> Callable[[Any], str]:
    if kind == pl.String():
        return _quote
    if isinstance(kind, pl.List):
        return lambda values: _quote("\x1f".join(text for text in values if text is not None))
    if isinstance(kind, pl.Decimal):
        return _decimal
    if isinstance(kind, pl.Datetime):
        return _timestamp
    if kind == pl.Boolean():
        return lambda value: "true" if value else "false"
    if kind == pl.Date():
        return date.isoformat
    return str


def _quote(text: str) -> str:
    if text and not any(mark in text for mark in ',"\n\r'):
        return text
    return '"' + text.replace('"', '""') + '"'


def _decimal(value: Decimal) -> str:
    return f"{value:f}"


def _timestamp(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}+0000"
