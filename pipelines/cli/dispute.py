"""`roamhouse dispute`: list what is contested, and take it through its states."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from models.errors import NothingThere
from models.settle.disputes import FOLLOWS, escalation_of, steps_of
from pipelines.cli.common import as_option, json_option, utc_now, write_output
from pipelines.cli.dispute_exchange import answer, export
from pipelines.cli.dispute_output import plain_text, show_disputes
from pipelines.cli.terminal import print_json, say
from pipelines.cli.workspace import (
    date_option,
    dialect_option,
    month_argument,
    party_option,
    with_workspace,
)
from pipelines.decisions.user import acting_user
from pipelines.exports.formats import DIALECTS

if TYPE_CHECKING:
    from pipelines.decisions.store import DecisionsStore
    from pipelines.stages.settle.workspace import Workspace

_STEPS = {
    "send": ("sent", "The partner has been told."),
    "accept": ("accepted", "The partner agrees; a credit is to come."),
    "reject": ("rejected", "The partner disagrees."),
    "credit": ("credited", "The credit has come."),
    "escalate": ("escalated", "Someone else has to decide."),
    "withdraw": ("withdrawn", "We were wrong: what was held back is paid."),
    "write-off": ("written_off", "We let it go: what was held back is paid."),
    "finish": ("closed", "It is over."),
}
_NOTES = {
    "comment": ("commented", "Add a remark."),
    "evidence": ("evidence", "Add evidence: where it is, or what it shows."),
    "assign": ("assigned", "Give it to someone."),
    "due": ("due", "Say when an answer is due, as 2026-11-30."),
    "recode": ("recoded", "Give it another reason code."),
    "approve": ("approved", "Agree with what another person will decide; see settings.yaml."),
}


@dataclass(frozen=True)
class Choice:
    """The disputes that a decision is about: named, or those that filters leave."""

    dispute_ids: tuple[str, ...]
    partner: str | None
    month: str | None
    cause: str | None
    overdue: bool


def choice_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add ids and filters to a command, which gets them as `choice`."""

    @wraps(command)
    def with_choice(**options: Any) -> None:
        choice = Choice(**{one.name: options.pop(one.name) for one in fields(Choice)})
        command(choice=choice, **options)

    for option in (
        click.option("--overdue", is_flag=True, help="Without ids: whose answer is overdue."),
        click.option("--cause", help="Without ids: of this reason code only."),
        click.option("--month", help="Without ids: of this month only."),
        click.option("--partner", help="Without ids: all of this partner that it may follow."),
        click.argument("dispute_ids", nargs=-1),
    ):
        with_choice = option(with_choice)
    return with_choice


@click.group()
def dispute() -> None:
    """List disputes and work them: who did what, when and why is kept for ever."""


@dispute.command("list")
@click.option("--partner", help="One partner only.")
@click.option("--month", help="One month only.")
@click.option("--state", type=click.Choice(list(FOLLOWS)), help="One state only.")
@click.option("--overdue", is_flag=True, help="Those whose answer is overdue.")
@json_option
@with_workspace
def list_(
    partner: str | None,
    month: str | None,
    state: str | None,
    overdue: bool,
    for_machines: bool,
    workspace: Workspace,
) -> None:
    """List what is contested, the largest first, as decided up to now."""
    from pipelines.stages.settle.dispute_queries import list_disputes

    with workspace.decisions() as store:
        if partner is not None:
            workspace.check_known(partner)
        disputes = list_disputes(
            workspace.con, store.view(), partner=partner, month=month, state=state
        )
    disputes = [
        row for row in _as_of_today(disputes, workspace) if row["escalation"] or not overdue
    ]
    if for_machines:
        print_json({"disputes": disputes}, default=plain_text)
    else:
        show_disputes(disputes)


@dispute.command("show")
@click.argument("dispute_id")
@with_workspace
def show(dispute_id: str, workspace: Workspace) -> None:
    """Show one dispute with everything that was decided about it."""
    from pipelines.stages.settle.dispute_queries import find_dispute

    with workspace.decisions() as store:
        row = find_dispute(workspace.con, store.view(), dispute_id)
        history = store.dispute(row["dispute_id"]).history
    for name, value in row.items():
        if value is not None:
            say(f"{name}: {plain_text(value)}")
    for event in history:
        said = ", ".join(f"{key}={value}" for key, value in sorted(event.data.items()))
        say(f"{event.at:%Y-%m-%d %H:%M} {event.who}: {event.name} {said}".rstrip())


@dispute.command("open")
@choice_options
@click.option("--reason-code", help="Default: the root cause, or the rule that fired.")
@click.option("--owner", help="Who looks after it; default: you.")
@click.option("--due", type=click.DateTime(["%Y-%m-%d"]), help="Default: in `dispute_days`.")
@as_option
@with_workspace
def open_(
    choice: Choice,
    reason_code: str | None,
    owner: str | None,
    due: datetime | None,
    named: str | None,
    workspace: Workspace,
) -> None:
    """Open disputes that reconciliation detected: by their ids, or all that the filters leave."""
    from pipelines.decisions.store import Decision
    from pipelines.stages.settle.dispute_queries import opening_event

    with workspace.decisions() as store:
        who = acting_user(named)
        days = timedelta(days=workspace.letterhead.dispute_days)
        due_on = due.replace(tzinfo=UTC).date() if due else (utc_now() + days).date()
        rows = _choose(workspace, store, choice, "open")
        decisions = [
            Decision(
                row["dispute_id"],
                "open",
                {
                    **opening_event(row, reason_code),
                    "due_on": due_on.isoformat(),
                    "owner": owner or who,
                },
            )
            for row in rows
        ]
        for after in store.decide_all(decisions, who):
            click.echo(f"{after.dispute_id}: open, {after.reason_code}, due {after.due_on}")


