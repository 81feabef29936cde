"""Workspace of the finance commands: the settled tables, the decisions, and their options."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from models.errors import NothingThere
from models.settle.months import parse_month
from pipelines.cli.common import HomeOptions, utc_now, with_partners
from pipelines.config.home import Home
from pipelines.exports.formats import DIALECTS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as DuckDB

    from models.contract import Contract
    from models.settle.view import DecisionsView
    from pipelines.config.partners import Partners
    from pipelines.decisions.store import DecisionsStore
    from pipelines.exports.company import Letterhead

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


@dataclass(frozen=True)
class Workspace:
    """A home as finance works with it."""

    home: Home  # the home directory
    partners: Partners  # the partners file
    con: DuckDB  # the newest published tables, read-only

    @property
    def contracts(self) -> dict[str, Contract]:
        """Partner → billing terms."""
        from pipelines.stages.sequence import contracts_of

        return contracts_of(self.partners)

    @property
    def letterhead(self) -> Letterhead:
        """Return who we are on paper."""
        from pipelines.exports.company import FILE_NAME, load_letterhead

        return load_letterhead(self.home.path / FILE_NAME)

    def contract(self, partner: str) -> Contract:
        """Return the terms of one partner: those in the partners file, or the last it had there.

        Raises:
            NothingThere: it has none; the message says whether anything came of it.
        """
        from pipelines.stages.recon.terms import recall_contracts

        contracts = recall_contracts(self.con, self.contracts)
        if partner in contracts:
            return contracts[partner]
        claimed = self._count("core.cdrs", partner)
        if claimed:
            raise NothingThere(
                f"{partner!r} is not in the partners file, so nobody knows the terms of its "
                f"{claimed:,} CDRs: they are in no open statement. Name it there again, under "
                "that name and with its contract, and run the pipeline; months that are locked "
                "can be stated without it"
            )
        known = ", ".join(self.contracts) or "none"
        raise NothingThere(f"no partner {partner!r} with a contract; there is {known}")

    def check_known(self, partner: str, *tables: str) -> None:
        """Refuse a partner that has neither terms nor anything settled.

        `tables`: where it would be; none: statements or disputes.

        Raises:
            NothingThere: there is no such partner.
        """
        settled = tables or ("settle.statements", "settle.disputes")
        if not any(self._count(table, partner) for table in settled):
            self.contract(partner)

    def own_party(self, partner: str) -> str:
        """Return our party for a partner, as NL/EMS; empty where the partners file names none."""
        from pipelines.stages.sequence import own_party

        found = self.partners.get(partner)
        us = own_party(found) if found else None
        return "/".join(us) if us else ""

    def _count(self, table: str, partner: str) -> int:
        from pipelines.warehouse.sql_files import fetch_int

        query = f"select count(*) from {table} where partner = $partner"  # noqa: S608 - our own names
        return fetch_int(self.con, query, {"partner": partner})

    def decisions_view(self) -> DecisionsView:
        """Return every decision so far; none where nobody ever decided anything."""
        from models.settle.view import DecisionsView

        if not self.home.decisions.exists():
            return DecisionsView()
        with self.decisions() as store:
            return store.view()

    @contextmanager
    def decisions(self) -> Iterator[DecisionsStore]:
        """Yield the decisions, open."""
        from pipelines.config.home_settings import load_settings
        from pipelines.decisions.store import DecisionsStore

        approvals = load_settings(self.home).approvals.policy()
        with DecisionsStore(self.home.decisions, clock=utc_now, approvals=approvals) as store:
            yield store


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
    from pipelines.warehouse.snapshot import open_current

    home = where.home()
    partners = where.partners(home)
    con = open_current(home.serving)
    if con is None:
        raise NothingThere("nothing was settled yet: start with `roamhouse run`")
    try:
        yield Workspace(home, partners, con)
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
