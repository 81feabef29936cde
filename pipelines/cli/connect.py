"""`roamhouse connect`, `rotate`, `disconnect` and `receive`: partners that call us, too."""

from __future__ import annotations

import logging
import os
from collections.abc import Coroutine
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from models.errors import Refused
from pipelines.cli.common import HomeOptions, refuse, utc_now, with_partners
from pipelines.cli.terminal import say
from pipelines.ocpi.errors import OcpiError

if TYPE_CHECKING:
    from pipelines.config.connections import PartnerConnection
    from pipelines.receiver.registration import Handshake


_partner_option = click.option(
    "--partner", "name", required=True, metavar="NAME", help="The partner, as in the partners file."
)


@click.command()
@with_partners
@_partner_option
@click.option(
    "--invite",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Let the partner begin: write the token A that it needs into this new file.",
)
def connect(where: HomeOptions, name: str, invite: Path | None) -> None:
    """Register with a partner: exchange credentials, so that each can call the other.

    The token A that the partner gave you is in the variable that its entry names; `roamhouse
    receive` has to run and be reached by the partner, which calls back at once. Ends with 1 if it
    did not come about.
    """
    handshake = _handshake(where, name)
    if invite is None:
        _report(handshake, _ended(handshake.connect()))
        return
    try:
        descriptor = os.open(invite, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise click.UsageError(f"{invite} cannot be made: {error.strerror}") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        try:
            token = handshake.invite()
        except Refused:
            invite.unlink()
            raise
        url = f"{str(handshake.receiver.url).rstrip('/')}/versions"
        file.write(f"versions_url: {url}\ntoken: {token}\n")
    say(f"{name}: give the partner what is in {invite}, by a safe way, and remove the file.")


@click.command()
@with_partners
@_partner_option
@click.option(
    "--version",
    type=click.Choice(["2.1.1", "2.2.1", "2.3.0"]),
    help="Change to this OCPI version; default: as it is.",
)
def rotate(where: HomeOptions, name: str, version: str | None) -> None:
    """Renew the tokens of a connection, both ways, and read the partner's endpoints again.

    The earlier tokens are good until the new ones are proved. Ends with 1 if the partner refused
    or failed; then they stay.
    """
    handshake = _handshake(where, name)
    _report(handshake, _ended(handshake.rotate(version)))


@click.command()
@with_partners
@_partner_option
@click.option("--force", is_flag=True, help="On our side also if the partner does not answer.")
def disconnect(where: HomeOptions, name: str, force: bool) -> None:
    """End the connection with a partner; what came of it stays."""
    handshake = _handshake(where, name)
    _ended(handshake.disconnect(force=force))
    say(f"{name}: disconnected.")


def _handshake(where: HomeOptions, name: str) -> Handshake:
    from pipelines.receiver.registration import handshake_with

    home = where.home()
    partners = where.partners(home, only=[name])
    return handshake_with(home, partners[name], partners.receiver, os.environ, utc_now)


def _ended(doing: Coroutine[Any, Any, PartnerConnection]) -> PartnerConnection:
    import asyncio

    try:
        return asyncio.run(doing)
    except OcpiError as error:
        refuse(error)


def _report(handshake: Handshake, connection: PartnerConnection) -> None:
    roles = ", ".join(f"{r.role} {r.country_code}/{r.party_id}".strip() for r in connection.roles)
    say(
        f"{handshake.partner.name}: connected, OCPI {connection.version}; its roles: "
        f"{roles or 'not stated'}. Its modules: {', '.join(sorted(connection.endpoints))}."
    )


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
@click.option(
    "--publish/--no-publish",
    default=True,
    show_default=True,
    help="Show what is pushed within seconds, in a new snapshot, by a process alongside.",
)
@click.option("--verbose", is_flag=True, help="Say on standard error what is refused, and why.")
def receive(where: HomeOptions, host: str, port: int, publish: bool, verbose: bool) -> None:
    """Take what partners push over OCPI, until interrupted.

    A push is on disk before it is answered, and on the pages within seconds. What follows from it
    is made by `roamhouse run`, or by Dagster's daemon every five minutes. The partners file says
    under `receiver` who we are and where partners reach us; see docs/live-partners.md.
    """
    from pipelines.orchestration.publisher import publishing
    from pipelines.receiver.server import serve

    if verbose:
        logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO)
    home = where.home()
    partners = where.partners(home)

    def report_started(address: str, chosen_port: int) -> None:
        say(f"Receiving on http://{address}:{chosen_port}; Ctrl-C ends.")

    with publishing(home, partners) if publish else nullcontext():
        serve(
            home, partners, os.environ, utc_now, host=host, port=port, report_started=report_started
        )
