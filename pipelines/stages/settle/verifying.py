"""Proving that a closed month is still what it was, and that nothing got lost since.

Three things are shown: the rows that the lock holds have their hash; the warehouse shows those
rows and no others for the month; and each CDR's lines over all months add up to what it comes
to when it is derived again from CDR, verdict and contract.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from duckdb import DuckDBPyConnection as DuckDB

from models.contract import Contract
from models.errors import NothingThere
from models.settle.fx import FxTable
from models.settle.months import SettlementMonth
from models.settle.view import DecisionsView
from pipelines.decisions.serialization import journal_sha256, rows_sha256
from pipelines.stages.settle.closing import closed_statement_sha256, evidence
from pipelines.stages.settle.reading import read_month_rows
from pipelines.stages.settle.warehouse import derive_live
from pipelines.warehouse.sql_files import fetch_frame

_INPUTS = ("landing_sha256", "tariffs_sha256", "fx_sha256", "contract_sha256")
_CDR = ("partner", "cdr_country_code", "cdr_party_id", "cdr_id")
_FIGURES = ("claimed_excl_vat", "payable_excl_vat", "disputed_excl_vat", "rejected_excl_vat")


@dataclass(frozen=True)
class VerifiedClose:
    """The outcome of verifying one locked month."""

    partner: str  # our name for the connection
    month: str  # as 2026-10
    cdrs: int  # CDRs that the month holds
    corrected: int  # those that come to something else today; the difference is in later months
    changed: tuple[str, ...]  # which inputs are others than at the close, by the name of their hash
    problems: tuple[str, ...]  # what is not as it must be; empty: proven

    @property
    def proven(self) -> bool:
        """Return whether the month is byte for byte what was locked, and every CDR adds up."""
        return not self.problems


def verify_close(
    con: DuckDB,
    decisions: DecisionsView,
    month: str,
    *,
    contracts: Mapping[str, Contract],
    fx: FxTable,
    own_parties: Mapping[str, frozenset[tuple[str, str]]] | None = None,
) -> list[VerifiedClose]:
    """Derive every partner's close of a month again.

    Args:
        con: a settled warehouse; temporary tables only are written.
        decisions: every decision so far.
        month: as 2026-10.
        contracts: partner → terms; of one that is not there only what the lock keeps is proved.
        fx: exchange rates.
        own_parties: partner → our own parties there.

    Returns:
        One entry for each partner whose month is locked, in order of partner.
    """
    closes = [p for (_, when), p in sorted(decisions.months.items()) if when == month and p.locked]
    if not closes:
        return []
    live = derive_live(con, contracts, decisions, fx=fx, own_parties=own_parties)
    posted = fetch_frame(con, "select * from settle.statement_lines")
    return [
        _verify(con, settlement, decisions, contracts.get(settlement.partner), fx, live, posted)
        for settlement in closes
    ]


def _verify(
    con: DuckDB,
    settlement: SettlementMonth,
    decisions: DecisionsView,
    contract: Contract | None,
    fx: FxTable,
    live: pl.DataFrame,
    posted: pl.DataFrame,
) -> VerifiedClose:
    partner, month = settlement.partner, settlement.month
    kept = decisions.locked_months[partner, month]
    proof = dict(settlement.proof)
    problems = []
    if rows_sha256(kept) != proof["lines_sha256"]:
        problems.append("what the lock holds does not have its hash")
    shown = read_month_rows(con, partner, month)
    if rows_sha256(shown) != proof["lines_sha256"]:
        problems.append("the warehouse shows other lines than were locked: settle again")
    booked_sha256 = settlement.history[-1].data.get("journal_sha256")  # None: an earlier version's
    if booked_sha256 and {journal_sha256(one.journal) for one in (kept, shown)} != {booked_sha256}:
        problems.append("the journal entries are not those that were locked")
    if _statement_hash(con, partner, month) != proof["statement_sha256"]:
        problems.append("the statement is not the one that was locked")
    mine = kept.lines.filter(kind="cdr").select(_CDR)
    now = _sums(live.join(mine, on=_CDR, how="semi"))
    booked = _sums(kept.lines)
    everywhere = _sums(posted.join(mine, on=_CDR, how="semi"))
    # Without its contract nothing of a partner is derived: only what is kept can be proved.
    if contract is not None and (lost := _differing(now, everywhere)):
        problems.append(f"{lost} CDRs do not add up over all months")
    until = datetime.fromisoformat(settlement.history[-1].data["landed_until_at"])
    terms = (contract or Contract()).in_month(month)
    today = evidence(con, partner, terms, fx, set(kept.statements["currency"]), until)
    changed = tuple(name for name in _INPUTS if today[name] != proof[name])
    corrected = _differing(now, booked.join(mine, on=_CDR, how="semi")) if contract else 0
    return VerifiedClose(partner, month, len(mine), corrected, changed, tuple(problems))


def _statement_hash(con: DuckDB, partner: str, month: str) -> str | None:
    try:
        return closed_statement_sha256(con, partner, month)
    except NothingThere:
        return None


def _sums(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.group_by(_CDR).agg(pl.col(_FIGURES).sum())


def _differing(one: pl.DataFrame, other: pl.DataFrame) -> int:
    both = one.join(other, on=_CDR, how="full", suffix="_other", coalesce=True)
    unequal = [pl.col(name).ne_missing(pl.col(f"{name}_other")) for name in _FIGURES]
    return both.filter(pl.any_horizontal(unequal)).height
