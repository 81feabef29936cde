"""The sensors: what was pushed is told to Dagster, and invoices in their folder are settled.

The process beside the receiver shows pushes (`publisher`); what it left, the first one publishes.
"""

import time
from collections.abc import Iterator
from datetime import datetime

import dagster as dg
import msgspec

from pipelines.orchestration.asset_parts import main_table
from pipelines.orchestration.core_assets import core_key
from pipelines.orchestration.downstream import derived_key
from pipelines.orchestration.pushes import Published, publish_pushes, pushes_wait
from pipelines.orchestration.runtime import Runtime
from pipelines.orchestration.schedules import sensor_status
from pipelines.stages.settle.import_invoices import waiting_files
from pipelines.stages.settle.stage import SETTLEMENT
from pipelines.warehouse.snapshot import current, open_current

EVERY_S = 3
_DERIVE_S = 300
"""What follows from core is made again no more often: it takes most of what a machine can do."""


class _Cursor(msgspec.Struct):
    """What is remembered from one evaluation to the next; seconds are of the monotonic clock."""

    published: Published = msgspec.field(default_factory=Published)
    told_s: float = 0.0  # when Dagster was told last what moved
    snapshot: str = ""  # the newest one that was looked at then
    told: dict[str, datetime] = {}  # `partner/module` → the newest push that Dagster knows of


def push_sensor(runtime: Runtime) -> dg.SensorDefinition:
    """Return the sensor that publishes what partners pushed, and tells Dagster.

    `runtime`: the home, the partners, the clock.
    """

    @dg.sensor(
        name="pushes",
        minimum_interval_seconds=EVERY_S,
        default_status=sensor_status(runtime.settings.schedules),
        description="Publish what partners pushed, and derive what follows from it.",
    )
    def pushes(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        known = _cursor(context.cursor)
        waits = _publish(runtime, known.published)
        events = list(_events(runtime, known))
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


def _publish(runtime: Runtime, published: Published) -> str:
    """Publish what waits; return what became of it."""
    if pushes_wait(runtime, published) and publish_pushes(runtime, published):
        return "published; what follows from it is made later"
    return "nothing was pushed"


def _events(runtime: Runtime, known: _Cursor) -> Iterator[dg.AssetMaterialization]:
    """Tell Dagster which core assets moved, so that what follows from them is made.

    The newest snapshot says so; who derives loads the same pushes into the warehouse first.
    """
    now = time.monotonic()
    snapshot = current(runtime.home.serving)
    if snapshot is None or snapshot.name == known.snapshot:
        return
    if known.told_s and 0 <= now - known.told_s < _DERIVE_S:
        return
    newest = _newest_pushes(runtime)
    names = runtime.partners.names
    moved = sorted(
        scope
        for scope, received_at in newest.items()
        if known.told.get(scope) != received_at and scope.split("/")[0] in names
    )
    known.snapshot, known.told = snapshot.name, newest
    known.told_s = now if moved else known.told_s
    for scope in moved:
        partner, module = scope.split("/")
        yield dg.AssetMaterialization(
            core_key(partner, module),
            description="Pushed by the partner.",
            metadata={"newest push": str(newest[scope]), "table": main_table(module).name},
        )


def _newest_pushes(runtime: Runtime) -> dict[str, datetime]:
    """Map `partner/module` to when its newest push that was loaded came."""
    con = open_current(runtime.home.serving)
    if con is None:
        return {}
    with con:
        if not con.execute("from duckdb_tables() where table_name = 'pushes'").fetchall():
            return {}  # published before there were any
        rows = con.execute(
            "select partner || '/' || module, max(received_at) from ops.pushes "
            "where state = 'loaded' group by all"
        ).fetchall()
    return dict(rows)


_EVERY_S = 60


def invoice_sensors(runtime: Runtime) -> list[dg.SensorDefinition]:
    """Return the sensor; none where the settings name no folder.

    `runtime`: the home and its settings.
    """
    folder = runtime.settings.invoices.folder
    if folder is None:
        return []

    @dg.sensor(
        name="invoices",
        target=dg.AssetSelection.assets(derived_key(SETTLEMENT.name)).downstream(),
        minimum_interval_seconds=_EVERY_S,
        default_status=sensor_status(runtime.settings.schedules),
        description="Take in the invoices that lie in their folder, and settle again.",
    )
    def invoices(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        waiting = [(path.name, path.stat()) for path in waiting_files(folder)]
        if not waiting:
            return dg.SkipReason(f"{folder} is empty")
        # The same files ask once: those that settlement leaves there wait for the next run.
        return dg.RunRequest(
            run_key=", ".join(f"{name} {one.st_size} {one.st_mtime_ns}" for name, one in waiting)
        )

    return [invoices]
