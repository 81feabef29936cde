"""Fetching for a run: one list when it is asked for, or all partners at once ahead of time."""

import asyncio
import queue
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pipelines.config.partners import FeedPartner, Partner
from pipelines.ingest.connecting import connection_of
from pipelines.ingest.feed import pull_feed
from pipelines.ingest.partner import PullRequest, pull_partner
from pipelines.ingest.progress import Progress
from pipelines.landing.landing import Landing
from pipelines.landing.records import PullRecord


@dataclass(frozen=True)
class FetchContext:
    """The surroundings of fetching."""

    landing: Landing  # where everything goes
    environ: Mapping[str, str]  # the environment, which holds the tokens
    now: Callable[[], datetime]  # the clock
    progress: Progress  # hears of pages and pulls

    async def pull(self, partner: Partner, request: PullRequest) -> list[PullRecord]:
        """Fetch the lists that a request names from one partner.

        Raises:
            ConfigError: the partner's token is not set.
        """
        landing, now, progress = self.landing, self.now, self.progress
        if isinstance(partner, FeedPartner):
            pulls = pull_feed(partner, landing, request, now=now, progress=progress)
        else:
            connection = connection_of(partner, self.environ)
            pulls = pull_partner(partner, connection, landing, request, now=now, progress=progress)
        return [pull async for pull in pulls]


class Fetcher(Protocol):
    """Fetches a partner's lists for an asset."""

    def fetch(self, partner: Partner, request: PullRequest) -> list[PullRecord]:
        """Return the pulls of the lists that the request names, in order."""


class DirectFetcher:
    """Fetches when it is asked to."""

    def __init__(self, context: FetchContext) -> None:
        self._context = context

    def fetch(self, partner: Partner, request: PullRequest) -> list[PullRecord]:
        """Pull from the partner now."""
        return asyncio.run(self._context.pull(partner, request))


class ParallelFetcher:
    """Fetches all partners at once in a thread of its own; nobody waits for a slow one."""

    def __init__(
        self, context: FetchContext, requests: Mapping[str, tuple[Partner, PullRequest]]
    ) -> None:
        self._context = context
        self._requests = requests
        self._pulls: dict[str, dict[str, list[PullRecord]]] = {}
        self._errors: dict[str, BaseException] = {}
        self._finished: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="fetching", daemon=True)

    def start(self) -> None:
        """Begin to fetch."""
        self._thread.start()

    def finished(self) -> Iterator[str]:
        """Yield partner names, each as its session ends, well or not."""
        for _ in self._requests:
            yield self._finished.get()

    def pulls(self, partner: str) -> list[PullRecord]:
        """Return everything that was fetched from a partner that has finished."""
        return [pull for pulls in self._pulls[partner].values() for pull in pulls]

    def error(self, partner: str) -> str | None:
        """Name the fault of our own that ended a finished partner's session, if one did."""
        error = self._errors.get(partner)
        return None if error is None else f"{type(error).__name__}: {error}"

    def fetch(self, partner: Partner, request: PullRequest) -> list[PullRecord]:
        """Return what was fetched of the request's modules from a partner that has finished.

        Raises:
            Exception: what ended the session, where it was not the partner's fault.
        """
        if partner.name in self._errors:
            raise self._errors[partner.name]
        by_module = self._pulls[partner.name]
        return [pull for module in request.modules for pull in by_module.get(module, [])]

    def _run(self) -> None:
        asyncio.run(self._pull_all())

    async def _pull_all(self) -> None:
        await asyncio.gather(*(self._pull(name) for name in self._requests))

    async def _pull(self, name: str) -> None:
        partner, request = self._requests[name]
        by_module: dict[str, list[PullRecord]] = defaultdict(list)
        try:
            for pull in await self._context.pull(partner, request):
                by_module[pull.module].append(pull)
        except BaseException as error:  # noqa: BLE001 - raised again where the pulls are asked for
            # Of whatever kind, even a cancellation: who waits for this partner must hear of it.
            self._errors[name] = error
        self._pulls[name] = by_module
        self._finished.put(name)
