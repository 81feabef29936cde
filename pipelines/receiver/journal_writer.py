"""Writing the journal for many requests at once: one wait for the disk serves all that wait.

Each request waits until its line is on the disk; those that come meanwhile share the next write.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from models.ocpi.pushes import Push, write_push
from pipelines.landing.journal import FOLDER, Segment
from pipelines.landing.manifests import stamp

LONGEST_SEGMENT = timedelta(seconds=1)
"""A segment is open no longer: only one that is over can be loaded."""

_MOST_WAITING = 4096


class JournalBusy(Exception):
    """So many requests wait for the disk that another would wait too long."""


class JournalWriter:
    """The one writer of a home's journal."""

    def __init__(self, landing: Path, now: Callable[[], datetime]) -> None:
        self._folder = landing / FOLDER
        self._now = now
        self._series = stamp(now())
        self._count = 0
        self._waiting: list[tuple[Push, asyncio.Future[Push]]] = []
        self._wake = asyncio.Event()
        self._disk = ThreadPoolExecutor(1, "journal")
        self._segment: Segment | None = None
        self._begun_at = now()
        self._ended = False

    async def append(self, push: Push) -> Push:
        """Write one push; it survives a kill and a power cut when this returns.

        `push`: without its id.

        Returns:
            The push with its id.

        Raises:
            JournalBusy: too many wait.
            OSError: the disk refused.
        """
        if len(self._waiting) >= _MOST_WAITING:
            raise JournalBusy
        self._count += 1
        push = replace(push, push_id=f"{self._series}.{self._count:010d}")
        written: asyncio.Future[Push] = asyncio.get_running_loop().create_future()
        self._waiting.append((push, written))
        self._wake.set()
        return await written

    async def run(self) -> None:
        """Write what waits, until `end` is called."""
        loop = asyncio.get_running_loop()
        while not (self._ended and not self._waiting):
            try:
                async with asyncio.timeout(LONGEST_SEGMENT.total_seconds()):
                    await self._wake.wait()
            except TimeoutError:
                await loop.run_in_executor(self._disk, self._close)
                continue
            self._wake.clear()
            batch, self._waiting = self._waiting, []
            if batch:
                await self._write(loop, batch)
        await loop.run_in_executor(self._disk, self._close)
        self._disk.shutdown()

    def end(self) -> None:
        """Let `run` end once everything that waits is written."""
        self._ended = True
        self._wake.set()

    async def _write(
        self, loop: asyncio.AbstractEventLoop, batch: list[tuple[Push, asyncio.Future[Push]]]
    ) -> None:
        try:
            await loop.run_in_executor(self._disk, self._append, [push for push, _ in batch])
        except OSError as error:
            for _, written in batch:
                if not written.done():
                    written.set_exception(error)
            return
        for push, written in batch:
            if not written.done():  # whoever asked may have gone
                written.set_result(push)

    def _append(self, pushes: list[Push]) -> None:
        now = self._now()
        if self._segment is not None and not timedelta() <= now - self._begun_at < LONGEST_SEGMENT:
            self._close()
        if self._segment is None:
            self._segment, self._begun_at = Segment(self._folder, now), now
        self._segment.append([write_push(push) for push in pushes])

    def _close(self) -> None:
        if self._segment is not None:
            self._segment.close()
            self._segment = None
