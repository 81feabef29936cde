"""The way in: reconciles a warehouse and stores findings and verdicts, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
import polars as pl

from models.recon.assemble import finding_rows, judged
from models.recon.evaluate import find
from models.recon.facts import with_derived_facts
from models.recon.registry import rules_about
from models.recon.rule import Subject
from models.tables import FINDINGS, RECON_CDRS, Table
from pipelines.stages.recon import matching
from pipelines.stages.recon.changes import put_focus
from pipelines.stages.recon.gathering import chunks
from pipelines.stages.recon.queries import columns, statement
from pipelines.stages.recon.repricing import with_causes
from pipelines.stages.recon.terms import Terms, put_frame, put_terms
from pipelines.warehouse.sql_files import row_count

_AMOUNTS: dict[str, pl.DataType] = {
    "partner": pl.String(),
    "invoice_id": pl.String(),
    "currency": pl.String(),
    "amount_excl_vat": pl.Decimal(18, 6),
}
_OTHER_SUBJECTS: tuple[tuple[Subject, str], ...] = (
    ("session", "missing_cdrs"),
    ("invoice", "invoice_facts"),
    ("batch", "short_pulls"),
    ("batch", "daily_volumes"),
)


@dataclass(frozen=True)
class ReconcileResult:
    """What a reconciliation did.

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
    invoice_amounts: pl.DataFrame | None = None,
) -> ReconcileResult:
    """Judge every CDR of a warehouse that is new or that something changed for.

    Args:
        con: connection to the warehouse, with `core.*` loaded and `rating.*` written.
        terms: what was agreed with each partner.
        as_of: the moment the warehouse shows: when its newest page was fetched.
        invoice_amounts: what invoices are over, where known: `partner`, `invoice_id`, `currency`,
            `amount_excl_vat`.
    """
    con.begin()
    try:
        made = put_terms(con, terms)
        amounts = pl.DataFrame(schema=_AMOUNTS) if invoice_amounts is None else invoice_amounts
        put_frame(con, "recon_invoice_amounts", amounts.select(*_AMOUNTS))
        con.execute(statement("offers"))
        focus = put_focus(con, terms, amounts, as_of)
        matching.match(con, focus.peers)
        count = _judge_cdrs(con, terms, as_of)
        _judge_the_rest(con, terms, as_of)
        _drop([*made, *focus.made, "recon_offers", "recon_invoice_amounts", *matching.TABLES], con)
        con.commit()
    except BaseException:
        con.rollback()
        raise
    return ReconcileResult(count, row_count(con, RECON_CDRS.name), row_count(con, FINDINGS.name))


def _judge_cdrs(con: duckdb.DuckDBPyConnection, terms: Terms, as_of: datetime) -> int:
    rules = rules_about("cdr")
    count = 0
    for chunk in chunks(con):
        facts = with_derived_facts(with_causes(con, chunk, terms.contracts), as_of)
        found = find(facts, rules, terms.contracts)
        _append(con, RECON_CDRS, judged(facts, found, terms.contracts))
        _append(con, FINDINGS, finding_rows(found))
        count += facts.height
    return count


def _judge_the_rest(con: duckdb.DuckDBPyConnection, terms: Terms, as_of: datetime) -> None:
    """Findings about sessions, invoices and batches; they are few, and are found anew each time."""
    con.execute("delete from recon.findings where subject <> 'cdr'")
    for subject, name in _OTHER_SUBJECTS:
        text = statement(name)
        parameters = {"as_of": as_of} if "$as_of" in text else {}
        facts = con.sql(text, params=parameters).pl().with_row_index("row")
        rules = [rule for rule in rules_about(subject) if rule.needs <= set(facts.columns)]
        _append(con, FINDINGS, finding_rows(find(facts, rules, terms.contracts)))


def _append(con: duckdb.DuckDBPyConnection, table: Table, rows: pl.DataFrame) -> None:
    con.register("recon_rows", rows)
    names = columns(table)
    con.execute(f"insert into {table.name} ({names}) select {names} from recon_rows")  # noqa: S608 - declared names
    con.unregister("recon_rows")


def _drop(tables: Sequence[str], con: duckdb.DuckDBPyConnection) -> None:
    for table in tables:
        con.execute(f"drop table {table}")
