"""What the client's tests share: a still clock, a connection, a pull from start to end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from fake_partner import FakePartner

from pipelines.ocpi.client import OcpiClient
from pipelines.ocpi.connection import Connection, RetryPolicy
from pipelines.ocpi.exchange import Exchange, Outcome, Page
from pipelines.ocpi.offer import Offer
from pipelines.ocpi.pacing import Clock

T = TypeVar("T")
TOKEN = "s3cr3t-Tok3n"
NOW = datetime(2026, 11, 1, 12, 0, 0, 345678, tzinfo=UTC)


@dataclass
class StillClock:
    """Time that passes only while someone sleeps; chance that always says one half."""

    seconds: float = 0.0
    pauses: list[float] = field(default_factory=list)

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.seconds += seconds
        await asyncio.sleep(0)

    def clock(self) -> Clock:
        return Clock(
            now=lambda: NOW + timedelta(seconds=self.seconds),
            monotonic=lambda: self.seconds,
            sleep=self._sleep,
            jitter=lambda: 0.5,
        )


@dataclass
class Pulled:
    """All that a pull let out."""

    pages: list[Page]
    outcome: Outcome
    exchanges: list[Exchange]
    offer: Offer
    pauses: list[float]

    @property
    def accepted(self) -> list[Page]:
        return [page for page in self.pages if page.accepted]


def connection(server: FakePartner, **settings: Any) -> Connection:
    return Connection(
        **{
            "name": "voltix",
            "versions_url": f"{server.url}/versions",
            "token": TOKEN,
            "requests_per_second": 1e6,
            **settings,
        }
    )


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


async def pull_from(
    server: FakePartner, module: str, window: dict[str, Any], **settings: Any
) -> Pulled:
    still, exchanges = StillClock(), list[Exchange]()
    client = OcpiClient(
        connection(server, **settings), clock=still.clock(), on_exchange=exchanges.append
    )
    async with client:
        offer = await client.discover()
        exchanges.clear()
        pull = client.pull(module, **window)
        pages = [page async for page in pull]
    return Pulled(pages, pull.outcome, exchanges, offer, still.pauses)


Puller = Callable[..., Pulled]
IMPATIENT = RetryPolicy(attempts=1)
