"""The sandbox partners' OCPI: versions, details, credentials, lists, paging, tokens."""

import base64
import gzip
from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import formatdate
from functools import partial
from hmac import compare_digest
from math import ceil
from typing import Any

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from pipelines.sandbox import http, listings
from pipelines.sandbox.http import JSON_TYPE, Page, Reply, page_headers
from pipelines.sandbox.listings import Listing, PageStore, Selection
from pipelines.sandbox.messages import Raw, encode, owner
from pipelines.sandbox.numbers import DAY_S, iso
from pipelines.sandbox.parties import Partner
from pipelines.sandbox.scenario import PLAIN, AuthBehaviour, NonConformities, Scenario, malformed
from pipelines.sandbox.world import World

CONTROL = "/_sandbox/"
PAGE_LIMIT = 1000
GZIP_FROM = 1024


@dataclass(eq=False)
class Refusal(Exception):
    """A request that gets an OCPI error."""

    http: int  # HTTP status
    code: int  # OCPI status_code
    message: str


class App:
    """Answers requests about one world, at a moment that can be moved on; an ASGI application."""

    def __init__(self, world: World, scenario: Scenario, tokens: Mapping[str, str]) -> None:
        self.world, self.scenario = world, scenario
        self.base = ""  # scheme, host and port, known once we listen
        self.now = self.moment = world.options.epoch
        if begin := world.options.begin:
            self.moment = int(begin.timestamp())
        self.on_move: Callable[[int], None] = lambda moment: None
        self.on_change: Callable[[int, int], None] = lambda before, moment: None
        self._tokens: dict[str, tuple[str, ...]] = {n: (token,) for n, token in tokens.items()}
        self._requests: Counter[tuple[str, str]] = Counter()
        self._listings: dict[Hashable, Listing] = {}
        self._pages = PageStore(())
        self._partners = {one.name: one for one in world.options.partners}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request over ASGI."""
        await self.answer(Request(scope))(scope, receive, send)

    def answer(self, request: Request) -> Reply:
        """Return the reply to a request; never raise for what a client sends."""
        try:
            control = request.url.path.startswith(CONTROL)
            reply = self._control(request) if control else self._ocpi(request)
        except Refusal as refusal:
            reply = self._envelope(None, refusal.code, refusal.message, http=refusal.http)
        for name in ("X-Request-ID", "X-Correlation-ID"):
            if value := request.headers.get(name):
                reply.headers[name] = value
        # the machine's clock, whatever the world's moment is
        reply.headers["Date"] = formatdate(usegmt=True)
        return _compress(reply, request)

    def _control(self, request: Request) -> Reply:
        """`POST advance?to=…` moves the world on; `GET state` tells where it is."""
        if request.url.path == CONTROL + "advance":
            if request.method != "POST":
                raise Refusal(405, 2000, "Use POST")
            moment = _time(request, "to")
            if moment is None or moment < self.moment:
                raise Refusal(400, 2001, "`to` must be a time that is not before the world's own")
            self.advance(moment)
        elif request.url.path != CONTROL + "state":
            raise Refusal(404, 2000, "Unknown control")
        state = {"moment": iso(self.moment), "seed": self.world.options.seed}
        return Reply(encode(state), headers=JSON_TYPE)

    def advance(self, moment: int) -> None:
        """Move the world on to a moment, in epoch seconds."""
        before, self.moment = self.moment, moment
        self._listings.clear()
        self.on_move(moment)
        self.on_change(before, moment)

    def changes(self, partner: Partner, module: str, before: int, moment: int) -> list[bytes]:
        """Return a partner's objects that changed after a moment, until another."""
        found = self._of_parties(partner, module, self.scenario.of(partner.name, module))
        selection = Selection.whole(found).within(before + 1, moment + 1)
        return selection.page(0, selection.total)

    def _ocpi(self, request: Request) -> Reply:
        name, *rest = request.url.path.strip("/").split("/")
        partner = self._partners.get(name)
        if partner is None or not rest or rest[0] != "ocpi":
            raise Refusal(404, 2000, "Nothing here")
        self._authorise(partner, request)
        if request.method != "GET":
            raise Refusal(405, 2000, "Only GET")
        root = self._root(partner)
        match rest[1:]:
            case ["versions"]:
                return self._envelope(
                    [{"version": one, "url": f"{root}/{one}"} for one in partner.versions]
                )
            case [version] if version in partner.versions:
                return self._envelope(_details(partner, version, root))
            case [_, "credentials"]:
                return self._envelope(_credentials(partner, root, self._tokens[partner.name][-1]))
            case [partner.version, module] if module in partner.modules:
                return self._page(partner, module, request)
        raise Refusal(404, 2000, "Nothing here")

    def _authorise(self, partner: Partner, request: Request) -> None:
        """Refuse a wrong token, and one in an encoding the partner does not know."""
        auth = self.scenario.auth.get(partner.name, AuthBehaviour())
        scheme, _, sent = request.headers.get("authorization", "").partition(" ")
        raw = self._tokens[partner.name]
        encoded = tuple(base64.b64encode(one.encode()).decode() for one in raw)
        usual = "base64" if partner.base64_token else "raw"
        accepted = {"raw": raw, "base64": encoded, "both": (*raw, *encoded)}
        known = accepted[auth.token_encoding or usual]
        if scheme.lower() != "token" or not any(
            compare_digest(sent.strip().encode(), one.encode()) for one in known
        ):
            raise Refusal(int(auth.refused), 2001, "Unknown token")

    def credentials(self, partner: Partner, token: str) -> dict[str, Any]:
        """Return a partner's credentials with a new token; the one before it stays good, too."""
        self._tokens[partner.name] = (self._tokens[partner.name][-1], token)
        return _credentials(partner, self._root(partner), token)

    def _root(self, partner: Partner) -> str:
        return f"{self.base}/{partner.name}/ocpi"

    def _envelope(
        self, data: object, code: int = 1000, message: str = "Success", *, http: int = 200
    ) -> Reply:
        """Return an OCPI response around any data; None: no data."""
        stated = {} if data is None else {"data": data}
        return Reply(encode(stated | self._status(code, message)), http, JSON_TYPE)

    def _page(self, partner: Partner, module: str, request: Request) -> Reply:
        """Return one page of a list (OCPI transport_and_format, pagination), with its faults."""
        deviations = self.scenario.of(partner.name, module)
        self._requests[partner.name, module] += 1
        count = self._requests[partner.name, module]
        url = f"{self._root(partner)}/{partner.version}/{module}"
        if failed := http.failure(deviations, count, url):
            return failed
        selection = self._selection(partner, module, request, deviations)
        offset = 0 if deviations.ignore_offset else _count(request, "offset", 0)
        most = deviations.clamp_limit or PAGE_LIMIT
        limit = max(1, min(_count(request, "limit", PAGE_LIMIT), most))
        if offset:
            selection = selection.disturbed(deviations.shrink, deviations.shift, count)
        query = {name: value for name, value in request.query_params.items() if value}
        page = Page(selection.total, offset, limit, url, query)
        headers = {**JSON_TYPE, **page_headers(page, deviations)}
        if kept := self._pages.get((selection, offset, limit)):
            return Reply(kept, headers=headers)
        body = self._body(selection.page(offset, limit), module, deviations)
        return http.reply_with(body, headers, deviations, count)

    def _body(self, objects: list[bytes], module: str, deviations: NonConformities) -> bytes:
        """Return the body of a list: an OCPI envelope, or what stands for one."""
        if deviations.data:
            objects = [malformed(one, deviations.data) for one in objects]
        listed = [Raw(one) for one in objects]
        if deviations.shape == "bare":
            return encode(listed)
        shapes: dict[str, Any] = {
            "keyed": {module: listed},
            "nested": {"data": {module: listed}},
            "items": {"items": listed, "next": None},
            "null": {"data": listed or None},
            "absent": {"data": listed} if listed else {},
            "object": {"data": listed[0] if len(listed) == 1 else listed},
        }
        return encode(shapes.get(deviations.shape, {"data": listed}) | self._status())

    def _status(self, code: int = 1000, message: str = "Success") -> dict[str, Any]:
        return {"status_code": code, "status_message": message, "timestamp": iso(self.moment)}

    def warm(self, limit: int) -> None:
        """Render every CDR page of this size beforehand, of partners that conform."""
        wholes = [
            Selection.whole(self._of_parties(partner, "cdrs", PLAIN))
            for partner in self._partners.values()
            if self.scenario.of(partner.name, "cdrs") == PLAIN
        ]
        self._pages = PageStore(
            ((whole, offset, limit), self._body(whole.page(offset, limit), "cdrs", PLAIN))
            for whole in wholes
            for offset in range(0, whole.total, limit)
        )

    def _selection(
        self, partner: Partner, module: str, request: Request, deviations: NonConformities
    ) -> Selection:
        """Return the objects asked for: by party behind a hub, by window of last_updated."""
        low, high = _time(request, "date_from"), _time(request, "date_to")
        if deviations.window_days:
            first, last = low or 0, self.moment if high is None else high
            if last - first > deviations.window_days * DAY_S:
                message = f"The window may be {deviations.window_days} days at most"
                raise Refusal(400, 2001, message)
        if deviations.ignore_date_from:
            low = None
        if deviations.inclusive_date_to and high is not None:
            high += 1
        if module == "tokens":
            found = [self._kept(module, lambda: listings.tokens(self.world, self.now))]
        elif module == "hubclientinfo":
            found = [self._kept(module, lambda: listings.hub_clients(partner, self.now))]
        else:
            found = self._of_parties(partner, module, deviations, _receiver(request))
        return Selection.whole(found).within(low, high)

    def _of_parties(
        self,
        partner: Partner,
        module: str,
        deviations: NonConformities,
        receiver: tuple[str, str] = ("", ""),
    ) -> list[Listing]:
        """Return the list of each party; behind a hub, only of the one that a request is for."""
        realms = self.world.realms[partner.name]
        if partner.hub_party and receiver not in (("", ""), partner.hub_party):
            realms = tuple(realm for realm in realms if realm.party.code == receiver)
            if not realms:
                raise Refusal(404, 4001, "Unknown receiver")
        make = listings.OF_PARTY[module]
        return [
            self._kept((module, realm.party.code), partial(make, realm, self.moment, deviations))
            for realm in realms
        ]

    def _kept(self, key: Hashable, make: Callable[[], Listing]) -> Listing:
        """Return a list, made at its first use since the world was moved on."""
        if key not in self._listings:
            self._listings[key] = make()
        return self._listings[key]


