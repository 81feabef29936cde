"""The one module that opens the pipeline: the snapshot's place, decisions, exports, landed pages.

Everything else here knows the warehouse through `data`; nothing that this opens knows Dagster.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, Literal

import duckdb
import msgspec
import yaml

from models.errors import Refused, Unusable
from models.marts.retail import Price, retail_prices
from models.ocpi.envelope import EnvelopeError
from models.ocpi.people import masked
from models.settle import disputes
from models.settle.disputes import Dispute
from models.settle.document import AssumedVat, assume_vat
from models.settle.months import SettlementMonth
from models.tables.settle import STATEMENT_KEY
from pipelines.alerts.metrics import current_metrics
from pipelines.config.home import Home, find_partners_file
from pipelines.config.loading import load_partners
from pipelines.decisions.opening import open_decisions
from pipelines.decisions.store import Decision, DecisionsStore
from pipelines.decisions.user import acting_user
from pipelines.exports.company import FILE_NAME, Letterhead, load_letterhead
from pipelines.exports.formats import FORMATS, LEDGER_FORMATS, LETTERS
from pipelines.exports.formulas import escape_formula
from pipelines.exports.letter import NothingContested, letter_csv, letter_parties, letter_pdf
from pipelines.exports.statement import export_statement
from pipelines.landing.bodies import objects_of
from pipelines.landing.landing import Landing
from pipelines.landing.objects import LandingError
from pipelines.landing.remote import LandingAway
from pipelines.stages.settle.closing import month_checklist
from pipelines.stages.settle.dispute_queries import (
    decision_data,
    refuse_outdated,
    with_current_disputes,
)
from pipelines.stages.settle.fx import missing_rates
from pipelines.stages.settle.import_invoices import Offered, Said
from pipelines.stages.settle.reading import read_document, read_month_changes, read_vat_return
from pipelines.stages.settle.workspace import Workspace
from pipelines.warehouse.snapshot import current
from pipelines.warehouse.sql_files import fetch_frame

Close = Literal["soft_closed", "signed_off", "locked", "reopened"]


class UnusablePrices(Unusable):
    """The file of retail prices cannot be used."""


EXPECTED: Final = (Refused, Unusable)
"""Refusals that carry a message for the person who asked."""
EXPORTS: Final = FORMATS | LETTERS
"""Files that a partner's month can be had as."""

__all__ = [
    "EXPECTED",
    "LEDGER_FORMATS",
    "AssumedVat",
    "Decision",
    "Offered",
    "Said",
    "acting_user",
    "decision_data",
    "escape_formula",
    "fetch_frame",
    "missing_rates",
    "month_checklist",
    "read_month_changes",
    "read_vat_return",
]


def home() -> Home:
    """Return the home directory that is shown, as the environment names it."""
    return Home.resolve(None, os.environ)


def snapshot_path() -> Path | None:
    """Return the newest published snapshot; None: nothing was published yet."""
    return current(home().serving)


def now() -> datetime:
    """Return the clock: ages are told by it, figures never depend on it."""
    return datetime.now(UTC)


def metrics() -> str:
    """Return figures for a monitoring, as Prometheus reads them."""
    return current_metrics(home(), find_partners_file(None, os.environ, home()), now())


def letterhead() -> Letterhead:
    """Return who we are on paper, and the terms for invoices and disputes.

    Raises:
        CompanyError: the file cannot be used.
    """
    return load_letterhead(home().path / FILE_NAME)


