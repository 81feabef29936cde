"""`roamhouse privacy`: show what is held of a person, or take them out, with proof."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pipelines.cli.common import (
    REFUSED,
    HomeOptions,
    as_option,
    fail,
    json_option,
    utc_now,
    with_home,
    with_partners,
    write_output,
)
from pipelines.cli.interrupts import end_on_interrupt
from pipelines.cli.terminal import print_json, say

if TYPE_CHECKING:
    from pipelines.upkeep.person import Erasure

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
    write_output(output, json.dumps(found, indent=1, ensure_ascii=False).encode())
    output.chmod(0o600)
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
    from models.settle.decisions import IllegalDecision
    from pipelines.decisions.user import acting_user
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
            home, person, partners=where.partners_file, who=who, reason=reason, now=utc_now
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
    say("Backups made before still hold the person: after restoring one, erase again.")
