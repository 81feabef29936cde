"""The month's end as pages offer it: invoices, answers of partners, settling, the books."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import duckdb

from dashboards import services
from models.errors import Refused
from models.settle.exchange import exchange_json, exchange_rows
from pipelines.exports.columns import exchange_csv
from pipelines.exports.ledger import ledger_csv
from pipelines.stages.settle.dispute_queries import open_disputes_with_evidence, take_in_answers
from pipelines.stages.settle.import_invoices import Offered, Said, keep
from pipelines.stages.settle.invoice_reports import InvoiceReport
from pipelines.stages.settle.warehouse import read_journal, unbooked


class NotSettled(Refused):
    """Decisions could not be settled; the message says why."""


def dispute_file(
    con: duckdb.DuckDBPyConnection, partner: str, month: str | None, ending: str
) -> bytes:
    """Return what is contested as a file that the partner fills in, as `dispute export`."""
    with services.open_store() as store:
        found = open_disputes_with_evidence(con, store.view(), partner, month)
    today = services.now().date()
    rows = exchange_rows(found, today, services.letterhead().escalation_days)
    return exchange_json(rows, partner, today) if ending == "json" else exchange_csv(rows)


def take_in_answer(con: duckdb.DuckDBPyConnection, name: str, content: bytes, who: str) -> int:
    """Take a partner's answers in, as `dispute answer`; return to how many disputes.

    Raises:
        BadAnswer: the file is none that can be read.
        NothingThere: it names a dispute that is none of ours.
        IllegalDecision: an answer cannot follow what was decided; nothing is written.
    """
    with services.open_store() as store:
        after = take_in_answers(con, store, name, content, who)
    return len({one.dispute_id for one in after})


def take_in_invoices(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[Offered],
    said: Said,
    who: str,
    *,
    keeps: bool,
) -> list[InvoiceReport]:
    """Return what partners' invoices come to, as `roamhouse invoice import` does.

    Args:
        con: the snapshot.
        files: documents and sheets.
        said: what the person says with them.
        who: the person.
        keeps: whether they are taken in; else they are only looked at.

    Raises:
        UnreadableInvoice: a file cannot be read, or it is not clear whose or what it is.
        IllegalDecision: an invoice was taken in already.
    """
    desk = services.workspace(con)
    steps, reports = desk.prepare_invoices(files, said, who)
    if keeps:
        with desk.decisions() as store:
            keep(desk.landing, store, steps, who)
    return reports


def settle_again() -> None:
    """Settle and publish, as `roamhouse settle` does, in a process of its own.

    Raises:
        NotSettled: it could not be, or a check failed.
    """
    done = subprocess.run(  # noqa: S603 - our own program and values, no shell
        [sys.executable, "-m", "pipelines.cli.main", "settle", "--home", str(services.home().path)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise NotSettled("\n".join(said[-3:]) or "`roamhouse settle` ended without a word")


def ledger_remarks(
    con: duckdb.DuckDBPyConnection, month: str, partners: Sequence[str] | None, kind: str
) -> list[str]:
    """Return what of a month is not in its ledger, and why, before the file is asked for.

    Raises:
        CompanyError: company.yaml cannot be used, or names no columns of one's own.
    """
    paper = services.letterhead()
    ledger_csv((), paper.ledger, kind)
    remarks = [text for one in partners or (None,) for text in unbooked(con, month, one, paper)]
    return list(dict.fromkeys(remarks))


def ledger(
    con: duckdb.DuckDBPyConnection, month: str, partners: Sequence[str] | None, kind: str
) -> bytes:
    """Return the journal entries of a month as `roamhouse ledger` writes them.

    Raises as `ledger_remarks`.
    """
    rows = [row for one in partners or (None,) for row in read_journal(con, month, one)]
    return ledger_csv(rows, services.letterhead().ledger, kind)
