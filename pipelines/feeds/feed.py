"""A feed, the sink of its bytes, and the result of fetching it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pipelines.ocpi.connection import RetryPolicy


class Sink(Protocol):
    """A sink for a feed's bytes."""

    def write(self, data: bytes, /) -> object:
        """Take the next bytes."""

    def restart(self) -> None:
        """Forget what was written: the feed is fetched from its beginning again."""


@dataclass(frozen=True)
class Feed:
    """A feed and how to treat its publisher.

    Args:
        name: our name for the partner, used in messages.
        location: an http(s) URL, or the path of a file.
        origins: further origins (`https://host[:port]`) that redirects may lead to.
        timeout_s: seconds to connect, and between two bytes.
        whole_timeout_s: seconds for the whole feed.
        max_bytes: largest feed, as published and inflated.
        retry: how stubborn to be.
        proxy: URL of an HTTP proxy.
        ca_file: file of certificate authorities to trust fallback_url of the public ones.
    """

    name: str
    location: str
    origins: tuple[str, ...] = ()
    timeout_s: float = 30.0
    whole_timeout_s: float = 3600.0
    max_bytes: int = 4 << 30
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    proxy: str | None = field(default=None, repr=False)
    ca_file: Path | None = None


@dataclass(frozen=True)
class Validators:
    """HTTP validators: they tell one state of a feed from another."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class Fetched:
    """The result of fetching a feed.

    Args:
        unchanged: the feed is what the validators said; nothing was written.
        url: the URL or path that answered, without secrets.
        http_status: 200 or 304; a file plays the same part.
        headers: the response headers that matter.
        validators: for the next time.
        bytes: bytes written to the sink.
        requests: HTTP requests made.
        fetched_at: when the last byte came, UTC.
    """

    unchanged: bool
    url: str
    http_status: int
    headers: Mapping[str, str]
    validators: Validators
    bytes: int
    requests: int
    fetched_at: datetime
