"""The list of each module at a moment; any stretch of it is written when it is asked for."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from pipelines.sandbox import messages
from pipelines.sandbox.charges import Charge, copy_bill, periods_of
from pipelines.sandbox.ledger import Rows
from pipelines.sandbox.messages import encode, location, owner, tariff
from pipelines.sandbox.numbers import DAY_S, Ints, iso
from pipelines.sandbox.parties import EMSP, EMSP_NAME, RETIRED, Partner, retired, token
from pipelines.sandbox.places import EvseStatus, spare_status
from pipelines.sandbox.scenario import PLAIN, NonConformities
from pipelines.sandbox.tariffs import Component
from pipelines.sandbox.world import Realm, World

TOKENS_SINCE_DAYS = 300
FROZEN_DAYS = 150


@dataclass(frozen=True, eq=False)
class Listing:
    """Objects in order of `last_updated`: when each changed, and how to write any stretch."""

    last_updated: Sequence[int] | Ints
    render: Callable[[slice], list[bytes]]

    def position(self, moment: int) -> int:
        """Return how many objects changed before a moment."""
        return int(np.searchsorted(self.last_updated, moment, side="left"))


@dataclass(frozen=True)
class Selection:
    """Stretches of listings, one after the other."""

    stretches: tuple[tuple[Listing, range], ...]

    @property
    def total(self) -> int:
        """Objects selected."""
        return sum(len(where) for _, where in self.stretches)

    @classmethod
    def whole(cls, listings: Iterable[Listing]) -> Selection:
        """Return all objects of some listings."""
        return cls(tuple((one, range(len(one.last_updated))) for one in listings))

    def within(self, low: int | None, high: int | None) -> Selection:
        """Return the objects changed from a moment until before another; None: without end."""
        stretches = []
        for listing, where in self.stretches:
            first = where.start if low is None else listing.position(low)
            last = where.stop if high is None else listing.position(high)
            stretches.append((listing, range(first, last)))
        return Selection(tuple(stretches))

    def disturbed(self, shrink: int, shift: int, count: int) -> Selection:
        """Return what is left when objects vanish from the front, or move from there to the end.

        With each page, of which this is number `count`, `shrink` more have vanished and `shift`
        more have moved.
        """
        if not (shrink or shift) or not self.stretches:
            return self
        (listing, where), *rest = self.stretches
        gone = (shrink + shift) * (count - 1)
        moved = [(listing, where[:gone])] if shift else []
        return Selection(((listing, where[gone:]), *rest, *moved))

    def page(self, offset: int, limit: int) -> list[bytes]:
        """Return up to `limit` objects from a position, written."""
        written: list[bytes] = []
        for listing, where in self.stretches:
            asked = where[offset : offset + limit]
            if asked:
                written += listing.render(slice(asked.start, asked.stop))
            offset, limit = max(0, offset - len(where)), limit - len(asked)
        return written


def ready(objects: list[tuple[int, bytes]]) -> Listing:
    """Return a listing of objects that are written already."""
    objects.sort(key=lambda pair: pair[0])
    texts = [text for _, text in objects]
    return Listing([changed for changed, _ in objects], lambda where: texts[where])


def cdrs(realm: Realm, moment: int, deviations: NonConformities = PLAIN) -> Listing:
    """Return the CDRs made until a moment; with `late`, some of the last day only after `now`."""
    rows, now = realm.ledger.rows, realm.ledger.now
    if deviations.late and moment == now:
        recent = (rows["last_updated"] > now - DAY_S) & (rows["index"] % deviations.late == 0)
        rows = rows[~recent]
    changes = np.ascontiguousarray(rows["last_updated"])
    changes = changes[: np.searchsorted(changes, moment, side="right")]

    def render(where: slice) -> list[bytes]:
        bills = realm.ledger.bills(rows[: len(changes)][where])
        return [messages.cdr(bill, realm.partner) for bill in bills]

    return Listing(changes, render)


def sessions(realm: Realm, moment: int, deviations: NonConformities = PLAIN) -> Listing:
    """Return the sessions begun until a moment."""
    rows = realm.ledger.sessions(moment)
    changes = np.ascontiguousarray(rows["last_updated"])
    return Listing(changes, lambda where: _sessions(realm, rows[where]))


def _sessions(realm: Realm, rows: Rows) -> list[bytes]:
    written = []
    bills = realm.ledger.bills(rows, of_sessions=True)
    for bill, changed in zip(bills, rows["last_updated"].tolist(), strict=True):
        if bill.end >= changed and bill.session_status == "COMPLETED":
            bill = copy_bill(bill)
            bill.session_status = "ACTIVE"
            bill.charge = _so_far(bill.charge, changed)
            bill.periods = periods_of(bill.charge)
            bill.wh = bill.charge.wh
        written.append(messages.session(bill, realm.partner, changed))
    return written


def _so_far(charge: Charge, moment: int) -> Charge:
    """Return what has happened of a charge until a moment."""
    left = max(0, moment - charge.start)
    phases = []
    for seconds, wh in charge.phases:
        passed = min(seconds, left)
        if passed:
            phases.append((passed, wh * passed // seconds))
        left -= passed
    reserved = min(charge.reserved_s, max(0, moment - charge.start + charge.reserved_s))
    idle = min(left, charge.idle_s)
    return Charge(charge.start, reserved, tuple(phases), idle, charge.tariffs, charge.zone)


def tariffs(realm: Realm, moment: int, deviations: NonConformities = PLAIN) -> Listing:
    """Return the version in force of each published tariff."""
    current = [line.at(moment) for line in realm.catalogue.published]
    if deviations.unbumped and moment > realm.ledger.now:
        unused = {line.id for line in realm.catalogue.unbilled}
        current = [one.with_components(_dearer) if one.id in unused else one for one in current]
    version = realm.partner.version
    return ready([(one.last_updated, bytes(tariff(one, version))) for one in current])


def _dearer(one: Component) -> Component:
    return replace(one, price=one.price * 11 // 10)


def locations(realm: Realm, moment: int, deviations: NonConformities = PLAIN) -> Listing:
    """Return the locations with the state of their EVSEs."""
    places, now = realm.places, realm.ledger.now
    moved_on = moment > now
    statuses = _statuses(realm, moment)
    objects = []
    for number, site in enumerate(places.sites):
        if deviations.mass_removal and moved_on and number % 2:
            continue
        evses = [
            (evse, status) for evse in places.by_site[site.id] if (status := statuses.get(evse.uid))
        ]
        if deviations.duplicate_evses and number and number % deviations.duplicate_evses == 0:
            neighbour = places.by_site[places.sites[number - 1].id][0]
            evses.append((neighbour, EvseStatus("AVAILABLE", now - FROZEN_DAYS * DAY_S)))
        if deviations.bumped and moved_on:
            site = replace(site, opened_at=moment)
        changed = max([site.opened_at, *(status.since for _, status in evses)])
        objects.append((changed, encode(location(site, evses, changed, realm.partner.version))))
    return ready(objects)


def _statuses(realm: Realm, moment: int) -> dict[str, EvseStatus | None]:
    """Return what the EVSEs do: the last session to begin or end tells, however long ago."""
    found: dict[str, EvseStatus | None] = {
        evse.uid: spare_status(evse, moment, realm.ledger.now) for evse in realm.places.spare
    }
    for stream in realm.ledger.streams:
        found |= {evse.uid: EvseStatus("AVAILABLE", evse.site.opened_at) for evse in stream.evses}
        # EVSEs take turns, so that the sessions of two rounds hold the last one of each
        began = np.flatnonzero(stream.times.start <= moment)[-2 * len(stream.evses) :]
        columns = (stream.evse_of(began), stream.times.start[began], stream.times.end[began])
        for at, start, end in zip(*(column.tolist() for column in columns), strict=True):
            ended = end <= moment
            status = EvseStatus("AVAILABLE", end) if ended else EvseStatus("CHARGING", start)
            found[stream.evses[at].uid] = status
    return found


def invoices(realm: Realm, moment: int, deviations: NonConformities = PLAIN) -> Listing:
    """Return the invoice reconciliation records issued until a moment."""
    return ready([(issued, encode(record)) for issued, record in realm.ledger.invoices(moment)])


OF_PARTY: Mapping[str, Callable[[Realm, int, NonConformities], Listing]] = {
    "cdrs": cdrs,
    "sessions": sessions,
    "tariffs": tariffs,
    "locations": locations,
    "invoicereconciliation": invoices,
}


def tokens(world: World, now: int) -> Listing:
    """Return all our tokens, those of other partners' drivers too; some are no longer valid."""
    since = now - TOKENS_SINCE_DAYS * DAY_S
    valid = [*map(token, range(world.tokens)), *world.spare_tokens]
    objects = []
    for changed, one in enumerate(valid + [retired(number) for number in range(RETIRED)], since):
        is_valid = changed < since + len(valid)
        whitelist = "ALLOWED" if is_valid else "NEVER"
        state = {"valid": is_valid, "whitelist": whitelist, "last_updated": iso(changed)}
        stated = {**msgspec.to_builtins(one), "issuer": EMSP_NAME, **state}
        objects.append((changed, encode(stated)))
    return ready(objects)


