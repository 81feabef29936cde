"""Exported tables: their columns, headings and kinds of cell; CSV in UTF-8, no cell a formula."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import polars as pl

from models.settle.document import Document, plain_decimal
from models.settle.exchange import COLUMNS
from pipelines.exports.formats import DIALECTS, Dialect, write_csv
from pipelines.exports.formulas import escape_formula

Kind = Literal["text", "money", "energy", "count", "rate", "day", "timestamp"]


@dataclass(frozen=True)
class Field:
    """One column."""

    name: str  # in the frame, and the heading of CSV
    title: str  # the heading people read
    kind: Kind = "text"  # how its cells are typed
    width: int = 14  # of an XLSX column, in characters


LINES = (
    Field("partner", "Partner"),
    Field("month", "Month", width=9),
    Field("country_code", "Country", width=8),
    Field("party_id", "Party", width=8),
    Field("currency", "Currency", width=9),
    Field("direction", "Direction", width=10),
    Field("section", "Section", width=14),
    Field("kind", "Kind", width=11),
    Field("natural_month", "Month of charge", width=15),
    Field("cdr_country_code", "CDR country", width=11),
    Field("cdr_party_id", "CDR party", width=10),
    Field("cdr_id", "CDR", width=38),
    Field("session_id", "Session", width=38),
    Field("start_at", "Start (UTC)", "timestamp", 17),
    Field("end_at", "End (UTC)", "timestamp", 17),
    Field("location_name", "Location", width=28),
    Field("city", "City", width=16),
    Field("evse_id", "EVSE", width=20),
    Field("energy_kwh", "Energy kWh", "energy", 12),
    Field("verdict", "Verdict", width=12),
    Field("claimed_excl_vat", "Claimed excl. VAT", "money", 18),
    Field("expected_excl_vat", "Expected excl. VAT", "money", 18),
    Field("payable_excl_vat", "Payable excl. VAT", "money", 18),
    Field("disputed_excl_vat", "Disputed excl. VAT", "money", 18),
    Field("rejected_excl_vat", "Rejected excl. VAT", "money", 18),
    Field("claimed_incl_vat", "Claimed incl. VAT", "money", 18),
    Field("vat_country", "VAT country", width=11),
    Field("invoice_reference_id", "Invoice", width=18),
    Field("cause", "Root cause", width=24),
    Field("rules", "Rules", width=32),
    Field("message", "Why", width=70),
    Field("settled_excl_vat", "Settled excl. VAT", "money", 18),
    Field("month_status", "Month is", width=11),
    Field("expected_published_excl_vat", "List price excl. VAT", "money", 18),
    Field("expected_agreement_excl_vat", "Agreed price excl. VAT", "money", 18),
)


def _of_lines(*names: str) -> tuple[Field, ...]:
    """Return fields that are the same in the lines."""
    known = {field.name: field for field in LINES}
    return tuple(known[name] for name in names)


_STATEMENT = ("partner", "country_code", "party_id", "month", "currency")
DISPUTES = (
    Field("dispute_id", "Dispute", width=20),
    *_of_lines(*_STATEMENT),
    Field("subject", "Subject", width=9),
    Field("subject_id", "Id", width=38),
    Field("state", "State", width=11),
    Field("reason_code", "Reason", width=26),
    Field("contested_excl_vat", "Contested excl. VAT", "money", 19),
    Field("contested_vat", "Contested VAT", "money", 14),
    Field("opened_excl_vat", "When opened", "money", 13),
    Field("owner", "Owner", width=14),
    Field("due_on", "Due", "day", 12),
    Field("age_days", "Age, days", "count", 10),
    *_of_lines("rules", "message"),
    Field("sent_on", "First sent", "day", 12),
    Field("escalation", "Overdue", width=11),
)
VAT = (
    *_of_lines(*_STATEMENT, "direction", "section", "vat_country"),
    Field("vat_bucket", "Rate", width=15),
    Field("vat_rate", "Rate, %", "rate", 9),
    Field("cdr_count", "CDRs", "count", 8),
    Field("payable_excl_vat", "Payable excl. VAT", "money", 18),
    Field("vat_amount", "VAT", "money", 14),
)
VAT_RETURN = (
    Field("country", "Country", width=9),
    Field("what", "What", width=15),
    Field("rate", "Rate", width=15),
    Field("currency", "Currency", width=9),
    Field("counterparties", "Counterparties", "count", 14),
    Field("base_excl_vat", "Base excl. VAT", "money", 18),
    Field("vat_amount", "VAT", "money", 14),
)


def cells(frame: pl.DataFrame, fields: tuple[Field, ...]) -> Iterator[tuple[Any, ...]]:
    """Yield rows in the order of `fields`; no text starts a formula, lists are joined."""
    for row in frame.select([field.name for field in fields]).iter_rows():
        yield tuple(map(_cell, row))


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return escape_formula(value)
    if isinstance(value, list):
        return escape_formula(", ".join(map(str, value)))
    return value


def statement_csv(document: Document, dialect: Dialect = DIALECTS["standard"]) -> bytes:
    """Return the lines of a statement: one row for each CDR or correction."""
    return table_csv(LINES, cells(document.lines, LINES), dialect)


def table_csv(
    fields: tuple[Field, ...],
    rows: Iterable[tuple[Any, ...]],
    dialect: Dialect = DIALECTS["standard"],
) -> bytes:
    """Return a table as CSV."""
    written = ([_text(value, dialect.decimal) for value in row] for row in rows)
    return write_csv([field.name for field in fields], written, dialect)


def _text(value: Any, decimal: str) -> Any:
    if isinstance(value, Decimal):
        return plain_decimal(value).replace(".", decimal)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


_AMOUNTS = ("amount_excl_vat", "vat")  # numbers, which may be below zero


def exchange_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return what a partner is told of disputes (`exchange_rows`) as CSV."""
    written = ([_exchange_cell(name, row[name]) for name in COLUMNS] for row in rows)
    return write_csv(COLUMNS, written, DIALECTS["excel"])


def _exchange_cell(name: str, value: Any) -> str:
    if name in _AMOUNTS:
        return str(value)
    return escape_formula("; ".join(value) if isinstance(value, list) else str(value))
