"""Accruals and journal entries, made after statements and read for the books."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb

from models.settle.document import plain_decimal
from models.tables import BY_NAME
from pipelines.exports.company import Letterhead
from pipelines.stages.settle import query

LEDGER_TABLES = ("settle.accruals", "settle.journal")


def settle_ledger(con: duckdb.DuckDBPyConnection, as_of: datetime, own_country: str | None) -> None:
    """Make accruals and journal entries anew.

    Args:
        con: in the transaction of the settlement, with the terms registered and statements made.
        as_of: the time that sessions are looked at.
        own_country: whose tax we owe under reverse charge; None: nobody knows, none is booked.
    """
    for table in LEDGER_TABLES:
        con.execute(f"delete from {BY_NAME[table].name}")  # noqa: S608 - our own names
    con.execute(query("insert_accruals"), {"as_of": as_of})
    con.execute(query("insert_journal"), {"own_country": own_country})


def read_journal(
    con: duckdb.DuckDBPyConnection, month: str, partner: str | None
) -> list[dict[str, Any]]:
    """Return the entries of a month, in their order."""
    values = {"month": month, "partner": partner}
    return con.sql(query("read_journal"), params=values).pl().to_dicts()


def unbooked(
    con: duckdb.DuckDBPyConnection, month: str, partner: str | None, letterhead: Letterhead
) -> list[str]:
    """Return what of a month is not in the books, and why, for whoever books it."""
    values = {"month": month, "partner": partner}
    remarks = []
    for what, amount, count in con.execute(query("read_unbooked"), values).fetchall():
        if what == "open":
            remarks.append(f"{month} is not locked with {count} partners: entries may change")
        elif what == "vat":
            remarks.append(f"nobody stated the VAT of {plain_decimal(amount)}: none is booked")
        elif what == "sessions":
            remarks.append(f"{count} sessions without a CDR have no price: none is accrued")
        elif what == "reverse" and letterhead.company.country is None:
            remarks.append(
                f"reverse charge on {plain_decimal(amount)} is not booked: company.yaml names no "
                "country of ours"
            )
    return remarks
