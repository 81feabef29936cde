"""HTTP of the sandbox: replies with the faults of real platforms, a server for both.

Everything that HTTP allows goes through ASGI; a reply that breaks the rules of HTTP is written to
the socket itself.
"""

import asyncio
import gzip
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from time import time
from urllib.parse import urlencode, urlsplit

import uvicorn
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from pipelines.sandbox.scenario import NonConformities

JSON_TYPE = {"Content-Type": "application/json"}
RESET_AFTER_S = 0.05
KEEP_ALIVE_S = 3600
RETRY_AFTER_S = 1
DRIP_BYTES = 16
DRIP_PAUSE_S = 0.05
BOMB_BYTES = 512 * 1024 * 1024
INTERNAL = "http://ocpi-node-3.internal:8080"


class Reply(Response):
    """A response that may break on its way.

    `cut_after`: bytes of the body after which the connection is reset; `drip_s`: the pause after
    every few bytes of the body.
    """

    def __init__(
        self,
        body: bytes | memoryview = b"",
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        *,
        cut_after: int | None = None,
        drip_s: float | None = None,
    ) -> None:
        super().__init__(body, status, headers)
        self.cut_after, self.drip_s = cut_after, drip_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, as whole as it is."""
        if self.cut_after is not None:
            await self._cut(scope["state"]["transport"], receive)
        elif self.drip_s is not None:
            drops = _drip(bytes(self.body), self.drip_s)
            await StreamingResponse(drops, self.status_code, self.headers)(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def _cut(self, transport: asyncio.Transport, receive: Receive) -> None:
        """Write part of it to the socket, and reset the connection as a crashing peer does."""
        transport.write(self.head() + bytes(self.body[: self.cut_after]))
        await asyncio.sleep(RESET_AFTER_S)  # let the bytes leave before the reset
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        await disconnected(receive)

    def head(self) -> bytes:
        """Return the head as it goes over the socket."""
        lines = [f"HTTP/1.1 {self.status_code} {HTTPStatus(self.status_code).phrase}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


async def _drip(body: bytes, pause_s: float) -> AsyncIterator[bytes]:
    for start in range(0, len(body), DRIP_BYTES):
        yield body[start : start + DRIP_BYTES]
        await asyncio.sleep(pause_s)


async def disconnected(receive: Receive) -> None:
    """Wait until the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


class SocketProtocol(HttpToolsProtocol):
    """HTTP that hands its socket to the application, so that a reply can break it."""

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self.scope["state"]["transport"] = self.transport


class Listener:
    """A server on loopback, with its connections and the requests under way."""

    def __init__(self, server: asyncio.Server, state: ServerState) -> None:
        self._server, self._state = server, state
        self.port = int(server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening, end every connection, and let what answers come to its end."""
        self._server.close()
        for connection in list(self._state.connections):
            connection.transport.abort()
        if self._state.tasks:
            await asyncio.wait(self._state.tasks)


async def listen(
    app: ASGIApp,
    port: int,
    tls: ssl.SSLContext | None = None,
    on_connection: Callable[[], None] = lambda: None,
) -> Listener:
    """Listen on loopback only; `port` 0 is any free one, `on_connection` hears of each client."""
    config = uvicorn.Config(
        app,
        interface="asgi3",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
    )
    config.load()
    state = ServerState()

    def protocol() -> SocketProtocol:
        on_connection()
        return SocketProtocol(config, state, {})

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", port, ssl=tls)
    return Listener(server, state)


@dataclass(frozen=True)
class Page:
    """The part of a list that a request asks for."""

    total: int  # objects selected
    offset: int  # position of the first object
    limit: int  # most objects
    url: str  # of the endpoint, without query
    query: dict[str, str]  # of the request


def page_headers(page: Page, deviations: NonConformities) -> dict[str, str]:
    """Return X-Total-Count, X-Limit and Link (OCPI transport_and_format, paginated response)."""
    headers = {}
    if not deviations.no_total:
        headers["X-Total-Count"] = str(page.total + deviations.short)
    if deviations.x_limit != "none":
        headers["X-Limit"] = "0" if deviations.x_limit == "zero" else str(page.limit)
    if page.offset + page.limit < page.total and deviations.link != "none":
        headers["Link"] = f'<{_next(page, deviations)}>; rel="next"'
    elif deviations.link == "loop" and page.offset:
        headers["Link"] = f'<{page.url}?{urlencode(page.query)}>; rel="next"'
    elif deviations.empty_link:
        headers["Link"] = ""
    return headers


def _next(page: Page, deviations: NonConformities) -> str:
    query = {**page.query, "offset": str(page.offset + page.limit), "limit": str(page.limit)}
    if deviations.link == "without_limit":
        del query["limit"]
    if deviations.link == "date_from_none":
        query["date_from"] = "None"
    path = urlsplit(page.url).path
    start = {"internal": INTERNAL + path, "relative": path}.get(deviations.link, page.url)
    return f"{start}?{urlencode(query)}"


def failure(deviations: NonConformities, count: int, url: str) -> Reply | None:
    """Return the failing reply to the request with this number, counted from 1; None: none fails.

    A fault that breaks a good reply (`reset`, `drip`, `truncated`) is made by `reply_with`.
    """
    match fault := deviations.fault_of(count):
        case "429":
            return Reply(b"slow down", 429, {"Retry-After": str(RETRY_AFTER_S)})
        case "429_date":
            date = formatdate(time() + RETRY_AFTER_S, usegmt=True)
            return Reply(b"slow down", 429, {"Retry-After": date})
        case "500" | "503":
            return Reply(b"oops", int(fault), {"Content-Type": "text/plain"})
        case "html":
            body = b"<!DOCTYPE html><html><body>Maintenance</body></html>"
            return Reply(body, 200, {"Content-Type": "text/html"})
        case "ocpi_2001" | "ocpi_3000" | "ocpi_3001":
            code = fault.removeprefix("ocpi_")
            body = f'{{"status_code": {code}, "status_message": "Not now"}}'.encode()
            return Reply(body, 200, JSON_TYPE)
        case "redirect":
            return Reply(b"", 302, {"Location": url})
        case "bomb":
            return Reply(_bomb(), 200, {"Content-Encoding": "gzip"})
    return None


def reply_with(
    body: bytes, headers: Mapping[str, str], deviations: NonConformities, count: int
) -> Reply:
    """Return a good reply, or what is left of it: broken at the connection, or in its bytes."""
    if deviations.duplicate_keys:
        body = body.replace(b'"status_code":1000', b'"status_code":1000,"status_code":1000')
    if deviations.nan:
        body = body.removesuffix(b"}") + b',"took":NaN}'
    if deviations.bom:
        body = b"\xef\xbb\xbf" + body
    if deviations.gzip_unsaid:
        body = gzip.compress(body, compresslevel=1, mtime=0)
    match deviations.fault_of(count):
        case "reset":
            return Reply(body, headers=headers, cut_after=len(body) // 2)
        case "drip":
            return Reply(body, headers=headers, drip_s=DRIP_PAUSE_S)
        case "truncated":
            body = body[: len(body) * 2 // 3]
    return Reply(body, headers=headers)


@lru_cache(maxsize=1)
def _bomb() -> bytes:
    return gzip.compress(b'{"data":["' + b"0" * BOMB_BYTES, compresslevel=9, mtime=0)
