"""Options of the finance commands, and the workspace that they open."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from models.errors import NothingThere
from models.settle.months import parse_month
from pipelines.cli.common import HomeOptions, utc_now, with_partners
from pipelines.exports.formats import DIALECTS

if TYPE_CHECKING:
    from pipelines.stages.settle.workspace import Workspace

month_argument = click.option(
    "--month", required=True, metavar="YYYY-MM", callback=lambda _c, _p, text: _month(text)
)
month_option = click.option(
    "--month", metavar="YYYY-MM", callback=lambda _c, _p, text: _month(text)
)
party_option = click.option(
    "--party",
    metavar="CC/PID",
    callback=lambda _c, _p, text: _party(text),
    help="One counterparty only, as NL/VOL.",
)
date_option = click.option(
    "--date",
    "issued_on",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=lambda _c, _p, typed: (typed or utc_now()).date(),
    help="Date of the document; default: today.",
)
dialect_option = click.option(
    "--csv-dialect",
    "dialect",
    type=click.Choice(list(DIALECTS)),
    default="standard",
    help="CSV for a spreadsheet: excel-semicolon has semicolons and decimal commas.",
)


def _party(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    country_code, slash, party_id = text.upper().partition("/")
    if not slash or len(country_code) != 2 or not 1 <= len(party_id) <= 3:
        raise click.BadParameter(f"{text!r} is no party; write it as NL/VOL")
    return country_code, party_id


def _month(text: str | None) -> str | None:
    try:
        return None if text is None else parse_month(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def check_published(workspace: Workspace, table: str) -> None:
    """Refuse tables that an earlier version published, without a table that is needed.

    Raises:
        NothingThere: they lack it.
    """
    from pipelines.warehouse.sql_files import fetch_int

    found = "select count(*) from duckdb_tables() where schema_name || '.' || table_name = $table"
    if not fetch_int(workspace.con, found, {"table": table}):
        raise NothingThere(
            "the published tables are of an earlier version: bring them up to date with "
            "`roamhouse settle`"
        )


@contextmanager
def open_workspace(where: HomeOptions) -> Iterator[Workspace]:
    """Open the home's published tables for reading.

    Raises:
        ConfigError: the partners file cannot be used.
        NothingThere: nothing was published yet.
    """
    from pipelines.stages.settle.workspace import Workspace
    from pipelines.warehouse.snapshot import open_current

    home = where.home()
    partners = where.partners(home)
    con = open_current(home.serving)
    if con is None:
        raise NothingThere("nothing was settled yet: start with `roamhouse run`")
    try:
        yield Workspace(home, partners, con, utc_now)
    finally:
        con.close()


def with_workspace(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--home` and `--partners`, and give the command the `workspace` that they name."""

    @with_partners
    @functools.wraps(command)
    def wrapped(*args: Any, where: HomeOptions, **kwargs: Any) -> Any:
        with open_workspace(where) as workspace:
            return command(*args, workspace=workspace, **kwargs)

    return wrapped
