"""Scripted partners on loopback: a handler answers as a test says, with the sandbox's faults."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import msgspec
from starlette.requests import Request as StarletteRequest
from starlette.types import Receive, Scope, Send

from pipelines.sandbox import http
from pipelines.sandbox.http import Page, disconnected, listen, page_headers
from pipelines.sandbox.scenario import NonConformities

__all__ = ["FakePartner", "Handler", "PagedList", "Partner", "Reply", "Request", "envelope"]


class Request(StarletteRequest):
    """A request as handlers look at it, with the token as it was sent."""

    @property
    def path(self) -> str:
        return self.url.path

    @property
    def query(self) -> dict[str, str]:
        return dict(self.query_params)

    @property
    def token(self) -> str | None:
        return self.headers.get("authorization", "").removeprefix("Token ") or None


class Reply(http.Reply):
    """A reply that may also break the rules of HTTP.

    `length` is a Content-Length that lies, `raw` the whole answer with its head; a `silent` reply
    never comes.
    """

    def __init__(
        self,
        body: bytes = b"",
        *,
        headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        length: int | None = None,
        raw: bytes | None = None,
        silent: bool = False,
        **more: Any,
    ) -> None:
        stated = {} if length is None else {"Content-Length": str(length)}
        super().__init__(body, headers=dict(headers) | stated, **more)
        self.length, self.raw, self.silent = length, raw, silent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.silent:
            await disconnected(receive)
        elif self.raw is None and self.length is None:
            await super().__call__(scope, receive, send)
        else:
            transport = scope["state"]["transport"]
            said = self.head() + bytes(self.body)
            transport.write(said if self.raw is None else self.raw)
            transport.close()
            await disconnected(receive)


Handler = Callable[[Request], Reply]


def envelope(data: object, code: int = 1000, message: str | None = None) -> bytes:
    return msgspec.json.encode(
        {
            "data": data,
            "status_code": code,
            "status_message": message,
            "timestamp": "2026-11-01T00:00:00Z",
        }
    )


@dataclass
class FakePartner:
    """Runs a handler on 127.0.0.1 in a thread; a context manager."""

    handler: Handler
    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    def __enter__(self) -> Self:
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        listener = await listen(self._answer, 0, self.tls, self._count_connection)
        self.port = listener.port
        self._ready.set()
        await self._stopping.wait()
        await listener.close()

    def _count_connection(self) -> None:
        self.connections += 1

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        self.requests.append(request)
        reply = self.handler(request)
        reply.headers.setdefault("content-type", "application/json")
        await reply(scope, receive, send)


@dataclass
class Partner:
    """An OCPI partner for a `FakePartner`: discovery that works, and lists by module.

    `lists` maps a module to a handler; everything else may be replaced by path in `paths`.
    """

    lists: Mapping[str, Handler]
    version: str = "2.2.1"
    roles: Sequence[Mapping[str, object]] = ()
    paths: dict[str, Handler] = field(default_factory=dict)
    base: str = ""  # the origin that its URLs name; empty: relative URLs

    def __call__(self, request: Request) -> Reply:
        if request.path in self.paths:
            return self.paths[request.path](request)
        if request.path == "/versions":
            return Reply(envelope([{"version": self.version, "url": f"{self.base}/details"}]))
        if request.path == "/details":
            return Reply(envelope({"version": self.version, "endpoints": self._endpoints()}))
        if request.path == "/credentials":
            return Reply(envelope({"token": "theirs", "url": "u", "roles": list(self.roles)}))
        module = request.path.strip("/")
        return self.lists[module](request) if module in self.lists else Reply(status=404)

    def _endpoints(self) -> list[dict[str, str]]:
        return [
            {"identifier": name, "role": "SENDER", "url": f"{self.base}/{name}"}
            for name in ("credentials", *self.lists)
        ]


def objects(count: int, prefix: str = "L") -> list[dict[str, str]]:
    return [
        {"country_code": "NL", "party_id": "VOL", "id": f"{prefix}{number}"}
        for number in range(count)
    ]


@dataclass
class PagedList:
    """A list that pages as the specification says; switches take single promises away."""

    items: list[dict[str, str]]
    max_limit: int = 100
    link: bool = True
    total: bool = True
    x_limit: bool = True
    link_base: str = ""

    def __call__(self, request: Request) -> Reply:
        offset = int(request.query.get("offset", 0))
        limit = min(int(request.query.get("limit", self.max_limit)), self.max_limit)
        deviations = NonConformities(
            link="" if self.link else "none",
            no_total=not self.total,
            x_limit="limit" if self.x_limit else "none",
        )
        url = f"{self.link_base}{request.path}"
        page = Page(len(self.items), offset, limit, url, request.query)
        body = envelope(self.items[offset : offset + limit])
        return Reply(body, headers=page_headers(page, deviations))
