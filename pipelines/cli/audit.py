"""`roamhouse audit`: every decision with its link of the chain, and the proof of the chain."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pipelines.cli.common import HomeOptions, fail, utc_now, with_home, write_output
from pipelines.cli.terminal import say

BROKEN = 1
"""Exit code where a decision was changed, added between or taken out."""


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
    from pipelines.decisions import DecisionsStore

    home = where.home()
    if not home.decisions.exists():
        fail("nobody decided anything here yet")
    with DecisionsStore(home.decisions, clock=utc_now) as store:
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
