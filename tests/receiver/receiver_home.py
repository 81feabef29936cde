"""A home with a receiver in this process: requests go in, rows come out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from pipelines.config.connections import Connections, PartnerConnection, Role, token_hash
from pipelines.config.home import Home
from pipelines.config.partners import Partners
from pipelines.ingest.loading import load_waiting
from pipelines.ingest.progress import NoProgress
from pipelines.orchestration.pushes import take_pushes
from pipelines.orchestration.runtime import Runtime
from pipelines.receiver.app import Receiver, build_app
from pipelines.receiver.service import Service
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.rewind import clear
from pipelines.warehouse.snapshot import publish

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
TOKEN = "token-of-voltix"
PARTNERS = """
receiver:
  url: https://roam.example/ocpi
  roles: [{role: EMSP, party: NL/EMS, name: Ems}, {role: CPO, party: NL/EMC, name: Ems CPO}]
  max_push: 64KiB
partners:
  - {name: voltix, kind: ocpi, versions_url: "https://voltix.example/versions", token_env: T}
  - {name: hubby, kind: hub, versions_url: "https://hub.example/versions", token_env: T,
     party: NL/EMS}
"""


@dataclass
class ReceiverHome:
    """A home whose receiver answers here, and whose warehouse is loaded when a test says so."""

    home: Home
    partners: Partners
    warehouse: Warehouse
    now: datetime = NOW
    version: str = "2.2.1"
    environ: dict[str, str] = field(default_factory=dict)

    def clock(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def connect(
        self, partner: str, token: str, *roles: tuple[str, str, str], hub: str = ""
    ) -> None:
        connection = PartnerConnection(
            state="connected",
            changed_at=NOW,
            version="2.2.1",
            accepts={token_hash(token): "current"},
            roles=tuple(Role(*role) for role in roles),
        )
        Connections(self.home).change(partner, lambda _: connection)

    def service(self) -> Service:
        ours = self.partners.receiver
        assert ours is not None
        return Service.open(self.home, self.partners, ours, self.environ, self.clock)

    def talk(self, conversation: Callable[[Caller], Coroutine[Any, Any, Any]]) -> Any:
        """Hold a conversation with the receiver, which lives as long as it."""

        async def hold() -> Any:
            service = self.service()
            app = build_app(service)
            transport = httpx.ASGITransport(app)
            async with (
                Receiver(service).lifespan(app),
                httpx.AsyncClient(transport=transport, base_url="https://roam.example") as http,
            ):
                return await conversation(Caller(http, self.version))

        return asyncio.run(hold())

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """Send one request."""

        async def once(caller: Caller) -> httpx.Response:
            return await caller(method, path, body, **more)

        response: httpx.Response = self.talk(once)
        return response

    def load(self) -> None:
        runtime = Runtime(self.home, self.partners, self.environ, self.clock, NoProgress())
        take_pushes(self.warehouse, runtime)

    def publish(self) -> None:
        publish(self.warehouse, self.home.serving)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.warehouse.reader() as con:
            return con.execute(query).fetchall()

    def reloaded(self, module: str, query: str) -> list[tuple[Any, ...]]:
        """Return the rows after a replay of one module."""
        runtime = Runtime(self.home, self.partners, self.environ, self.clock, NoProgress())
        with self.warehouse.writer() as con:
            clear(con, "voltix", module)
        load_waiting(self.warehouse, runtime.loading)
        return self.rows(query)


@dataclass
class Caller:
    """Sends requests as the partner does."""

    http: httpx.AsyncClient
    version: str

    async def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = TOKEN,
        headers: dict[str, str] | None = None,
        version: str | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        sent = content if content is not None or body is None else json.dumps(body).encode()
        auth = {} if token is None else {"authorization": f"Token {token}"}
        if not path.startswith("/"):
            path = f"/ocpi/{version or self.version}/receiver/{path}"
        return await self.http.request(
            method, path, content=sent, headers={**auth, **(headers or {})}
        )
