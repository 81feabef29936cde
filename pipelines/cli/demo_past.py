"""The past of sandbox partners, simulated so that the demo knows earlier prices.

A warehouse learns a tariff's history by looking often. The demo has no weeks to wait: it moves
the sandbox's world through them, day by day, and looks at tariffs each time and at places every
week; in the last days it looks at places several times a day, so that outages and their repairs are
seen and not only stated.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from pipelines.ingest.loading import load_waiting
from pipelines.ingest.partner import PullRequest
from pipelines.landing.manifests import stamp
from pipelines.orchestration import run_records
from pipelines.orchestration.run_records import Run
from pipelines.orchestration.runtime import Runtime
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.sql_files import fetch_row

_DAY = timedelta(days=1)
_EVERY = 7
_CLOSE = timedelta(days=3)
_CLOSE_LOOK = timedelta(hours=6)


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
        for moment, modules in _looks(begin, now):
            if moment <= seen_until:
                continue  # an earlier demo was interrupted after that look
            advance(moment)
            run = Run(stamp(moment), "demo", moment, len(runtime.partners.asked))
            run_records.begin(warehouse, run)
            asyncio.run(_visit_all(runtime, run, modules))
            load_waiting(warehouse, runtime.loading)
            run_records.end(warehouse, run, moment, failed=(), whole=True)


def _looks(begin: datetime, now: datetime) -> Iterator[tuple[datetime, tuple[str, ...]]]:
    """Yield when the past is looked at, and which modules are asked for."""
    for day in range((now - begin).days):
        moment = begin + _DAY * day
        close = now - moment <= _CLOSE
        yield moment, ("locations", "tariffs") if close or day % _EVERY == 0 else ("tariffs",)
        for look in range(1, _DAY // _CLOSE_LOOK if close else 1):
            yield moment + _CLOSE_LOOK * look, ("locations",)


def _seen_until(warehouse: Warehouse) -> datetime:
    """Return when the last visit began; long ago where there was none."""
    with warehouse.reader() as con:
        row = fetch_row(con, "select max(started_at) from ops.runs where status = 'complete'")
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
