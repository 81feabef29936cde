"""One session with one partner: discover, then pull its lists one after the other."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from models.ocpi.watermarks import Watermark
from pipelines.config.partners import OcpiPartner
from pipelines.ingest.connecting import session_with
from pipelines.ingest.landing_writer import LandingWriter, PartnerSession
from pipelines.ingest.plan import Plan, plan_pull
from pipelines.ingest.progress import Progress
from pipelines.landing.landing import Landing
from pipelines.landing.records import PullRecord
from pipelines.ocpi.client import OcpiClient
from pipelines.ocpi.connection import Connection
from pipelines.ocpi.errors import OcpiError
from pipelines.ocpi.exchange import Exchange, Page
from pipelines.ocpi.pacing import Clock
from pipelines.ocpi.window import Window

# They hold no objects, and every session asks for them again.
_NOT_LANDED = frozenset({"versions", "version_details"})


def store_body(landing: Landing, exchange: Exchange) -> str | None:
    """Store the body of a list response the moment it is complete.

    Returns:
        Its SHA-256; None: the response is discovery's and is not kept.
    """
    return None if exchange.module in _NOT_LANDED else landing.objects.put(exchange.body)


async def pull_list(
    client: OcpiClient,
    landing: Landing,
    session: PartnerSession,
    plan: Plan,
    *,
    now: Callable[[], datetime],
    progress: Progress,
) -> PullRecord:
    """Pull one list of a discovered partner and land every response.

    `client`: the partner's client, discovered; it stores bodies with `store_body`.

    Returns:
        The pull as it ended; a partner's fault makes it failed, and is not raised.
    """
    writer = LandingWriter(landing, session, plan, now())
    try:
        pull = client.pull(plan.module, date_from=plan.date_from, date_to=plan.date_to)
    except OcpiError as error:
        return writer.end(finished_at=now(), error=str(error))
    async for page in pull:
        _write_page(writer, page)
        if page.accepted:
            progress.page(session.partner, plan.module, page.object_count or 0, page.total_count)
    outcome = pull.outcome
    return writer.end(
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


def _write_page(writer: LandingWriter, page: Page) -> None:
    exchange = page.exchange
    if exchange.sha256 is None:
        raise RuntimeError(f"the body of {exchange.url} was read before it was stored")
    writer.page(
        url=exchange.url,
        http_status=exchange.http_status,
        ocpi_status=page.ocpi_status,
        headers=exchange.headers,
        object_count=page.object_count,
        total_count=page.total_count,
        accepted=page.accepted,
        size=len(exchange.body),
        sha256=exchange.sha256,
        fetched_at=exchange.fetched_at,
    )


@dataclass(frozen=True)
class PullRequest:
    """The lists to fetch from a partner, and how."""

    run_id: str  # the run
    # modules to pull, in order, of those that the partner offers; one that its entry names is
    # pulled, and fails, even where it is not offered
    modules: tuple[str, ...]
    full: bool  # whether everything is pulled whole
    # a window of `last_updated` to pull again, of the lists that have history
    window: Window | None
    watermarks: Mapping[str, Watermark]  # how far the partner's list of each module is complete


async def pull_partner(
    partner: OcpiPartner,
    connection: Connection,
    landing: Landing,
    request: PullRequest,
    *,
    now: Callable[[], datetime],
    progress: Progress,
) -> AsyncIterator[PullRecord]:
    """Pull a partner's lists into the landing.

    Yields:
        Every pull as it ends. A partner that cannot even be discovered gives one failed pull
        for each module asked for.
    """
    store = partial(store_body, landing)
    async with OcpiClient(connection, clock=Clock(now=now), on_exchange=store) as client:
        try:
            offer = await client.discover()
        except OcpiError as error:
            session = session_with(partner, request.run_id)
            for module in request.modules:
                plan = _plan(partner, request, module, now())
                pull = LandingWriter(landing, session, plan, now()).end(
                    finished_at=now(), error=str(error)
                )
                progress.pulled(pull)
                yield pull
            return
        session = session_with(partner, request.run_id, offer)
        named = partner.modules or ()
        for module in request.modules:
            if module not in offer.endpoints and module not in named:
                continue
            plan = _plan(partner, request, module, now())
            pull = await pull_list(client, landing, session, plan, now=now, progress=progress)
            progress.pulled(pull)
            yield pull


def _plan(partner: OcpiPartner, request: PullRequest, module: str, now: datetime) -> Plan:
    return plan_pull(
        module,
        request.watermarks.get(module),
        now=now,
        overlap=partner.overlap,
        full_every=partner.full_every,
        full=request.full,
        window=request.window,
    )
