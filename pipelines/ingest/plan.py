"""Planning a pull: which list, over which window of `last_updated`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.ocpi.modules import HISTORY_MODULES
from models.ocpi.watermarks import Watermark
from pipelines.landing.records import PullMode
from pipelines.ocpi.window import Window

RECHECK = timedelta(days=90)
"""The reach of a periodic re-pull of a growing list: a CDR older than this is not payable."""


@dataclass(frozen=True)
class Plan:
    """One list to pull."""

    module: str  # OCPI module identifier
    mode: PullMode  # whether everything, the changes or a window was planned
    date_from: datetime | None  # inclusive start; None: from ever
    # exclusive end; None: open, so that what is dated ahead of our clock comes too
    date_to: datetime | None = None


def plan_pull(
    module: str,
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
        return Plan(module, "window", date_from, date_to)
    if full or watermark is None:
        return Plan(module, "full", None)
    if watermark.is_ahead_of(now):  # a wrong clock set it: nobody knows what has come since
        return Plan(module, "full", None)
    full_at = watermark.full_at
    due = full_at is None or not full_at <= now < full_at + full_every
    if due and module not in HISTORY_MODULES:
        return Plan(module, "full", None)
    date_from = min(watermark.complete_until_at, now) - overlap
    if due:
        date_from = min(date_from, now - RECHECK)
    return Plan(module, "incremental", date_from)
