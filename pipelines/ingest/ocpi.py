"""Pulling an OCPI partner's lists into the landing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pipelines.ingest.landing_writer import Recording, Visit
from pipelines.ingest.plan import Plan
from pipelines.ingest.progress import Progress
from pipelines.landing.landing import Landing
from pipelines.landing.records import PullRecord
from pipelines.ocpi.client import OcpiClient
from pipelines.ocpi.errors import OcpiError
from pipelines.ocpi.exchange import Exchange
from pipelines.ocpi.pull import Page


class BodyKeeper:
    """Stores every list response the moment it is complete, before anything looks at it.

    Discovery's answers are not kept: they hold no objects, and every visit asks again.

    Args:
        landing: where the bodies go.
    """

    def __init__(self, landing: Landing) -> None:
        self._landing = landing
        self._stored: dict[tuple[str, int], str] = {}

    def __call__(self, exchange: Exchange) -> None:
        """Store the body of a list response (the client's `on_exchange`)."""
        if exchange.module not in {"versions", "version_details"}:
            key = (exchange.correlation_id, exchange.sequence)
            self._stored[key] = self._landing.objects.put(exchange.body)

    def claim(self, exchange: Exchange) -> str:
        """The SHA-256 under which the response's body was stored."""
        return self._stored.pop((exchange.correlation_id, exchange.sequence))


async def pull_list(
    client: OcpiClient,
    keeper: BodyKeeper,
    landing: Landing,
    visit: Visit,
    plan: Plan,
    *,
    now: Callable[[], datetime],
    progress: Progress,
) -> PullRecord:
    """Pull one list of a discovered partner and land every response.

    Args:
        client: the partner's client, discovered, with `keeper` as its `on_exchange`.
        keeper: stores the bodies.
        landing: where the manifest goes.
        visit: what the pull shares with the partner's others.
        plan: what to pull.
        now: the clock.
        progress: told of every page.

    Returns:
        The pull as it ended; a partner's fault makes it failed, and is not raised.
    """
    recording = Recording(landing, visit, plan, now())
    try:
        pull = client.pull(
            plan.module, date_from=plan.date_from, date_to=plan.date_to, party=plan.party
        )
    except OcpiError as error:
        return recording.end(finished_at=now(), error=str(error))
    async for page in pull:
        _record(recording, keeper, page)
        if page.accepted:
            progress.page(visit.partner, plan.module, page.object_count or 0, page.total_count)
    outcome = pull.outcome
    return recording.end(
        finished_at=now(),
        error=None if outcome.complete else str(outcome.error),
        pages=outcome.pages,
        objects=outcome.objects,
        total_count=outcome.total_count,
        requests=outcome.requests,
        size=outcome.bytes,
        date_from=outcome.date_from,
        date_to=outcome.date_to,
    )


def _record(recording: Recording, keeper: BodyKeeper, page: Page) -> None:
    exchange = page.exchange
    recording.page(
        url=exchange.url,
        http_status=exchange.http_status,
        ocpi_status=page.ocpi_status,
        headers=exchange.headers,
        object_count=page.object_count,
        total_count=page.total_count,
        accepted=page.accepted,
        size=len(exchange.body),
        sha256=keeper.claim(exchange),
        fetched_at=exchange.fetched_at,
    )
