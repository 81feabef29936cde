"""Everything after core: it reads all partners' tables at once, and runs when core moved."""

from collections.abc import Sequence

import dagster as dg

from models.tables import BY_NAME
from pipelines.config.home_settings import HomeSettings, PublishSettings
from pipelines.ingest.loading import load_waiting
from pipelines.orchestration.asset_parts import (
    WHEN_PROVED_UPSTREAM_MOVED,
    WHEN_UPSTREAM_MOVED,
    column_schema,
    open_for_writing,
)
from pipelines.orchestration.pushes import follow_statuses, take_pushes
from pipelines.orchestration.run_records import refresh_partner_health, telling_failure
from pipelines.orchestration.runtime import Runtime
from pipelines.orchestration.schedules import lost_run_tags, sensor_status
from pipelines.stages.sequence import STAGES, stage_context
from pipelines.stages.stage import Stage, StageResult
from pipelines.warehouse.extract import publish_tables
from pipelines.warehouse.snapshot import publish_home


def derived_assets(core: Sequence[dg.AssetKey]) -> list[dg.AssetsDefinition]:
    """Return the assets of all stages, each after the one before it."""
    assets: list[dg.AssetsDefinition] = []
    before = list(core)
    for stage in STAGES:
        asset = _asset(stage, before)
        assets.append(asset)
        before = [asset.key]
    return assets


def derived_key(stage: str) -> dg.AssetKey:
    """Return the key of the asset of a stage, by its name."""
    return dg.AssetKey(["derived", stage])


def _asset(stage: Stage, deps: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    key = derived_key(stage.name)
    main = BY_NAME[stage.tables[0]]

    @dg.asset(
        key=key,
        deps=list(deps),
        group_name="derived",
        description=stage.description,
        kinds={"duckdb"},
        pool="warehouse",
        automation_condition=WHEN_UPSTREAM_MOVED
        if stage is STAGES[0]
        else WHEN_PROVED_UPSTREAM_MOVED,
        metadata={
            "dagster/table_name": main.name,
            "dagster/column_schema": column_schema(main),
            "tables": ", ".join(stage.tables),
        },
        check_specs=[dg.AssetCheckSpec(name, asset=key, blocking=True) for name in stage.checks],
    )
    def derived(runtime: dg.ResourceParam[Runtime]) -> dg.MaterializeResult:
        with open_for_writing(runtime) as warehouse:
            if stage is STAGES[0]:
                take_pushes(warehouse, runtime)
            context = stage_context(warehouse, runtime.partners, runtime.home)
            result = StageResult()
            if context is not None:
                runtime.progress.step(stage.name)
                with telling_failure(warehouse), warehouse.writer() as con:
                    result = stage.run(con, context)
        return dg.MaterializeResult(
            metadata=dict(result.counts), check_results=_proved(stage, result)
        )

    return derived


def _proved(stage: Stage, result: StageResult) -> list[dg.AssetCheckResult]:
    checks = {check.name: check for check in result.checks}
    return [
        dg.AssetCheckResult(
            check_name=name,
            passed=name not in checks or checks[name].violations == 0,
            severity=dg.AssetCheckSeverity.ERROR,
            description=checks[name].message
            if name in checks and checks[name].violations
            else None,
        )
        for name in stage.checks
    ]


DERIVE_JOB = "derive"
PUBLISH_JOB = "publish"
SNAPSHOT_KEY = dg.AssetKey(["serving", "snapshot"])


def downstream_definitions(core: Sequence[dg.AssetKey], settings: HomeSettings) -> dg.Definitions:
    """Return the assets, checks, jobs and sensor that follow core.

    `settings`: whether the sensor runs from the start, and where else tables go.
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
        automation_condition=WHEN_PROVED_UPSTREAM_MOVED,
    )
    def snapshot(runtime: dg.ResourceParam[Runtime]) -> dg.MaterializeResult:
        with open_for_writing(runtime) as warehouse:
            take_pushes(warehouse, runtime)  # those that came since readers have seen already
            load_waiting(warehouse, runtime.loading, only=runtime.own_lists)
            follow_statuses(warehouse)
            refresh_partner_health(warehouse)
            runtime.progress.step("publishing")
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