def retail() -> list[Price] | None:
    """Return what our own customers pay, as `retail.yaml` of the home says; None: no such file.

    Raises:
        UnusablePrices: the file cannot be read, or says what cannot be.
    """
    path = home().path / "retail.yaml"
    if not path.is_file():
        return None
    try:
        return retail_prices(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise UnusablePrices(f"{path.name} cannot be used: {error}") from error


def dispute(dispute_id: str) -> Dispute:
    """Return where a dispute stands now, whatever the snapshot says."""
    with open_store() as store:
        return store.dispute(dispute_id)


def all_disputes() -> dict[str, Dispute]:
    """Return every dispute that a person touched, as it stands now, by its id."""
    with open_store() as store:
        events = sorted(store.events("dispute"), key=attrgetter("stream", "seq"))
    return {key: disputes.fold(key, rows) for key, rows in groupby(events, lambda e: e.stream)}


def decide_all(decisions: Sequence[Decision], who: str) -> list[Dispute]:
    """Add decisions to disputes: all of them, or none."""
    with open_store() as store:
        return store.decide_all(decisions, who)


def settlement_month(partner: str, month: str) -> SettlementMonth:
    """Return where a partner's month stands now, whatever the snapshot says."""
    with open_store() as store:
        return store.settlement_month(partner, month)


def close_month(
    con: duckdb.DuckDBPyConnection, partner: str, month: str, step: Close, who: str, reason: str
) -> SettlementMonth:
    """Take a partner's month one step towards its lock, or open it again.

    Raises:
        IllegalDecision: it cannot follow what was decided before.
        NothingThere: the partner has no terms.
        CannotClose: the month is not over, not complete, or not settled with all decisions.
        ConfigError: the partners file cannot be read.
    """
    with open_store() as store:
        if step == "reopened":
            return store.move_month(partner, month, step, who, {"reason": reason})
        closing = workspace(con).closing(store, partner)
        steps = {"soft_closed": closing.soft_close, "signed_off": closing.sign_off}
        return steps.get(step, closing.lock)(partner, month, who)


def statement_key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the key of a statement."""
    return tuple(row[name] for name in STATEMENT_KEY)


def assumed_vat(
    con: duckdb.DuckDBPyConnection, partner: str, month: str
) -> dict[tuple[Any, ...], AssumedVat]:
    """Return the tax of statements with rates assumed where nobody stated any, by their key."""
    rates = letterhead().assumed_vat
    if not rates:
        return {}
    parts = read_document(con, partner, month).parts()
    found = {
        statement_key(part.statements.row(0, named=True)): assume_vat(part, rates) for part in parts
    }
    return {key: vat for key, vat in found.items() if vat is not None}


def export(
    con: duckdb.DuckDBPyConnection,
    partner: str,
    month: str,
    kind: str,
    *,
    party: tuple[str, str] | None = None,
    issued_on: date | None = None,
) -> bytes:
    """Return a partner's month as a file: the same as `roamhouse statement`.

    Args:
        con: the snapshot.
        partner: our name for the connection.
        month: as 2026-10.
        kind: one of `EXPORTS`.
        party: one counterparty only; a letter is always to one.
        issued_on: the date of the document; None: today.

    Raises:
        NothingThere: nothing was claimed in that month.
        NoInvoice: it is no single invoice.
        NothingContested: there is nothing to write a letter about, or it is to several.
        CompanyError: the letterhead cannot be used.
        Outdated: what people decided since is not settled yet.
    """
    document = read_document(con, partner, month, party=party)
    desk = workspace(con)
    view = desk.decisions_view()
    paper = desk.paperwork(partner, month, view, issued_on or now().date())
    if kind not in ("letter_pdf", "letter_csv"):
        refuse_outdated(document, view)
        return export_statement(document, kind, paper)
    document = with_current_disputes(document, view)
    if len(recipients := letter_parties(document)) > 1:
        names = ", ".join(map("/".join, recipients))
        raise NothingContested(f"a letter is to one party: choose one of {names}")
    if kind == "letter_csv":
        return letter_csv(document, paper.dialect)
    return letter_pdf(document, paper.letterhead, paper.issued_on, paper.own_party)


def landed_object(sha256: str, module: str, object_id: str) -> str | None:
    """Return an object as its page brought it, people's identifiers hidden; None: not there.

    Args:
        sha256: the page's body in the landing.
        module: OCPI module identifier.
        object_id: its `id`, as sent, or as it is stored.
    """
    try:
        for batch in objects_of(Landing.of_home(home()), sha256, module):
            for raw in batch:
                found = _with_id(bytes(raw), object_id)
                if found is not None:
                    return found
    except (LandingError, LandingAway, EnvelopeError):
        return None
    return None


def _with_id(raw: bytes, object_id: str) -> str | None:
    if object_id.encode() not in raw:
        return None
    try:
        value = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        return None
    if not isinstance(value, dict) or str(value.get("id", value.get("uid"))) != object_id:
        return None
    hidden = masked(value, lambda _: "(hidden)")
    return msgspec.json.format(msgspec.json.encode(hidden), indent=2).decode()


def workspace(con: duckdb.DuckDBPyConnection) -> Workspace:
    """Return the home as finance works with it.

    `con`: the snapshot.
    """
    partners = load_partners(find_partners_file(None, os.environ, home()))
    return Workspace(home(), partners, con, now)


def open_store() -> DecisionsStore:
    return open_decisions(home(), clock=now)
