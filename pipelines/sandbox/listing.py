"""What each module lists at a moment, as selections that give any of their objects by position."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipelines.sandbox import wire_charge
from pipelines.sandbox.book import Rows
from pipelines.sandbox.cast import EMSP, EMSP_NAME, Partner
from pipelines.sandbox.chance import Ints
from pipelines.sandbox.clock import DAY_S, iso
from pipelines.sandbox.plan import twin
from pipelines.sandbox.quirks import Quirks
from pipelines.sandbox.shapes import Tariff
from pipelines.sandbox.standing import Standing, spare_standing
from pipelines.sandbox.timeline import Charge, periods_of
from pipelines.sandbox.tokens import RETIRED, Token, retired, token
from pipelines.sandbox.wire_place import location
from pipelines.sandbox.wire_tariff import tariff_json
from pipelines.sandbox.world import Realm, World

RECENT_S = 3 * DAY_S
TOKENS_SINCE_DAYS = 300
FROZEN_DAYS = 150

Render = Callable[[slice], list[str]]


@dataclass(frozen=True)
class Listing:
    """Objects in order of `last_updated`: when each changed, and how to write any stretch."""

    last_updated: Sequence[int] | Ints
    render: Render

    def position(self, moment: int) -> int:
        """How many objects changed before a moment."""
        if isinstance(self.last_updated, np.ndarray):
            return int(np.searchsorted(self.last_updated, moment, side="left"))
        return bisect_left(self.last_updated, moment)


@dataclass(frozen=True)
class Selection:
    """Stretches of listings, one after the other."""

    stretches: tuple[tuple[Listing, int, int], ...]

    @property
    def total(self) -> int:
        """Objects selected."""
        return sum(high - low for _, low, high in self.stretches)

    @property
    def whole_key(self) -> tuple[tuple[int, int, int], ...]:
        """Equal for selections of the same stretches of the same listings."""
        return tuple((id(listing), low, high) for listing, low, high in self.stretches)

    def disturbed(self, shrink: int, shift: int, count: int) -> Selection:
        """What is left when objects vanish from the front, or move from there to the end.

        Args:
            shrink: objects that have vanished, each page more.
            shift: objects that have moved, each page more.
            count: pages so far.
        """
        if not (shrink or shift) or not self.stretches:
            return self
        (listing, low, high), *rest = self.stretches
        gone = min(high - low, (shrink + shift) * (count - 1))
        moved = ((listing, low, low + gone),) if shift else ()
        return Selection(((listing, low + gone, high), *rest, *moved))

    def page(self, offset: int, limit: int) -> list[str]:
        """Up to `limit` objects from a position, written."""
        written: list[str] = []
        for listing, low, high in self.stretches:
            size = high - low
            first, last = min(offset, size), min(offset + limit, size)
            if first < last:
                written += listing.render(slice(low + first, low + last))
            limit -= last - first
            offset = max(0, offset - size)
        return written


def ready(objects: list[tuple[int, str]]) -> Listing:
    """A listing of objects that are written already."""
    objects.sort(key=lambda pair: pair[0])
    texts = [text for _, text in objects]
    return Listing([changed for changed, _ in objects], lambda where: texts[where])


def cdrs(realm: Realm, moment: int, now: int, quirks: Quirks) -> Listing:
    """The CDRs made until a moment; with `late`, some of the last day only after `now`."""
    rows = realm.book.rows
    if quirks.late and moment == now:
        recent = (rows.last_updated > now - DAY_S) & (rows.index % quirks.late == 0)
        rows = rows.taken(~recent)
    rows = rows.taken(slice(0, int(np.searchsorted(rows.last_updated, moment, side="right"))))

    def render(where: slice) -> list[str]:
        return [
            wire_charge.cdr(bill, realm.partner) for bill in realm.book.bills(rows.taken(where))
        ]

    return Listing(rows.last_updated, render)


def sessions(realm: Realm, moment: int) -> Listing:
    """The sessions begun until a moment."""
    rows = realm.book.sessions(moment)
    return Listing(rows.last_updated, lambda where: _sessions(realm, rows.taken(where), moment))


def _sessions(realm: Realm, rows: Rows, moment: int) -> list[str]:
    written = []
    bills = realm.book.bills(rows, of_sessions=True)
    for bill, changed in zip(bills, rows.last_updated.tolist(), strict=True):
        if bill.end >= changed and bill.session_status == "COMPLETED":
            bill = twin(bill)
            bill.session_status = "ACTIVE"
            bill.charge = _so_far(bill.charge, changed)
            bill.periods = periods_of(bill.charge)
            bill.wh = bill.charge.wh
        written.append(wire_charge.session(bill, realm.partner, changed))
    return written


def _so_far(charge: Charge, moment: int) -> Charge:
    """What has happened of a charge until a moment."""
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


def tariffs(realm: Realm, moment: int, now: int, quirks: Quirks) -> Listing:
    """The version in force of each published tariff."""
    current = [line.at(moment) for line in realm.shelf.published]
    version = realm.partner.version
    if quirks.unbumped and moment > now:
        unused = {line.id for line in realm.shelf.shown}
        current = [dearer(one) if one.id in unused else one for one in current]
    return ready([(t.last_updated, tariff_json(t, version)) for t in current])


def locations(realm: Realm, moment: int, now: int, quirks: Quirks) -> Listing:
    """The locations with the state of their EVSEs."""
    moved_on = moment > now
    standings = _standings(realm, moment)
    objects = []
    for number, site in enumerate(realm.places.sites):
        if quirks.mass_removal and moved_on and number % 2:
            continue
        evses = []
        for evse in realm.places.by_site[site.id]:
            standing = spare_standing(evse, moment, now) if evse.spare else standings.get(evse.uid)
            if standing is None and not evse.spare:
                standing = Standing("AVAILABLE", site.opened_at)
            if standing is not None:
                evses.append((evse, standing))
        if quirks.duplicate_evses and number and number % quirks.duplicate_evses == 0:
            neighbour = realm.places.by_site[realm.places.sites[number - 1].id][0]
            evses.append((neighbour, Standing("AVAILABLE", now - FROZEN_DAYS * DAY_S)))
        if quirks.bumped and moved_on:
            site = replace(site, opened_at=moment)
        changed = max([site.opened_at, *(standing.since for _, standing in evses)])
        written = location(site, evses, realm.partner.version)
        objects.append((changed, json.dumps(written, ensure_ascii=False, separators=(",", ":"))))
    return ready(objects)


def dearer(tariff: Tariff) -> Tariff:
    """The tariff at a tenth more, claiming not to have changed."""
    elements = tuple(
        replace(e, components=tuple(replace(c, price=c.price * 11 // 10) for c in e.components))
        for e in tariff.elements
    )
    return replace(tariff, elements=elements)


def _standings(realm: Realm, moment: int) -> dict[str, Standing]:
    """What the EVSEs of recent sessions do: the last one to begin or end tells."""
    found: dict[str, Standing] = {}
    for stream, times in zip(realm.book.streams, realm.book.times, strict=True):
        recent = np.flatnonzero((times.start > moment - RECENT_S) & (times.start <= moment))
        columns = (stream.evse_of(recent), times.start[recent], times.end[recent])
        for at, start, end in zip(*(column.tolist() for column in columns), strict=True):
            ended = end <= moment
            standing = Standing("AVAILABLE", end) if ended else Standing("CHARGING", start)
            found[stream.evses[at].uid] = standing
    return found


def tokens(world: World, now: int) -> Listing:
    """All our tokens, those of other partners' drivers too; some are no longer valid."""
    since = now - TOKENS_SINCE_DAYS * DAY_S
    listed = [*map(token, range(world.tokens)), *world.strangers]
    listed += [retired(number) for number in range(RETIRED)]
    return ready([(since + n, _token_json(one, since + n)) for n, one in enumerate(listed)])


def _token_json(one: Token, changed: int) -> str:
    country_code, party_id = EMSP
    members = {
        "country_code": country_code,
        "party_id": party_id,
        "uid": one.uid,
        "type": one.kind,
        "contract_id": one.contract_id,
        "issuer": EMSP_NAME,
        "valid": one.valid,
        "whitelist": "ALLOWED" if one.valid else "NEVER",
        "last_updated": iso(changed),
    }
    return json.dumps(members, separators=(",", ":"))


def hub_clients(partner: Partner, now: int) -> Listing:
    """The parties connected to a hub (OCPI ClientInfo)."""
    since = now - TOKENS_SINCE_DAYS * DAY_S
    clients = [(party.code, "CPO", "CONNECTED") for party in partner.parties]
    clients += [(EMSP, "EMSP", "CONNECTED"), (("BE", "OFF"), "CPO", "OFFLINE")]
    objects = []
    for number, ((country_code, party_id), role, status) in enumerate(clients):
        members = {
            "country_code": country_code,
            "party_id": party_id,
            "role": role,
            "status": status,
            "last_updated": iso(since + number),
        }
        objects.append((since + number, json.dumps(members, separators=(",", ":"))))
    return ready(objects)
