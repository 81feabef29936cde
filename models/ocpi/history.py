"""The versions of one object (a tariff, an invoice record) from the copies a partner showed.

OCPI objects carry only their current content and a `last_updated`; a price history has to be
made from what was seen. A version is a content (by hash, without `last_updated`) and the time
during which it was valid. The rules, each with a test of its own:

- The first copy is valid from its own `last_updated`; before it the object is unknown.
- Other content under a newer `last_updated` is a new version from that `last_updated`.
- Other content whose `last_updated` did not move is a new version from when we fetched it.
- The same content under a newer `last_updated` is no new version.
- A copy that arrives late (an older `last_updated`) is put in at its place.
- In a complete list of everything no copy is late but by a newer one of the same list: what it
  shows is current, and a new version from when we fetched it where its `last_updated` went back.
- Content that comes back after another is a version of its own: A, B, A are three.
- An object that a complete full pull lacks ends when that pull began; if it comes back, a new
  version begins when we fetched it.

A `last_updated` ahead of the fetch counts as the moment of the fetch: nothing is valid before
it could be known and in the future by a wrong clock only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

_INSTANT = timedelta(microseconds=1)
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Observation:
    """One copy of the object, as a page brought it."""

    content_hash: str  # hash of its content without `last_updated`
    last_updated_at: datetime | None  # its own `last_updated`, UTC; None: not stated
    fetched_at: datetime  # when its page was fetched, UTC
    page_id: str  # its page; sorts in the order of fetching

    @property
    def stated_at(self) -> datetime:
        """Since when the copy holds by its own word, but not after it was fetched."""
        if self.last_updated_at is None:
            return self.fetched_at
        return min(self.last_updated_at, self.fetched_at)


@dataclass(frozen=True)
class Version:
    """One content and the time it was valid."""

    content_hash: str  # hash of the content without `last_updated`
    valid_from_at: datetime  # inclusive, UTC
    valid_to_at: datetime | None  # exclusive, UTC; None: current
    last_updated_at: datetime | None  # the newest `last_updated` that this content was seen with
    fetched_at: datetime  # when the page that brought it was fetched
    page_id: str  # the page that brought it


def fold(
    versions: Sequence[Version],
    observations: Iterable[Observation],
    removed_at: datetime | None = None,
    *,
    is_complete_list: bool = False,
) -> tuple[Version, ...]:
    """Continue the history of one object.

    Args:
        versions: its versions so far, by `valid_from_at`, not overlapping.
        observations: what a pull showed of it, in page order.
        removed_at: start of the complete full pull that lacked it; None: it did not.
        is_complete_list: whether the observations are from a complete list of everything, whose
            newest copy is what is current.

    Returns:
        Its versions, by `valid_from_at`, not overlapping; at most the last has no end.
    """
    history = tuple(versions)
    copies = list(observations)
    # Of equal copies the last one counts, as everywhere.
    current = max(reversed(copies), key=_order) if is_complete_list and copies else None
    for observation in copies:
        if observation is not current:
            history = _observed(history, observation)
    if current is not None:
        history = _observed(history, current, is_current=True)
    if removed_at is not None and history and history[-1].valid_to_at is None:
        last = history[-1]
        end = max(removed_at, last.valid_from_at + _INSTANT)
        history = (*history[:-1], replace(last, valid_to_at=end))
    return history


def _observed(
    history: tuple[Version, ...], seen: Observation, *, is_current: bool = False
) -> tuple[Version, ...]:
    if not history:
        return (_begin(seen, seen.stated_at),)
    last = history[-1]
    if last.valid_to_at is not None:
        return (*history, _begin(seen, max(seen.fetched_at, last.valid_to_at)))
    if not is_current and _order(seen) < _order(last):
        return _inserted(history, seen)
    if seen.content_hash == last.content_hash:
        newest = seen.last_updated_at or last.last_updated_at
        return (*history[:-1], replace(last, last_updated_at=newest))
    known_at = last.last_updated_at or last.valid_from_at
    moved = seen.last_updated_at is not None and seen.last_updated_at > known_at
    plausible = moved and seen.stated_at > last.valid_from_at
    start = seen.stated_at if plausible else seen.fetched_at
    start = max(start, last.valid_from_at + _INSTANT)
    return (*history[:-1], replace(last, valid_to_at=start), _begin(seen, start))


def _inserted(history: tuple[Version, ...], late: Observation) -> tuple[Version, ...]:
    """Put a late copy at its place: between the versions around its own `last_updated`."""
    at = late.stated_at
    place = sum(version.valid_from_at <= at for version in history)
    before = history[place - 1] if place else None
    after = history[place] if place < len(history) else None
    end = after.valid_from_at if after is not None else None
    if before is not None and (before.valid_to_at is None or before.valid_to_at > at):
        if late.content_hash == before.content_hash or before.valid_from_at == at:
            return history
        end = before.valid_to_at
        confirmed_at = min(before.last_updated_at or _NEVER, late.fetched_at)
        if at < confirmed_at and (end is None or confirmed_at < end):
            # Seen before and after the late copy: valid, replaced, valid again.
            again = replace(before, valid_from_at=confirmed_at)
            middle = _begin(late, at, confirmed_at)
            return (*_ended(history[:place], at), middle, again, *history[place:])
        if end is None:
            return history
    if after is not None and end == after.valid_from_at and late.content_hash == after.content_hash:
        earlier = replace(after, valid_from_at=at)
        return (*_ended(history[:place], at), earlier, *history[place + 1 :])
    return (*_ended(history[:place], at), _begin(late, at, end), *history[place:])


def _ended(history: tuple[Version, ...], at: datetime) -> tuple[Version, ...]:
    """Return the history with its last version over by `at`."""
    if not history:
        return history
    last = history[-1]
    end = at if last.valid_to_at is None else min(at, last.valid_to_at)
    return (*history[:-1], replace(last, valid_to_at=end))


def _begin(seen: Observation, at: datetime, end: datetime | None = None) -> Version:
    return Version(
        content_hash=seen.content_hash,
        valid_from_at=at,
        valid_to_at=end,
        last_updated_at=seen.last_updated_at,
        fetched_at=seen.fetched_at,
        page_id=seen.page_id,
    )


def _order(copy: Observation | Version) -> tuple[datetime, str]:
    return (copy.last_updated_at or copy.fetched_at, copy.page_id)
