"""The sensor that takes pushes in within seconds, where the warehouse is free.

It loads in the process that evaluates it: starting one for each handful of pushes would take
longer than all the rest. Only who holds the warehouse's lock writes; while a run does, the pushes
wait, and the run takes them.
"""

from __future__ import annotations

import time

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
from pipelines.warehouse.connection import Warehouse, open_warehouse
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
WATCH_S = 4.5
"""Dagster's daemon comes to its sensors every 5 s: until then this one looks itself."""
_LOOK_S = 0.2
_SHARE = 4
"""A snapshot of a large warehouse takes long: publishing may take a quarter of the time."""
_DERIVE_S = 300
"""What follows from core is made again no more often: meanwhile nothing could be loaded."""


class _Cursor(msgspec.Struct):
    """What is remembered from one evaluation to the next; times by the monotonic clock."""

    at_s: float = 0.0  # when a snapshot was published last
    took_s: float = 0.0  # how long that took
    is_due: bool = False  # whether something was loaded that no snapshot has
    told_s: float = 0.0  # when Dagster was told last what moved
    moved: dict[str, int] = {}  # `partner/module` → pulls that moved its tables since


def push_sensor(runtime: Runtime, watch_s: float = WATCH_S) -> dg.SensorDefinition:
    """Return the sensor that loads what partners push, and publishes it.

    Args:
        runtime: the home, the partners, the clock.
        watch_s: how long it looks for pushes each time, where partners can push at all.
    """

    @dg.sensor(
        name="pushes",
        minimum_interval_seconds=EVERY_S,
        default_status=sensor_status(runtime.settings.schedules),
        description="Load what partners pushed, and publish it.",
    )
    def pushes(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        known = _cursor(context.cursor)
        ends_s = time.monotonic() + (watch_s if runtime.partners.receiver is not None else 0)
        waits = _take(runtime, known)
        while time.monotonic() < ends_s:
            time.sleep(_LOOK_S)
            waits = _take(runtime, known)
        events = _events(known)
        return dg.SensorResult(
            asset_events=events,
            skip_reason=None if events else waits,
            cursor=msgspec.json.encode(known).decode(),
        )

    return pushes


def _cursor(text: str | None) -> _Cursor:
    try:
        return msgspec.json.decode(text or "{}", type=_Cursor)
    except msgspec.MsgspecError:
        return _Cursor()


def _take(runtime: Runtime, known: _Cursor) -> str:
    """Load what waits, and publish it; return what there is to wait for."""
    due = known.is_due and _may_publish(known)
    if not due and not finished_segments(runtime.home.landing):
        return "nothing was pushed"
    try:
        with open_warehouse(runtime.home, wait_seconds=0) as warehouse:
            results = take_pushes(warehouse, runtime)
            known.is_due |= bool(results)
            for result in (one for one in results if one.changed):
                scope = "/".join(result.pull_id.split(".")[:2])
                known.moved[scope] = known.moved.get(scope, 0) + 1
            _publish(warehouse, runtime, known)
    except WarehouseLocked as error:
        return f"{error}; what was pushed waits"
    return "loaded; what follows from it is made later"


def _may_publish(known: _Cursor) -> bool:
    return not 0 <= time.monotonic() - known.at_s < _SHARE * known.took_s


def _publish(warehouse: Warehouse, runtime: Runtime, published: _Cursor) -> None:
    if not published.is_due or not _may_publish(published):
        return
    now = time.monotonic()
    with warehouse.writer() as con:
        con.execute(query("marts", "status_now"))
    refresh_partner_health(warehouse)
    publish_home(warehouse, runtime.home)
    published.at_s, published.is_due = time.monotonic(), False
    published.took_s = published.at_s - now


def _events(known: _Cursor) -> list[dg.AssetMaterialization]:
    """Tell Dagster which core assets moved, so that what follows from them is made."""
    now = time.monotonic()
    if not known.moved or 0 <= now - known.told_s < _DERIVE_S:
        return []
    moved, known.moved, known.told_s = known.moved, {}, now
    return [
        dg.AssetMaterialization(
            core_key(*scope.split("/")),
            description="Pushed by the partner.",
            metadata={"pulls": pulls, "table": main_table(scope.split("/")[1]).name},
        )
        for scope, pulls in moved.items()
    ]
