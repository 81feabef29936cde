"""`roamhouse receive`: the OCPI receiver that partners push to, until interrupted."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import click

from pipelines.cli.common import (
    handle_errors,
    home_option,
    open_home,
    partners_option,
    utc_now,
)
from pipelines.cli.terminal import say


@click.command()
@home_option
@partners_option
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
@handle_errors
def receive(
    home_dir: Path | None, partners_file: Path | None, host: str, port: int, verbose: bool
) -> None:
    """Take what partners push over OCPI, until interrupted.

    A push is on disk before it is answered. It is loaded by `roamhouse run`, and within seconds
    where `dagster dev` runs with its sensor on. The partners file says under `receiver` who we are
    and where partners reach us; see docs/live-partners.md.
    """
    from pipelines.config import find_partners_file, load_partners
    from pipelines.receiver.server import serve

    if verbose:
        logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO)
    home = open_home(home_dir)
    partners = load_partners(find_partners_file(partners_file, os.environ, home))

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
