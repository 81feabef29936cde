"""Fetching for a run: one list when it is asked for, or all partners at once ahead of time."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pipelines.config import FeedPartner, Partner
from pipelines.ingest.connecting import connection_of
from pipelines.ingest.feed import visit_feed
from pipelines.ingest.partner import Errand, visit_partner
from pipelines.ingest.progress import Progress
from pipelines.landing.landing import Landing
from pipelines.landing.records import PullRecord


@dataclass(frozen=True)
class Fetching:
    """What fetching needs.

    Args:
        landing: where everything goes.
        environ: the environment, which holds the tokens.
        now: the clock.
        progress: told of pages and pulls.
    """

    landing: Landing
    environ: Mapping[str, str]
    now: Callable[[], datetime]
    progress: Progress

    async def visit(self, partner: Partner, errand: Errand) -> list[PullRecord]:
        """Fetch what an errand names from one partner.

        Raises:
            ConfigError: the partner's token is not set.
        """
        if isinstance(partner, FeedPartner):
            visit = visit_feed(partner, self.landing, errand, now=self.now, progress=self.progress)
        else:
            connection = connection_of(partner, self.environ)
            visit = visit_partner(
                partner, connection, self.landing, errand, now=self.now, progress=self.progress
            )
        return [pull async for pull in visit]


class Fetcher(Protocol):
    """Fetches a partner's lists for an asset."""

    def fetch(self, partner: Partner, errand: Errand) -> list[PullRecord]:
        """The pulls of what the errand names, in order."""


class OnDemand:
    """Fetches when it is asked to."""

    def __init__(self, fetching: Fetching) -> None:
        self._fetching = fetching

    def fetch(self, partner: Partner, errand: Errand) -> list[PullRecord]:
        """Visit the partner now."""
        return asyncio.run(self._fetching.visit(partner, errand))


class AllAtOnce:
    """Fetches all partners at once in a thread of its own; nobody waits for a slow one.

    Args:
        fetching: what fetching needs.
        errands: what to fetch from whom.
    """

    def __init__(self, fetching: Fetching, errands: Mapping[str, tuple[Partner, Errand]]) -> None:
        self._fetching = fetching
        self._errands = errands
        self._pulls: dict[str, dict[str, list[PullRecord]]] = {}
        self._errors: dict[str, BaseException] = {}
        self._finished: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="fetching", daemon=True)

    def start(self) -> None:
        """Begin to fetch."""
        self._thread.start()

    def finished(self) -> Iterator[str]:
        """Partner names, each as its fetching ends, well or not."""
        for _ in self._errands:
            yield self._finished.get()

    def pulls(self, partner: str) -> list[PullRecord]:
        """Everything that was fetched from a partner that has finished."""
        return [pull for pulls in self._pulls[partner].values() for pull in pulls]

    def error(self, partner: str) -> str | None:
        """What ended the visit of a partner that has finished, where it was our own fault."""
        error = self._errors.get(partner)
        return None if error is None else f"{type(error).__name__}: {error}"

    def fetch(self, partner: Partner, errand: Errand) -> list[PullRecord]:
        """What was fetched of the errand's modules from a partner that has finished.

        Raises:
            Exception: what ended the visit, where it was not the partner's fault.
        """
        if partner.name in self._errors:
            raise self._errors[partner.name]
        by_module = self._pulls[partner.name]
        return [pull for module in errand.modules for pull in by_module.get(module, [])]

    def _run(self) -> None:
        asyncio.run(self._visit_all())

    async def _visit_all(self) -> None:
        await asyncio.gather(*(self._visit(name) for name in self._errands))

    async def _visit(self, name: str) -> None:
        partner, errand = self._errands[name]
        by_module: dict[str, list[PullRecord]] = defaultdict(list)
        try:
            for pull in await self._fetching.visit(partner, errand):
                by_module[pull.module].append(pull)
        except BaseException as error:  # noqa: BLE001 - raised again where the pulls are asked for
            # Of whatever kind, even a cancellation: who waits for this partner must hear of it.
            self._errors[name] = error
        self._pulls[name] = by_module
        self._finished.put(name)
