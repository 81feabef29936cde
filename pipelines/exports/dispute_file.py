"""The sheet of disputes that a partner fills in; `models.settle.exchange` makes its JSON twin."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from models.settle.exchange import COLUMNS
from pipelines.exports.formulas import escape_formula

_AMOUNTS = ("amount_excl_vat", "vat")  # numbers, which may be below zero


def exchange_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return what a partner is told of disputes (`exchange_rows`) as CSV."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(name, row[name]) for name in COLUMNS] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")


def _cell(name: str, value: Any) -> str:
    if name in _AMOUNTS:
        return str(value)
    return escape_formula("; ".join(value) if isinstance(value, list) else str(value))
