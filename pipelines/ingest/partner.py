"""One visit to one partner: discover, then pull its lists one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pipelines.config import OcpiPartner
from pipelines.ingest.connecting import accepted_parties, owner_of
from pipelines.ingest.landing_writer import Recording, Visit
from pipelines.ingest.ocpi import BodyKeeper, pull_list
from pipelines.ingest.plan import Plan, Watermark, Window, plan_pull, watermark_for
from pipelines.ingest.progress import Progress
from pipelines.landing.landing import Landing
from pipelines.landing.records import PullRecord
from pipelines.ocpi.client import OcpiClient
from pipelines.ocpi.clock import Clock
from pipelines.ocpi.connection import Connection
from pipelines.ocpi.errors import OcpiError


@dataclass(frozen=True)
class Errand:
    """What to fetch from a partner.

    Args:
        run_id: the run.
        modules: modules to pull, in order, of those that the partner offers; one that its entry
            names is pulled, and fails, even where it is not offered.
        full: whether everything is pulled whole.
        window: a window of `last_updated` to pull again, of the lists that have history.
        watermarks: how far each of the partner's lists is complete, by (module, party).
    """

    run_id: str
    modules: tuple[str, ...]
    full: bool
    window: Window | None
    watermarks: Mapping[tuple[str, str], Watermark]


async def visit_partner(
    partner: OcpiPartner,
    connection: Connection,
    landing: Landing,
    errand: Errand,
    *,
    now: Callable[[], datetime],
    progress: Progress,
) -> AsyncIterator[PullRecord]:
    """Pull a partner's lists into the landing.

    Args:
        partner: its entry in the partners file.
        connection: the client's settings for it.
        landing: where to.
        errand: what to fetch.
        now: the clock.
        progress: told of every page and every pull.

    Yields:
        Every pull as it ends. A partner that cannot even be discovered gives one failed pull
        for each module asked for.
    """
    keeper = BodyKeeper(landing)
    async with OcpiClient(connection, clock=Clock(now=now), on_exchange=keeper) as client:
        try:
            offer = await client.discover()
        except OcpiError as error:
            for module in errand.modules:
                yield _refused(landing, partner, errand, module, str(error), now(), progress)
            return
        visit = Visit(
            run_id=errand.run_id,
            partner=partner.name,
            ocpi_version=offer.version,
            own_party=owner_of(partner, offer.parties),
            parties=accepted_parties(partner, offer.parties),
        )
        named = partner.modules or ()
        for module in errand.modules:
            if module not in offer.endpoints and module not in named:
                continue
            plan = _plan(partner, errand, module, now())
            pull = await pull_list(client, keeper, landing, visit, plan, now=now, progress=progress)
            progress.pulled(pull)
            yield pull


def _plan(partner: OcpiPartner, errand: Errand, module: str, now: datetime) -> Plan:
    return plan_pull(
        module,
        None,
        watermark_for(errand.watermarks, module, None),
        now=now,
        overlap=partner.overlap,
        full_every=partner.full_every,
        full=errand.full,
        window=errand.window,
    )


def _refused(
    landing: Landing,
    partner: OcpiPartner,
    errand: Errand,
    module: str,
    error: str,
    moment: datetime,
    progress: Progress,
) -> PullRecord:
    visit = Visit(errand.run_id, partner.name, None, owner_of(partner), accepted_parties(partner))
    plan = _plan(partner, errand, module, moment)
    pull = Recording(landing, visit, plan, moment).end(finished_at=moment, error=error)
    progress.pulled(pull)
    return pull
