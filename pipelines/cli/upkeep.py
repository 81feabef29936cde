"""The commands that keep a home for years: `init`, `backup`, `restore`, `prune`, `privacy`."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from models.settle.decisions import IllegalDecision
from pipelines.cli.common import (
    REFUSED,
    HomeOptions,
    as_option,
    end_on_interrupt,
    fail,
    json_option,
    utc_now,
    with_home,
    with_partners,
    write_output,
)
from pipelines.cli.terminal import print_json, say
from pipelines.config.errors import ConfigError
from pipelines.config.home import Home, find_partners_file
from pipelines.decisions.user import acting_user

if TYPE_CHECKING:
    from pipelines.upkeep.backup import BackupSummary
    from pipelines.upkeep.person import Erasure
    from pipelines.upkeep.prune import Pruned


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


@click.command()
@click.option("--dry-run", "only_say", is_flag=True, help="Say what would go; remove nothing.")
@json_option
@with_partners
def prune(only_say: bool, for_machines: bool, where: HomeOptions) -> None:
    """Remove what is older than `retention` in settings.yaml says: pages, runs, snapshots.

    Of a lake, small files are merged and earlier states go, too.

    Without such settings pages stay forever. Where pages go, their lists are loaded again from
    what is left. Ends with 1, and nothing went, where pages of months would go that nobody locked.
    """
    from pipelines.upkeep.prune import prune as remove_outlived

    home = where.home()
    with end_on_interrupt("the landing is whole; prune again"):
        pruned = remove_outlived(
            home, partners=where.partners_file, now=utc_now, only_say=only_say, waiting=_say_waiting
        )
    if for_machines:
        print_json(asdict(pruned), indent=2)
    else:
        say(_sentence(pruned, only_say))


def _say_waiting(holder: str) -> None:
    say(f"Waiting for {holder}, which writes the warehouse; Ctrl-C gives up", err=True)


def _sentence(pruned: Pruned, only_say: bool) -> str:
    lists = ", ".join(f"{partner} {module}" for partner, module in pruned.lists)
    pulls = f"{pruned.pulls:,} landed pulls{f' of {lists}' if lists else ''}"
    if only_say:
        return f"{pulls} would go."
    went = (
        f"{pulls}, {pruned.runs:,} runs of Dagster's history and {pruned.snapshots:,} snapshots "
        f"went: {pruned.freed_bytes / (1 << 20):,.1f} MiB."
    )
    if pruned.lake is None:
        return went
    return (
        f"{went} Of the lake {pruned.lake.snapshots:,} earlier states and {pruned.lake.removed:,} "
        f"files went; {pruned.lake.merged:,} files were made of smaller ones."
    )


_EXAMPLE: Final = "partners.example.yaml"
_PLACES: Final = (
    Path(__file__).parents[2] / "data" / _EXAMPLE,
    Path(sys.prefix) / "share" / "roamhouse" / _EXAMPLE,
)
"""Where the example lies in a checkout, and where it is installed."""


@click.command()
@with_home
def init(where: HomeOptions) -> None:
    """Make a home, private to this user, with Dagster's settings and an example partners file.

    What is there already stays as it is; it is safe to repeat, before each start of a service.
    """
    from pipelines.orchestration.instance import settings

    home = where.home()
    settings(home.dagster)
    example = home.path / _EXAMPLE
    found = next((place for place in _PLACES if place.is_file()), None)
    if found is not None and not home.partners.exists():
        shutil.copyfile(found, example)
    if home.partners.exists():
        say(f"{home.path} is ready.")
    else:
        say(f"{home.path} is ready. Next: copy {example.name} to {home.partners.name} there, keep")
        say("what you need, set the variables that it names, and ask `roamhouse doctor`.")


_Command = TypeVar("_Command", bound=Callable[..., Any])


def _person_options(command: _Command) -> _Command:
    command = click.option(
        "--exactly", is_flag=True, help="Only this identifier, nothing that stands beside it."
    )(command)
    return click.option(
        "--person",
        "identifier",
        prompt="Token uid, contract id or visual number",
        help="As partners send it; asked for where it is left out, so that no shell keeps it.",
    )(command)


@click.group()
def privacy() -> None:
    """Show what is held of one person, or erase them.

    A person is found by a token uid, a contract id or a visual number. What stands beside it on the
    same token, and that contract's other tokens, count as theirs.
    """


@privacy.command()
@_person_options
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True)
@with_home
def export(identifier: str, exactly: bool, output: Path, where: HomeOptions) -> None:
    """Write everything that the home holds of a person to one JSON file.

    The objects that name them as partners sent them, with when and by whom, and the rows of every
    table.
    """
    from pipelines.upkeep.person import export_person, find_person

    home = where.home()
    person = find_person(home, os.environ, identifier, alone=exactly)
    found = export_person(home, person)
    text = json.dumps(found, indent=1, ensure_ascii=False)
    write_output(output, text.encode(), private=True)
    rows = sum(map(len, found["tables"].values()))
    say(f"{output}: {len(found['landed']):,} objects as sent, {rows:,} rows.")


@privacy.command()
@_person_options
@click.option("--reason", required=True, help="Why, without the identifiers; it is kept.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@as_option
@with_partners
def erase(
    identifier: str,
    exactly: bool,
    reason: str,
    yes: bool,
    for_machines: bool,
    named: str | None,
    where: HomeOptions,
) -> None:
    """Take a person out of landing, tables, snapshots and published places, and prove it.

    Their charges stay, under a name that leads to nobody. The tables are made again from the
    landing, as by `roamhouse replay`; only the partner or an older backup brings the person back.
    Ends with 1 where something of them is left.
    """
    from pipelines.upkeep.person import erase_person, find_person

    home = where.home()
    try:
        who = acting_user(named)
    except IllegalDecision as error:
        fail(str(error))
    person = find_person(home, os.environ, identifier, alone=exactly)
    if not yes:
        click.confirm(
            f"Erase a person with {len(person.identifiers)} identifiers for good?", abort=True
        )
    with end_on_interrupt("some pages are done; erase again with the same identifier"):
        erasure = erase_person(
            home,
            person,
            partners=where.partners_file,
            who=who,
            reason=reason,
            now=utc_now,
            waiting=_say_waiting,
        )
    if for_machines:
        print_json({**asdict(erasure), "proved": erasure.proved}, indent=2)
    else:
        _show(erasure)
    raise SystemExit(0 if erasure.proved else REFUSED)


def _show(erasure: Erasure) -> None:
    say(
        f"{erasure.pages:,} landed pages were rewritten, {erasure.rows:,} rows named the person. "
        f"Now {erasure.left_in_landing:,} pages and {erasure.left_in_tables:,} rows do."
    )
    for name in erasure.open_snapshots:
        say(f"{name} is still open in another program: close it there, then erase again", err=True)
    for place in erasure.published:
        say(f"Published anew: {place}")
    for name in erasure.elsewhere:
        say(f"{name} names the person, in the clear: look at it yourself", err=True)
    say("Backups made before still hold the person: after restoring one, erase again.")
