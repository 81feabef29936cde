"""Everything after core: it reads all partners' tables at once, and runs when core moved."""

from collections.abc import Sequence

import dagster as dg

from pipelines.config import HomeSettings
from pipelines.config.home_settings import PublishSettings
from pipelines.ingest.loading import load_waiting
from pipelines.orchestration.publishing import publish_home
from pipelines.orchestration.run_records import refresh_partner_health
from pipelines.orchestration.runtime import Runtime
from pipelines.orchestration.schedules import lost_run_tags, sensor_status
from pipelines.orchestration.stage_assets import WHEN_UPSTREAM_MOVED, derived_assets
from pipelines.orchestration.warehouse_access import open_for_writing
from pipelines.warehouse.extract import publish_tables

DERIVE_JOB = "derive"
PUBLISH_JOB = "publish"
SNAPSHOT_KEY = dg.AssetKey(["serving", "snapshot"])
WHEN_CORE_MOVED = dg.AutomationCondition.eager().without(~dg.AutomationCondition.any_deps_missing())


def downstream_definitions(core: Sequence[dg.AssetKey], settings: HomeSettings) -> dg.Definitions:
    """Return the assets, checks, jobs and sensor that follow core.

    Args:
        core: the keys of all core assets.
        settings: whether the sensor runs from the start, and where else tables go.
    """
    derived = derived_assets(core)
    snapshot = _snapshot([asset.key for asset in derived])
    places = [_published(number, place) for number, place in enumerate(settings.publish, 1)]
    tags = lost_run_tags(settings.schedules)
    derive = dg.define_asset_job(
        DERIVE_JOB,
        dg.AssetSelection.assets(*derived),
        description="Price, reconcile and settle what came.",
        tags=tags,
    )
    publish = dg.define_asset_job(
        PUBLISH_JOB,
        dg.AssetSelection.assets(snapshot, *places),
        description="Publish what readers see.",
        tags=tags,
    )
    # Dagster's own sensor of this kind comes stopped: what arrives would never be priced.
    sensor = dg.AutomationConditionSensorDefinition(
        "follow_what_moved",
        target=dg.AssetSelection.all(),
        default_status=sensor_status(settings.schedules),
        run_tags=tags,
        minimum_interval_seconds=30,
    )
    return dg.Definitions(
        assets=[*derived, snapshot, *places], jobs=[derive, publish], sensors=[sensor]
    )


def _snapshot(core: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    @dg.asset(
        key=SNAPSHOT_KEY,
        deps=list(core),
        group_name="serving",
        description="The read-only copy of the warehouse that dashboards and exports open.",
        kinds={"duckdb"},
        pool="warehouse",
        automation_condition=WHEN_UPSTREAM_MOVED,
    )
    def snapshot(runtime: dg.ResourceParam[Runtime]) -> dg.MaterializeResult:
        with open_for_writing(runtime) as warehouse:
            load_waiting(warehouse, runtime.loading)
            refresh_partner_health(warehouse)
            path = publish_home(warehouse, runtime.home)
        return dg.MaterializeResult(
            metadata={"file": dg.MetadataValue.text(path.name), "bytes": path.stat().st_size}
        )

    return snapshot


def _published(number: int, place: PublishSettings) -> dg.AssetsDefinition:
    """Return the asset that writes the tables to one of the places that the settings name."""

    @dg.asset(
        key=dg.AssetKey(["serving", f"published_{number}"]),
        deps=[SNAPSHOT_KEY],
        group_name="serving",
        description=f"Tables as {place.format} in {place.to.partition('?')[0]}.",
        kinds={place.format},
        automation_condition=WHEN_UPSTREAM_MOVED,
        retry_policy=dg.RetryPolicy(max_retries=2, delay=30, backoff=dg.Backoff.EXPONENTIAL),
    )
    def published(runtime: dg.ResourceParam[Runtime]) -> dg.MaterializeResult:
        written = publish_tables(
            runtime.home.serving, place.to, kind=place.format, names=place.tables
        )
        return dg.MaterializeResult(
            metadata={
                "tables": len(written.tables),
                "bytes": sum(table.bytes for table in written.tables),
                "snapshot": written.snapshot,
            }
        )

    return published
