"""Workspace of the finance commands: the settled tables, the decisions, and their refusals.

Exit codes: 1 where what is asked cannot be done as things stand, 2 where it is not there or was
asked wrongly; nothing is done in either case.
"""

from __future__ import annotations

import functools
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from models.settle.months import parse_month
from pipelines.cli.common import fail, open_home, utc_now
from pipelines.cli.storage import storage_fault
from pipelines.config import ConfigError, Home, find_partners_file
from pipelines.exports.formats import DIALECTS

if TYPE_CHECKING:
    import duckdb

    from models.contract import Contract
    from models.settle.view import DecisionsView
    from pipelines.config import Partners
    from pipelines.decisions import DecisionsStore
    from pipelines.exports.company import Letterhead

REFUSED = 1
"""Exit code where the state of things does not allow what is asked."""

as_option = click.option("--as", "named", help="Who decides; default: the user of this system.")
month_argument = click.option(
    "--month", required=True, metavar="YYYY-MM", callback=lambda _c, _p, text: _month(text)
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


def _month(text: str) -> str:
    try:
        return parse_month(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def handle_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    """End a command that is refused with the reason and exit code 1 or 2."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except Exception as error:
            if isinstance(error, _refusals()):
                click.echo(str(error), err=True)
                raise SystemExit(REFUSED) from None
            fault = storage_fault(error)
            if fault is None and not isinstance(error, (sqlite3.DatabaseError, *_usage_errors())):
                raise
            fail(fault or str(error))

    return wrapped


def _refusals() -> tuple[type[Exception], ...]:
    """Return what says that the state of things does not allow what is asked.

    Imported when a command was ended, as those who raise it are then.
    """
    from models.settle.decisions import IllegalDecision
    from models.settle.invoice import NoInvoice
    from models.settle.received import UnreadableInvoice
    from pipelines.exports.invoice_record import NoRecord
    from pipelines.exports.letter import NothingContested
    from pipelines.exports.xlsx import TooManyLines
    from pipelines.stages.settle.closing import CannotClose
    from pipelines.stages.settle.dispute_queries import Outdated

    return (
        CannotClose,
        IllegalDecision,
        NoInvoice,
        NoRecord,
        NothingContested,
        Outdated,
        TooManyLines,
        UnreadableInvoice,
    )


def _usage_errors() -> tuple[type[Exception], ...]:
    """Return what says that something is not there or was asked wrongly."""
    from pipelines.exports.company import CompanyError
    from pipelines.stages.settle.reading import NothingThere

    return CompanyError, ConfigError, NothingThere


@dataclass(frozen=True)
class Workspace:
    """A home as finance works with it.

    Args:
        home: the home directory.
        partners: the partners file.
        con: the newest published tables, read-only.
    """

    home: Home
    partners: Partners
    con: duckdb.DuckDBPyConnection

    @property
    def contracts(self) -> dict[str, Contract]:
        """Partner → billing terms."""
        from pipelines.config import FeedPartner

        return {
            partner.name: partner.contract
            for partner in self.partners.partners
            if not isinstance(partner, FeedPartner)
        }

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
        from pipelines.stages.settle.reading import NothingThere

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

        Args:
            partner: our name for the connection.
            tables: where it would be; none: statements or disputes.

        Raises:
            NothingThere: there is no such partner.
        """
        settled = tables or ("settle.statements", "settle.disputes")
        if not any(self._count(table, partner) for table in settled):
            self.contract(partner)

    def own_party(self, partner: str) -> str:
        """Return our party for a partner, as NL/EMS; empty where the partners file names none."""
        from pipelines.stages.settle.parties import own_party

        found = next((p for p in self.partners.partners if p.name == partner), None)
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
        from pipelines.config import load_settings
        from pipelines.decisions import DecisionsStore

        approvals = load_settings(self.home).approvals.policy()
        with DecisionsStore(self.home.decisions, clock=utc_now, approvals=approvals) as store:
            yield store


def check_published(workspace: Workspace, table: str) -> None:
    """Refuse tables that an earlier version published, without a table that is needed.

    Raises:
        NothingThere: they lack it.
    """
    from pipelines.stages.settle.reading import NothingThere
    from pipelines.warehouse.sql_files import fetch_int

    found = "select count(*) from duckdb_tables() where schema_name || '.' || table_name = $table"
    if not fetch_int(workspace.con, found, {"table": table}):
        raise NothingThere(
            "the published tables are of an earlier version: bring them up to date with "
            "`roamhouse settle`"
        )


@contextmanager
def open_workspace(home_dir: Path | None, partners_file: Path | None) -> Iterator[Workspace]:
    """Open the home's published tables for reading.

    Raises:
        ConfigError: the partners file cannot be used.
        NothingThere: nothing was published yet.
    """
    from pipelines.config import load_partners
    from pipelines.stages.settle.reading import NothingThere
    from pipelines.warehouse.snapshot import open_current

    home = open_home(home_dir)
    partners = load_partners(find_partners_file(partners_file, os.environ, home))
    con = open_current(home.serving)
    if con is None:
        raise NothingThere("nothing was settled yet: start with `roamhouse run`")
    try:
        yield Workspace(home, partners, con)
    finally:
        con.close()
