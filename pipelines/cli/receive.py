"""`roamhouse receive`: the OCPI receiver that partners push to, until interrupted."""

from __future__ import annotations

import logging
import os

import click

from pipelines.cli.common import HomeOptions, utc_now, with_partners
from pipelines.cli.terminal import say


@click.command()
@with_partners
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; partners come by a proxy that ends TLS.",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8460, show_default=True, help="0: any free."
)
@click.option("--verbose", is_flag=True, help="Say on standard error what is refused, and why.")
def receive(where: HomeOptions, host: str, port: int, verbose: bool) -> None:
    """Take what partners push over OCPI, until interrupted.

    A push is on disk before it is answered. It is loaded by `roamhouse run`, and within seconds
    where `dagster dev` runs with its sensor on. The partners file says under `receiver` who we are
    and where partners reach us; see docs/live-partners.md.
    """
    from pipelines.receiver.server import serve

    if verbose:
        logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO)
    home = where.home()
    partners = where.partners(home)

    def report_started(address: str, chosen_port: int) -> None:
        say(f"Receiving on http://{address}:{chosen_port}; Ctrl-C ends.")

    serve(
        home,
        partners,
        os.environ,
        utc_now,
        host=host,
        port=port,
        report_started=report_started,
    )
