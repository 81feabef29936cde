"""`roamhouse run`, `settle`, `replay` and `accept-removals`: what brings the tables up to date."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from models.errors import NothingThere
from pipelines.cli.common import (
    GOES_ON,
    HomeOptions,
    as_option,
    end_on_interrupt,
    json_option,
    utc_now,
    wide_console,
    with_partners,
)
from pipelines.cli.rich_terminal import Terminal
from pipelines.cli.terminal import print_json, say
from pipelines.cli.workspace import open_workspace
from pipelines.config.log_file import LogFile
from pipelines.decisions.user import acting_user
from pipelines.ocpi.window import Window

if TYPE_CHECKING:
    from pipelines.orchestration.replay import ReplayResult
    from pipelines.orchestration.run import RunOutcome
    from pipelines.orchestration.runtime import Runtime
    from pipelines.orchestration.summary import RunSummary
    from pipelines.stages.settle.workspace import Workspace


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
    from pipelines.cli.run_output import ProgressBar
    from pipelines.orchestration.run import Request, run_pipeline
    from pipelines.orchestration.runtime import Runtime

    window = _window(date_from, date_to, utc_now())
    if full and window:
        raise click.UsageError("--full pulls everything, --from and --to a part: choose one")
    home = where.home()
    partners = where.partners(home, only=only)
    with end_on_interrupt(GOES_ON), ProgressBar(Terminal(stderr=True), LogFile(home)) as bar:
        runtime = Runtime(home, partners, os.environ, utc_now, bar)
        ended = run_pipeline(runtime, Request("run", full=full, window=window))
    report(runtime, ended, for_machines=for_machines)
    raise SystemExit(1 if ended.failed else 0)


def report(runtime: Runtime, ended: RunOutcome, *, for_machines: bool) -> RunSummary:
    """Print the summary of a run that has ended.

    `for_machines`: as one JSON object on standard output, not as tables.
    """
    from pipelines.cli.run_output import print_summary
    from pipelines.orchestration.summary import summarise

    with runtime.warehouse() as warehouse, warehouse.reader() as con:
        summary = summarise(con, ended, runtime.now())
    LogFile(runtime.home).write(
        "run",
        run_id=ended.run.run_id,
        partners=dict(ended.states),
        failures=ended.failures,
        warnings=ended.warnings,
    )
    if for_machines:
        print_json(summary.to_json(), indent=2)
    else:
        print_summary(wide_console(), summary)
    return summary


def _window(date_from: datetime | None, date_to: datetime | None, now: datetime) -> Window | None:
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


_WAIT_S = 600.0


def _say_what_moved(serving: Path) -> None:
    """Print what the last full month comes to beside the month before."""
    from pipelines.orchestration.summary import last_full_month
    from pipelines.stages.settle.reading import read_month_changes
    from pipelines.warehouse.snapshot import open_current

    con = open_current(serving)
    if con is None:
        return
    with con:
        month = last_full_month(con)
        for change in read_month_changes(con, month.month, None) if month else ():
            say(change.sentence)


@click.command()
@json_option
@with_partners
def settle(for_machines: bool, where: HomeOptions) -> None:
    """Apply decisions, invoices and contracts, and publish; no partner is asked anything.

    Prices, judges and settles what changed since the last run, in seconds. Ends with 1 if a check
    of the tables failed.
    """
    from pipelines.cli.run_output import ProgressBar
    from pipelines.orchestration.replay import settle_again

    home = where.home()
    partners = where.partners(home)
    with (
        end_on_interrupt("the warehouse is whole; settle again"),
        ProgressBar(Terminal(stderr=True), LogFile(home)) as bar,
    ):
        settled = settle_again(home, partners, now=utc_now, wait_seconds=_WAIT_S, progress=bar)
    if for_machines:
        print_json(asdict(settled), indent=2)
    else:
        for failure in settled.failures:
            say(failure, err=True)
        click.echo(f"Settled and published in {settled.seconds:.1f} s.")
        _say_what_moved(home.serving)
    raise SystemExit(1 if settled.failures else 0)


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
    from pipelines.cli.run_output import ProgressBar
    from pipelines.orchestration.replay import replay_landing

    home = where.home()
    moment = since.replace(tzinfo=UTC) if since else None
    with (
        end_on_interrupt("the landing and the warehouse are whole; replay again"),
        ProgressBar(Terminal(stderr=True), LogFile(home)) as bar,
    ):
        replayed = replay_landing(
            home, where.partners_file, since=moment, now=utc_now, progress=bar
        )
    _report_replay(replayed, for_machines=for_machines)
    raise SystemExit(1 if replayed.failures else 0)


def _report_replay(replayed: ReplayResult, *, for_machines: bool) -> None:
    if for_machines:
        print_json(asdict(replayed), indent=2)
        return
    for failure in replayed.failures:
        say(failure, err=True)
    click.echo(
        f"Replayed {replayed.pulls:,} pulls with {replayed.objects:,} objects "
        f"in {replayed.seconds:.1f} s."
    )


_KEPT = """
select pull_id, module, count(*)
from ops.removals_skipped
where partner = $partner and ($party is null or country_code || '/' || party_id = $party)
group by pull_id, module
order by pull_id
"""


@click.command("accept-removals")
@click.option("--partner", required=True, help="The partner that no longer lists them.")
@click.option("--party", metavar="CC/PID", help="One party's objects only; default: every party's.")
@click.option("--reason", required=True, help="Why; it is kept.")
@as_option
@with_partners
def accept_removals(
    partner: str, party: str | None, reason: str, named: str | None, where: HomeOptions
) -> None:
    """Accept that many objects are gone which a partner's last complete list lacked.

    A list that lacks more than a tenth of a party's objects is not believed until three complete
    lists agree. The decision is kept; the lists are loaded again from the landing, and no partner
    is asked anything.
    """
    from pipelines.decisions.removals import EVERY_PARTY
    from pipelines.orchestration.replay import replay_landing

    who = acting_user(named)
    with open_workspace(where) as workspace:
        kept = _kept(workspace, partner, party)
        with workspace.decisions() as store:
            for pull_id, _, _ in kept:
                store.accept_removals(pull_id, party or EVERY_PARTY, who, reason)
        home = workspace.home
    lists = {(partner, module) for _, module, _ in kept}
    replayed = replay_landing(home, where.partners_file, lists=lists, now=utc_now)
    for failure in replayed.failures:
        click.echo(failure, err=True)
    count = sum(objects for _, _, objects in kept)
    click.echo(f"{count:,} objects of {party or partner} are gone: accepted by {who}")
    raise SystemExit(1 if replayed.failures else 0)


def _kept(workspace: Workspace, partner: str, party: str | None) -> list[tuple[str, str, int]]:
    rows = workspace.con.execute(_KEPT, {"partner": partner, "party": party}).fetchall()
    if not rows:
        raise NothingThere(f"nothing of {party or partner} is kept that it no longer lists")
    return rows
