"""Pulling open-data feeds into the landing: a whole file is one page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime

from models.ocpi.envelope import EnvelopeError
from pipelines.config import FeedPartner
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

    Args:
        partner: its entry in the partners file.
        landing: where to.
        request: what to fetch; a feed is always pulled whole.
        now: the clock.
        progress: hears of every file.

    Yields:
        Every pull as it ends; a publisher's fault makes it failed.
    """
    session = session_with(partner, request.run_id)
    for module in request.modules:
        feed = _feed(partner, module)
        known = None if request.full else last_validators(landing, partner.name, module)
        started_at = now()
        plan = Plan(module, None, "full", None, started_at)
        writer = LandingWriter(landing, session, plan, started_at)
        pull = await _pull(feed, known, landing, writer, now)
        if pull.pages:
            progress.page(partner.name, module, pull.objects, None)
        progress.pulled(pull)
        yield pull


def last_validators(landing: Landing, partner: str, module: str) -> Validators | None:
    """Return the validators of the newest complete pull of a feed; None: there was none."""
    for pull_id in reversed(landing.pull_ids(partner, module)):
        if not landing.begins(pull_id):
            continue
        pull, pages = landing.pull(pull_id)
        if pull.status == "complete" and pages:
            headers = pages[-1].headers
            return Validators(headers.get("etag"), headers.get("last-modified"))
    return None


def _feed(partner: FeedPartner, module: str) -> Feed:
    location = partner.locations_url if module == "locations" else partner.tariffs_url
    return Feed(
        name=partner.name,
        location=str(location),
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
) -> PullRecord:
    sink = _StoreSink(landing.objects)
    try:
        fetched = await fetch_feed(feed, sink, known=known)
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
    """Count the objects of a stored feed; None and why, where it cannot be read."""
    try:
        return sum(len(batch) for batch in objects_of(landing, sha256, module)), None
    except EnvelopeError as error:
        return None, f"the feed cannot be read: {error}"


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
