"""Settling the warehouse: `settle.*` from CDRs, verdicts, contracts, decisions and rates.

Set-based. Lines and their VAT are made again for the CDRs in scope (`changes`), statements and
disputes from all lines. What a locked month holds comes from the decisions and stays unchanged;
see `models/sql/settle/create_open.sql` for what happens to the rest.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl
from duckdb import DuckDBPyConnection as DuckDB

from models.contract import Contract
from models.counts import count_label
from models.money import amount_label
from models.settle.fx import FxTable
from models.settle.view import DecisionsView
from models.tables import BY_NAME
from models.tables.ledger import JOURNAL
from pipelines.exports.company import Letterhead
from pipelines.stages.settle import query
from pipelines.stages.settle.accruals import price_sessions
from pipelines.stages.settle.changes import create_full_scope, create_scope
from pipelines.stages.settle.inputs import Terms, find_superseded, registered_inputs, text_frame
from pipelines.stages.settle.invoices import (
    INVOICE_TABLES,
    ReceivedFrames,
    forget_invoices,
    matched_invoices,
    store_invoices,
)
from pipelines.warehouse.sql_files import (
    fetch_frame,
    fetch_int,
    insert_frame,
    registered,
    row_count,
    transaction,
)

LEDGER_TABLES = ("settle.accruals", "settle.journal")
SETTLE_TABLES = (
    "settle.statements",
    "settle.statement_lines",
    "settle.line_vat",
    "settle.statement_vat",
    "settle.disputes",
    *INVOICE_TABLES,
    *LEDGER_TABLES,
)
_LOCKED_TABLES = ("statement_lines", "line_vat", "statements")
_CREATED = (
    *("settle_rebuilt", "settle_scope", "settle_live", "settle_rates", "settle_live_vat"),
    *("settle_kept", "settle_vat_to_post", "settle_day_rates", "settle_touched", "settle_fees"),
    *("settle_credits_before", "settle_credits"),
)

#: What of more than so many is joined does not fit in the memory that DuckDB may use.
_CDRS_AT_ONCE = 2_000_000
_DISPUTES_AT_ONCE = 500_000
_PROVED = ("settle.statements", "settle.statement_lines", "settle.disputes")


def settle_warehouse(
    con: DuckDB,
    contracts: Mapping[str, Contract],
    decisions: DecisionsView,
    *,
    as_of: datetime,
    fx: FxTable,
    own_parties: Mapping[str, frozenset[tuple[str, str]]] | None = None,
    received: ReceivedFrames | None = None,
    own_country: str | None = None,
    escalation_days: int = 14,
    left: frozenset[str] = frozenset(),
) -> dict[str, int]:
    """Bring every table of `settle` up to date, in one transaction.

    Args:
        con: the warehouse, with `core`, `rating` and `recon` filled.
        contracts: partner → terms, for each partner of the partners file.
        decisions: what people decided: disputes, closes, what locked months hold.
        as_of: the time that ages are counted to; the newest landed page, not the clock.
        fx: exchange rates and the reporting currency.
        own_parties: partner → our own parties there; their CDRs are what we claim.
        received: the invoices that people took in, as received; None: none.
        own_country: whose tax we owe under reverse charge, ISO 3166-1 alpha-2; None: unknown.
        escalation_days: after so many days overdue a dispute has to be escalated.
        left: the partners that are no longer in the partners file.

    Returns:
        Table → rows.
    """
    superseded = find_superseded(con, left)
    terms = Terms(contracts, decisions, fx, own_parties or {}, left, superseded)
    received = received and received.under(terms.named_now)
    with registered_inputs(con, terms), transaction(con, _PROVED):
        invoices = [] if received is None else received.heads.rows()
        own = sorted((name, sorted(parties)) for name, parties in terms.own_parties.items())
        beside = [own_country, escalation_days, own, repr(invoices)]
        scope = create_scope(con, terms, as_of, beside)
        _restore_locked(con, decisions, scope.rebuilt)
        if scope.lines:
            _create_lines(con, fx.reporting_currency)
        else:
            con.execute(query("create_no_live"))
        if scope.rest:
            _settle_invoices(con, received, contracts, fx.reporting_currency)
            if scope.rebuilt or row_count(con, "settle_touched"):
                _create_statements(con, fx.reporting_currency)
            con.execute(query("update_ages"), {"as_of": as_of})
            con.execute(query("update_status"))
            _create_disputes(con, {"as_of": as_of, "escalation_days": escalation_days})
        if scope.ledger:
            settle_ledger(con, terms, as_of, own_country)
        con.execute("drop view if exists temp.settle_open")
        for name in _CREATED:
            con.execute(f"drop table if exists temp.{name}")
    return {name: row_count(con, name) for name in SETTLE_TABLES}


def derive_live(
    con: DuckDB,
    contracts: Mapping[str, Contract],
    decisions: DecisionsView,
    *,
    fx: FxTable,
    own_parties: Mapping[str, frozenset[tuple[str, str]]] | None = None,
) -> pl.DataFrame:
    """Return each CDR's line as it would be if no month had ever been closed; nothing is written.

    `decisions`: what people decided; closes are not looked at.
    """
    with registered_inputs(con, Terms(contracts, decisions, fx, own_parties or {})):
        create_full_scope(con)
        frames = []
        for first, last in _parts_of_scope(con):
            con.execute(query("create_live"), {"first": first, "last": last})
            frames.append(fetch_frame(con, "select * from settle_live"))
        con.execute("drop table temp.settle_live")
        con.execute("drop table temp.settle_scope")
    return pl.concat(frames)


def _restore_locked(con: DuckDB, decisions: DecisionsView, rebuilt: Sequence[str]) -> None:
    """Empty the tables of the partners made again, but for what locked months hold."""
    for table in _LOCKED_TABLES:
        con.execute(
            f"delete from settle.{table} where partner in (select partner from settle_rebuilt)"  # noqa: S608
        )
    for (partner, _), kept in sorted(decisions.locked_months.items()):
        if partner not in rebuilt:
            continue
        frames = (kept.lines, kept.vat, kept.statements)
        for table, rows in zip(_LOCKED_TABLES, frames, strict=True):
            insert_frame(con, f"settle.{table}", rows)


def _create_lines(con: DuckDB, reporting_currency: str) -> None:
    """Make the lines and the VAT of the CDRs in scope again."""
    for first, last in _parts_of_scope(con):
        con.execute(query("create_live"), {"first": first, "last": last})
        for name in ("rates", "live_vat", "kept", "vat_to_post", "open"):
            con.execute(query(f"create_{name}"))
        con.execute(query("insert_touched"))
        con.execute(query("create_day_rates"), {"reporting": reporting_currency})
        for name in (
            *("delete_statement_lines", "delete_line_vat"),
            *("insert_lines", "insert_line_vat"),
        ):
            con.execute(query(name))
    for name in ("create_fees", "delete_fee_vat", "delete_fees", "insert_fees", "insert_fee_vat"):
        con.execute(query(name))


def _parts_of_scope(con: DuckDB) -> list[tuple[int, int]]:
    """Return the first and the last row of each part of the scope, so many CDRs at a time."""
    parts = 1 + row_count(con, "settle_scope") // _CDRS_AT_ONCE
    ends = [part / parts for part in range(1, parts + 1)]
    rows = con.execute("select quantile_disc(n, $ends) from settle_scope", {"ends": ends})
    lasts = rows.fetchall()[0][0] or [0]
    return list(zip([0, *(last + 1 for last in lasts[:-1])], lasts, strict=True))


def _create_statements(con: DuckDB, reporting_currency: str) -> None:
    """Add up the lines of the months that were touched."""
    for name in ("delete_statement_vat", "insert_statement_vat", "delete_statements"):
        con.execute(query(name))
    con.execute(query("insert_statements"), {"reporting": reporting_currency})


def _create_disputes(con: DuckDB, values: Mapping[str, object]) -> None:
    """Make every dispute anew, so many at a time that their texts fit in memory."""
    con.execute("delete from settle.disputes")
    con.execute(query("create_credits"))
    parts = 1 + fetch_int(con, query("count_contesting")) // _DISPUTES_AT_ONCE
    for part in range(parts):
        con.execute(query("insert_disputes"), {**values, "part": part, "parts": parts})


def _settle_invoices(
    con: DuckDB,
    received: ReceivedFrames | None,
    contracts: Mapping[str, Contract],
    reporting_currency: str,
) -> None:
    """Match every invoice with the lines; make those again that a credit note settles otherwise."""
    con.execute(query("create_credits_before"))
    if received is None or received.heads.is_empty():
        forget_invoices(con)
    else:
        with matched_invoices(con, received, contracts):
            store_invoices(con)
    con.execute(query("create_credits_scope"))
    if row_count(con, "settle_scope"):
        _create_lines(con, reporting_currency)


def settle_ledger(con: DuckDB, terms: Terms, as_of: datetime, own_country: str | None) -> None:
    """Make accruals and journal entries anew; a locked month keeps those that it had.

    Args:
        con: in the transaction of the settlement, with the terms registered and statements made.
        terms: contracts, for what sessions without a CDR will cost, and what locked months hold.
        as_of: the time that sessions are looked at.
        own_country: whose tax we owe under reverse charge; None: nobody knows, none is booked.
    """
    for table in LEDGER_TABLES:
        con.execute(f"delete from {BY_NAME[table].name}")  # noqa: S608 - our own names
    con.execute(query("create_open_sessions"), {"as_of": as_of})
    if row_count(con, "settle_open_sessions"):
        with registered(con, settle_session_prices=price_sessions(con, terms.contracts, as_of)):
            con.execute(query("insert_accruals"))
    con.execute("drop table temp.settle_open_sessions")
    _keep_accruals(con, terms.decisions)
    _book(con, terms, own_country)


def _book(con: DuckDB, terms: Terms, own_country: str | None) -> None:
    """Make the journal entries, those of locked months as they were locked."""
    reporting = {"reporting": terms.fx.reporting_currency}
    kept = {
        key: month.journal
        for key, month in sorted(terms.decisions.locked_months.items())
        if month.journal is not None
    }
    frames = {
        "settle_kept_journal": pl.concat(
            [pl.DataFrame(schema=JOURNAL.polars_schema()), *kept.values()]
        ),
        "settle_kept_months": text_frame(("partner", "month"), list(kept)),
    }
    con.execute(query("create_day_rates"), reporting)
    con.execute(query("insert_journal"), {"own_country": own_country, **reporting})
    with registered(con, **frames):
        con.execute(query("delete_journal"))
        con.execute(query("insert_kept_journal"))
        con.execute(query("insert_reversal_differences"), reporting)
        if fetch_int(con, query("count_other_currencies"), reporting):
            con.execute(query("insert_exchange_differences"), reporting)


def _keep_accruals(con: DuckDB, decisions: DecisionsView) -> None:
    """Put what was accrued as months were locked in the place of what would be accrued now."""
    kept = {
        key: month.accruals
        for key, month in decisions.locked_months.items()
        if month.accruals is not None
    }
    if not kept:
        return
    months = text_frame(("partner", "month"), sorted(kept))
    frames = {
        "settle_locked_accruals": pl.concat(kept[key] for key in sorted(kept)),
        "settle_locked_accrual_months": months,
    }
    with registered(con, **frames):
        for name in ("create_kept_accruals", "delete_accruals", "insert_kept_accruals"):
            con.execute(query(name))
    con.execute("drop table temp.settle_kept_accruals")


def read_journal(con: DuckDB, month: str, partner: str | None) -> list[dict[str, Any]]:
    """Return the entries of a month, in their order."""
    values = {"month": month, "partner": partner}
    return fetch_frame(con, query("read_journal"), values).to_dicts()


def unbooked(con: DuckDB, month: str, partner: str | None, letterhead: Letterhead) -> list[str]:
    """Return what of a month is not in the books, and why, for whoever books it."""
    values = {"month": month, "partner": partner}
    remarks = []
    for what, amount, currency, count in con.execute(query("read_unbooked"), values).fetchall():
        if what == "open":
            partners = count_label(count, "partner")
            remarks.append(f"{month} is not locked with {partners}: entries may change")
        elif what == "vat":
            stated = amount_label(amount, currency)
            remarks.append(f"nobody stated the VAT of {stated}: none is booked")
        elif what == "sessions":
            which = count_label(count, "session without a CDR has", "sessions without a CDR have")
            remarks.append(f"{which} no price: none is accrued")
        elif what == "rate":
            remarks.append(
                f"{currency} has no exchange rate yet: no exchange differences are booked of it"
            )
        elif what == "reverse" and letterhead.company.country is None:
            remarks.append(
                f"reverse charge on {amount_label(amount, currency)} is not booked: company.yaml "
                "names no country of ours"
            )
    for when, currency, _, billed, accrued, actual in con.execute(
        query("read_accrual_quality"), values
    ).fetchall():
        which = count_label(billed, "session that was", "sessions that were")
        remarks.append(
            f"accrued in {when} for {which} billed since: "
            f"{amount_label(accrued, currency)}, their CDRs claim {amount_label(actual, currency)}"
        )
    return remarks
