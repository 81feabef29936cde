"""The sandbox partners' OCPI: versions, details, credentials, lists, paging, tokens."""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from datetime import UTC, datetime
from hmac import compare_digest
from math import ceil
from typing import Any

from pipelines.sandbox import bend, invoices, listing
from pipelines.sandbox.cast import Partner
from pipelines.sandbox.clock import DAY_S, iso
from pipelines.sandbox.handshake import credentials, details, versions
from pipelines.sandbox.http import Reply, Request
from pipelines.sandbox.listing import Listing, Selection
from pipelines.sandbox.oddities import spoiled
from pipelines.sandbox.pages import PageStore
from pipelines.sandbox.quirks import Quirks
from pipelines.sandbox.scenario import PLAIN, Scenario
from pipelines.sandbox.world import Realm, World

CONTROL = "/_sandbox/"
PAGE_LIMIT = 1000
GZIP_FROM = 1024


class Refusal(Exception):
    """A request that gets an OCPI error.

    Args:
        http: HTTP status.
        code: OCPI status_code.
        message: what is wrong.
    """

    def __init__(self, http: int, code: int, message: str) -> None:
        super().__init__(message)
        self.http, self.code, self.message = http, code, message


class App:
    """Answers requests about one world, at a moment that can be moved on.

    Args:
        world: what there is.
        scenario: how the partners behave.
        tokens: each partner's token, by name.
    """

    def __init__(self, world: World, scenario: Scenario, tokens: Mapping[str, str]) -> None:
        self.world, self.scenario = world, scenario
        self._pages = PageStore(())
        self._asked: Counter[tuple[str, str]] = Counter()
        self.base = ""  # scheme, host and port, known once we listen
        self.now, self.moment = world.options.epoch, world.options.beginning
        self.on_move: Callable[[int], None] = lambda moment: None
        self._tokens = dict(tokens)
        self._listings: dict[tuple[str, str, str], Listing] = {}
        self._partners = {one.name: one for one in world.options.partners}

    def __call__(self, request: Request) -> Reply:
        """The reply to a request; never raises for what a client sends."""
        try:
            if request.path.startswith(CONTROL):
                reply = self.control(request)
            else:
                reply = self.ocpi(request)
        except Refusal as refusal:
            reply = envelope(None, self.moment, refusal.code, refusal.message, http=refusal.http)
        for name in ("X-Request-ID", "X-Correlation-ID"):
            if value := request.headers.get(name.lower()):
                reply.headers[name] = value
        return packed(reply, request)

    def control(self, request: Request) -> Reply:
        """`POST advance?to=…` moves the world on; `GET state` tells where it is."""
        if request.path == CONTROL + "advance":
            if request.method != "POST":
                raise Refusal(405, 2000, "Use POST")
            moment = self._moment(request, "to")
            if moment is None or moment < self.moment:
                raise Refusal(400, 2001, "`to` must be a time that is not before the world's own")
            self.advance(moment)
        elif request.path != CONTROL + "state":
            raise Refusal(404, 2000, "Unknown control")
        state = {"moment": iso(self.moment), "seed": self.world.options.seed}
        return Reply(json.dumps(state).encode(), headers={"Content-Type": "application/json"})

    def advance(self, moment: int) -> None:
        """Moves the world on to a moment, in epoch seconds."""
        self.moment = moment
        self._listings.clear()
        self.on_move(moment)

    def ocpi(self, request: Request) -> Reply:
        """Answers one OCPI request."""
        _, name, *rest = request.path.rstrip("/").split("/")
        partner = self._partners.get(name)
        if partner is None or not rest or rest[0] != "ocpi":
            raise Refusal(404, 2000, "Nothing here")
        self.authorise(partner, request)
        if request.method != "GET":
            raise Refusal(405, 2000, "Only GET")
        match rest[1:]:
            case ["versions"]:
                return envelope(versions(partner, self.root(partner)), self.moment)
            case [version] if version in partner.versions:
                return envelope(details(partner, version, self.root(partner)), self.moment)
            case [_, "credentials"]:
                return envelope(self._credentials(partner), self.moment)
            case [partner.version, module] if module in partner.modules:
                return self.page(partner, module, request)
        raise Refusal(404, 2000, "Nothing here")

    def authorise(self, partner: Partner, request: Request) -> None:
        """Refuses a wrong token, and one in an encoding the partner does not know."""
        manners = self.scenario.manners_of(partner.name)
        scheme, _, sent = request.headers.get("authorization", "").partition(" ")
        raw = self._tokens[partner.name]
        encoded = base64.b64encode(raw.encode()).decode()
        usual = "base64" if partner.base64_token else "raw"
        accepted = {"raw": (raw,), "base64": (encoded,), "both": (raw, encoded)}
        known = accepted[manners.token_encoding or usual]
        if scheme.lower() != "token" or not any(compare_digest(sent.strip(), t) for t in known):
            raise Refusal(int(manners.refused), 2001, "Unknown token")

    def _credentials(self, partner: Partner) -> dict[str, Any]:
        return credentials(partner, self.root(partner), self._tokens[partner.name])

    def root(self, partner: Partner) -> str:
        """The URL that a partner's own begin with."""
        return f"{self.base}/{partner.name}/ocpi"

    def page(self, partner: Partner, module: str, request: Request) -> Reply:
        """One page of a list (OCPI transport_and_format, pagination), bent by the scenario."""
        quirks = self.scenario.of(partner.name, module)
        self._asked[partner.name, module] += 1
        count = self._asked[partner.name, module]
        url = f"{self.root(partner)}/{partner.version}/{module}"
        if failed := bend.failure(quirks, count, url):
            return failed
        selection = self.selection(partner, module, request, quirks)
        offset = 0 if quirks.ignore_offset else self._count(request, "offset", 0)
        most = quirks.clamp_limit or PAGE_LIMIT
        limit = max(1, min(self._count(request, "limit", PAGE_LIMIT), most))
        if offset:
            selection = selection.disturbed(quirks.shrink, quirks.shift, count)
        page = bend.Page(selection.total, offset, limit, url, request.query)
        headers = {"Content-Type": "application/json", **bend.page_headers(page, quirks)}
        if kept := self._kept_body(selection, offset, limit, module):
            return Reply(kept, 200, headers)
        body = self._written(selection, offset, limit, module, quirks)
        return bend.spoil_body(Reply(body, 200, headers), quirks, count)

    def _written(
        self, selection: Selection, offset: int, limit: int, module: str, quirks: Quirks
    ) -> bytes:
        objects = selection.page(offset, limit)
        if quirks.data:
            objects = [spoiled(text, quirks.data) for text in objects]
        return bend.shaped(objects, quirks, module, iso(self.moment))

    def _kept_body(
        self, selection: Selection, offset: int, limit: int, module: str
    ) -> memoryview | None:
        """A page that was rendered before: only of a whole list, at the moment it was made."""
        return self._pages.get((module, selection.whole_key, self.moment, offset, limit))

    def warm(self, limit: int) -> None:
        """Renders every CDR page of this size, of partners without quirks, beforehand."""

        def bodies() -> Iterator[tuple[Hashable, bytes]]:
            for partner in self._partners.values():
                if self.scenario.of(partner.name, "cdrs") != PLAIN:
                    continue
                found = [
                    self._listing(realm, "cdrs", PLAIN) for realm in self.world.realms[partner.name]
                ]
                whole = Selection(tuple((one, 0, len(one.last_updated)) for one in found))
                for offset in range(0, whole.total, limit):
                    key = ("cdrs", whole.whole_key, self.moment, offset, limit)
                    yield key, self._written(whole, offset, limit, "cdrs", PLAIN)

        self._pages = PageStore(bodies())

    def selection(
        self, partner: Partner, module: str, request: Request, quirks: Quirks
    ) -> Selection:
        """The objects a request asks for: by party behind a hub, by window of last_updated."""
        low, high = self._moment(request, "date_from"), self._moment(request, "date_to")
        if quirks.window_days:
            first = low if low is not None else 0
            if (high if high is not None else self.moment) - first > quirks.window_days * DAY_S:
                message = f"The window may be {quirks.window_days} days at most"
                raise Refusal(400, 2001, message)
        if quirks.ignore_date_from:
            low = None
        if quirks.inclusive_date_to and high is not None:
            high += 1
        stretches = []
        for found in self.listings(partner, module, request, quirks):
            first = 0 if low is None else found.position(low)
            last = len(found.last_updated) if high is None else found.position(high)
            stretches.append((found, first, max(first, last)))
        return Selection(tuple(stretches))

    def listings(
        self, partner: Partner, module: str, request: Request, quirks: Quirks
    ) -> list[Listing]:
        """The lists behind an endpoint: one, or one of each party."""
        if module in ("tokens", "hubclientinfo"):
            make = {
                "tokens": lambda: listing.tokens(self.world, self.now),
                "hubclientinfo": lambda: listing.hub_clients(partner, self.now),
            }[module]
            return [self._kept(partner.name, "", module, make)]
        to_party = (
            request.headers.get("ocpi-to-country-code", "").upper(),
            request.headers.get("ocpi-to-party-id", "").upper(),
        )
        realms = self.world.realms[partner.name]
        if partner.hub_party and to_party not in (("", ""), partner.hub_party):
            realms = tuple(realm for realm in realms if realm.party.code == to_party)
            if not realms:
                raise Refusal(404, 4001, "Unknown receiver")
        return [self._listing(realm, module, quirks) for realm in realms]

    def _listing(self, realm: Realm, module: str, quirks: Quirks) -> Listing:
        makers: dict[str, Callable[[], Listing]] = {
            "locations": lambda: listing.locations(realm, self.moment, self.now, quirks),
            "tariffs": lambda: listing.tariffs(realm, self.moment, self.now, quirks),
            "sessions": lambda: listing.sessions(realm, self.moment),
            "cdrs": lambda: listing.cdrs(realm, self.moment, self.now, quirks),
            "invoicereconciliation": lambda: listing.ready(
                [(r.issued, r.json()) for r in invoices.records(realm.book, self.moment)]
            ),
        }
        return self._kept(realm.partner.name, "*".join(realm.party.code), module, makers[module])

    def _kept(self, partner: str, party: str, module: str, make: Callable[[], Listing]) -> Listing:
        key = (partner, party, module)
        if key not in self._listings:
            self._listings[key] = make()
        return self._listings[key]

    @staticmethod
    def _moment(request: Request, name: str) -> int | None:
        text = request.query.get(name)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise Refusal(400, 2001, f"`{name}` is not a time") from None
        return ceil((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())

    @staticmethod
    def _count(request: Request, name: str, default: int) -> int:
        text = request.query.get(name, "")
        if text and not text.isdecimal():
            raise Refusal(400, 2001, f"`{name}` is not a whole number")
        return int(text) if text else default


def envelope(
    data: object, moment: int, code: int = 1000, message: str = "Success", *, http: int = 200
) -> Reply:
    """An OCPI response around any data; None: no data."""
    body: dict[str, object] = {} if data is None else {"data": data}
    body |= {"status_code": code, "status_message": message, "timestamp": iso(moment)}
    return Reply(json.dumps(body).encode(), http, {"Content-Type": "application/json"})


def packed(reply: Reply, request: Request) -> Reply:
    """Compresses a body that is worth it, when the client asked for it."""
    if reply.ending != "whole":
        return reply
    if isinstance(reply.body, memoryview):  # compressing would cost more than it saves here
        return reply
    wants = "gzip" in request.headers.get("accept-encoding", "")
    if wants and len(reply.body) >= GZIP_FROM and "Content-Encoding" not in reply.headers:
        reply.body = gzip.compress(bytes(reply.body), compresslevel=1, mtime=0)
        reply.headers["Content-Encoding"] = "gzip"
    return reply
