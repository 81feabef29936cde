"""Fetching a feed from a URL: conditional, streamed, redirected no further than its host."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from pipelines.feeds.feed import Feed, Fetched, Sink, Validators
from pipelines.feeds.metering import Meter
from pipelines.ocpi.clock import Clock
from pipelines.ocpi.errors import OriginRefusedError, RedirectError
from pipelines.ocpi.exchange import Redactor
from pipelines.ocpi.origins import Origins, origin_name
from pipelines.ocpi.transport import Limits, Transport
from pipelines.ocpi.waiting import persist, refuse_http

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_NOT_MODIFIED = 304


async def fetch(feed: Feed, sink: Sink, known: Validators, clock: Clock) -> Fetched:
    """Fetch a feed from its URL.

    Args:
        feed: where it is.
        sink: takes the bytes.
        known: validators of the state we have.
        clock: time and chance.

    Returns:
        What was fetched.

    Raises:
        OcpiError: it could not be fetched, and what to do about it.
    """
    limits = Limits(feed.timeout_s, feed.whole_timeout_s, feed.max_bytes)
    transport = Transport(feed.name, limits, feed.proxy, feed.ca_file)
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
        self._origins = Origins(feed.location, feed.origins)
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
            validators=self._validators(response.headers, unchanged),
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

    def _validators(self, headers: Mapping[str, str], unchanged: bool) -> Validators:
        """Read the validators; a 304 need not repeat them."""
        old = self._known if unchanged else Validators()
        return Validators(
            headers.get("etag") or old.etag,
            headers.get("last-modified") or old.last_modified,
        )

    def _permitted(self, base: str, target: str) -> str:
        url = self._origins.permit(base, target)
        if url is None:
            raise OriginRefusedError(
                f"{self._feed.name}: the feed redirects to {origin_name(base, target)}; if that "
                "is right, name that URL or add it to origins"
            )
        return url
