"""`roamhouse settle`: apply decisions, invoices and contracts without asking a partner."""

from __future__ import annotations

import click

from pipelines.cli.common import HomeOptions, json_option, utc_now, with_partners
from pipelines.cli.interrupts import end_on_interrupt
from pipelines.cli.terminal import print_json, say

_WAIT_S = 600.0


@click.command()
@json_option
@with_partners
def settle(for_machines: bool, where: HomeOptions) -> None:
    """Apply decisions, invoices and contracts, and publish; no partner is asked anything.

    Prices, judges and settles what changed since the last run, in seconds. Ends with 1 if a check
    of the tables failed.
    """
    from pipelines.orchestration.settling import settle_again

    home = where.home()
    partners = where.partners(home)
    with end_on_interrupt("the warehouse is whole; settle again"):
        settled = settle_again(home, partners, now=utc_now, wait_seconds=_WAIT_S)
    if for_machines:
        print_json(settled.to_json(), indent=2)
    else:
        for failure in settled.failures:
            say(failure, err=True)
        click.echo(f"Settled and published in {settled.seconds:.1f} s.")
    raise SystemExit(1 if settled.failures else 0)
