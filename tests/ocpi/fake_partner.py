"""A scriptable HTTP server on loopback: answers what a test says, as badly as it says.

Raw sockets, so that it can break every rule of HTTP: resets, drips, lies about lengths.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

REASONS = {200: "OK", 429: "Too Many Requests", 500: "Internal Server Error"}


@dataclass(frozen=True)
class Request:
    path: str
    query: dict[str, str]
    headers: dict[str, str]

    @property
    def token(self) -> str | None:
        return self.headers.get("authorization", "").removeprefix("Token ") or None


@dataclass(frozen=True)
class Reply:
    body: bytes = b""
    status: int = 200
    headers: Sequence[tuple[str, str]] = ()
    cut_after: int | None = None  # send so many bytes of the body, then reset
    length: int | None = None  # a Content-Length that lies
    drip_s: float | None = None  # a pause after each byte
    silent: bool = False  # never answer
    raw: bytes | None = None  # the whole answer, head included


Handler = Callable[[Request], Reply]


def envelope(data: object, code: int = 1000, message: str | None = None) -> bytes:
    return json.dumps(
        {
            "data": data,
            "status_code": code,
            "status_message": message,
            "timestamp": "2026-11-01T00:00:00Z",
        }
    ).encode()


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
        server = await asyncio.start_server(self._converse, "127.0.0.1", 0, ssl=self.tls)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopping.wait()
        server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                request = _request(head)
                self.requests.append(request)
                if not await self._answer(self.handler(request), writer):
                    break
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(self, reply: Reply, writer: asyncio.StreamWriter) -> bool:
        if reply.silent:
            await self._stopping.wait()
            return False
        if reply.raw is not None:
            writer.write(reply.raw)
            await writer.drain()
            return False
        writer.write(_head(reply))
        if reply.cut_after is not None:
            writer.write(reply.body[: reply.cut_after])
            await writer.drain()
            await asyncio.sleep(0.05)  # let the bytes leave before the reset overtakes them
            _reset(writer)
            return False
        if reply.drip_s is not None:
            for byte in reply.body:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(reply.drip_s)
            return True
        writer.write(reply.body)
        await writer.drain()
        return reply.length is None


def _request(head: bytes) -> Request:
    first, *lines = head.decode("latin-1").split("\r\n")
    target = urlsplit(first.split(" ")[1])
    pairs = (line.split(":", 1) for line in lines if ":" in line)
    return Request(
        target.path,
        dict(parse_qsl(target.query, keep_blank_values=True)),
        {name.lower(): value.strip() for name, value in pairs},
    )


def _head(reply: Reply) -> bytes:
    length = len(reply.body) if reply.length is None else reply.length
    names = {name.lower() for name, _ in reply.headers}
    lines = [f"HTTP/1.1 {reply.status} {REASONS.get(reply.status, 'Whatever')}"]
    if "content-type" not in names:
        lines.append("content-type: application/json")
    if "transfer-encoding" not in names:
        lines.append(f"content-length: {length}")
    lines += [f"{name}: {value}" for name, value in reply.headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN, as a crashing peer does."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


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
        page = self.items[offset : offset + limit]
        headers = []
        if self.total:
            headers.append(("X-Total-Count", str(len(self.items))))
        if self.x_limit:
            headers.append(("X-Limit", str(self.max_limit)))
        if self.link and offset + limit < len(self.items):
            query = "&".join(
                f"{name}={value}"
                for name, value in {
                    **request.query,
                    "offset": offset + limit,
                    "limit": limit,
                }.items()
            )
            headers.append(("Link", f'<{self.link_base}{request.path}?{query}>; rel="next"'))
        return Reply(envelope(page), headers=headers)
