"""A home as finance works with it: on the command line, on the pages, and in what goes out by mail.

The published tables, the decisions of people, the terms of partners, and who we are on paper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from importlib.metadata import version

from duckdb import DuckDBPyConnection as DuckDB

from models.contract import Contract
from models.errors import NothingThere
from models.settle.fx import FxTable
from models.settle.view import DecisionsView
from pipelines.config.home import Home
from pipelines.config.partners import Partners
from pipelines.decisions.opening import has_decisions, open_decisions
from pipelines.decisions.store import DecisionsStore
from pipelines.exports.company import FILE_NAME, Letterhead, load_letterhead
from pipelines.exports.formats import DIALECTS, Dialect
from pipelines.exports.statement import Paperwork
from pipelines.landing.files import Files
from pipelines.landing.landing import Landing
from pipelines.stages.recon.terms import recall_contracts
from pipelines.stages.sequence import contracts_of, own_parties, own_party
from pipelines.stages.settle.closing import Closing
from pipelines.stages.settle.fx import load_rates
from pipelines.stages.settle.import_invoices import Intake, Offered, Said, Step
from pipelines.stages.settle.inputs import Terms
from pipelines.stages.settle.invoice_reports import InvoiceReport, Taker, prepare_with_preview
from pipelines.stages.settle.reading import read_credited_months
from pipelines.warehouse.sql_files import fetch_int


@dataclass(frozen=True)
class Workspace:
    """Everything that finance decides by."""

    home: Home  # the home directory
    partners: Partners  # the partners file
    con: DuckDB  # the newest published tables, read-only
    now: Callable[[], datetime]  # the clock, UTC

    @property
    def contracts(self) -> dict[str, Contract]:
        """Partner → billing terms."""
        return contracts_of(self.partners)

    @cached_property
    def letterhead(self) -> Letterhead:
        """Who we are on paper."""
        return load_letterhead(self.home.path / FILE_NAME)

    @property
    def own_parties(self) -> dict[str, frozenset[tuple[str, str]]]:
        """Partner → our own parties there."""
        return own_parties(self.partners)

    @property
    def rates(self) -> FxTable:
        """The exchange rates that company.yaml names."""
        return load_rates(self.home, self.letterhead)

    @property
    def landing(self) -> Files:
        """The files of the landing."""
        return Landing.of_home(self.home).files

    def contract(self, partner: str) -> Contract:
        """Return the terms of one partner: those in the partners file, or the last it had there.

        Raises:
            NothingThere: it has none; the message says whether anything came of it.
        """
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
        found = self.partners.get(partner)
        us = own_party(found) if found else None
        return "/".join(us) if us else ""

    def _count(self, table: str, partner: str) -> int:
        query = f"select count(*) from {table} where partner = $partner"  # noqa: S608 - our own names
        return fetch_int(self.con, query, {"partner": partner})

    def decisions_view(self) -> DecisionsView:
        """Return every decision so far; none where nobody ever decided anything."""
        if not has_decisions(self.home):
            return DecisionsView()
        with self.decisions() as store:
            return store.view()

    @contextmanager
    def decisions(self) -> Iterator[DecisionsStore]:
        """Yield the decisions, open."""
        with open_decisions(self.home, clock=self.now) as store:
            yield store

    def closing(self, store: DecisionsStore, partner: str) -> Closing:
        """Return what a close of a partner's months rests on.

        Raises:
            NothingThere: the partner has no terms.
        """
        return Closing(
            self.con,
            store,
            self.contract(partner),
            self.rates,
            version("roamhouse"),
            self.now(),
            pulled=self.partners.lists(partner, "cdrs"),
        )

    def paperwork(
        self,
        partner: str,
        month: str,
        view: DecisionsView,
        issued_on: date,
        dialect: Dialect = DIALECTS["standard"],
    ) -> Paperwork:
        """Return the letterhead and the date of a file about a partner's month."""
        return Paperwork(
            self.letterhead,
            issued_on,
            self.own_party(partner),
            view.revision(partner, month),
            dialect,
            read_credited_months(self.con, view, partner, month),
        )

    def prepare_invoices(
        self, offered: Sequence[Offered], said: Said, who: str
    ) -> tuple[list[Step], list[InvoiceReport]]:
        """Return the decisions that take invoices in, and what each would come to.

        Raises:
            UnreadableInvoice: a file cannot be read, or it is not clear whose or what it is.
        """
        view = self.decisions_view()
        zones = {name: contract.time_zone for name, contract in self.contracts.items()}
        intake = Intake(self.con, self.letterhead, zones, view.invoices)
        terms = Terms(self.contracts, view, self.rates, self.own_parties)
        by = Taker(who, self.now())
        return prepare_with_preview(intake, terms, self.landing, offered, said, by)
