"""`roamhouse settle`: apply decisions, invoices and contracts without asking a partner."""

from __future__ import annotations

import os
from pathlib import Path

import click

from pipelines.cli.common import (
    fail,
    handle_errors,
    home_option,
    open_home,
    partners_option,
    utc_now,
)
from pipelines.cli.interrupts import end_on_interrupt
from pipelines.cli.terminal import print_json, say

_WAIT_S = 600.0


@click.command()
@click.option("--json", "for_machines", is_flag=True, help="Print one JSON object.")
@home_option
@partners_option
@handle_errors
def settle(for_machines: bool, home_dir: Path | None, partners_file: Path | None) -> None:
    """Apply decisions, invoices and contracts, and publish; no partner is asked anything.

    Prices, judges and settles what changed since the last run, in seconds. Ends with 1 if a check
    of the tables failed.
    """
    from pipelines.config import find_partners_file, load_partners
    from pipelines.exports.company import CompanyError
    from pipelines.orchestration.settling import NothingFetched, settle_again

    home = open_home(home_dir)
    partners = load_partners(find_partners_file(partners_file, os.environ, home))
    try:
        with end_on_interrupt("the warehouse is whole; settle again"):
            settled = settle_again(home, partners, now=utc_now, wait_seconds=_WAIT_S)
    except (NothingFetched, CompanyError) as error:
        fail(str(error))
    if for_machines:
        print_json(settled.to_json(), indent=2)
    else:
        for failure in settled.failures:
            say(failure, err=True)
        click.echo(f"Settled and published in {settled.seconds:.1f} s.")
    raise SystemExit(1 if settled.failures else 0)
