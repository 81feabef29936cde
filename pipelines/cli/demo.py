"""`roamhouse demo`: from nothing to a settled month, with sandbox partners."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.common import GOES_ON, end_on_interrupt, handle_errors, utc_now
from pipelines.cli.dashboards import serve_in_background
from pipelines.cli.rich_terminal import Terminal
from pipelines.cli.run import report
from pipelines.cli.terminal import say
from pipelines.config.errors import ConfigError, Problem
from pipelines.config.home import Home
from pipelines.config.log_file import LogFile
from pipelines.ingest.progress import NoProgress
from pipelines.sandbox import DEFAULT_CDRS, DEFAULT_SEED, LARGEST, SMALLEST

if TYPE_CHECKING:
    from pipelines.config.partners import Partners
    from pipelines.sandbox.scenario import Options

_PAST = timedelta(days=91)
_WAIT_S = 60.0
_LIVED = "world.lived"  # stands in a demo's home once its past is lived through


@click.command()
@click.option(
    "--home",
    "home_dir",
    type=click.Path(path_type=Path),
    help="Where everything is written; default: demo in the usual home.",
)
@click.option(
    "--cdrs",
    type=click.IntRange(SMALLEST, LARGEST),
    default=DEFAULT_CDRS,
    show_default=True,
    help="CDRs of all partners together.",
)
@click.option("--seed", default=DEFAULT_SEED, show_default=True, help="Another seed, other data.")
@click.option("--scenario", default="demo", show_default=True, help="demo, clean or a YAML file.")
@click.option("--json", "for_machines", is_flag=True, help="Print the summary as one JSON object.")
@click.option(
    "--dashboards/--no-dashboards",
    "serve",
    default=None,
    help="Serve the dashboards afterwards; default: on a terminal.",
)
@handle_errors
def demo(
    home_dir: Path | None,
    cdrs: int,
    seed: int,
    scenario: str,
    for_machines: bool,
    serve: bool | None,
) -> None:
    """Start sandbox partners on loopback, run the whole pipeline and show what came of it."""
    from pipelines.cli.demo_story import simulate_past
    from pipelines.cli.run_output import ProgressBar
    from pipelines.config.loading import load_partners
    from pipelines.exports.company import FILE_NAME
    from pipelines.orchestration.run import Request, run_pipeline
    from pipelines.orchestration.runtime import Runtime
    from pipelines.sandbox import process as sandbox
    from pipelines.stages.rating.warehouse import compile_beside

    home = _demo_home(home_dir)
    options = _options(home, cdrs, seed, scenario)
    console = Terminal(stderr=True)
    compile_beside()
    with end_on_interrupt(GOES_ON), sandbox.start(options) as partners_at_play:
        home.partners.write_text(sandbox.partners_yaml(partners_at_play.partners), encoding="utf-8")
        (home.path / FILE_NAME).write_text(_letterhead(), encoding="utf-8")
        environ = {**os.environ, **partners_at_play.environ}
        partners = load_partners(home.partners)
        if options.begin is not None:
            quiet = Runtime(home, partners, environ, utc_now, NoProgress())
            with console.status("Living through three months of tariffs and places …"):
                simulate_past(quiet, options.begin, options.now, partners_at_play.advance)
                partners_at_play.advance(options.now)
            (home.path / _LIVED).touch()
        with ProgressBar(console, LogFile(home)) as bar:
            runtime = Runtime(home, partners, environ, utc_now, bar)
            ended = run_pipeline(runtime, Request("demo"))
    report(runtime, ended, for_machines=for_machines)
    if not ended.failed:
        _receive_invoice(home, partners)
    if serve or (serve is None and sys.stdout.isatty() and not for_machines):
        with serve_in_background(home, port=0) as served:
            click.echo(f"Dashboards: {served.url} (Ctrl-C ends them)")
            served.wait()
    raise SystemExit(1 if ended.failed else 0)


def _receive_invoice(home: Home, partners: Partners) -> None:
    """Take in the invoice that a partner sends, once for a home, and say how to look at it."""
    from pipelines.cli.demo_story import SENDER, take_in_invoice
    from pipelines.orchestration.replay import settle_again

    number = take_in_invoice(home)
    if number is None:
        return
    settle_again(home, partners, now=utc_now, wait_seconds=_WAIT_S)
    shown = f"roamhouse invoice show {number} --home {home.path}"
    say(f"{SENDER} sent invoice {number}, with three differences: `{shown}`", err=True)


def _demo_home(option: Path | None) -> Home:
    """Return a home of the demo's own, so that its partners never mix with real ones."""
    home = Home(option.absolute()) if option else Home(Home.resolve(None, os.environ).path / "demo")
    home.create()
    return home


def _options(home: Home, cdrs: int, seed: int, scenario: str) -> Options:
    """Return the sandbox's options; with a past to live through where the home is new.

    A home remembers the world it was filled from: another one under the same names would look
    like partners that change their CDRs.

    Raises:
        ConfigError: the home was filled from another world.
        UsageError: there is no such scenario; the home is left as it was.
    """
    from pipelines.sandbox.scenario import Options, ScenarioError, load

    try:
        load(scenario)
    except ScenarioError as error:
        raise click.UsageError(str(error)) from error
    wished = {"cdrs": cdrs, "seed": seed, "scenario": scenario}
    file = home.path / "world.json"
    first = not file.exists()
    if first:
        now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        file.write_text(json.dumps({"now": now.isoformat(), **wished}), encoding="utf-8")
    known = json.loads(file.read_text(encoding="utf-8"))
    now = datetime.fromisoformat(known.pop("now"))
    if known != wished:
        message = f"was filled by a demo with {known}; remove it, or name another with --home"
        raise ConfigError([Problem(str(home.path), message)])
    # Without its past, or with a torn one, tariffs would be unknown for most charges.
    begin = now - _PAST if first or not (home.path / _LIVED).exists() else None
    return Options(now=now, truth=home.path / "truth.jsonl", begin=begin, **known)


def _letterhead() -> str:
    return (files("pipelines") / "sandbox" / "company.yaml").read_text(encoding="utf-8")
