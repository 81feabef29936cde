"""`roamhouse statement`: what a counterparty's month comes to, as a file."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from pipelines.cli.common import fail, home_option, partners_option, write_output
from pipelines.cli.workspace import (
    date_option,
    dialect_option,
    handle_errors,
    month_argument,
    open_workspace,
    party_option,
)
from pipelines.exports.formats import DIALECTS, FORMATS

_BINARY = ("xlsx", "pdf")


@click.command()
@click.option("--partner", required=True, help="The partner, as in the partners file.")
@month_argument
@click.option(
    "--format",
    "kind",
    type=click.Choice(FORMATS),
    help="Default: what the file's name says, else csv. ubl: an invoice or credit note; "
    "record: an OCPI InvoiceReconciliationRecord.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False))
@party_option
@click.option("--currency", metavar="CODE", help="One currency only, as EUR.")
@date_option
@dialect_option
@home_option
@partners_option
@handle_errors
def statement(
    partner: str,
    month: str,
    kind: str | None,
    output: Path | None,
    party: tuple[str, str] | None,
    currency: str | None,
    issued_on: date,
    dialect: str,
    home_dir: Path | None,
    partners_file: Path | None,
) -> None:
    """Write the statement of PARTNER for a month, with its CDR lines and disputes."""
    from pipelines.exports.statement import Paperwork, export_statement
    from pipelines.stages.settle.dispute_queries import refuse_outdated
    from pipelines.stages.settle.reading import read_document

    chosen = kind or _by_name(output)
    if output is None and chosen in _BINARY and sys.stdout.isatty():
        fail(f"{chosen} is not for a terminal; name a file with -o")
    with open_workspace(home_dir, partners_file) as workspace:
        workspace.check_known(partner, "settle.statements")
        document = read_document(workspace.con, partner, month, party=party, currency=currency)
        view = workspace.decisions_view()
        refuse_outdated(document, view)
        paperwork = Paperwork(
            workspace.letterhead,
            issued_on,
            workspace.own_party(partner),
            view.revision(partner, month),
            DIALECTS[dialect],
        )
        data = export_statement(document, chosen, paperwork)
    if output is None:
        click.echo(data, nl=False)
        return
    write_output(output, data)
    click.echo(f"{output}: {len(data):,} bytes", err=True)


def _by_name(output: Path | None) -> str:
    suffix = output.suffix.lower().removeprefix(".") if output else ""
    suffix = "ubl" if suffix == "xml" else suffix
    return suffix if suffix in FORMATS else "csv"
