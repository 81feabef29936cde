"""Fetching a feed from wherever it is.

The bytes go to the sink as the publisher made them (a `.gz` stays one); who reads them
recognises gzip.
"""

from __future__ import annotations

from pipelines.feeds import file, web
from pipelines.feeds.feed import Feed, Fetched, Sink, Validators
from pipelines.ocpi.clock import Clock


async def fetch_feed(
    feed: Feed, sink: Sink, *, known: Validators | None = None, clock: Clock | None = None
) -> Fetched:
    """Fetch a feed, unless it is still what it was.

    Args:
        feed: where it is.
        sink: takes the bytes.
        known: validators of the state we have; None: fetch in any case.
        clock: time and chance.

    Returns:
        What was fetched.

    Raises:
        OcpiError: it could not be fetched, and what to do about it.
    """
    on_the_web = feed.location.lower().startswith(("http://", "https://"))
    fetch = web.fetch if on_the_web else file.fetch
    return await fetch(feed, sink, known or Validators(), clock or Clock())
