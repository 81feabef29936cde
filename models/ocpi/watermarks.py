"""The watermark of a list: how a pull moves it, and when it cannot be believed.

A watermark says that every change before it is here. It is the time at which a complete pull
began, and our clock may have been wrong just then; so every other witness of that time bounds it,
and one that lies ahead of a later pull, or of the clock, is put back and never trusted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

TOLERATED_AHEAD = timedelta(minutes=5)
"""Clocks that differ by no more agree."""

# A Date header from before there was OCPI comes from a server without a clock: it tells nothing.
_FIRST_OCPI = datetime(2014, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Watermark:
    """The instant up to which one list is complete (a row of `ops.watermarks`)."""

    complete_until_at: datetime  # every change before it is here
    full_at: datetime | None  # when the last complete full pull began; None: there was none
    pull_id: str = ""  # the pull that moved it

    def is_ahead_of(self, at: datetime) -> bool:
        """Tell whether it lies further in the future than clocks differ."""
        return self.complete_until_at > at + TOLERATED_AHEAD


@dataclass(frozen=True)
class Reach:
    """The facts of a pull that decide about the watermark (`ops.pulls`)."""

    pull_id: str
    mode: str  # full, incremental, window or push
    is_complete: bool  # whether every object that the partner promised came
    date_from_at: datetime | None  # inclusive start of the window asked for; None: from ever
    date_to_at: datetime | None  # exclusive end; None: open
    began_at: datetime  # when it began, see `earliest_witness`


def earliest_witness(started_at: datetime, others: Iterable[datetime | None]) -> datetime:
    """Return when a pull began: by our clock, and no later than any other witness says.

    Those are the partner's Date header, the times of its pages and of its end; None: unknown.
    """
    return min((started_at, *(at for at in others if at is not None and at > _FIRST_OCPI)))


def read_http_date(header: str | None) -> datetime | None:
    """Read a Date header (RFC 9110); None: absent, unreadable or without a zone."""
    try:
        at = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def moved_watermark(known: Watermark | None, pull: Reach) -> Watermark | None:
    """Return the watermark of a list after its next pull; None: the pull leaves it as it is.

    Only a complete pull moves it; a window and pushes never do; an incremental one only if it
    began where the list was complete already, for otherwise there would be a gap before it. One
    that lies ahead of the pull was set by a wrong clock: a full pull puts it back, and nothing
    builds on it.
    """
    if not pull.is_complete or pull.mode in {"window", "push", "send"}:
        return None
    until = min(pull.date_to_at or pull.began_at, pull.began_at)
    is_ahead = known is not None and known.is_ahead_of(pull.began_at)
    if known is not None and not is_ahead:
        until = max(until, known.complete_until_at)
    if pull.mode == "full":
        return Watermark(until, pull.began_at, pull.pull_id)
    start = pull.date_from_at
    if is_ahead or (start is not None and (known is None or start > known.complete_until_at)):
        return None
    return Watermark(until, known.full_at if known is not None else None, pull.pull_id)
