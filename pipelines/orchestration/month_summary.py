"""The settlement part of the run summary: the last full month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from pipelines.warehouse.sql_files import fetch_row, query


@dataclass(frozen=True)
class MonthStatement:
    """The month of one counterparty: its claim and what becomes of it; amounts excl. VAT."""

    partner: str
    party: str
    currency: str
    direction: str
    cdrs: int
    claimed_excl_vat: Decimal | None
    payable_excl_vat: Decimal | None
    disputed_excl_vat: Decimal | None
    rejected_excl_vat: Decimal | None


@dataclass(frozen=True)
class ContestedCause:
    """Why CDRs of a partner are contested, and how much that is."""

    partner: str
    cause: str
    cdrs: int
    currency: str
    contested_excl_vat: Decimal


@dataclass(frozen=True)
class Month:
    """The last full month, settled."""

    month: str
    statements: tuple[MonthStatement, ...]
    contested: tuple[ContestedCause, ...]


def last_full_month(con: duckdb.DuckDBPyConnection) -> Month | None:
    """Read it; the month before that of the newest page. None: nothing was ever fetched."""
    row = fetch_row(con, "select max(fetched_at) from ops.pages")
    if row is None or row[0] is None:
        return None
    month = _before(row[0])
    return Month(
        month,
        tuple(MonthStatement(*values) for values in _read(con, "settled_month", month)),
        tuple(ContestedCause(*values) for values in _read(con, "contested_causes", month)),
    )


def _before(moment: datetime) -> str:
    return (moment.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")


def _read(con: duckdb.DuckDBPyConnection, name: str, month: str) -> list[tuple[Any, ...]]:
    return con.execute(query("ops", name), {"month": month}).fetchall()
