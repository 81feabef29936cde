"""`roamhouse prune`: remove what is older than the settings of the home say."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from pipelines.cli.common import HomeOptions, json_option, utc_now, with_partners
from pipelines.cli.interrupts import end_on_interrupt
from pipelines.cli.terminal import print_json, say

if TYPE_CHECKING:
    from pipelines.upkeep.prune import Pruned


@click.command()
@click.option("--dry-run", "only_say", is_flag=True, help="Say what would go; remove nothing.")
@json_option
@with_partners
def prune(only_say: bool, for_machines: bool, where: HomeOptions) -> None:
    """Remove what is older than `retention` in settings.yaml says: pages, runs, snapshots.

    Without such settings pages stay forever. Where pages go, their lists are loaded again from
    what is left. Ends with 1, and nothing went, where pages of months would go that nobody locked.
    """
    from pipelines.upkeep.prune import prune as remove_outlived

    home = where.home()
    with end_on_interrupt("the landing is whole; prune again"):
        pruned = remove_outlived(
            home,
            partners=where.partners_file,
            now=utc_now,
            only_say=only_say,
            waiting=_say_waiting,
        )
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
