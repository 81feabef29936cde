"""`roamhouse statement`: what a counterparty's month comes to, as a file."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from models.settle.months import last_day
from pipelines.cli.common import fail, home_option, partners_option, write_output
from pipelines.cli.workspace import handle_errors, month_argument, open_workspace
from pipelines.exports.statement import FORMATS, Paperwork, export_statement
from pipelines.stages.settle.reading import read_document

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
@click.option("--party", metavar="CC/PID", help="One counterparty only, as NL/VOL.")
@click.option("--currency", metavar="CODE", help="One currency only, as EUR.")
@click.option(
    "--date",
    "issued",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Date of the document; default: the last day of the month.",
)
@home_option
@partners_option
@handle_errors
def statement(
    partner: str,
    month: str,
    kind: str | None,
    output: Path | None,
    party: str | None,
    currency: str | None,
    issued: datetime | None,
    home_dir: Path | None,
    partners_file: Path | None,
) -> None:
    """Write the statement of PARTNER for a month, with its CDR lines and disputes."""
    chosen = kind or _by_name(output)
    if output is None and chosen in _BINARY and sys.stdout.isatty():
        fail(f"{chosen} is not for a terminal; name a file with -o")
    with open_workspace(home_dir, partners_file) as workspace:
        workspace.check_known(partner)
        document = read_document(
            workspace.con, partner, month, party=_party(party), currency=currency
        )
        day = issued.replace(tzinfo=UTC).date() if issued else last_day(month)
        paperwork = Paperwork(workspace.letterhead, day, workspace.own_party(partner))
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


def _party(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    country_code, slash, party_id = text.upper().partition("/")
    if not slash or len(country_code) != 2 or not 1 <= len(party_id) <= 3:
        raise click.BadParameter(f"{text!r} is no party; write it as NL/VOL", param_hint="--party")
    return country_code, party_id
