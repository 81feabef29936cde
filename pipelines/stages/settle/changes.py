"""What a later settlement makes again: whole partners, or the CDRs that something changed for.

Reconciliation names the CDRs that it judged since the last settlement (`recon.changed`); what
else a line rests on stands in `settle.inputs`, as the last settlement saw it.
"""

from __future__ import annotations

import hashlib
import json

import duckdb

from models.tables import RECON_CHANGED, SETTLE_INPUTS
from pipelines.stages.settle.inputs import CDR_KEY, Terms, conceded, terms_of, texts
from pipelines.stages.settle.queries import statement
from pipelines.stages.source_digest import source_digest
from pipelines.warehouse.sql_files import number

#: Where the source of lines and statements lies: if any of it changes, all is settled anew.
_SOURCES = (
    "models/settle",
    "models/sql/settle",
    "models/tables/settle.py",
    "pipelines/stages/settle",
)
_PARTNER = "partner/"
TABLES = ("settle_anew", "settle_scope")


def put_scope(con: duckdb.DuckDBPyConnection, terms: Terms) -> list[str]:
    """Make `settle_anew` and `settle_scope`, and remember what this settlement sees.

    Args:
        con: in the transaction of the settlement, with the terms beside it.
        terms: what to go by.

    Returns:
        The partners that everything is made anew of.
    """
    before = set(con.execute("select source, value from settle.inputs").fetchall())
    seen = _seen(con, terms)
    turned = {value for source, value in before ^ seen if source == "conceded"}
    anew = _anew(con, before, seen)
    _put(con, "settle_anew", ("partner",), [(partner,) for partner in anew])
    _put(con, "settle_turned", CDR_KEY, [tuple(key.split("/", 3)) for key in sorted(turned)])
    con.execute(statement("scope"))
    con.execute("drop table temp.settle_turned")
    con.execute(f"delete from {RECON_CHANGED.name}")  # noqa: S608 - declared name
    con.execute(f"delete from {SETTLE_INPUTS.name}")  # noqa: S608 - declared name
    con.executemany(f"insert into {SETTLE_INPUTS.name} values (?, ?)", sorted(seen))  # noqa: S608
    return anew


def put_everything(con: duckdb.DuckDBPyConnection) -> None:
    """Make a `settle_scope` of every CDR."""
    con.execute("create or replace temp table settle_scope as select rowid as n from core.cdrs")


def _anew(
    con: duckdb.DuckDBPyConnection, before: set[tuple[str, str]], seen: set[tuple[str, str]]
) -> list[str]:
    """The partners that everything is made anew of, in order."""
    differing = {source for source, _ in before ^ seen}
    every = number(con, "select count(*) from recon.changed where id = '*'")
    if not every and "rules" not in differing:
        return sorted(name.removeprefix(_PARTNER) for name in differing if _is_partner(name))
    there = con.execute(
        "select partner from core.cdrs union select partner from settle.statement_lines"
        " union select partner from settle.statements"
    ).fetchall()
    named = {name.removeprefix(_PARTNER) for name, _ in before | seen if _is_partner(name)}
    return sorted({partner for (partner,) in there} | named)


def _is_partner(source: str) -> bool:
    return source.startswith(_PARTNER)


def _seen(con: duckdb.DuckDBPyConnection, terms: Terms) -> set[tuple[str, str]]:
    """What this settlement goes by, as rows of `settle.inputs`."""
    rows = con.execute("select distinct partner, currency from core.cdrs").fetchall()
    rates = terms.fx.only({currency for _, currency in rows}).sha256
    locks: dict[str, list[tuple[str, str]]] = {}
    for (partner, month), period in sorted(terms.decisions.periods.items()):
        if period.locked:
            locks.setdefault(partner, []).append((month, dict(period.proof)["lines_sha256"]))
    seen = {("rules", _digest([source_digest(*_SOURCES), rates]))}
    seen |= {("conceded", key) for key in conceded(terms.decisions)}
    for partner in {*locks, *(partner for partner, _ in rows)}:
        contract = terms.contracts.get(partner)
        agreed = None if contract is None else terms_of(contract)
        own = sorted(terms.own_parties.get(partner, ()))
        seen.add((_PARTNER + partner, _digest([agreed, own, locks.get(partner, [])])))
    return seen


def _digest(content: list[object]) -> str:
    return hashlib.sha256(json.dumps(content, default=str).encode()).hexdigest()


def _put(
    con: duckdb.DuckDBPyConnection,
    name: str,
    columns: tuple[str, ...],
    rows: list[tuple[str, ...]],
) -> None:
    con.register("settle_frame", texts(columns, rows))
    con.execute(f"create or replace temp table {name} as select * from settle_frame")  # noqa: S608
    con.unregister("settle_frame")
