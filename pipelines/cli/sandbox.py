"""`roamhouse sandbox`: the sandbox partners alone, until interrupted."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.sandbox import DEFAULT_CDRS, DEFAULT_SEED, built_in

if TYPE_CHECKING:
    from pipelines.sandbox.process import PartnerInfo


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0: any free one.")
@click.option(
    "--scenario",
    default="demo",
    show_default=True,
    help=f"How they misbehave: {', '.join(built_in())}, or a YAML file.",
)
@click.option(
    "--cdrs",
    type=int,
    default=DEFAULT_CDRS,
    show_default=True,
    help="CDRs of all partners together.",
)
@click.option(
    "--seed", type=int, default=DEFAULT_SEED, show_default=True, help="Another seed, other data."
)
@click.option("--errors", type=int, default=40, show_default=True, help="Billing errors, permille.")
@click.option(
    "--now",
    type=click.DateTime(),
    metavar="WHEN",
    help="The moment the partners live in; UTC, as 2026-10-31; default: the last full hour.",
)
@click.option(
    "--truth",
    type=click.Path(path_type=Path),
    help="Write what is wrong in the CDRs to this file, as NDJSON.",
)
@click.option(
    "--warm",
    type=click.IntRange(1, 1000),
    help="Render the pages of CDRs beforehand, with so many on each.",
)
@click.option("--only", multiple=True, help="Only this partner; may be repeated.")
@click.option(
    "--push-to",
    default="",
    metavar="URL",
    help="Where partners whose scenario says `push` send what changes, when the world moves on: "
    "the receiver's address, as http://127.0.0.1:8460/ocpi.",
)
@click.option(
    "--partners-file",
    type=click.Path(path_type=Path),
    help="Write a partners file that names them, for `roamhouse run --partners`.",
)
def sandbox(now: datetime | None, errors: int, partners_file: Path | None, **stated: Any) -> None:
    """Play charging partners over OCPI on loopback until interrupted."""
    import asyncio

    from pipelines.sandbox.process import partners_yaml, serve, tokens_from
    from pipelines.sandbox.scenario import Options, load

    moment = now.replace(tzinfo=UTC) if now else datetime.now(UTC).replace(minute=0, second=0)
    try:
        load(stated["scenario"])
        options = Options(now=moment.replace(microsecond=0), errors_permille=errors, **stated)
    except ValueError as error:
        raise click.UsageError(str(error)) from error

    for file in (options.truth, partners_file):
        if file is not None and (file.is_dir() or not file.parent.is_dir()):
            raise click.UsageError(f"Cannot write {file}: no such folder, or it is one")

    def report_started(partners: tuple[PartnerInfo, ...]) -> None:
        if partners_file:
            partners_file.write_text(partners_yaml(partners, options.push_to), encoding="utf-8")
        for one in partners:
            click.echo(f"{one.partner.name}: {one.versions_url}  {one.partner.token_env}=…")
        click.echo("Default tokens are sandbox-token-<name>-not-a-secret. Ctrl-C ends.")

    try:
        asyncio.run(serve(options, tokens_from(os.environ), report_started))
    except OSError as error:
        raise click.UsageError(f"Cannot listen on port {options.port}: {error.strerror}") from error
