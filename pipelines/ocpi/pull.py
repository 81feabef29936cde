"""Pulling one list: pages as they come, the next one fetched meanwhile, and the outcome."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from pipelines.ocpi.outcome import Outcome, Page
from pipelines.ocpi.pull_runner import PullRunner


class Pull:
    """The pages of one list, to be iterated over once.

    While the consumer handles a page, the next one is being fetched; never more than one.
    A partner's failure ends the iteration; `outcome` names it, nothing is raised.

    `track`: takes the task that fetches ahead, so that a client can end it.
    """

    def __init__(
        self, runner: PullRunner, track: Callable[[asyncio.Task[list[Page]]], None]
    ) -> None:
        self._runner = runner
        self._track = track
        self._outcome: Outcome | None = None

    @property
    def outcome(self) -> Outcome:
        """The end of the pull; asking before the last page is a mistake."""
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
            await _cancel(ahead)
        self._outcome = self._runner.outcome()

    def _ahead(self) -> asyncio.Task[list[Page]]:
        task = asyncio.create_task(self._runner.step())
        self._track(task)
        return task


async def _cancel(task: asyncio.Task[list[Page]]) -> None:
    """Cancel a task and see it end; what it raised nobody waits for any more."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
