"""`roamhouse demo`: from nothing to a settled month, with sandbox partners."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from pipelines import sandbox
from pipelines.cli.common import explained, utc_now
from pipelines.cli.run import report
from pipelines.config import Home, load_partners
from pipelines.orchestration.runtime import Runtime
from pipelines.running.bar import Bar
from pipelines.running.run import Request, run_pipeline
from pipelines.sandbox.options import DEFAULT_CDRS, DEFAULT_SEED, LARGEST, SMALLEST


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
@explained
def demo(home_dir: Path | None, cdrs: int, seed: int, scenario: str, for_machines: bool) -> None:
    """Start sandbox partners on loopback, run the whole pipeline and show what came of it."""
    home = _demo_home(home_dir)
    console = Console(stderr=True)
    options = sandbox.Options(
        now=_this_hour(), cdrs=cdrs, seed=seed, scenario=scenario, truth=home.path / "truth.jsonl"
    )
    with sandbox.start(options) as partners_at_play, Bar(console) as bar:
        partners_file = home.path / "partners.yaml"
        partners_file.write_text(sandbox.partners_yaml(partners_at_play), encoding="utf-8")
        environ = {**os.environ, **partners_at_play.environ}
        runtime = Runtime(home, load_partners(partners_file), environ, utc_now, bar)
        ended = run_pipeline(runtime, Request("demo"))
    report(runtime, ended, for_machines=for_machines)
    raise SystemExit(1 if ended.failed else 0)


def _demo_home(option: Path | None) -> Home:
    """A home of the demo's own, so that its partners never mix with real ones."""
    home = Home(option.absolute()) if option else Home(Home.resolve(None, os.environ).path / "demo")
    home.create()
    return home


def _this_hour() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
