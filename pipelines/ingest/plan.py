"""Planning a pull: which list, for which party, over which window of `last_updated`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.ocpi.modules import HISTORY_MODULES
from models.ocpi.watermarks import Watermark
from models.tables.operations import EVERY_PARTY
from pipelines.landing.records import PullMode
from pipelines.ocpi.window import Window

RECHECK = timedelta(days=90)
"""The reach of a periodic re-pull of a growing list: a CDR older than this is not payable."""


@dataclass(frozen=True)
class Plan:
    """One list to pull."""

    module: str  # OCPI module identifier
    # `(country_code, party_id)` to ask for behind a hub; None: all that is there
    party: tuple[str, str] | None
    mode: PullMode  # whether everything, the changes or a window was planned
    date_from: datetime | None  # inclusive start; None: from ever
    # exclusive end; None: open, so that what is dated ahead of our clock comes too
    date_to: datetime | None = None


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
        now: when the pull begins.
        overlap: how far before the watermark to begin, for objects that come late.
        full_every: how long after a full pull the next one is due.
        full: whether a full pull was asked for.
        window: a window that was asked for; it wins over everything.
    """
    if window is not None:
        date_to = min(window.date_to or now, now)
        date_from = window.date_from and min(window.date_from, date_to)
        return Plan(module, party, "window", date_from, date_to)
    if full or watermark is None:
        return Plan(module, party, "full", None)
    if watermark.is_ahead_of(now):  # a wrong clock set it: nobody knows what has come since
        return Plan(module, party, "full", None)
    full_at = watermark.full_at
    due = full_at is None or not full_at <= now < full_at + full_every
    if due and module not in HISTORY_MODULES:
        return Plan(module, party, "full", None)
    date_from = min(watermark.complete_until_at, now) - overlap
    if due:
        date_from = min(date_from, now - RECHECK)
    return Plan(module, party, "incremental", date_from)


def watermark_for(
    watermarks: Mapping[tuple[str, str], Watermark], module: str, party: tuple[str, str] | None
) -> Watermark | None:
    """Return the watermark of one list among a partner's, keyed by (module, party)."""
    return watermarks.get((module, "/".join(party) if party else EVERY_PARTY))
