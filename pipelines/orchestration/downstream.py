"""Everything after core: it reads all partners' tables at once, and runs when core moved."""

from collections.abc import Sequence

import dagster as dg

from pipelines.orchestration.runtime import Runtime
from pipelines.orchestration.writing import writing
from pipelines.warehouse.snapshot import publish

DOWNSTREAM_JOB = "publish"
SNAPSHOT_KEY = dg.AssetKey(["serving", "snapshot"])
WHEN_CORE_MOVED = dg.AutomationCondition.eager().without(~dg.AutomationCondition.any_deps_missing())


def downstream_definitions(core: Sequence[dg.AssetKey]) -> dg.Definitions:
    """The assets, checks and job that follow core.

    Args:
        core: the keys of all core assets.
    """
    assets = [_snapshot(core)]
    job = dg.define_asset_job(
        DOWNSTREAM_JOB,
        dg.AssetSelection.assets(*assets),
        description="Publish what readers see.",
    )
    return dg.Definitions(assets=assets, jobs=[job])


def _snapshot(core: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    @dg.asset(
        key=SNAPSHOT_KEY,
        deps=list(core),
        group_name="serving",
        description="The read-only copy of the warehouse that dashboards and exports open.",
        kinds={"duckdb"},
        pool="warehouse",
        automation_condition=WHEN_CORE_MOVED,
    )
    def snapshot(runtime: dg.ResourceParam[Runtime]) -> dg.MaterializeResult:
        with writing(runtime) as warehouse:
            path = publish(warehouse, runtime.home.serving)
        return dg.MaterializeResult(
            metadata={"file": dg.MetadataValue.text(path.name), "bytes": path.stat().st_size}
        )

    return snapshot
