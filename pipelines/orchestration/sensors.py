"""The sensor that takes pushes in within seconds, where the warehouse is free.

It loads in the process that evaluates it: starting one for each handful of pushes would take
longer than all the rest. Only who holds the warehouse's lock writes; while a run does, the pushes
wait, and the run takes them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import dagster as dg
import msgspec

from pipelines.ingest.loading import load_waiting
from pipelines.ingest.pushes import land_pushes
from pipelines.landing.journal import finished_segments
from pipelines.orchestration.asset_parts import main_table
from pipelines.orchestration.core_assets import core_key
from pipelines.orchestration.run_records import refresh_partner_health
from pipelines.orchestration.runtime import Runtime
from pipelines.orchestration.schedules import sensor_status
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.locking import WarehouseLocked
from pipelines.warehouse.removal import LoadResult
from pipelines.warehouse.snapshot import publish_home
from pipelines.warehouse.sql_files import query


def take_pushes(warehouse: Warehouse, runtime: Runtime) -> list[LoadResult]:
    """Land and load the pushes that wait in the journal; those that a killed run landed, too.

    Returns:
        What each pull of pushes did.
    """
    landing = runtime.landing
    pulls = land_pushes(landing, runtime.partners, runtime.now)
    if not pulls:
        return []
    loading = runtime.loading
    lists = {(partner, module) for partner, module, *_ in (one.split(".") for one in pulls)}
    waiting = load_waiting(warehouse, loading, only=lists)
    return [result for result in waiting if result.pull_id in pulls]


EVERY_S = 3
_SHARE = 10
"""A snapshot of a large warehouse takes long: publishing may take a tenth of the time."""


class _Published(msgspec.Struct):
    """The cursor: when a snapshot was published last, by the monotonic clock, and what it took."""

    at_s: float = 0.0  # when
    took_s: float = 0.0  # how long
    is_due: bool = False  # whether something was loaded that no snapshot has


def push_sensor(runtime: Runtime) -> dg.SensorDefinition:
    """Return the sensor that loads what partners push, and publishes it."""

    @dg.sensor(
        name="pushes",
        minimum_interval_seconds=EVERY_S,
        default_status=sensor_status(runtime.settings.schedules),
        description="Load what partners pushed, and publish it.",
    )
    def pushes(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        published = _cursor(context.cursor)
        if not finished_segments(runtime.home.landing) and not published.is_due:
            return dg.SkipReason("nothing was pushed")
        try:
            with Warehouse(runtime.home.warehouse, wait_seconds=0) as warehouse:
                results = take_pushes(warehouse, runtime)
                published.is_due |= bool(results)
                _publish(warehouse, runtime, published)
        except WarehouseLocked as error:
            return dg.SkipReason(f"{error}; what was pushed waits")
        return dg.SensorResult(
            asset_events=_events(results),
            cursor=msgspec.json.encode(published).decode(),
        )

    return pushes


def _cursor(text: str | None) -> _Published:
    try:
        return msgspec.json.decode(text or "{}", type=_Published)
    except msgspec.MsgspecError:
        return _Published()


def _publish(warehouse: Warehouse, runtime: Runtime, published: _Published) -> None:
    now = time.monotonic()
    waited = now - published.at_s
    if not published.is_due or 0 <= waited < _SHARE * published.took_s:
        return
    with warehouse.writer() as con:
        con.execute(query("marts", "status_now"))
    refresh_partner_health(warehouse)
    publish_home(warehouse, runtime.home)
    published.at_s, published.is_due = time.monotonic(), False
    published.took_s = published.at_s - now


def _events(results: Sequence[LoadResult]) -> list[dg.AssetMaterialization]:
    """Tell Dagster which core assets moved, so that what follows from them is made."""
    by_list: dict[tuple[str, str], list[LoadResult]] = {}
    for result in results:
        partner, module, *_ = result.pull_id.split(".")
        by_list.setdefault((partner, module), []).append(result)
    return [
        dg.AssetMaterialization(
            core_key(partner, module),
            description="Pushed by the partner.",
            metadata={"pulls": len(loads), "table": main_table(module).name},
        )
        for (partner, module), loads in by_list.items()
        if any(load.changed for load in loads)
    ]
