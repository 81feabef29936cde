"""`roamhouse close`, `reopen` and `audit`: a month is done, locked, proven, opened again."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from models.errors import NothingThere
from models.settle.decisions import IllegalDecision
from pipelines.cli.common import (
    REFUSED,
    HomeOptions,
    as_option,
    fail,
    utc_now,
    with_home,
    write_output,
)
from pipelines.cli.terminal import say
from pipelines.cli.workspace import check_published, month_argument, with_workspace
from pipelines.decisions.user import acting_user

if TYPE_CHECKING:
    from pipelines.decisions.store import DecisionsStore
    from pipelines.stages.settle.verifying import VerifiedClose
    from pipelines.stages.settle.workspace import Workspace


@click.command()
@month_argument
@click.option("--partner", help="One partner only; default: everyone who claimed anything.")
@click.option("--soft", "step", flag_value="soft", help="Soft-close: done but for a last look.")
@click.option("--sign-off", "step", flag_value="sign_off", help="Sign off what is soft-closed.")
@click.option("--verify", "step", flag_value="verify", help="Prove what is locked; lock nothing.")
@click.option(
    "--checklist", "step", flag_value="checklist", help="Show what is open; lock nothing."
)
@click.option("--yes", "sure", is_flag=True, help="Lock without asking, whatever is open.")
@as_option
@with_workspace
def close(
    month: str,
    partner: str | None,
    step: str | None,
    sure: bool,
    named: str | None,
    workspace: Workspace,
) -> None:
    """Lock a month: its statements never change again, late records post to the next one.

    Ends with 1 if a partner's month cannot be closed (its records are not complete, it is locked
    already) or is not proven; the others are closed all the same. On a terminal the checklist comes
    first (disputes, VAT, invoices, CDRs on none, accrued sessions) and it asks.
    """
    from pipelines.stages.settle.closing import CannotClose, month_checklist

    with workspace.decisions() as store:
        if step == "verify":
            raise SystemExit(_verify(workspace, store, month))
        check_published(workspace, "settle.accruals")
        if step == "checklist":
            _show_checklist(workspace, month, partner)
            return
        who, refused = acting_user(named), 0
        for name in _partners(workspace, month, partner):
            try:
                if not (step or sure or _confirmed(workspace, name, month)):
                    refused += 1
                    continue
                done = _close(workspace, store, name, month, who, step)
            except (CannotClose, IllegalDecision, NothingThere) as refusal:
                if name == partner and isinstance(refusal, NothingThere):
                    raise
                click.echo(str(refusal), err=True)
                refused += 1
            else:
                click.echo(f"{month} of {name}: {done} by {who}")
                if step != "sign_off":
                    for question in month_checklist(workspace.con, name, month):
                        click.echo(f"{month} of {name}: still open: {question}")
    raise SystemExit(REFUSED if refused else 0)


@click.command()
@month_argument
@click.option("--partner", required=True, help="The partner whose month it is.")
@click.option("--reason", required=True, help="Why; it is kept.")
@as_option
@with_workspace
def reopen(month: str, partner: str, reason: str, named: str | None, workspace: Workspace) -> None:
    """Open a closed month again, for a reason."""
    with workspace.decisions() as store:
        workspace.contract(partner)
        who = acting_user(named)
        store.move_month(partner, month, "reopened", who, {"reason": reason})
    click.echo(f"{month} of {partner}: reopened by {who}; `roamhouse settle` settles it again")


def _confirmed(workspace: Workspace, partner: str, month: str) -> bool:
    """Show what is open in a month, and ask whether to lock it; without a terminal, yes.

    Raises:
        NothingThere: nothing was claimed in it.
    """
    from pipelines.stages.settle.closing import month_checklist

    questions = month_checklist(workspace.con, partner, month)
    if not questions or not sys.stdin.isatty():
        return True
    for question in questions:
        click.echo(f"{month} of {partner}: open: {question}")
    return click.confirm(f"Lock {month} of {partner} all the same?")


def _show_checklist(workspace: Workspace, month: str, partner: str | None) -> None:
    from pipelines.stages.settle.closing import month_checklist

    for name in _partners(workspace, month, partner):
        questions = month_checklist(workspace.con, name, month)
        for question in questions or ["nothing is open"]:
            click.echo(f"{month} of {name}: {question}")


def _partners(workspace: Workspace, month: str, partner: str | None) -> list[str]:
    if partner is not None:
        workspace.contract(partner)
        return [partner]
    rows = workspace.con.execute(
        "select distinct partner from settle.statements where month = ? order by partner", [month]
    ).fetchall()
    if not rows:
        raise NothingThere(f"nothing to close: nothing was claimed in {month}")
    return [name for (name,) in rows]


def _close(
    workspace: Workspace,
    store: DecisionsStore,
    partner: str,
    month: str,
    who: str,
    step: str | None,
) -> str:
    closing = workspace.closing(store, partner)
    if step == "soft":
        closing.soft_close(partner, month, who)
        return "soft-closed"
    if step == "sign_off":
        closing.sign_off(partner, month, who)
        return "signed off"
    settlement = closing.lock(partner, month, who)
    return f"locked ({dict(settlement.proof)['statement_sha256'][:12]})"


def _verify(workspace: Workspace, store: DecisionsStore, month: str) -> int:
    from pipelines.stages.settle.verifying import verify_close

    proofs = verify_close(
        workspace.con,
        store.view(),
        month,
        contracts=workspace.contracts,
        fx=workspace.rates,
        own_parties=workspace.own_parties,
    )
    if not proofs:
        raise NothingThere(f"nothing of {month} is locked")
    for proof in proofs:
        click.echo(_sentence(proof))
    return 0 if all(proof.proven for proof in proofs) else REFUSED


def _sentence(proof: VerifiedClose) -> str:
    what = f"{proof.month} of {proof.partner}, {proof.cdrs:,} CDRs"
    if not proof.proven:
        return f"{what}: NOT proven: {'; '.join(proof.problems)}"
    notes = []
    if proof.corrected:
        notes.append(f"{proof.corrected:,} CDRs were corrected in later months")
    if proof.changed:
        names = ", ".join(name.removesuffix("_sha256") for name in proof.changed)
        notes.append(f"changed since: {names}")
    return f"{what}: proven equal{''.join(f'; {note}' for note in notes)}"


BROKEN = 1  # exit code where a decision was changed, added between or taken out


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--head", metavar="SHA256", help="A link that was kept elsewhere: is it in the chain?"
)
@with_home
def audit(output: Path | None, head: str | None, where: HomeOptions) -> None:
    """Prove that no decision was changed, and write them all, one JSON object a line.

    Each decision bears the hash of itself and of the one before it. Keep the last one elsewhere,
    say with the month's papers: later, --head proves that everything up to it is as it was. Ends
    with 1 where the chain is broken, or does not hold that link.
    """
    from pipelines.decisions.opening import has_decisions, open_decisions

    home = where.home()
    if not has_decisions(home):
        fail("nobody decided anything here yet")
    with open_decisions(home, clock=utc_now) as store:
        state = store.walk_chain()
        links = store.links()
        lines = [
            json.dumps(
                {
                    "seq": event.seq,
                    "kind": event.kind,
                    "stream": event.stream,
                    "name": event.name,
                    "who": event.who,
                    "at": event.at.isoformat(),
                    "data": dict(event.data),
                    "sha256": links.get(event.seq or 0),
                }
            )
            for event in store.events()
        ]
    text = "".join(f"{line}\n" for line in lines)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_output(output, text.encode())
    if state.broken_at is not None:
        say(f"Decision {state.broken_at} is not what was decided: the chain is broken.", err=True)
        raise SystemExit(BROKEN)
    if head is not None and head not in links.values():
        say("That link is not in the chain: decisions before it were changed.", err=True)
        raise SystemExit(BROKEN)
    say(f"{state.events:,} decisions, the chain holds; its last link is {state.head}", err=True)
