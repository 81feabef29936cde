"""Reading a partner's month out of a settled warehouse or its snapshot, as a document."""

from collections.abc import Iterable

import polars as pl
from duckdb import DuckDBPyConnection as DuckDB

from models.errors import NothingThere
from models.settle.comparison import MonthChange, compare_months
from models.settle.document import Document
from models.settle.view import DecisionsView, LockedMonth
from pipelines.stages.settle import query
from pipelines.warehouse.sql_files import fetch_frame


def read_document(
    con: DuckDB,
    partner: str,
    month: str,
    *,
    party: tuple[str, str] | None = None,
    currency: str | None = None,
) -> Document:
    """Everything an export needs of a partner's month.

    Args:
        con: a settled warehouse; it is only read.
        partner: our name for the connection.
        month: as 2026-10.
        party: one counterparty only, `(country_code, party_id)`.
        currency: one currency only.

    Raises:
        NothingThere: no CDR was claimed in that month; the message says in which they were.
    """
    frames = _read(con, _QUERIES, partner, month, party, currency)
    return Document(partner, month, *frames)


def read_disputed(con: DuckDB, partner: str, month: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the statements and the disputes of a partner's month: a document without its lines.

    Raises:
        NothingThere: as for `read_document`.
    """
    statements, disputes = _read(con, ("read_statements", "read_disputes"), partner, month)
    return statements, disputes


def _read(
    con: DuckDB,
    names: Iterable[str],
    partner: str,
    month: str,
    party: tuple[str, str] | None = None,
    currency: str | None = None,
) -> list[pl.DataFrame]:
    country_code, party_id = party or (None, None)
    values = {
        "partner": partner,
        "month": month,
        "country_code": country_code,
        "party_id": party_id,
        "currency": currency,
    }
    frames = [fetch_frame(con, query(name), values) for name in names]
    if frames[0].is_empty():
        raise NothingThere(_nothing(con, partner, month, party, currency))
    return frames


def read_credited_months(
    con: DuckDB, decisions: DecisionsView, partner: str, month: str
) -> dict[tuple[str, str, str], tuple[tuple[str, int], ...]]:
    """Return earlier months of the CDRs that are credited in a partner's month.

    By country, party and currency of the statement; each month with how often it was reopened.
    """
    found: dict[tuple[str, str, str], tuple[tuple[str, int], ...]] = {}
    values = {"partner": partner, "month": month}
    rows = con.execute(query("read_credited_months"), values).fetchall()
    for country_code, party_id, currency, earlier in rows:
        key = (country_code, party_id, currency)
        one = (earlier, decisions.revision(partner, earlier))
        found[key] = (*found.get(key, ()), one)
    return found


def read_month_rows(con: DuckDB, partner: str, month: str) -> LockedMonth:
    """Return the rows of a partner's month, as a lock would hold them."""
    values = {"partner": partner, "month": month}

    def rows(table: str) -> pl.DataFrame:
        text = f"select * from {table} where partner = $partner and month = $month order by all"  # noqa: S608
        return fetch_frame(con, text, values)

    statements = rows("settle.statements").with_columns(status=pl.lit("locked"))
    return LockedMonth(
        rows("settle.statement_lines"),
        rows("settle.line_vat"),
        statements,
        rows("settle.accruals"),
        rows("settle.journal"),
    )


_QUERIES = ("read_statements", "read_vat", "read_lines", "read_disputes")


def _nothing(
    con: DuckDB, partner: str, month: str, party: tuple[str, str] | None, currency: str | None
) -> str:
    rows = con.execute(
        "select distinct month, country_code || '/' || party_id, currency from settle.statements "
        "where partner = ? order by all",
        [partner],
    ).fetchall()
    if not rows:
        known = [
            name
            for (name,) in con.execute("select distinct partner from settle.statements").fetchall()
        ]
        return (
            f"no statement of {partner}: nothing was claimed; "
            f"there are statements of {', '.join(sorted(known)) or 'nobody yet: run the pipeline'}"
        )
    here = [(name, money) for when, name, money in rows if when == month]
    if not here:
        months = ", ".join(sorted({when for when, _, _ in rows}))
        return f"no statement of {partner} for {month}: nothing was claimed; there is {months}"
    asked = " ".join(filter(None, ("/".join(party) if party else "", currency)))
    found = ", ".join(f"{name} in {money}" for name, money in sorted(set(here)))
    return f"no statement of {partner} for {month} matches {asked}; there is {found}"


def read_month_changes(con: DuckDB, month: str, partner: str | None) -> list[MonthChange]:
    """Return what a month comes to beside the month before, currency by currency.

    Args:
        con: a settled warehouse or snapshot.
        month: as 2026-10.
        partner: one partner only.
    """
    values = {"month": month, "partner": partner}
    rows = fetch_frame(con, query("read_month_change"), values)
    return compare_months(month, rows.iter_rows(named=True))


def read_vat_return(con: DuckDB, month: str) -> pl.DataFrame:
    """Return the figures of a month for VAT returns, over all partners, by country and rate."""
    return fetch_frame(con, query("read_vat_return"), {"month": month})
