"""Holding a feed to its bounds while its bytes pass by."""

from __future__ import annotations

from models.ocpi.json.inflate import GZIP_MAGIC, InflateError, InflateLimitError, Inflater
from pipelines.feeds.feed import Feed, Sink
from pipelines.ocpi.errors import BrokenConnectionError, TooLargeError


class Meter:
    """Passes bytes on to a sink, counting them as they are and, for a `.gz`, inflated.

    Args:
        feed: whose bounds.
        sink: takes the bytes.
    """

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
