"""`roamhouse run`: one complete run over all partners."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from pipelines.cli.common import HomeOptions, utc_now, wide_console, with_partners
from pipelines.cli.interrupts import GOES_ON, end_on_interrupt
from pipelines.cli.terminal import Terminal, print_json

if TYPE_CHECKING:
    from pipelines.ocpi.window import Window
    from pipelines.orchestration.run import RunOutcome
    from pipelines.orchestration.runtime import Runtime
    from pipelines.orchestration.summary import RunSummary

_MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"])


@click.command()
@with_partners
@click.option("--only", multiple=True, metavar="NAME", help="This partner only; may be repeated.")
@click.option("--full", is_flag=True, help="Pull every list whole, whatever is due.")
@click.option(
    "--from",
    "date_from",
    type=_MOMENT,
    metavar="WHEN",
    help="Pull sessions and CDRs again that changed since then; UTC, as 2026-10-01 or "
    "2026-10-01T06:30.",
)
@click.option("--to", "date_to", type=_MOMENT, metavar="WHEN", help="… and before then.")
@click.option("--json", "for_machines", is_flag=True, help="Print the summary as one JSON object.")
def run(
    where: HomeOptions,
    only: tuple[str, ...],
    full: bool,
    date_from: datetime | None,
    date_to: datetime | None,
    for_machines: bool,
) -> None:
    """Fetch what is new from every partner, load it, price it and publish it.

    Ends with 0 if every partner is complete, 1 if a partner or a check failed (the others
    landed), 2 if the configuration is at fault and nothing was done.
    """
    from pipelines.cli.progress_bar import ProgressBar
    from pipelines.orchestration.run import Request, run_pipeline
    from pipelines.orchestration.runtime import Runtime

    window = _window(date_from, date_to, utc_now())
    if full and window:
        raise click.UsageError("--full pulls everything, --from and --to a part: choose one")
    home = where.home()
    partners = where.partners(home, only=only)
    with end_on_interrupt(GOES_ON), ProgressBar(Terminal(stderr=True)) as bar:
        runtime = Runtime(home, partners, os.environ, utc_now, bar)
        ended = run_pipeline(runtime, Request("run", full=full, window=window))
    report(runtime, ended, for_machines=for_machines)
    raise SystemExit(1 if ended.failed else 0)


def report(runtime: Runtime, ended: RunOutcome, *, for_machines: bool) -> RunSummary:
    """Print the summary of a run that has ended.

    Args:
        runtime: the run's runtime.
        ended: the run.
        for_machines: as one JSON object on standard output, not as tables.
    """
    from pipelines.cli.summary_text import print_summary
    from pipelines.orchestration.summary import summarise

    with runtime.warehouse() as warehouse, warehouse.reader() as con:
        summary = summarise(con, ended, runtime.now())
    if for_machines:
        print_json(summary.to_json(), indent=2)
    else:
        print_summary(wide_console(), summary)
    return summary


def _window(date_from: datetime | None, date_to: datetime | None, now: datetime) -> Window | None:
    from pipelines.ocpi.window import Window

    if date_from is None and date_to is None:
        return None
    if date_from is None:
        raise click.UsageError("--to needs --from")
    start = date_from.replace(tzinfo=UTC)
    end = date_to.replace(tzinfo=UTC) if date_to else None
    if start >= now:
        raise click.UsageError("--from must not lie in the future")
    if end is not None and end <= start:
        raise click.UsageError("--to must be later than --from")
    return Window(start, end)
