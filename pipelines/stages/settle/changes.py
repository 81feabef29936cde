"""Scope of a later settlement: whole partners, or the CDRs that something changed for, or nothing.

Reconciliation names the CDRs that it judged since the last settlement (`recon.changed`); what
else a line rests on stands in `settle.inputs`, as the last settlement saw it, beside a digest of
what everything but lines rests on.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from duckdb import DuckDBPyConnection as DuckDB

from models.settle.view import DecisionsView
from pipelines.stages.settle import query
from pipelines.stages.settle.inputs import CDR_KEY, Terms, resolved_disputes, text_frame
from pipelines.stages.stage import source_digest
from pipelines.warehouse.sql_files import fetch_int, registered, row_count

#: Where the source of lines and statements lies: if any of it changes, all is settled again.
_SOURCES = (
    "models/settle",
    "models/sql/settle",
    "models/tables/settle.py",
    "pipelines/stages/settle",
)
#: And that of what sessions without a CDR are priced by.
_PRICED_BY = ("models/agreement.py", "models/ocpi", "models/rating", "models/recon")
_PARTNER, _RENAMED, _RESOLVED = "partner/", "renamed/", "resolved/"
_REST = "rest"


@dataclass(frozen=True)
class Scope:
    """The part of a warehouse that a settlement makes again."""

    rebuilt: Sequence[str]  # the partners of which everything is
    lines: bool  # whether any line is
    rest: bool  # whether anything beside lines and the ledger is
    ledger: bool  # whether accruals and journal entries are


def create_scope(con: DuckDB, terms: Terms, as_of: datetime, beside: Sequence[object]) -> Scope:
    """Create the tables of the scope, and remember what this settlement sees.

    They are `settle_rebuilt`, `settle_scope`, and `settle_touched`, still empty.

    Args:
        con: in the transaction of the settlement, with the terms registered.
        terms: what it goes by.
        as_of: the time that ages are counted to.
        beside: what else it goes by.
    """
    before = set(con.execute("select source, value from settle.inputs").fetchall())
    seen = _inputs_seen(con, terms)
    reconciled, *rows = con.execute(query("rests_on")).fetchall()[0]
    if reconciled:
        seen.add((_REST, _rests_on(terms.decisions, [*rows, as_of.date(), *beside])))
    changed = sorted({value for source, value in before ^ seen if source.startswith(_RESOLVED)})
    rebuilt = _partners_to_rebuild(con, before, seen)
    _create_table(con, "settle_rebuilt", ("partner",), [(partner,) for partner in rebuilt])
    keys = [tuple(key.split("/", 3)) for key in changed]
    _create_table(con, "settle_resolutions_changed", CDR_KEY, keys)
    con.execute(query("create_scope"))
    _create_table(con, "settle_touched", ("partner", "month"), [])
    con.execute("drop table temp.settle_resolutions_changed")
    con.execute("delete from recon.changed")
    con.execute("delete from settle.inputs")
    con.executemany("insert into settle.inputs values (?, ?)", sorted(seen))
    lines = bool(rebuilt or row_count(con, "settle_scope"))
    rest = lines or not any(source == _REST for source, _ in before & seen)
    ledger = rest or _is_clock_bound(con, as_of)
    return Scope(rebuilt, lines, rest, ledger)


def _rests_on(decisions: DecisionsView, beside: Sequence[object]) -> str:
    """Return a digest of everything that is not made from lines alone."""
    sources = source_digest(*_SOURCES, *_PRICED_BY)
    said = (sorted(decisions.disputes.items()), sorted(decisions.months.items()))
    return _digest([sources, repr(said), repr(decisions.invoices), *beside])


def _is_clock_bound(con: DuckDB, as_of: datetime) -> bool:
    """Tell whether the clock alone may change today what sessions without a CDR cost.

    The last settlement was on the same day: the digest says so.
    """
    return bool(fetch_int(con, query("clock_bound_sessions"), {"as_of": as_of}))


def create_full_scope(con: DuckDB) -> None:
    """Create a `settle_scope` of every CDR."""
    con.execute("create or replace temp table settle_scope as select rowid as n from core.cdrs")


def _partners_to_rebuild(
    con: DuckDB, before: set[tuple[str, str]], seen: set[tuple[str, str]]
) -> list[str]:
    """Return the partners whose terms or locks changed; all of them where a rule did."""
    differing = {source for source, _ in before ^ seen}
    every = fetch_int(con, "select count(*) from recon.changed where id = '*'")
    if not every and "rules" not in differing:
        return sorted(name.removeprefix(_PARTNER) for name in differing if _is_partner(name))
    stored = con.execute(
        "select partner from core.cdrs union select partner from settle.statement_lines"
        " union select partner from settle.statements"
    ).fetchall()
    named = {name.removeprefix(_PARTNER) for name, _ in before | seen if _is_partner(name)}
    return sorted({partner for (partner,) in stored} | named)


def _is_partner(source: str) -> bool:
    return source.startswith(_PARTNER)


def _inputs_seen(con: DuckDB, terms: Terms) -> set[tuple[str, str]]:
    """Return what this settlement goes by, as rows of `settle.inputs`."""
    rows = con.execute("select distinct partner, currency from core.cdrs").fetchall()
    rates = terms.fx.only({currency for _, currency in rows}).sha256
    locks: dict[str, list[tuple[str, str]]] = {}
    for (partner, month), settlement in sorted(terms.decisions.months.items()):
        if settlement.locked:
            locks.setdefault(partner, []).append((month, dict(settlement.proof)["lines_sha256"]))
    seen = {("rules", _digest([source_digest(*_SOURCES), rates]))}
    seen |= {
        (_RESOLVED + _digest([d.resolution, d.resolved_excl_vat, d.resolved_rules]), terms.key(d))
        for d in resolved_disputes(terms.decisions)
        if d.subject in ("cdr", "vat")
    }
    renamed: dict[str, list[object]] = {}
    for (before, after), cdrs in terms.superseded.group_by("partner", "by_partner"):
        content = [before, after, cdrs.hash_rows().sum(), locks.get(str(before), [])]
        for partner in (str(before), str(after)):
            renamed.setdefault(partner, []).append(content)
            seen.add((_RENAMED + partner, _digest(content)))
    for partner in {*locks, *(partner for partner, _ in rows)}:
        contract = terms.contracts.get(partner)
        agreed = None if contract is None else contract.model_dump_json()
        own = sorted(terms.own_parties.get(partner, ()))
        content = [agreed, own, locks.get(partner, []), renamed.get(partner, [])]
        seen.add((_PARTNER + partner, _digest(content)))
    return seen


def _digest(content: list[object]) -> str:
    return hashlib.sha256(json.dumps(content, default=str).encode()).hexdigest()


def _create_table(
    con: DuckDB, name: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]
) -> None:
    with registered(con, settle_frame=text_frame(columns, rows)):
        con.execute(f"create or replace temp table {name} as from settle_frame")
