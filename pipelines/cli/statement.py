"""`roamhouse statement` and `ledger`: what a month comes to, as files."""

from __future__ import annotations

import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from pipelines.cli.common import fail, wide_console, write_output
from pipelines.cli.terminal import print_json, say
from pipelines.cli.workspace import (
    check_published,
    date_option,
    dialect_option,
    month_argument,
    party_option,
    with_workspace,
)
from pipelines.exports.formats import DIALECTS, FORMATS, LEDGER_FORMATS

if TYPE_CHECKING:
    from pipelines.stages.settle.workspace import Workspace


@click.command()
@click.option("--partner", required=True, help="The partner, as in the partners file.")
@month_argument
@click.option(
    "--format",
    "kind",
    type=click.Choice(FORMATS),
    help="Default: what the file's name says, else csv. ubl, cii: an invoice or credit note; "
    "facturx: that as a PDF with its CII within; "
    "record: an OCPI InvoiceReconciliationRecord.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False))
@party_option
@click.option("--currency", metavar="CODE", help="One currency only, as EUR.")
@date_option
@dialect_option
@with_workspace
def statement(
    partner: str,
    month: str,
    kind: str | None,
    output: Path | None,
    party: tuple[str, str] | None,
    currency: str | None,
    issued_on: date,
    dialect: str,
    workspace: Workspace,
) -> None:
    """Write the statement of PARTNER for a month, with its CDR lines and disputes."""
    from pipelines.exports.statement import export_statement
    from pipelines.stages.settle.dispute_queries import refuse_outdated
    from pipelines.stages.settle.reading import read_document, read_month_changes

    chosen = kind or _by_name(output)
    if output is None and not FORMATS[chosen].is_text and sys.stdout.isatty():
        fail(f"{chosen} is not for a terminal; name a file with -o")
    workspace.check_known(partner, "settle.statements")
    document = read_document(workspace.con, partner, month, party=party, currency=currency)
    view = workspace.decisions_view()
    refuse_outdated(document, view)
    paperwork = workspace.paperwork(partner, month, view, issued_on, DIALECTS[dialect])
    data = export_statement(document, chosen, paperwork)
    for change in read_month_changes(workspace.con, month, partner):
        say(change.sentence, err=True)
    if output is None:
        click.echo(data, nl=False)
        return
    write_output(output, data)
    click.echo(f"{output}: {len(data):,} bytes", err=True)


def _by_name(output: Path | None) -> str:
    suffix = output.suffix.lower().removeprefix(".") if output else ""
    suffix = "ubl" if suffix == "xml" else suffix
    return suffix if suffix in FORMATS else "csv"


@click.command()
@month_argument
@click.option("--partner", help="One partner only.")
@click.option(
    "--format",
    "kind",
    type=click.Choice((*LEDGER_FORMATS, "vat", "json")),
    default="csv",
    help="csv: every field; datev and sap: what these take in; own: the columns of company.yaml; "
    "vat: the figures for VAT returns, over all partners.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False))
@with_workspace
def ledger(
    month: str, partner: str | None, kind: str, output: Path | None, workspace: Workspace
) -> None:
    """Write the journal entries of a month: expense, tax, payables, disputes and accruals.

    Without -o a summary by account goes to a terminal. Entries of a locked month stay as they
    are; what changes later is booked in the month that is open.
    """
    from pipelines.exports.ledger import ledger_csv
    from pipelines.stages.settle.warehouse import read_journal, unbooked

    check_published(workspace, "settle.journal")
    if kind == "vat":
        _write_vat_return(workspace, month, output)
        return
    if partner is not None:
        workspace.check_known(partner)
    rows = read_journal(workspace.con, month, partner)
    for remark in unbooked(workspace.con, month, partner, workspace.letterhead):
        say(remark, err=True)
    chart = workspace.letterhead.ledger
    if kind == "json":
        print_json({"month": month, "entries": rows}, default=str)
    elif output is not None:
        write_output(output, ledger_csv(rows, chart, kind))
        click.echo(f"{output}: {len(rows):,} entries", err=True)
    else:
        _summary(rows, month)


def _write_vat_return(workspace: Workspace, month: str, output: Path | None) -> None:
    """Write the figures for VAT returns, as CSV."""
    from pipelines.exports.columns import VAT_RETURN, cells, table_csv
    from pipelines.stages.settle.reading import read_vat_return

    rows = read_vat_return(workspace.con, month)
    text = table_csv(VAT_RETURN, cells(rows, VAT_RETURN), DIALECTS["standard"])
    if output is None:
        click.echo(text, nl=False)
        return
    write_output(output, text)
    click.echo(f"{output}: {rows.height:,} rows", err=True)


def _summary(rows: list[dict[str, Any]], month: str) -> None:
    """Print debit and credit by account and currency; they are equal."""
    from models.money import amount_text

    sums: dict[tuple[str, str], list[Decimal]] = {}
    for row in rows:
        for side, account in enumerate((row["debit"], row["credit"])):
            sums.setdefault((row["currency"], account), [Decimal(), Decimal()])[side] += row[
                "amount"
            ]
    table = Table(title=f"{month}, by account", title_justify="left")
    table.add_column("Currency")
    table.add_column("Account")
    table.add_column("Debit", justify="right")
    table.add_column("Credit", justify="right")
    for (currency, account), amounts in sorted(sums.items()):
        texts = (amount_text(amount, currency) for amount in amounts)
        table.add_row(currency, account.replace("_", " "), *texts)
    console = wide_console()
    console.print(table)
    console.print(f"{len(rows):,} entries; -o FILE writes them")