def hub_clients(partner: Partner, now: int) -> Listing:
    """Return the parties connected to a hub (OCPI ClientInfo)."""
    since = now - TOKENS_SINCE_DAYS * DAY_S
    clients = [(party.code, "CPO", "CONNECTED") for party in partner.parties]
    clients += [(EMSP, "EMSP", "CONNECTED"), (("BE", "OFF"), "CPO", "OFFLINE")]
    objects = []
    for changed, (code, role, status) in enumerate(clients, since):
        connection = {"role": role, "status": status, "last_updated": iso(changed)}
        objects.append((changed, encode({**owner(code), **connection})))
    return ready(objects)


class PageStore:
    """Pages rendered before anyone asks, in an unnamed file, so that memory stays bounded."""

    def __init__(self, bodies: Iterable[tuple[Hashable, bytes]]) -> None:
        self._places: dict[Hashable, slice] = {}
        self._bytes = memoryview(b"")
        with tempfile.TemporaryFile() as file:
            for key, body in bodies:
                start = file.tell()
                file.write(body)
                self._places[key] = slice(start, file.tell())
            file.flush()
            if self._places:
                self._bytes = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    def get(self, key: Hashable) -> memoryview | None:
        """Return the body kept under a key, without copying it."""
        place = self._places.get(key)
        return self._bytes[place] if place else None
