"""Fetching a feed from wherever it is.

The bytes go to the sink as the publisher made them (a `.gz` stays one); who reads them
recognises gzip.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx

from pipelines.feeds.feed import Feed, Fetched, Meter, Sink, Validators
from pipelines.ocpi.errors import OcpiError, OriginRefusedError, RedirectError
from pipelines.ocpi.exchange import Redactor
from pipelines.ocpi.origins import Origins, origin_name
from pipelines.ocpi.pacing import Clock, persist, refuse_http
from pipelines.ocpi.transport import Limits, Transport


async def fetch_feed(
    feed: Feed, sink: Sink, *, known: Validators | None = None, clock: Clock | None = None
) -> Fetched:
    """Fetch a feed, unless it is still what it was.

    `known`: validators of the state we have; None: fetch in any case.

    Raises:
        OcpiError: it could not be fetched, and what to do about it.
    """
    on_the_web = feed.location.lower().startswith(("http://", "https://"))
    fetch = _fetch_web if on_the_web else _fetch_file
    return await fetch(feed, sink, known or Validators(), clock or Clock())


_PIECE = 1 << 20


class FeedFileError(OcpiError):
    """The feed's file cannot be read."""


async def _fetch_file(feed: Feed, sink: Sink, known: Validators, clock: Clock) -> Fetched:
    """Read a feed from its file, unless size and modification time are what they were.

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
    etag = f'"{state.st_size:x}-{state.st_mtime_ns:x}"'
    unchanged = known.etag == etag
    if not unchanged:
        sink.restart()
        await asyncio.to_thread(_copy, feed, path, meter)
        meter.end()
    return Fetched(
        unchanged=unchanged,
        url=path.name,
        http_status=304 if unchanged else 200,
        headers={"etag": etag},
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


_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_NOT_MODIFIED = 304


async def _fetch_web(feed: Feed, sink: Sink, known: Validators, clock: Clock) -> Fetched:
    """Fetch a feed from its URL.

    Raises:
        OcpiError: it could not be fetched, and what to do about it.
    """
    limits = Limits(feed.timeout_s, feed.whole_timeout_s, feed.max_bytes)
    transport = Transport(feed.name, limits, feed.proxy, feed.ca_file, (feed.location,))
    download = _Download(feed, sink, known, clock, transport)
    try:
        return await persist(download.attempt, feed.retry, clock)
    finally:
        await transport.close()


class _Download:
    """The attempts at one feed."""

    def __init__(
        self, feed: Feed, sink: Sink, known: Validators, clock: Clock, transport: Transport
    ) -> None:
        self._feed = feed
        self._sink = sink
        self._known = known
        self._clock = clock
        self._transport = transport
        self._origins = Origins(feed.location)
        self._redact = Redactor(())
        self._requests = 0

    async def attempt(self) -> Fetched:
        """Fetch the feed from its beginning, following redirects."""
        url = self._permitted(self._feed.location, "")
        for _ in range(_MOST_REDIRECTS + 1):
            self._requests += 1
            async with self._transport.stream(url, self._conditions()) as response:
                if response.status_code not in _REDIRECTS:
                    return await self._taken(url, response)
                location = response.headers.get("location", "")
            if not location.strip():
                raise RedirectError(f"{self._feed.name}: a redirect to nowhere; ask the publisher")
            url = self._permitted(url, location)
        raise RedirectError(f"{self._feed.name}: more than {_MOST_REDIRECTS} redirects")

    async def _taken(self, url: str, response: httpx.Response) -> Fetched:
        shown, retry_after = self._redact(url), response.headers.get("retry-after")
        meter = Meter(self._feed, self._sink)
        unchanged = response.status_code == _NOT_MODIFIED
        if not unchanged:
            now = self._clock.now()
            refuse_http(self._feed.name, response.status_code, retry_after, shown, now)
            self._sink.restart()
            async for piece in self._transport.body(response):
                meter.write(piece)
            meter.end()
        return Fetched(
            unchanged=unchanged,
            url=shown,
            http_status=response.status_code,
            headers=self._redact.headers(response.headers.multi_items()),
            bytes=meter.bytes,
            requests=self._requests,
            fetched_at=self._clock.now(),
        )

    def _conditions(self) -> dict[str, str]:
        conditions = {
            "if-none-match": self._known.etag,
            "if-modified-since": self._known.last_modified,
        }
        return {name: value for name, value in conditions.items() if value}

    def _permitted(self, base: str, target: str) -> str:
        url = self._origins.permit(base, target)
        if url is None:
            raise OriginRefusedError(
                f"{self._feed.name}: the feed redirects to {origin_name(base, target)}; if that "
                "is right, name that URL"
            )
        return url
