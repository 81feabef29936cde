"""The way in: reconciles a warehouse and stores findings and verdicts, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import duckdb
import polars as pl

from models.recon.assemble import assemble_verdicts, finding_rows
from models.recon.evaluate import find
from models.recon.facts import with_derived_facts
from models.recon.registry import rules_about
from models.recon.rule import Subject
from models.tables import FINDINGS, RECON_CDRS, Table
from pipelines.stages.recon.changes import create_focus_table
from pipelines.stages.recon.matching import match, match_invoices
from pipelines.stages.recon.queries import drop_temporary_tables, execute, query
from pipelines.stages.recon.repricing import with_causes
from pipelines.stages.recon.terms import (
    Terms,
    create_contract_table,
    recall_contracts,
    remember_contracts,
)
from pipelines.warehouse.sql_files import row_count

CHUNK_ROWS = 122_880
_OTHER_SUBJECTS: tuple[tuple[Subject, str], ...] = (
    ("session", "missing_cdrs"),
    ("invoice", "invoice_facts"),
    ("batch", "short_pulls"),
    ("batch", "daily_volumes"),
)


@dataclass(frozen=True)
class ReconcileResult:
    """The outcome of a reconciliation.

    Args:
        judged: CDRs that were judged.
        cdrs: rows of `recon.cdrs` now.
        findings: rows of `recon.findings` now.
    """

    judged: int
    cdrs: int
    findings: int


def reconcile_warehouse(
    con: duckdb.DuckDBPyConnection,
    terms: Terms,
    *,
    as_of: datetime,
) -> ReconcileResult:
    """Judge every CDR of a warehouse that is new or that something changed for.

    Args:
        con: connection to the warehouse, with `core.*` loaded and `rating.*` written.
        terms: what was agreed with each partner.
        as_of: the moment the warehouse shows: when its newest page was fetched.
    """
    con.begin()
    try:
        terms = replace(terms, contracts=recall_contracts(con, terms.contracts))
        create_contract_table(con, terms)
        execute(con, "offers")
        create_focus_table(con, terms, as_of)
        match_invoices(con, terms.left)
        count = 0
        if row_count(con, "recon_focus"):
            match(con, terms.left)
            count = _judge_cdrs(con, terms, as_of)
        _judge_other_subjects(con, terms, as_of)
        remember_contracts(con, terms)
        drop_temporary_tables(con)
        con.commit()
    except BaseException:
        con.rollback()
        raise
    return ReconcileResult(count, row_count(con, RECON_CDRS.name), row_count(con, FINDINGS.name))


def read_facts(con: duckdb.DuckDBPyConnection) -> Iterator[pl.DataFrame]:
    """Read the facts of every CDR of `recon_focus`, in chunks that fit in memory.

    Args:
        con: after `matching.match`.

    Yields:
        Rows of `models/sql/recon/facts.sql`.
    """
    for low, high in con.execute(query("chunk_bounds"), {"rows": CHUNK_ROWS}).fetchall():
        yield con.sql(query("facts"), params={"low": low, "high": high}).pl()


def _judge_cdrs(con: duckdb.DuckDBPyConnection, terms: Terms, as_of: datetime) -> int:
    rules = rules_about("cdr")
    count = 0
    for chunk in read_facts(con):
        facts = with_derived_facts(with_causes(con, chunk, terms.contracts), as_of)
        found = find(facts, rules, terms.contracts)
        _append(con, RECON_CDRS, assemble_verdicts(facts, found, terms.contracts))
        _append(con, FINDINGS, finding_rows(found))
        count += facts.height
    return count


def _judge_other_subjects(con: duckdb.DuckDBPyConnection, terms: Terms, as_of: datetime) -> None:
    """Find what is about sessions, invoices and batches: little, and found anew each time."""
    con.execute("delete from recon.findings where subject <> 'cdr'")
    known = {"as_of": as_of, "former": sorted(terms.left)}
    for subject, name in _OTHER_SUBJECTS:
        text = query(name)
        values = {each: value for each, value in known.items() if f"${each}" in text}
        facts = con.sql(text, params=values).pl().with_row_index("row")
        rules = [rule for rule in rules_about(subject) if rule.needs <= set(facts.columns)]
        _append(con, FINDINGS, finding_rows(find(facts, rules, terms.contracts)))


def _append(con: duckdb.DuckDBPyConnection, table: Table, rows: pl.DataFrame) -> None:
    con.register("verdict_rows", rows)
    con.execute(f"insert into {table.name} by name from verdict_rows")
    con.unregister("verdict_rows")
