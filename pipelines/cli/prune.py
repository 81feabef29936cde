"""`roamhouse prune`: remove what is older than the settings of the home say."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.common import handle_errors, home_option, open_home, partners_option, utc_now
from pipelines.cli.interrupts import end_on_interrupt
from pipelines.cli.terminal import print_json, say

if TYPE_CHECKING:
    from pipelines.upkeep.prune import Pruned

REFUSED = 1
"""Exit code where something may not go as things stand; nothing went."""


@click.command()
@click.option("--dry-run", "only_say", is_flag=True, help="Say what would go; remove nothing.")
@click.option("--json", "for_machines", is_flag=True, help="Print one JSON object.")
@home_option
@partners_option
@handle_errors
def prune(
    only_say: bool, for_machines: bool, home_dir: Path | None, partners_file: Path | None
) -> None:
    """Remove what is older than `retention` in settings.yaml says: pages, runs, snapshots.

    Without such settings pages stay forever. Where pages go, their lists are loaded again from
    what is left. Ends with 1, and nothing went, where pages of months would go that nobody locked.
    """
    from pipelines.upkeep.prune import PruneRefused
    from pipelines.upkeep.prune import prune as remove_outlived

    home = open_home(home_dir)
    try:
        with end_on_interrupt("the landing is whole; prune again"):
            pruned = remove_outlived(
                home, partners=partners_file, now=utc_now, only_say=only_say, waiting=_say_waiting
            )
    except PruneRefused as refusal:
        say(str(refusal), err=True)
        raise SystemExit(REFUSED) from None
    if for_machines:
        print_json(asdict(pruned), indent=2)
    else:
        say(_sentence(pruned, only_say))


def _say_waiting(holder: str) -> None:
    say(f"Waiting for {holder}, which writes the warehouse; Ctrl-C gives up", err=True)


def _sentence(pruned: Pruned, only_say: bool) -> str:
    lists = ", ".join(f"{partner} {module}" for partner, module in pruned.lists)
    pulls = f"{pruned.pulls:,} landed pulls{f' of {lists}' if lists else ''}"
    if only_say:
        return f"{pulls} would go."
    return (
        f"{pulls}, {pruned.runs:,} runs of Dagster's history and {pruned.snapshots:,} snapshots "
        f"went: {pruned.freed_bytes / (1 << 20):,.1f} MiB."
    )