@dispute.command("letter")
@click.option("--partner", required=True, help="The partner it goes to.")
@month_argument
@party_option
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False))
@date_option
@dialect_option
@with_workspace
def letter(
    partner: str,
    month: str,
    party: tuple[str, str] | None,
    output: Path,
    issued_on: date,
    dialect: str,
    workspace: Workspace,
) -> None:
    """Write the dispute letter of a month as PDF, and its evidence as CSV beside it.

    Each party of a hub gets files of its own, with its name in theirs.
    """
    from pipelines.exports.letter import NothingContested, letters
    from pipelines.stages.settle.dispute_queries import with_current_disputes
    from pipelines.stages.settle.reading import read_document

    workspace.check_known(partner)
    document = with_current_disputes(
        read_document(workspace.con, partner, month, party=party), workspace.decisions_view()
    )
    ours = workspace.own_party(partner)
    written = letters(document, workspace.letterhead, issued_on, ours, DIALECTS[dialect])
    if not written:
        raise NothingContested(f"nothing of {partner} {month} is contested")
    for suffix, pdf, csv in written:
        target = output.with_stem(output.stem + suffix)
        write_output(target.with_suffix(".pdf"), pdf)
        write_output(target.with_suffix(".csv"), csv)
        click.echo(f"{target.with_suffix('.pdf')} and {target.with_suffix('.csv')}", err=True)


def _step(command: str, state: str, help_text: str) -> None:
    @dispute.command(command, help=f"{help_text} By ids, or all that the filters leave.")
    @choice_options
    @click.option("--reason", default="", help="Why; needed where we or they say no.")
    @as_option
    @with_workspace
    def step(choice: Choice, reason: str, named: str | None, workspace: Workspace) -> None:
        with workspace.decisions() as store:
            rows = _choose(workspace, store, choice, state)
            _decide(store, rows, state, acting_user(named), {"reason": reason})


def _note(command: str, name: str, help_text: str) -> None:
    @dispute.command(command, help=help_text)
    @click.argument("dispute_id")
    @click.argument("text")
    @as_option
    @with_workspace
    def note(dispute_id: str, text: str, named: str | None, workspace: Workspace) -> None:
        with workspace.decisions() as store:
            rows = _find_all(workspace, store, (dispute_id,))
            _decide(store, rows, name, acting_user(named), {"text": text})


dispute.add_command(export)
dispute.add_command(answer)
for _command, (_state, _help) in _STEPS.items():
    _step(_command, _state, _help)
for _command, (_name, _help) in _NOTES.items():
    _note(_command, _name, _help)


def _decide(
    store: DecisionsStore, rows: Sequence[dict[str, Any]], name: str, who: str, data: dict[str, str]
) -> None:
    """Take one decision about several disputes: all of them, or none."""
    from pipelines.decisions.store import Decision
    from pipelines.stages.settle.dispute_queries import decision_data

    decisions = [
        Decision(row["dispute_id"], step, decision_data(row, step, data if step == name else {}))
        for row in rows
        for step in steps_of(name, row["state"], row["decided_state"]) or (name,)
    ]
    for after in store.decide_all(decisions, who):
        click.echo(f"{after.dispute_id}: {after.state.replace('_', ' ')}")


def _choose(
    workspace: Workspace, store: DecisionsStore, choice: Choice, name: str
) -> list[dict[str, Any]]:
    """Return the disputes of the ids, else those of the filters that a decision may follow.

    Raises:
        NothingThere: there are none.
    """
    from pipelines.stages.settle.dispute_queries import list_disputes

    if choice.dispute_ids:
        return _find_all(workspace, store, choice.dispute_ids)
    if choice.partner is None:
        raise click.UsageError("name disputes, or choose them by --partner (--month, --cause)")
    workspace.check_known(choice.partner)
    found = list_disputes(workspace.con, store.view(), partner=choice.partner, month=choice.month)
    able = [row for row in found if steps_of(name, row["state"], row["decided_state"])]
    rows = [
        row
        for row in _as_of_today(able, workspace)
        if choice.cause in (None, row["reason_code"]) and (row["escalation"] or not choice.overdue)
    ]
    if not rows:
        raise NothingThere(f"no dispute of {choice.partner} matches that may become {name}")
    return rows


def _as_of_today(rows: list[dict[str, Any]], workspace: Workspace) -> list[dict[str, Any]]:
    """Return disputes with how far they are overdue today, as decided up to now."""
    today, days = utc_now().date(), workspace.letterhead.escalation_days
    return [
        row | {"escalation": escalation_of(row["state"], row["due_on"], today, days)}
        for row in rows
    ]


def _find_all(
    workspace: Workspace, store: DecisionsStore, dispute_ids: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the disputes of these ids.

    Raises:
        NothingThere: some are unknown; the message names each.
    """
    from pipelines.stages.settle.dispute_queries import find_dispute

    view, rows, unknown = store.view(), [], []
    for dispute_id in dispute_ids:
        try:
            rows.append(find_dispute(workspace.con, view, dispute_id))
        except NothingThere as error:
            unknown.append(str(error))
    if unknown:
        raise NothingThere("\n".join([*unknown, *(["nothing was written"] if rows else [])]))
    return rows
