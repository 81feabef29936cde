"""`roamhouse replay`: rebuild everything after the landing, without a network."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from pipelines.cli.common import HomeOptions, json_option, utc_now, with_partners
from pipelines.cli.interrupts import end_on_interrupt
from pipelines.cli.terminal import print_json, say

if TYPE_CHECKING:
    from pipelines.orchestration.replay import ReplayResult


@click.command()
@with_partners
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"]),
    metavar="WHEN",
    help="Only what was fetched since then; UTC, as 2026-10-01 or 2026-10-01T06:30:00. "
    "Default: everything.",
)
@json_option
def replay(where: HomeOptions, since: datetime | None, for_machines: bool) -> None:
    """Rebuild the warehouse from the landing alone; no partner is asked anything.

    The same landing gives the same tables. Ends with 0 if every pull could be loaded.
    """
    from pipelines.orchestration.replay import replay_landing

    home = where.home()
    moment = since.replace(tzinfo=UTC) if since else None
    with end_on_interrupt("the landing and the warehouse are whole; replay again"):
        replayed = replay_landing(home, where.partners_file, since=moment, now=utc_now)
    _say(replayed, for_machines=for_machines)
    raise SystemExit(1 if replayed.failures else 0)


def _say(replayed: ReplayResult, *, for_machines: bool) -> None:
    if for_machines:
        print_json(replayed.to_json(), indent=2)
        return
    for failure in replayed.failures:
        say(failure, err=True)
    click.echo(
        f"Replayed {replayed.pulls:,} pulls with {replayed.objects:,} objects "
        f"in {replayed.seconds:.1f} s."
    )
