"""`roamhouse dispute export` and `answer`: disputes on their way to the partner and back."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from models.counts import count_label
from models.errors import NothingThere
from pipelines.cli.common import as_option, write_output
from pipelines.cli.workspace import date_option, with_workspace
from pipelines.decisions.user import acting_user

if TYPE_CHECKING:
    from pipelines.stages.settle.workspace import Workspace


@click.command("export")
@click.option("--partner", required=True, help="The partner it goes to.")
@click.option("--month", help="One month only.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False))
@date_option
@with_workspace
def export(
    partner: str, month: str | None, output: Path, issued_on: date, workspace: Workspace
) -> None:
    """Write what is contested as a file that the partner fills in: JSON, and CSV beside it.

    Each dispute has its id, rules, amount, what is asked and the hashes of the pages it rests on;
    the partner fills `answer` (accepted, rejected, credited), `credit_id` and `reason`.
    """
    from models.settle.exchange import exchange_json, exchange_rows
    from pipelines.exports.columns import exchange_csv
    from pipelines.stages.settle.dispute_queries import open_disputes_with_evidence

    workspace.check_known(partner)
    view = workspace.decisions_view()
    found = open_disputes_with_evidence(workspace.con, view, partner, month)
    if not found:
        raise NothingThere(f"nothing of {partner} is contested")
    rows = exchange_rows(found, issued_on, workspace.letterhead.escalation_days)
    write_output(output.with_suffix(".json"), exchange_json(rows, partner, issued_on))
    write_output(output.with_suffix(".csv"), exchange_csv(rows))
    count = count_label(len(rows), "dispute")
    click.echo(f"{output.with_suffix('.json')} and {output.with_suffix('.csv')}: {count}", err=True)


@click.command("answer")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@as_option
@with_workspace
def answer(file: Path, named: str | None, workspace: Workspace) -> None:
    """Take in the partner's answers to an exported file: all of them, or none."""
    from models.settle.exchange import BadAnswer
    from pipelines.stages.settle.dispute_queries import take_in_answers

    with workspace.decisions() as store:
        try:
            after = take_in_answers(
                workspace.con, store, file.name, file.read_bytes(), acting_user(named)
            )
        except BadAnswer as error:
            raise NothingThere(f"{file.name}: {error}") from None
    states = {one.dispute_id: one.state for one in after}
    for dispute_id, state in states.items():
        click.echo(f"{dispute_id}: {state}")