def _details(partner: Partner, version: str, root: str) -> dict[str, Any]:
    """Return the endpoints of a version; older ones have only credentials."""
    modules = partner.modules if version == partner.version else ("credentials",)
    role = {} if version == "2.1.1" else {"role": "SENDER"}
    endpoints = [
        {"identifier": module, **role, "url": f"{root}/{version}/{module}"} for module in modules
    ]
    return {"version": version, "endpoints": endpoints}


def _credentials(partner: Partner, root: str, token: str) -> dict[str, Any]:
    """Return who is behind the platform (OCPI credentials)."""
    base = {"token": token, "url": f"{root}/versions"}
    if partner.version == "2.1.1":
        party = partner.parties[0]
        return {**base, "business_details": {"name": party.name}, **owner(party.code)}
    roles = [(party.code, "CPO", party.name) for party in partner.parties]
    if partner.hub_party:
        roles.append((partner.hub_party, "HUB", "Gridlink Exchange"))
    written = [
        {"role": role, **owner(code), "business_details": {"name": name}}
        for code, role, name in roles
    ]
    return {**base, "roles": written}


def _receiver(request: Request) -> tuple[str, str]:
    code, party = "ocpi-to-country-code", "ocpi-to-party-id"
    return request.headers.get(code, "").upper(), request.headers.get(party, "").upper()


def _time(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(400, 2001, f"`{name}` is not a time") from None
    return ceil((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _count(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, "")
    if text and not text.isdecimal():
        raise Refusal(400, 2001, f"`{name}` is not a whole number")
    return int(text) if text else default


def _compress(reply: Reply, request: Request) -> Reply:
    """Compress a body that is worth it, when the client asked for it."""
    wanted = "gzip" in request.headers.get("accept-encoding", "")
    broken = reply.cut_after is not None or reply.drip_s is not None
    # a page rendered beforehand is a memoryview: compressing would cost more than it saves
    if not wanted or broken or "Content-Encoding" in reply.headers:
        return reply
    if isinstance(reply.body, bytes) and len(reply.body) >= GZIP_FROM:
        reply.body = gzip.compress(reply.body, compresslevel=1, mtime=0)
        reply.headers.update({"Content-Encoding": "gzip", "Content-Length": str(len(reply.body))})
    return reply
