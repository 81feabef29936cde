"""A feed, the sink of its bytes, and the result of fetching it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from models.ocpi.json.inflate import GZIP_MAGIC, InflateError, InflateLimitError, Inflater
from pipelines.ocpi.connection import RetryPolicy
from pipelines.ocpi.errors import BrokenConnectionError, TooLargeError


class Sink(Protocol):
    """A sink for a feed's bytes."""

    def write(self, data: bytes, /) -> object:
        """Take the next bytes."""

    def restart(self) -> None:
        """Forget what was written: the feed is fetched from its beginning again."""


@dataclass(frozen=True)
class Feed:
    """A feed and how to treat its publisher."""

    name: str  # our name for the partner, used in messages
    location: str  # an http(s) URL, or the path of a file
    timeout_s: float = 30.0  # seconds to connect, and between two bytes
    whole_timeout_s: float = 3600.0  # seconds for the whole feed
    max_bytes: int = 4 << 30  # largest feed, as published and inflated
    retry: RetryPolicy = field(default_factory=RetryPolicy)  # how stubborn to be
    proxy: str | None = field(default=None, repr=False)  # URL of an HTTP proxy
    # file of certificate authorities to trust fallback_url of the public ones
    ca_file: Path | None = None


@dataclass(frozen=True)
class Validators:
    """HTTP validators: they tell one state of a feed from another."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class Fetched:
    """The result of fetching a feed."""

    unchanged: bool  # the feed is what the validators said; nothing was written
    url: str  # the URL or path that answered, without secrets
    http_status: int  # 200 or 304; a file plays the same part
    headers: Mapping[str, str]  # the response headers that matter
    bytes: int  # bytes written to the sink
    requests: int  # HTTP requests made
    fetched_at: datetime  # when the last byte came, UTC


class Meter:
    """Passes bytes on to a sink, counting them as they are and, for a `.gz`, inflated."""

    def __init__(self, feed: Feed, sink: Sink) -> None:
        self._feed = feed
        self._sink = sink
        self._inflater: Inflater | None = None
        self.bytes = 0

    def write(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            TooLargeError: a bound was reached.
            BrokenConnectionError: what began as gzip is damaged.
        """
        if not self.bytes and data.startswith(GZIP_MAGIC[:1]):  # no JSON begins like that
            self._inflater = Inflater(self._feed.max_bytes)
        self.bytes += len(data)
        if self.bytes > self._feed.max_bytes:
            raise self._too_large("is larger than")
        if self._inflater is not None:
            self._weigh(self._inflater, data)
        self._sink.write(data)

    def end(self) -> None:
        """Say that the feed has ended.

        Raises:
            BrokenConnectionError: its gzip has not.
        """
        if self._inflater is not None:
            try:
                self._inflater.finish()
            except InflateError as error:
                raise self._broken(error) from error

    def _weigh(self, inflater: Inflater, data: bytes) -> None:
        try:
            for _ in inflater.feed(data):
                pass  # only its size matters
        except InflateLimitError as error:
            raise self._too_large("inflates to more than") from error
        except InflateError as error:
            raise self._broken(error) from error

    def _too_large(self, how: str) -> TooLargeError:
        return TooLargeError(
            f"{self._feed.name}: the feed {how} {self._feed.max_bytes:,} bytes; if that is "
            "right, raise max_page"
        )

    def _broken(self, error: InflateError) -> BrokenConnectionError:
        return BrokenConnectionError(f"{self._feed.name}: the feed's gzip is damaged: {error}")
