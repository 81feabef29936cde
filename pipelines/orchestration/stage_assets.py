"""One asset for each stage after core: prices, findings, statements, marts."""

from collections.abc import Sequence

import dagster as dg

from models.tables import BY_NAME
from pipelines.orchestration.metadata import column_schema
from pipelines.orchestration.runtime import Runtime
from pipelines.orchestration.warehouse_access import open_for_writing
from pipelines.stages.sequence import STAGES, stage_context
from pipelines.stages.stage import Stage, StageResult

WHEN_UPSTREAM_MOVED = dg.AutomationCondition.eager().without(
    ~dg.AutomationCondition.any_deps_missing()
)


def derived_assets(core: Sequence[dg.AssetKey]) -> list[dg.AssetsDefinition]:
    """Return the assets of all stages, each after the one before it."""
    assets: list[dg.AssetsDefinition] = []
    before = list(core)
    for stage in STAGES:
        asset = _asset(stage, before)
        assets.append(asset)
        before = [asset.key]
    return assets


def _asset(stage: Stage, deps: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    key = dg.AssetKey(["derived", stage.name])
    main = BY_NAME[stage.tables[0]]

    @dg.asset(
        key=key,
        deps=list(deps),
        group_name="derived",
        description=stage.description,
        kinds={"duckdb"},
        pool="warehouse",
        automation_condition=WHEN_UPSTREAM_MOVED,
        metadata={
            "dagster/table_name": main.name,
            "dagster/column_schema": column_schema(main),
            "tables": ", ".join(stage.tables),
        },
        check_specs=[dg.AssetCheckSpec(name, asset=key, blocking=True) for name in stage.checks],
    )
    def derived(runtime: dg.ResourceParam[Runtime]) -> dg.MaterializeResult:
        with open_for_writing(runtime) as warehouse:
            context = stage_context(warehouse, runtime.partners, runtime.home)
            result = StageResult()
            if context is not None:
                with warehouse.writer() as con:
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
