"""Invoices as they stand after a settlement, or would stand with others taken in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from duckdb import DuckDBPyConnection as DuckDB

from models.errors import NothingThere
from models.settle.imports import InvoiceImport, stream_of
from models.settle.received import UnreadableInvoice
from pipelines.invoices.store import kept_file
from pipelines.landing.files import Files
from pipelines.stages.recon.terms import recall_contracts
from pipelines.stages.settle import query
from pipelines.stages.settle.import_invoices import Intake, Offered, Said, Step, candidates
from pipelines.stages.settle.inputs import Terms, find_superseded, registered_inputs
from pipelines.stages.settle.invoices import matched_invoices
from pipelines.stages.settle.received import read_received
from pipelines.warehouse.sql_files import fetch_frame

Row = dict[str, Any]


@dataclass(frozen=True)
class Taker:
    """Who takes invoices in, and when."""

    who: str
    at: datetime


@dataclass(frozen=True)
class InvoiceReport:
    """One invoice."""

    invoice: Row  # a row of `settle.invoices`
    findings: list[Row]  # its rows of `settle.invoice_findings`, what weighs most first
    lines: list[Row]  # its rows of `settle.invoice_lines`, where they were asked for


def list_invoices(
    con: DuckDB, *, partner: str | None = None, month: str | None = None, number: str | None = None
) -> list[Row]:
    """Return invoices as settled, the newest first.

    `number`: of one number only, without regard to case.
    """
    values = {"partner": partner, "month": month, "number": number}
    return fetch_frame(con, query("read_invoices"), values).to_dicts()


def find_invoice(con: DuckDB, number: str, partner: str | None) -> InvoiceReport:
    """Return one invoice with its findings and lines.

    Raises:
        NothingThere: there is none of that number, or there are several.
    """
    rows = list_invoices(con, partner=partner, number=number)
    if len(rows) != 1:
        several = ", ".join(
            f"{row['partner']} {row['country_code']}/{row['party_id']}" for row in rows
        )
        hint = f"there are those of {several}: say --partner" if rows else "see `invoice list`"
        raise NothingThere(f"no single invoice {number!r}; {hint}")
    key = {name: rows[0][name] for name in ("partner", "country_code", "party_id", "number")}
    findings = fetch_frame(con, query("read_invoice_findings"), key).to_dicts()
    lines = fetch_frame(con, query("read_invoice_lines"), key).to_dicts()
    return InvoiceReport(rows[0], findings, lines)


def prepare_with_preview(
    intake: Intake, terms: Terms, landing: Files, offered: Sequence[Offered], said: Said, by: Taker
) -> tuple[list[Step], list[InvoiceReport]]:
    """Return the decisions that take files in, and what each invoice would come to.

    Args:
        intake: what taking in rests on.
        terms: contracts, decisions and rates.
        landing: where the files of earlier invoices are kept.
        offered: the files.
        said: what the person says with them.
        by: who takes them in, and when.

    Raises:
        UnreadableInvoice: a file cannot be read, or it is not clear whose or what it is.
    """
    steps = intake.prepare(offered, said)
    known = candidates(intake.invoices, steps, by.at, by.who)
    fresh = {file.sha256: file.data for file in offered}
    touched = {step.stream for step in steps}
    keys = [one.key for one in known if stream_of(one.key) in touched]

    def body(sha256: str) -> bytes:
        return fresh.get(sha256) or kept_file(landing, sha256)

    return steps, preview(intake.con, terms, known, body, keys)


def preview(
    con: DuckDB,
    terms: Terms,
    invoices: Sequence[InvoiceImport],
    body: Callable[[str], bytes],
    streams: Sequence[tuple[str, str, str, str]],
) -> list[InvoiceReport]:
    """Return what invoices would come to with others taken in; nothing is written.

    Args:
        con: a settled warehouse or snapshot.
        terms: contracts, decisions and rates.
        invoices: all of them, those that are looked at included.
        body: SHA-256 → the file.
        streams: keys of those to report.

    Raises:
        UnreadableInvoice: one of those cannot be read.
    """
    reading = read_received(con, invoices, body)
    failed = {number: reason for number, reason in reading.unreadable}
    for *_, number in streams:
        if number in failed:
            raise UnreadableInvoice(f"{number}: {failed[number]}")
    # What an invoice is about may have been charged under a name that its partner has no more.
    contracts = recall_contracts(con, terms.contracts)
    left = frozenset(contracts) - frozenset(terms.contracts)
    now = replace(terms, contracts=contracts, left=left, superseded=find_superseded(con, left))
    frames = reading.frames.under(now.named_now)
    with registered_inputs(con, now), matched_invoices(con, frames, now.contracts):
        found = fetch_frame(con, "select * from received_invoices").to_dicts()
        findings = fetch_frame(
            con, "select * from received_findings order by at_stake_excl_vat + at_stake_vat desc, n"
        ).to_dicts()
    wanted = {now.named_now(*stream) for stream in streams}
    return [_report(row, findings) for row in found if _key(row) in wanted]


def _key(row: Mapping[str, Any]) -> tuple[str, str, str, str]:
    return row["partner"], row["country_code"], row["party_id"], row["number"]


def _report(row: Row, findings: Sequence[Row]) -> InvoiceReport:
    return InvoiceReport(row, [one for one in findings if one["i"] == row["i"]], [])
