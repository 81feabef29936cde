"""`roamhouse backup` and `restore`: what cannot be made again, kept and brought back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli.common import HomeOptions, json_option, utc_now, with_home, with_partners
from pipelines.cli.terminal import print_json, say

if TYPE_CHECKING:
    from pipelines.upkeep.backup import BackupSummary

_file = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.command()
@_file
@json_option
@with_partners
def backup(file: Path, for_machines: bool, where: HomeOptions) -> None:
    """Write what cannot be made again to FILE, and prove it by reading it back.

    That is the landing, the decisions, the keys, and the files that you wrote: partners, company,
    settings. The warehouse is left out: `roamhouse replay` makes it again. A run may go on
    meanwhile. FILE holds the key of people's pseudonyms and what partners sent: keep it as you keep
    the home. A key that comes from the environment is not in it, nor is any partner's token.
    """
    from pipelines.config import ConfigError, find_partners_file
    from pipelines.upkeep.backup import back_up

    home = where.home()
    try:
        partners = find_partners_file(where.partners_file, os.environ, home)
    except ConfigError:
        partners = None
    kept = back_up(home, file, partners=partners, made_at=utc_now())
    size = file.stat().st_size
    _report(kept, for_machines, f"{file}: {_what(kept)}, {size / (1 << 20):,.1f} MiB, proved.")


@click.command()
@_file
@click.option("--check", is_flag=True, help="Prove FILE only, and bring nothing back.")
@json_option
@with_home
def restore(file: Path, check: bool, for_machines: bool, where: HomeOptions) -> None:
    """Bring a home back from FILE, into a directory that is empty or not there yet.

    Every file is proved by its hash before any is in its place. `roamhouse replay` then makes the
    warehouse again, with the same statements.
    """
    from pipelines.config import Home
    from pipelines.upkeep.backup import restore as bring_back
    from pipelines.upkeep.backup import verify

    home = Home.resolve(where.home_dir, os.environ)
    kept = verify(file) if check else bring_back(file, home)
    done = (
        f"{file}: {_what(kept)}, proved."
        if check
        else f"{home.path}: {_what(kept)} brought back. Now `roamhouse replay` makes the warehouse."
    )
    _report(
        kept, for_machines, f"{done} It was made at {kept.made_at} by roamhouse {kept.version}."
    )


def _what(kept: BackupSummary) -> str:
    return f"{kept.files:,} files with {kept.bytes / (1 << 20):,.1f} MiB"


def _report(kept: BackupSummary, for_machines: bool, sentence: str) -> None:
    if for_machines:
        print_json(vars(kept), indent=2)
    else:
        say(sentence)
