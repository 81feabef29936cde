"""Settling the warehouse: `settle.*` from CDRs, verdicts, contracts, decisions and rates.

Set-based. Lines and their VAT are made again for the CDRs in scope (`changes`), statements and
disputes from all lines. What a locked month holds comes from the decisions and stays unchanged;
see `models/sql/settle/open_lines.sql` for what happens to the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import duckdb
import polars as pl

from models.contract import Contract
from models.settle.fx import MAX_AGE_DAYS, FxTable
from models.settle.view import DecisionsView
from pipelines.stages.settle.changes import TABLES, put_everything, put_scope
from pipelines.stages.settle.fx import missing_rates
from pipelines.stages.settle.inputs import Terms, beside
from pipelines.stages.settle.queries import statement
from pipelines.warehouse.sql_files import row_count

SETTLE_TABLES = (
    "settle.statements",
    "settle.statement_lines",
    "settle.line_vat",
    "settle.statement_vat",
    "settle.disputes",
)
_LINES = ("statement_lines", "line_vat")
_MADE = (
    "settle_live",
    "settle_rates",
    "settle_live_vat",
    "settle_booked",
    "settle_day_rates",
    "settle_touched",
)


@dataclass(frozen=True)
class SettleResult:
    """What one settlement made.

    Args:
        rows: table → rows.
        settled: CDRs whose lines were made in it; the others had theirs.
        left_out: `(partner, reason, CDRs)` of what is in no statement.
        missing_rates: what cannot be reported for want of an exchange rate; None: nothing.
    """

    rows: Mapping[str, int]
    settled: int
    left_out: tuple[tuple[str, str, int], ...]
    missing_rates: str | None


def settle_warehouse(
    con: duckdb.DuckDBPyConnection,
    contracts: Mapping[str, Contract],
    decisions: DecisionsView,
    *,
    as_of: datetime,
    fx: FxTable,
    own_parties: Mapping[str, frozenset[tuple[str, str]]] | None = None,
) -> SettleResult:
    """Bring every table of `settle` up to date, in one transaction.

    Args:
        con: the warehouse, with `core`, `rating` and `recon` filled.
        contracts: partner → terms, for each partner of the partners file.
        decisions: what people decided: disputes, closes, what locked months hold.
        as_of: the moment ages are counted to; the newest landed page, not the clock.
        fx: exchange rates and the reporting currency.
        own_parties: partner → our own parties there; their CDRs are what we claim.

    Returns:
        Row counts, and what was left out.
    """
    terms = Terms(contracts, decisions, fx, own_parties or {})
    with beside(con, terms):
        con.begin()
        try:
            _put_back(con, decisions, put_scope(con, terms))
            settled = _make_lines(con, fx.reporting_currency)
            _make_statements(con, as_of, fx.reporting_currency)
            con.execute("drop view temp.settle_open")
            for name in (*TABLES, *_MADE):
                con.execute(f"drop table temp.{name}")
            con.commit()
        except BaseException:
            con.rollback()
            raise
        left_out = con.execute(statement("left_out")).fetchall()
    return SettleResult(
        {name: row_count(con, name) for name in SETTLE_TABLES},
        settled,
        tuple((partner, reason, cdrs) for partner, reason, cdrs in left_out),
        missing_rates(con, fx),
    )


def derive_live(
    con: duckdb.DuckDBPyConnection,
    contracts: Mapping[str, Contract],
    decisions: DecisionsView,
    *,
    fx: FxTable,
    own_parties: Mapping[str, frozenset[tuple[str, str]]] | None = None,
) -> pl.DataFrame:
    """Each CDR's line as it would be if no month had ever been closed; nothing is written.

    Args:
        con: the warehouse.
        contracts: partner → terms.
        decisions: what people decided; closes are not looked at.
        fx: exchange rates.
        own_parties: partner → our own parties there.
    """
    with beside(con, Terms(contracts, decisions, fx, own_parties or {})):
        put_everything(con)
        con.execute(statement("live_lines"))
        live = con.sql("select * from settle_live").pl()
        con.execute("drop table temp.settle_live")
        con.execute("drop table temp.settle_scope")
    return live


def _put_back(con: duckdb.DuckDBPyConnection, decisions: DecisionsView, anew: list[str]) -> None:
    """Empty the tables of the partners that are made anew, but for what locked months hold."""
    for table in (*_LINES, "statements"):
        con.execute(statement("forget_anew", table=table))
    for partner, month in sorted(decisions.booked):
        if partner in anew:
            held = decisions.booked[partner, month]
            for table, rows in zip(
                (*_LINES, "statements"), (held.lines, held.vat, held.statements), strict=True
            ):
                con.register("settle_booked_rows", rows)
                con.execute(statement("put_back", table=table))
                con.unregister("settle_booked_rows")


def _make_lines(con: duckdb.DuckDBPyConnection, reporting_currency: str) -> int:
    """Make the lines and the VAT of the CDRs in scope again; how many CDRs those are."""
    for name in ("live_lines", "live_rates", "live_vat", "booked", "open_lines", "touched"):
        con.execute(statement(name))
    con.execute(
        statement("day_rates"), {"reporting": reporting_currency, "max_age_days": MAX_AGE_DAYS}
    )
    for table in _LINES:
        con.execute(statement("forget_lines", table=table))
    con.execute(statement("insert_lines"))
    con.execute(statement("insert_line_vat"))
    return row_count(con, "settle_live")


def _make_statements(
    con: duckdb.DuckDBPyConnection, as_of: datetime, reporting_currency: str
) -> None:
    """Add up the lines, and list what is contested."""
    con.execute(statement("forget_statement_vat"))
    con.execute(statement("insert_statement_vat"))
    con.execute(statement("forget_statements"))
    con.execute(statement("insert_statements"), {"reporting": reporting_currency})
    con.execute(statement("age_statements"), {"as_of": as_of})
    con.execute(statement("tell_status"))
    con.execute("delete from settle.disputes")
    con.execute(statement("insert_disputes"), {"as_of": as_of})
