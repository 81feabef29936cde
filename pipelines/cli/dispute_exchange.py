"""`roamhouse dispute export` and `answer`: disputes on their way to the partner and back."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import click

from models.counts import count_label
from pipelines.cli.common import as_option, write_output
from pipelines.cli.workspace import Workspace, date_option, with_workspace


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
    from pipelines.stages.settle.dispute_queries import open_disputes_with_evidence
    from pipelines.stages.settle.reading import NothingThere

    workspace.check_known(partner)
    view = workspace.decisions_view()
    found = open_disputes_with_evidence(workspace.con, view, partner, month)
    if not found:
        raise NothingThere(f"nothing of {partner} is contested")
    rows = exchange_rows(found)
    write_output(output.with_suffix(".json"), exchange_json(rows, partner, issued_on))
    write_output(output.with_suffix(".csv"), _csv(rows))
    count = count_label(len(rows), "dispute")
    click.echo(f"{output.with_suffix('.json')} and {output.with_suffix('.csv')}: {count}", err=True)


@click.command("answer")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@as_option
@with_workspace
def answer(file: Path, named: str | None, workspace: Workspace) -> None:
    """Take in the partner's answers to an exported file: all of them, or none."""
    from models.settle.exchange import BadAnswer, read_answers
    from pipelines.decisions import Decision, acting_user
    from pipelines.stages.settle.dispute_queries import decision_data, find_dispute
    from pipelines.stages.settle.reading import NothingThere

    try:
        answers = read_answers(file.read_bytes())
    except BadAnswer as error:
        raise NothingThere(f"{file.name}: {error}") from None
    with workspace.decisions() as store:
        decisions = []
        for one in answers:
            row = find_dispute(workspace.con, store.view(), one.dispute_id)
            said = {"reason": one.reason, "credit_id": one.credit_id, "answered_in": file.name}
            for step in one.steps(row["decided_state"]):
                data = decision_data(row, step, said if step == one.answer else {})
                decisions.append(Decision(row["dispute_id"], step, data))
                row = {**row, "decided_state": step}
        after = store.decide_all(decisions, acting_user(named))
    states = {one.dispute_id: one.state for one in after}
    for dispute_id, state in states.items():
        click.echo(f"{dispute_id}: {state}")


def _csv(rows: list[dict[str, Any]]) -> bytes:
    from models.settle.exchange import COLUMNS
    from pipelines.exports.formulas import escape_formula

    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        cells = (row[name] for name in COLUMNS)
        texts = ("; ".join(cell) if isinstance(cell, list) else str(cell) for cell in cells)
        writer.writerow([escape_formula(text) for text in texts])
    return buffer.getvalue().encode("utf-8-sig")
