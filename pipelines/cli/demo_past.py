"""The past of sandbox partners, simulated so that the demo knows earlier prices.

A warehouse learns a tariff's history by looking often. The demo has no weeks to wait: it moves
the sandbox's world through them, day by day, and looks at tariffs each time and at places every
week.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pipelines.ingest.loading import load_waiting
from pipelines.ingest.partner import PullRequest
from pipelines.landing.manifests import stamp
from pipelines.orchestration import run_records
from pipelines.orchestration.run_records import Run
from pipelines.orchestration.runtime import Runtime
from pipelines.warehouse.connection import Warehouse

_DAY = timedelta(days=1)
_EVERY = 7


def simulate_past(
    runtime: Runtime, begin: datetime, now: datetime, advance: Callable[[datetime], None]
) -> None:
    """Visit every partner on each day of its past, as a schedule would have done.

    Args:
        runtime: the home and the partners; its clock is not asked.
        begin: the first visit.
        now: where the past ends; no visit is made then.
        advance: moves the partners' world on.
    """
    with runtime.holding() as warehouse:
        seen_until = _seen_until(warehouse)
        for day in range((now - begin).days):
            moment = begin + _DAY * day
            if moment <= seen_until:
                continue  # an earlier demo was interrupted after that day
            modules = ("locations", "tariffs") if day % _EVERY == 0 else ("tariffs",)
            advance(moment)
            run = Run(stamp(moment), "demo", moment, len(runtime.partners.asked))
            run_records.begin(warehouse, run)
            asyncio.run(_visit_all(runtime, run, modules))
            load_waiting(warehouse, runtime.loading)
            run_records.end(warehouse, run, moment, failed=(), whole=True)


def _seen_until(warehouse: Warehouse) -> datetime:
    """Return when the last visit began; long ago where there was none."""
    with warehouse.reader() as con:
        row = con.execute(
            "select max(started_at) from ops.runs where status = 'complete'"
        ).fetchone()
    return row[0] if row and row[0] else datetime.min.replace(tzinfo=UTC)


async def _visit_all(runtime: Runtime, run: Run, modules: tuple[str, ...]) -> None:
    context = dataclasses.replace(runtime.fetch_context, now=lambda: run.started_at)
    visits = [
        context.pull(
            partner,
            PullRequest(run.run_id, modules, False, None, runtime.watermarks(partner.name)),
        )
        for partner in runtime.partners.asked
    ]
    await asyncio.gather(*visits)
