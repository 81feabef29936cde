"""Planning a pull: which list, for which party, over which window of `last_updated`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.ocpi.modules import HISTORY_MODULES
from models.tables.operations import EVERY_PARTY
from pipelines.landing.records import PullMode

RECHECK = timedelta(days=90)
"""The reach of a periodic re-pull of a growing list: a CDR older than this is not payable."""


@dataclass(frozen=True)
class Watermark:
    """The instant up to which one list is complete (a row of `ops.watermarks`)."""

    complete_until_at: datetime
    full_at: datetime | None


@dataclass(frozen=True)
class Window:
    """A window of `last_updated` that someone asked for: start inclusive, end exclusive."""

    date_from: datetime | None
    date_to: datetime | None


@dataclass(frozen=True)
class Plan:
    """One list to pull.

    Args:
        module: OCPI module identifier.
        party: `(country_code, party_id)` to ask for behind a hub; None: all that is there.
        mode: whether everything, the changes or a window was planned.
        date_from: inclusive start; None: from ever.
        date_to: exclusive end, pinned before the first request.
    """

    module: str
    party: tuple[str, str] | None
    mode: PullMode
    date_from: datetime | None
    date_to: datetime


def plan_pull(
    module: str,
    party: tuple[str, str] | None,
    watermark: Watermark | None,
    *,
    now: datetime,
    overlap: timedelta,
    full_every: timedelta,
    full: bool = False,
    window: Window | None = None,
) -> Plan:
    """Decide how to pull one list.

    Args:
        module: OCPI module identifier.
        party: the party to ask for behind a hub.
        watermark: how far the list is complete; None: it never was.
        now: when the pull begins; the end of every window.
        overlap: how far before the watermark to begin, for objects that come late.
        full_every: how long after a full pull the next one is due.
        full: whether a full pull was asked for.
        window: a window that was asked for; it wins over everything.
    """
    if window is not None:
        date_to = min(window.date_to or now, now)
        return Plan(module, party, "window", window.date_from, date_to)
    if full or watermark is None:
        return Plan(module, party, "full", None, now)
    due = watermark.full_at is None or now - watermark.full_at >= full_every
    if due and module not in HISTORY_MODULES:
        return Plan(module, party, "full", None, now)
    date_from = watermark.complete_until_at - overlap
    if due:
        date_from = min(date_from, now - RECHECK)
    return Plan(module, party, "incremental", date_from, now)


def watermark_for(
    watermarks: Mapping[tuple[str, str], Watermark], module: str, party: tuple[str, str] | None
) -> Watermark | None:
    """Return the watermark of one list among a partner's, keyed by (module, party)."""
    return watermarks.get((module, "/".join(party) if party else EVERY_PARTY))
