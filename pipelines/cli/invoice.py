"""`roamhouse invoice`: take in partners' invoices, show what they come to, send records of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from models.settle.imports import WITHDRAWN, InvoiceImport, stream_of
from pipelines.cli.common import (
    HomeOptions,
    as_option,
    fail,
    json_option,
    utc_now,
    wide_console,
    with_partners,
)
from pipelines.cli.invoice_record import send
from pipelines.cli.terminal import print_json, say
from pipelines.cli.workspace import (
    check_published,
    month_option,
    open_workspace,
    party_option,
)
from pipelines.decisions.user import acting_user
from pipelines.warehouse.locking import WarehouseLocked

if TYPE_CHECKING:
    from pipelines.stages.settle.import_invoices import Offered
    from pipelines.stages.settle.invoice_reports import InvoiceReport
    from pipelines.stages.settle.workspace import Workspace

_WAIT_S = 60.0
_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def invoice() -> None:
    """Take in partners' invoices and match them; send records of ours."""


invoice.add_command(send)


@invoice.command("import")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Show what would come of it; keep nothing.")
@click.option("--partner", help="Whose invoice; default: by the seller's VAT number or the CDRs.")
@party_option
@month_option
@click.option("--number", help="Of the invoice that a sheet belongs to, or that is typed in.")
@click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="A column of a sheet, as 'cdr_id=CDR number'; learned once for a partner.",
)
@click.option("--issued", "issued_on", type=_DAY, help="Typed in: date of the invoice.")
@click.option("--due", "due_on", type=_DAY, help="Typed in: when it is due.")
@click.option("--currency", help="Typed in: as EUR.")
@click.option("--net", help="Typed in: total before taxes; default: the sum of the sheet.")
@click.option("--gross", help="Typed in: total after taxes.")
@click.option("--vat", multiple=True, metavar="RATE=TAX", help="Typed in: tax by rate, 21=25.92.")
@click.option("--type", "type_code", help="Typed in: 380 invoice, 381 credit note, 384 corrected.")
@click.option("--corrects", help="Typed in: the invoice that it credits or corrects.")
@json_option
@as_option
@with_partners
def import_(
    files: tuple[Path, ...],
    dry_run: bool,
    partner: str | None,
    party: tuple[str, str] | None,
    month: str | None,
    number: str | None,
    mapping: tuple[str, ...],
    for_machines: bool,
    named: str | None,
    where: HomeOptions,
    **typed: Any,
) -> None:
    """Take in invoices: UBL 2.1, CII, Factur-X or ZUGFeRD PDF, and sheets of their CDRs.

    Every file is kept as received. A sheet (CSV, XLSX) belongs to the document given with it, or to
    the invoice that --number names; without either its head is typed in by options.
    Shows what each comes to, settles with it and publishes. Ends with 1 if a file cannot be taken
    in; then nothing is.
    """
    from pipelines.invoices.annex import parse_columns
    from pipelines.stages.settle.import_invoices import Said, keep

    if not files and number is None:
        raise click.UsageError("name FILES, or type an invoice in with --number and --net")
    said = Said(partner, party, number, month, _head(typed), parse_columns(mapping))
    with _open(where) as workspace:
        if partner is not None:
            workspace.contract(partner)
        offered = [_offered(path) for path in files]
        who = acting_user(named)
        steps, reports = workspace.prepare_invoices(offered, said, who)
        if not dry_run:
            with workspace.decisions() as decisions:
                keep(workspace.landing, decisions, steps, who)
    _show(reports, for_machines=for_machines)
    if not dry_run:
        _settle(workspace)


@contextmanager
def _open(where: HomeOptions) -> Iterator[Workspace]:
    with open_workspace(where) as workspace:
        check_published(workspace, "settle.invoices")
        yield workspace


def _settle(workspace: Workspace) -> None:
    from pipelines.orchestration.replay import NothingFetched, settle_again

    try:
        settled = settle_again(
            workspace.home, workspace.partners, now=utc_now, wait_seconds=_WAIT_S
        )
    except (NothingFetched, WarehouseLocked) as error:
        say(f"Kept; `roamhouse settle` shows it once it can: {error}", err=True)
        return
    for failure in settled.failures:
        say(failure, err=True)
    say(f"Kept, settled and published in {settled.seconds:.1f} s.", err=True)


