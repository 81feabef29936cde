"""Pulling open-data feeds into the landing: a whole file is one page."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime

from models.ocpi.envelope import Envelope, EnvelopeError
from models.ocpi.watermarks import Watermark
from pipelines.config.partners import FeedPartner
from pipelines.feeds import Feed, Fetched, Validators, fetch_feed
from pipelines.ingest.connecting import session_with
from pipelines.ingest.landing_writer import LandingWriter
from pipelines.ingest.partner import PullRequest
from pipelines.ingest.plan import Plan
from pipelines.ingest.progress import Progress
from pipelines.landing.bodies import objects_of
from pipelines.landing.landing import Landing
from pipelines.landing.objects import BodyWriter, ObjectStore
from pipelines.landing.records import PullRecord
from pipelines.ocpi.errors import OcpiError
from pipelines.ocpi.pacing import Clock


class _StoreSink:
    """Writes a feed into the object store as it comes (`pipelines.feeds.Sink`)."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self.writer: BodyWriter = store.writer()

    def write(self, data: bytes, /) -> None:
        self.writer.write(data)

    def restart(self) -> None:
        self.writer.discard()
        self.writer = self._store.writer()


async def pull_feed(
    partner: FeedPartner,
    landing: Landing,
    request: PullRequest,
    *,
    now: Callable[[], datetime],
    progress: Progress,
) -> AsyncIterator[PullRecord]:
    """Fetch a partner's feed files, unless they are still what they were.

    `request`: what to fetch; a feed is always pulled whole.

    Yields:
        Every pull as it ends; a publisher's fault makes it failed.
    """
    session = session_with(partner, request.run_id)
    ends_at = asyncio.get_running_loop().time() + partner.visit_timeout.total_seconds()
    for module in request.modules:
        feed = _feed(partner, module)
        watermark = request.watermarks.get(module)
        known = None if request.full else known_validators(landing, partner.name, module, watermark)
        started_at = now()
        writer = LandingWriter(landing, session, Plan(module, "full", None), started_at)
        pull = await _pull(feed, known, landing, writer, now, ends_at)
        if pull.pages:
            progress.page(partner.name, module, pull.objects, None)
        progress.pulled(pull)
        yield pull


def known_validators(
    landing: Landing, partner: str, module: str, watermark: Watermark | None
) -> Validators | None:
    """Return the validators of the body that we have of a feed; None: fetch it in any case.

    A body that could not be loaded, as it is damaged or was refused, is not one that we have: then
    the watermark is behind it.
    """
    body = landing.newest_body(partner, module)
    if body is None or watermark is None or watermark.pull_id < body[0].pull_id:
        return None
    headers = body[1][-1].headers
    return Validators(headers.get("etag"), headers.get("last-modified"))


def _feed(partner: FeedPartner, module: str) -> Feed:
    return Feed(
        name=partner.name,
        location=partner.urls[module],
        timeout_s=partner.timeout.total_seconds(),
        whole_timeout_s=partner.page_timeout.total_seconds(),
        max_bytes=partner.max_page,
        proxy=str(partner.proxy) if partner.proxy else None,
        ca_file=partner.ca_file,
    )


async def _pull(
    feed: Feed,
    known: Validators | None,
    landing: Landing,
    writer: LandingWriter,
    now: Callable[[], datetime],
    ends_at: float,
) -> PullRecord:
    sink = _StoreSink(landing.objects)
    try:
        async with asyncio.timeout_at(ends_at):
            fetched = await fetch_feed(feed, sink, known=known, clock=Clock(now=now))
    except TimeoutError:
        sink.writer.discard()
        message = f"{feed.name}: the visit took too long; raise visit_timeout if that is right"
        return writer.end(finished_at=now(), error=message)
    except OcpiError as fault:
        sink.writer.discard()
        return writer.end(finished_at=now(), error=str(fault))
    if fetched.unchanged:
        sink.writer.discard()
        return writer.end(finished_at=now(), error=None, requests=fetched.requests, unchanged=True)
    sha256 = sink.writer.close()
    objects, error = _count_objects(landing, sha256, writer.pull.module)
    _write_page(writer, fetched, sha256, objects)
    return writer.end(
        finished_at=now(),
        error=error,
        pages=0 if objects is None else 1,
        objects=objects or 0,
        requests=fetched.requests,
        size=fetched.bytes,
    )


def _count_objects(landing: Landing, sha256: str, module: str) -> tuple[int | None, str | None]:
    """Count the objects of a stored feed; None where it cannot be read; and why it is not all."""
    around: list[Envelope] = []
    try:
        batches = objects_of(landing, sha256, module, report=around.append)
        objects = sum(len(batch) for batch in batches)
    except EnvelopeError as error:
        return None, f"the feed cannot be read: {error}"
    if any(envelope.shape == "empty" for envelope in around):
        return None, f"the feed holds no list of {module}"
    if any(envelope.next_token or envelope.has_more for envelope in around):
        return objects, f"the feed holds a part of {module} only: it says that more follows"
    return objects, None


def _write_page(writer: LandingWriter, fetched: Fetched, sha256: str, objects: int | None) -> None:
    writer.page(
        url=fetched.url,
        http_status=fetched.http_status,
        ocpi_status=None,
        headers=fetched.headers,
        object_count=objects,
        total_count=None,
        accepted=objects is not None,
        size=fetched.bytes,
        sha256=sha256,
        fetched_at=fetched.fetched_at,
    )
