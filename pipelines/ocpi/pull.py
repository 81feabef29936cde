"""Pulling one list: pages as they come, the next one fetched meanwhile, and the outcome."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pipelines.ocpi.errors import OcpiError
from pipelines.ocpi.exchange import Exchange


@dataclass(frozen=True)
class Page:
    """One response of a pull.

    Args:
        exchange: the response.
        position: 0 for the first response of the pull.
        accepted: whether it counts; an error's page does not.
        ocpi_status: OCPI status code; None where the body has none.
        object_count: objects on it; None where it could not be read.
        total_count: its X-Total-Count.
        problems: oddities of its envelope.
    """

    exchange: Exchange
    position: int
    accepted: bool
    ocpi_status: int | None
    object_count: int | None
    total_count: int | None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """How a pull ended.

    Args:
        complete: every object that the partner promised came.
        date_from: inclusive start of the window asked for, whole seconds; None: from ever.
        date_to: exclusive end, pinned when the pull began; None: the list was asked for
            without an end.
        total_count: what the partner promised last, over all windows; None: nothing.
        objects: objects on accepted pages, repeats included.
        distinct: different objects among them.
        pages: accepted pages.
        requests: HTTP requests made, retries and redirects included.
        bytes: inflated bytes of accepted pages.
        error: why it is not complete.
        notes: oddities survived, in one line each.
    """

    complete: bool
    date_from: datetime | None
    date_to: datetime | None
    total_count: int | None
    objects: int
    distinct: int
    pages: int
    requests: int
    bytes: int
    error: OcpiError | None
    notes: tuple[str, ...]


class Crawling(Protocol):
    """What walks the list: one step at a time, then the outcome."""

    async def step(self) -> list[Page]:
        """Fetch on; refused pages come before the accepted one; empty: that was all."""

    def outcome(self) -> Outcome:
        """Say how it ended."""


class Pull:
    """The pages of one list, to be iterated over once.

    While the consumer handles a page, the next one is being fetched; never more than one.
    A partner's failure ends the iteration and is told by `outcome`, not raised.

    Args:
        crawl: walks the list.
        track: told of the task that fetches ahead, so that a client can end it.
    """

    def __init__(self, crawl: Crawling, track: Callable[[asyncio.Task[list[Page]]], None]) -> None:
        self._crawl = crawl
        self._track = track
        self._outcome: Outcome | None = None

    @property
    def outcome(self) -> Outcome:
        """How the pull ended; asking before the last page is a mistake."""
        if self._outcome is None:
            raise RuntimeError("the pull has not ended: iterate over its pages first")
        return self._outcome

    async def __aiter__(self) -> AsyncIterator[Page]:
        """Yield pages in the order of their arrival."""
        ahead = self._ahead()
        try:
            while pages := await ahead:
                ahead = self._ahead()
                for page in pages:
                    yield page
        finally:
            await _ended(ahead)
        self._outcome = self._crawl.outcome()

    def _ahead(self) -> asyncio.Task[list[Page]]:
        task = asyncio.create_task(self._crawl.step())
        self._track(task)
        return task


async def _ended(task: asyncio.Task[list[Page]]) -> None:
    """Cancel a task and see it end; what it raised nobody waits for any more."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