@invoice.command("list")
@click.option("--partner", help="One partner only.")
@click.option("--month", help="One month only.")
@json_option
@with_partners
def list_(partner: str | None, month: str | None, for_machines: bool, where: HomeOptions) -> None:
    """List invoices with what is payable of each, the newest first."""
    from pipelines.cli.invoice_output import print_invoices
    from pipelines.stages.settle.invoice_reports import list_invoices

    with _open(where) as workspace:
        rows = list_invoices(workspace.con, partner=partner, month=month)
        waiting = len(workspace.decisions_view().invoices) - len(list_invoices(workspace.con))
    if for_machines:
        print_json({"invoices": rows}, default=str)
    else:
        print_invoices(wide_console(), rows)
    if waiting > 0:
        say(f"{waiting} more were taken in since: `roamhouse settle` shows them", err=True)


@invoice.command("show")
@click.argument("number")
@click.option("--partner", help="Whose invoice it is, where several have the number.")
@click.option("--json", "for_machines", is_flag=True, help="Print one JSON object, lines included.")
@with_partners
def show(number: str, partner: str | None, for_machines: bool, where: HomeOptions) -> None:
    """Show one invoice: its findings, what is to be paid of it and what is not."""
    from pipelines.stages.settle.invoice_reports import find_invoice

    with _open(where) as workspace:
        report = find_invoice(workspace.con, number, partner)
    _show([report], for_machines=for_machines)


@invoice.command("withdraw")
@click.argument("number")
@click.option("--partner", help="Whose invoice it is, where several have the number.")
@click.option("--reason", required=True, help="Why; it is kept, and so is the file.")
@as_option
@with_partners
def withdraw(
    number: str, partner: str | None, reason: str, named: str | None, where: HomeOptions
) -> None:
    """Say that an invoice was taken in by mistake: it counts no more."""
    with _open(where) as workspace:
        found = [
            one
            for one in workspace.decisions_view().invoices
            if one.number.lower() == number.lower() and partner in (None, one.partner)
        ]
        if len(found) != 1:
            fail(f"no single invoice {number!r}; see `roamhouse invoice list`, or say --partner")
        _withdraw(workspace, found[0], reason, acting_user(named))
    _settle(workspace)


def _withdraw(workspace: Workspace, one: InvoiceImport, reason: str, who: str) -> None:
    with workspace.decisions() as decisions:
        decisions.take_in([(stream_of(one.key), WITHDRAWN, {"reason": reason})], who)


def _show(reports: Sequence[InvoiceReport], *, for_machines: bool) -> None:
    from pipelines.cli.invoice_output import print_invoice

    if for_machines:
        rows = [
            {**report.invoice, "findings": report.findings, "lines": report.lines}
            for report in reports
        ]
        print_json({"invoices": rows}, default=str)
        return
    for report in reports:
        print_invoice(wide_console(), report.invoice, report.findings)


def _head(typed: dict[str, Any]) -> dict[str, str]:
    """Return what was typed in of an invoice's head, by field."""
    pairs = [one.partition("=") for one in typed.pop("vat")]
    if any(not equals for _, equals, _ in pairs):
        raise click.UsageError("--vat is a rate and its tax, as 21=25.92")
    head = {
        name: value.date().isoformat() if isinstance(value, datetime) else str(value)
        for name, value in typed.items()
        if value is not None
    }
    if pairs:
        head["taxes"] = json.dumps([[rate, tax] for rate, _, tax in pairs])
    return head


def _offered(path: Path) -> Offered:
    from pipelines.invoices.reading import MAX_BYTES
    from pipelines.stages.settle.import_invoices import Offered

    size = path.stat().st_size
    if size > MAX_BYTES:
        fail(f"{path.name} is larger than {MAX_BYTES >> 20} MiB")
    return Offered(path.name, path.read_bytes())
