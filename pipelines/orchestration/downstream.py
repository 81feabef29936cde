"""Everything after core: it reads all partners' tables at once, and runs when core moved."""

from collections.abc import Sequence

import dagster as dg

from pipelines.ingest.loading import load_waiting
from pipelines.orchestration.run_records import refresh_partner_health
from pipelines.orchestration.runtime import Runtime
from pipelines.orchestration.stage_assets import WHEN_UPSTREAM_MOVED, derived_assets
from pipelines.orchestration.warehouse_access import open_for_writing
from pipelines.warehouse.snapshot import publish

DERIVE_JOB = "derive"
PUBLISH_JOB = "publish"
SNAPSHOT_KEY = dg.AssetKey(["serving", "snapshot"])
WHEN_CORE_MOVED = dg.AutomationCondition.eager().without(~dg.AutomationCondition.any_deps_missing())


def downstream_definitions(core: Sequence[dg.AssetKey]) -> dg.Definitions:
    """Return the assets, checks and job that follow core.

    Args:
        core: the keys of all core assets.
    """
    derived = derived_assets(core)
    snapshot = _snapshot([asset.key for asset in derived])
    derive = dg.define_asset_job(
        DERIVE_JOB,
        dg.AssetSelection.assets(*derived),
        description="Price, reconcile and settle what came.",
    )
    publish = dg.define_asset_job(
        PUBLISH_JOB,
        dg.AssetSelection.assets(snapshot),
        description="Publish what readers see.",
    )
    return dg.Definitions(assets=[*derived, snapshot], jobs=[derive, publish])


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
            path = publish(warehouse, runtime.home.serving)
        return dg.MaterializeResult(
            metadata={"file": dg.MetadataValue.text(path.name), "bytes": path.stat().st_size}
        )

    return snapshot
