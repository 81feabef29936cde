"""Reading a feed from a file: the same bounds, the same validators, no network."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from pipelines.feeds.feed import Feed, Fetched, Sink, Validators
from pipelines.feeds.metering import Meter
from pipelines.ocpi.clock import Clock
from pipelines.ocpi.errors import OcpiError

_PIECE = 1 << 20


class FeedFileError(OcpiError):
    """The feed's file cannot be read."""


async def fetch(feed: Feed, sink: Sink, known: Validators, clock: Clock) -> Fetched:
    """Read a feed from its file, unless size and modification time are what they were.

    Args:
        feed: where it is.
        sink: takes the bytes.
        known: validators of the state we have.
        clock: time.

    Returns:
        What was read; a file answers like a server, with 200 or 304.

    Raises:
        OcpiError: it cannot be read, and what to do about it.
    """
    path = Path(feed.location).expanduser()
    meter = Meter(feed, sink)
    try:
        state = path.stat()
    except OSError as error:
        raise _unreadable(feed, path, error) from error
    now_valid = Validators(f'"{state.st_size:x}-{state.st_mtime_ns:x}"')
    unchanged = known.etag == now_valid.etag
    if not unchanged:
        sink.restart()
        await asyncio.to_thread(_copy, feed, path, meter)
        meter.end()
    return Fetched(
        unchanged=unchanged,
        url=path.name,
        http_status=304 if unchanged else 200,
        headers={"etag": now_valid.etag or ""},
        validators=now_valid,
        bytes=meter.bytes,
        requests=0,
        fetched_at=clock.now(),
    )


def _copy(feed: Feed, path: Path, meter: Meter) -> None:
    for piece in _pieces(feed, path):
        meter.write(piece)  # a full disk of ours is not the publisher's fault: it is not caught


def _pieces(feed: Feed, path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece
    except OSError as error:
        raise _unreadable(feed, path, error) from error


def _unreadable(feed: Feed, path: Path, error: OSError) -> FeedFileError:
    return FeedFileError(
        f"{feed.name}: the feed's file {path.name} cannot be read: {error.strerror}; "
        "check the path and its permissions"
    )
