"""The books of what a partner lists: places, tariffs, sessions, CDRs, each with its history.

The references: a copy that the newest complete list shows is current, whatever its stamp; else
the newer `last_updated` wins, and a stamp ahead of us counts as when we saw it. What a complete
list lacks is gone, unless that is more than a tenth (and more than a handful) of the party's: then
it is told, and taken as true when three complete lists agree.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from simulation.auditor.looks import Look
from simulation.objects import read

HANDFUL = 5
AGREEING = 3


@dataclass
class Thing:
    """The current copy of an object.

    Args:
        copy: as it was served.
        stamp: its `last_updated`, or when we saw it where that lies ahead.
        gone: whether it is no longer listed.
        statuses: each status that its EVSE had, in order.
    """

    copy: dict[str, Any]
    stamp: datetime
    gone: bool = False
    statuses: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Version:
    """One content of a tariff.

    Args:
        content: without `last_updated`.
        from_at: since when it is published.
        stamp: the newest `last_updated` seen with it, as it counts.
        stated: that `last_updated` as it was written.
        gone_at: when it was no longer listed; None: it is, or another replaced it.
    """

    content: dict[str, Any]
    from_at: datetime
    stamp: datetime
    stated: str
    gone_at: datetime | None = None

    @property
    def starts_at(self) -> datetime | None:
        """The moment before which it is only announced."""
        text = self.content.get("start_date_time")
        return None if text is None else read(text)


@dataclass(frozen=True)
class Doubt:
    """Places that complete lists lacked, more than is believed at once."""

    missing: frozenset[str] = frozenset()
    times: int = 0


@dataclass
class Objects:
    """Everything known of one partner."""

    places: dict[str, Thing] = field(default_factory=dict)
    sessions: dict[str, Thing] = field(default_factory=dict)
    tariffs: dict[str, list[Version]] = field(default_factory=dict)
    invoices: dict[str, list[Version]] = field(default_factory=dict)
    cdrs: dict[str, dict[str, Any]] = field(default_factory=dict)
    seen_at: dict[str, datetime] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    doubts: dict[str, Doubt] = field(default_factory=dict)
    ahead: set[tuple[str, str]] = field(default_factory=set)

    def take(self, look: Look) -> bool:
        """Take in what a look showed.

        Returns:
            Whether many places are missing, which somebody must be told of.
        """
        if look.module == "cdrs":
            self._take_cdrs(look)
            return False
        self.ahead |= {
            (look.module, copy["id"].lower())
            for at, copy in look.copies
            if read(copy["last_updated"]) > at
        }
        if look.module in ("tariffs", "invoicereconciliation"):
            book = self.tariffs if look.module == "tariffs" else self.invoices
            _take_versions(book, look)
            return False
        things = self.places if look.module == "locations" else self.sessions
        if look.module == "locations" and not look.everything:
            shown = {copy["id"].lower() for _, copy in look.copies}
            for party, doubt in self.doubts.items():
                self.doubts[party] = replace(doubt, missing=doubt.missing - shown)
        for at, copy in look.copies:
            _keep_newest(things, at, copy, certain=look.everything)
        return look.module == "locations" and look.everything and self._bury(look)

    def _take_cdrs(self, look: Look) -> None:
        for at, copy in look.copies:
            key = copy["id"].lower()
            known = self.cdrs.get(key)
            if known is None:
                self.cdrs[key] = copy
                self.seen_at[key] = at
            elif _content(known) != _content(copy):
                self.changed.add(key)

    @property
    def kept(self) -> int:
        """How many places are kept though complete lists lacked them."""
        return sum(len(doubt.missing) for doubt in self.doubts.values())

    def accept(self) -> None:
        """Take for gone what is kept: a person says so."""
        for doubt in self.doubts.values():
            for key in doubt.missing:
                self.places[key].gone = True
        self.doubts.clear()

    def _bury(self, look: Look) -> bool:
        listed = {copy["id"].lower() for _, copy in look.copies}
        parties = {thing.copy["party_id"] for thing in self.places.values()}
        return any([self._bury_of(party, listed) for party in sorted(parties)])

    def _bury_of(self, party: str, listed: set[str]) -> bool:
        live = {
            key
            for key, thing in self.places.items()
            if not thing.gone and thing.copy["party_id"] == party
        }
        missing, doubt = frozenset(live - listed), self.doubts.pop(party, Doubt())
        if len(missing) > HANDFUL and len(missing) * 10 > len(live):
            again = doubt.times + 1 if missing == doubt.missing else 1
            if again < AGREEING:
                self.doubts[party] = Doubt(missing, again)
                return True
        for key in missing:
            self.places[key].gone = True
        return False


def _take_versions(book: dict[str, list[Version]], look: Look) -> None:
    for at, copy in look.copies:
        versions = book.setdefault(copy["id"].lower(), [])
        book[copy["id"].lower()] = _versions(versions, at, copy, look.everything)
    if not look.everything:
        return
    listed = {copy["id"].lower() for _, copy in look.copies}
    for key, versions in book.items():
        if key not in listed and versions[-1].gone_at is None:
            versions[-1] = replace(versions[-1], gone_at=look.began_at)


def _keep_newest(
    book: dict[str, Thing], at: datetime, copy: dict[str, Any], *, certain: bool
) -> None:
    key, stamp = copy["id"].lower(), min(read(copy["last_updated"]), at)
    thing = book.get(key)
    if thing is None:
        thing = book[key] = Thing(copy, stamp)
    elif certain or stamp >= thing.stamp:
        thing.copy, thing.stamp = copy, stamp
    came_back, thing.gone = thing.gone, False
    status = thing.copy["evses"][0]["status"] if "evses" in thing.copy else thing.copy["status"]
    if came_back or not thing.statuses or thing.statuses[-1] != status:
        thing.statuses.append(status)


def _versions(
    versions: list[Version], at: datetime, copy: dict[str, Any], certain: bool
) -> list[Version]:
    stamp, stated, content = (
        min(read(copy["last_updated"]), at),
        copy["last_updated"],
        _content(copy),
    )
    if not versions:
        return [Version(content, stamp, stamp, stated)]
    last = versions[-1]
    if last.gone_at is not None:
        return [*versions, Version(content, at, stamp, stated)]
    if not certain and stamp < last.stamp:
        return versions  # a late copy of what is known to be replaced
    if content == last.content:
        return [*versions[:-1], replace(last, stamp=stamp, stated=stated)]
    moved = stated != last.stated and stamp > last.from_at
    return [*versions, Version(content, stamp if moved else at, stamp, stated)]


def _content(copy: dict[str, Any]) -> dict[str, Any]:
    """What a copy says, without its stamp; the case of its id says nothing."""
    return {key: value for key, value in copy.items() if key not in ("last_updated", "id")}


def in_force(versions: list[Version], at: datetime) -> dict[str, Any] | None:
    """Find the published version at a moment; None: it is not known.

    A version is in force from the later of its stamp and its start; until then the one before.
    """
    for version in reversed(versions):
        if version.from_at > at or (version.gone_at is not None and version.gone_at <= at):
            if version.from_at <= at:
                return None
            continue
        if version.starts_at is None or version.starts_at <= at:
            return version.content
    return None
