"""A small HTTP/1.1 server on asyncio that writes prepared bytes; it knows nothing of OCPI."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

MAX_HEAD = 64 * 1024
DRIP_BYTES = 16
DRIP_PAUSE_S = 0.05

Ending = Literal["whole", "reset", "drip"]


@dataclass(frozen=True)
class Request:
    """A request; header names in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass
class Reply:
    """A response.

    Args:
        body: the bytes of the body.
        status: HTTP status.
        headers: beside Content-Length, which is always sent.
        ending: `reset` breaks the connection in mid-body, `drip` sends a few bytes at a time.
    """

    body: bytes | memoryview
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    ending: Ending = "whole"


Answer = Callable[[Request], Reply]


class Connection(asyncio.Protocol):
    """One kept-alive connection: requests are answered in order."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._pending = b""
        self._transport: asyncio.Transport | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the transport."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops whatever was still being sent."""
        self._transport = None
        if self._task:
            self._task.cancel()

    def pause_writing(self) -> None:
        """The client reads more slowly than we write."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """The client caught up."""
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        """Answers every complete request."""
        self._pending += data
        if len(self._pending) > MAX_HEAD and self._transport:
            self._transport.abort()
        elif self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._serve())

    async def _serve(self) -> None:
        while (transport := self._transport) and (end := self._pending.find(b"\r\n\r\n")) >= 0:
            request = parse(self._pending[:end])
            rest = self._pending[end + 4 :]
            length = int(request.headers.get("content-length", "0"))
            if len(rest) < length:
                return
            self._pending = rest[length:]
            await self._send(transport, self._answer(request))

    async def _send(self, transport: asyncio.Transport, reply: Reply) -> None:
        transport.write(head(reply))
        if reply.ending == "reset":
            transport.write(reply.body[: len(reply.body) // 2])
            transport.close()
        elif reply.ending == "drip":
            for start in range(0, len(reply.body), DRIP_BYTES):
                transport.write(reply.body[start : start + DRIP_BYTES])
                await asyncio.sleep(DRIP_PAUSE_S)
        else:
            transport.write(reply.body)
            await self._writable.wait()


def parse(raw: bytes) -> Request:
    """Reads a request's head."""
    first, *lines = raw.decode("latin-1").split("\r\n")
    method, target, _ = (first + "  ").split(" ", 2)
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    parts = urlsplit(target)
    return Request(method, parts.path, dict(parse_qsl(parts.query)), headers)


def head(reply: Reply) -> bytes:
    """Writes a response's head; its Date is the machine's clock, whatever the world's moment is."""
    phrase = HTTPStatus(reply.status).phrase
    lines = [f"HTTP/1.1 {reply.status} {phrase}", f"Date: {formatdate(usegmt=True)}"]
    lines += [f"{name}: {value}" for name, value in reply.headers.items()]
    lines += [f"Content-Length: {len(reply.body)}", "", ""]
    return "\r\n".join(lines).encode("latin-1")


async def listen(answer: Answer, port: int) -> asyncio.Server:
    """Listens on loopback only.

    Args:
        answer: makes the reply to a request.
        port: 0 for any free one.
    """
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Connection(answer), "127.0.0.1", port)


def port_of(server: asyncio.Server) -> int:
    """The port a server listens on."""
    return int(server.sockets[0].getsockname()[1])
