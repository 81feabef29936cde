"""Settling the warehouse: `settle.*` from CDRs, verdicts, contracts, decisions and rates.

Set-based: one pass of SQL over all CDRs. What a locked month holds comes from the decisions
and is put back unchanged; see `models/sql/settle/open_lines.sql` for what happens to the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import duckdb
import polars as pl

from models.contract import Contract
from models.rating.currencies import minor_unit_decimals
from models.settle.disputes import Dispute
from models.settle.fx import MAX_AGE_DAYS, FxTable
from models.settle.view import DecisionsView
from models.tables import BY_NAME
from models.wire.countries import ALPHA2_OF
from pipelines.settle.fx import missing_rates
from pipelines.settle.sql import statement

SETTLE_TABLES = (
    "settle.statements",
    "settle.statement_lines",
    "settle.line_vat",
    "settle.statement_vat",
    "settle.disputes",
)
_TEMPORARY = ("settle_live", "settle_rates", "settle_live_vat", "settle_open", "settle_day_rates")


@dataclass(frozen=True)
class SettleResult:
    """What one settlement made.

    Args:
        rows: table → rows.
        left_out: `(partner, reason, CDRs)` of what is in no statement.
        missing_rates: what cannot be reported for want of an exchange rate; None: nothing.
    """

    rows: Mapping[str, int]
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
    """Make every table of `settle` again, in one transaction.

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
    with _inputs(con, contracts, decisions, fx, own_parties or {}):
        con.begin()
        try:
            _derive(con, as_of, fx)
            con.commit()
        except BaseException:
            con.rollback()
            raise
        left_out = con.execute(statement("left_out")).fetchall()
    return SettleResult(
        {name: _count(con, name) for name in SETTLE_TABLES},
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
    with _inputs(con, contracts, decisions, fx, own_parties or {}):
        con.execute(statement("live_lines"))
        live = con.sql("select * from settle_live").pl()
        con.execute("drop table temp.settle_live")
    return live


def _derive(con: duckdb.DuckDBPyConnection, as_of: datetime, fx: FxTable) -> None:
    for name in SETTLE_TABLES:
        con.execute(f"delete from {name}")  # noqa: S608  our own names
    for name in ("live_lines", "live_rates", "live_vat", "open_lines"):
        con.execute(statement(name))
    reporting = {"reporting": fx.reporting_currency}
    con.execute(statement("day_rates"), {**reporting, "max_age_days": MAX_AGE_DAYS})
    con.execute(statement("insert_lines"))
    con.execute(statement("insert_line_vat"))
    con.execute(statement("insert_statement_vat"))
    con.execute(statement("insert_statements"), {**reporting, "as_of": as_of})
    con.execute(statement("insert_disputes"), {"as_of": as_of})
    for name in _TEMPORARY:
        con.execute(f"drop table temp.{name}")


@contextmanager
def _inputs(
    con: duckdb.DuckDBPyConnection,
    contracts: Mapping[str, Contract],
    decisions: DecisionsView,
    fx: FxTable,
    own_parties: Mapping[str, frozenset[tuple[str, str]]],
) -> Iterator[None]:
    """Everything that is not in the warehouse, as relations beside it."""
    frames = {
        "settle_terms": _terms(contracts),
        "settle_own": _own(own_parties),
        "settle_countries": _texts(("alpha3", "alpha2"), sorted(ALPHA2_OF.items())),
        "settle_posting": decisions.posting(),
        "settle_booked_lines": decisions.booked_lines(),
        "settle_booked_vat": decisions.booked_vat(),
        "settle_booked_statements": decisions.booked_statements(),
        "settle_periods": _texts(
            ("partner", "month", "status"),
            [(p.partner, p.month, p.state) for _, p in sorted(decisions.periods.items())],
        ),
        "settle_conceded": _texts(
            ("dispute_id",), [(d.dispute_id,) for d in _by_id(decisions) if d.conceded]
        ),
        "settle_decided": _decided(decisions),
        "settle_quotes": fx.quotes,
        "settle_minor_units": _minor_units(con),
    }
    try:
        for name, frame in frames.items():
            con.register(name, frame)
        yield
    finally:
        for name in frames:
            con.unregister(name)


def _terms(contracts: Mapping[str, Contract]) -> pl.DataFrame:
    rows = [
        (
            partner,
            terms.time_zone,
            terms.month_basis,
            terms.billing,
            terms.reverse_charge,
            terms.tolerance.absolute,
            terms.tolerance.relative,
        )
        for partner, terms in sorted(contracts.items())
    ]
    schema = {
        **dict.fromkeys(("partner", "time_zone", "month_basis", "billing"), pl.String()),
        "reverse_charge": pl.Boolean(),
        "tolerance_absolute": pl.Decimal(18, 6),
        "tolerance_relative": pl.Decimal(10, 9),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _own(own_parties: Mapping[str, frozenset[tuple[str, str]]]) -> pl.DataFrame:
    rows = [
        (partner, *party)
        for partner in sorted(own_parties)
        for party in sorted(own_parties[partner])
    ]
    return _texts(("partner", "country_code", "party_id"), rows)


def _texts(names: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String()), orient="row")


def _by_id(decisions: DecisionsView) -> list[Dispute]:
    return [dispute for _, dispute in sorted(decisions.disputes.items())]


def _decided(decisions: DecisionsView) -> pl.DataFrame:
    kinds = {column.name: column.dtype for column in BY_NAME["settle.disputes"].columns}
    names = (
        *("dispute_id", "partner", "country_code", "party_id", "subject", "subject_id"),
        *("state", "reason_code", "opened_excl_vat", "currency", "owner", "due_on"),
        *("changed_at", "changed_by"),
    )
    rows = []
    for dispute in _by_id(decisions):
        partner, country_code, party_id, subject_id = dispute.key.split("/", 3)
        last = dispute.history[-1]
        rows.append(
            (
                *(dispute.dispute_id, partner, country_code, party_id, dispute.subject, subject_id),
                *(dispute.state, dispute.reason_code, dispute.amount_excl_vat, dispute.currency),
                *(dispute.owner, dispute.due_on, last.at, last.who, dispute.history[0].at),
            )
        )
    schema = {name: kinds[name] for name in names} | {"opened_at": kinds["changed_at"]}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _minor_units(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    found = con.execute("select distinct currency from core.cdrs order by currency").fetchall()
    return pl.DataFrame(
        [(currency, minor_unit_decimals(currency)) for (currency,) in found],
        schema={"currency": pl.String(), "decimals": pl.Int32()},
        orient="row",
    )


def _count(con: duckdb.DuckDBPyConnection, name: str) -> int:
    row = con.execute(f"select count(*) from {name}").fetchone()  # noqa: S608  our own names
    return 0 if row is None else int(row[0])
