"""The one module that opens the pipeline: the snapshot's place, decisions, exports, landed pages.

Everything else here knows the warehouse only through `data`, and people's decisions only
through this. Nothing that it opens knows Dagster.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Final, Literal

import duckdb
import msgspec

from models.contract import Contract
from models.ocpi.envelope import EnvelopeError
from models.ocpi.values.people import masked
from models.settle import disputes
from models.settle.decisions import Event
from models.settle.disputes import Dispute
from models.settle.invoice import NoInvoice
from models.settle.months import last_day
from models.settle.settlement_month import SettlementMonth
from pipelines.config import (
    ConfigError,
    FeedPartner,
    Home,
    Partner,
    find_partners_file,
    load_partners,
)
from pipelines.decisions import DecisionsStore, acting_user
from pipelines.exports.company import FILE_NAME, CompanyError, Letterhead, load_letterhead
from pipelines.exports.formulas import escape_formula
from pipelines.exports.letter import NothingContested, letter_csv, letter_pdf
from pipelines.exports.statement import Paperwork, export_statement
from pipelines.exports.xlsx import TooManyLines
from pipelines.landing.bodies import objects_of
from pipelines.landing.landing import Landing
from pipelines.landing.objects import LandingError
from pipelines.stages.settle.closing import CannotClose, Closing
from pipelines.stages.settle.dispute_queries import opening_event
from pipelines.stages.settle.fx import load_fx
from pipelines.stages.settle.parties import own_party
from pipelines.stages.settle.reading import NothingThere, read_document
from pipelines.warehouse.snapshot import current

Close = Literal["soft_closed", "signed_off", "locked", "reopened"]

EXPECTED: Final = (
    CannotClose,
    CompanyError,
    ConfigError,
    NoInvoice,
    NothingContested,
    NothingThere,
    TooManyLines,
)
"""Refusals that carry a message for the person who asked."""

__all__ = ["EXPECTED", "acting_user", "escape_formula", "opening_event"]


def home() -> Home:
    """Return the home directory that is shown, as the environment names it."""
    return Home.resolve(None, os.environ)


def snapshot_path() -> Path | None:
    """Return the newest published snapshot; None: nothing was published yet."""
    return current(home().serving)


def now() -> datetime:
    """Return the clock: ages are told by it, figures never depend on it."""
    return datetime.now(UTC)


def letterhead() -> Letterhead:
    """Return who we are on paper, and the terms for invoices and disputes.

    Raises:
        CompanyError: the file cannot be used.
    """
    return load_letterhead(home().path / FILE_NAME)


def dispute(dispute_id: str) -> Dispute:
    """Return where a dispute stands now, whatever the snapshot says."""
    with _store() as store:
        return store.dispute(dispute_id)


def all_disputes() -> dict[str, Dispute]:
    """Return every dispute that a person touched, as it stands now, by its id."""
    with _store() as store:
        events = sorted(store.events("dispute"), key=_by_stream)
    return {key: disputes.fold(key, rows) for key, rows in groupby(events, lambda e: e.stream)}


def decide(dispute_id: str, name: str, who: str, data: Mapping[str, str]) -> Dispute:
    """Add a decision to a dispute.

    Raises:
        IllegalDecision: it cannot follow what was decided before; nothing is written.
    """
    with _store() as store:
        return store.decide(dispute_id, name, who, data)


def settlement_month(partner: str, month: str) -> SettlementMonth:
    """Return where a partner's month stands now, whatever the snapshot says."""
    with _store() as store:
        return store.settlement_month(partner, month)


def close_month(
    con: duckdb.DuckDBPyConnection, partner: str, month: str, step: Close, who: str, reason: str
) -> SettlementMonth:
    """Take a partner's month one step towards its lock, or open it again.

    Args:
        con: the snapshot.
        partner: our name for the connection.
        month: as 2026-10.
        step: what to do.
        who: the person.
        reason: why, for a reopening.

    Raises:
        IllegalDecision: it cannot follow what was decided before.
        CannotClose: the month is not over, not complete, or not settled with all decisions.
        ConfigError: the partners file cannot be read.
    """
    with _store() as store:
        if step == "reopened":
            return store.move_month(partner, month, step, who, {"reason": reason})
        if step == "signed_off":
            return store.move_month(partner, month, step, who)
        closing = Closing(
            con,
            store,
            _contract(partner),
            load_fx(letterhead().reporting_currency),
            version("roamhouse"),
        )
        act = closing.lock if step == "locked" else closing.soft_close
        return act(partner, month, who)


def export(con: duckdb.DuckDBPyConnection, partner: str, month: str, kind: str) -> bytes:
    """Return a partner's month as a file: the same as `roamhouse statement`.

    Args:
        con: the snapshot.
        partner: our name for the connection.
        month: as 2026-10.
        kind: csv, xlsx, pdf, ubl, json, letter_pdf or letter_csv.

    Raises:
        NothingThere: nothing was claimed in that month.
        NoInvoice: it is no single invoice.
        NothingContested: there is nothing to write a letter about.
        CompanyError: the letterhead cannot be used.
    """
    document = read_document(con, partner, month)
    if kind == "letter_csv":
        return letter_csv(document)
    known = _partner(partner)
    us = own_party(known) if known else None
    paper = Paperwork(letterhead(), last_day(month), "/".join(us) if us else "")
    if kind == "letter_pdf":
        return letter_pdf(document, paper.letterhead, paper.issued_on, paper.own_party)
    return export_statement(document, kind, paper)


def landed_object(sha256: str, module: str, object_id: str) -> str | None:
    """Return an object as its page brought it, people's identifiers hidden; None: not there.

    Args:
        sha256: the page's body in the landing.
        module: OCPI module identifier.
        object_id: its `id`, as sent, or as it is stored.
    """
    try:
        for batch in objects_of(Landing(home().landing), sha256, module):
            for raw in batch:
                found = _with_id(bytes(raw), object_id)
                if found is not None:
                    return found
    except (LandingError, EnvelopeError):
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


def _partner(name: str) -> Partner | None:
    """Return the partner as the partners file has it; None: it left the file."""
    partners = load_partners(find_partners_file(None, os.environ, home()))
    return next((one for one in partners.partners if one.name == name), None)


def _contract(partner: str) -> Contract:
    """Return the partner's terms; a feed has none, and neither has one that left the file."""
    known = _partner(partner)
    return Contract() if known is None or isinstance(known, FeedPartner) else known.contract


def _store() -> DecisionsStore:
    return DecisionsStore(home().decisions, clock=now)


def _by_stream(event: Event) -> tuple[str, int]:
    return event.stream, event.seq
