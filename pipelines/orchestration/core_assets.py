"""One core asset for each partner and module: load what was landed, then prove it."""

from datetime import timedelta

import dagster as dg

from models.tables.kinds import Table
from pipelines.config import Partner
from pipelines.config.partners import stale_limit
from pipelines.ingest.loading import load_pull, unloaded
from pipelines.orchestration.core_checks import BLOCKING, WARNING, check_core
from pipelines.orchestration.landing_assets import landing_key
from pipelines.orchestration.metadata import (
    column_lineage,
    column_schema,
    core_metadata,
    main_table,
)
from pipelines.orchestration.runtime import Runtime
from pipelines.orchestration.warehouse_access import open_for_writing
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.result import LoadResult
from pipelines.warehouse.sql_files import fetch_row


def freshness(partner: Partner) -> dg.FreshnessPolicy:
    """Return when a partner's tables are said to age: after three visits; and to be stale."""
    fail = max(stale_limit(partner), timedelta(minutes=4))  # Dagster looks once a minute
    return dg.FreshnessPolicy.time_window(
        fail_window=fail, warn_window=min(3 * partner.every, fail * 3 / 4)
    )


def core_key(partner: str, module: str) -> dg.AssetKey:
    """Return the asset key of a partner's part of a core table."""
    return dg.AssetKey(["core", partner, module])


def core_asset(partner: Partner, module: str) -> dg.AssetsDefinition:
    """Return the asset that loads one landed list of one partner.

    Args:
        partner: its entry in the partners file.
        module: OCPI module identifier.
    """
    key, landing = core_key(partner.name, module), landing_key(partner.name, module)
    table = main_table(module)

    @dg.asset(
        key=key,
        deps=[landing],
        group_name=partner.name,
        description=f"{table.description} Of {partner.name}.",
        kinds={"duckdb", "polars"},
        pool="warehouse",
        freshness_policy=freshness(partner),
        automation_condition=dg.AutomationCondition.eager().without(
            ~dg.AutomationCondition.any_deps_missing()
        ),
        metadata={
            "dagster/table_name": table.name,
            "dagster/column_schema": column_schema(table),
            "dagster/column_lineage": column_lineage(table, landing),
        },
        check_specs=[
            *(dg.AssetCheckSpec(name, asset=key, blocking=True) for name in BLOCKING),
            *(dg.AssetCheckSpec(name, asset=key) for name in WARNING),
        ],
    )
    def loaded(runtime: dg.ResourceParam[Runtime]) -> dg.MaterializeResult:
        with open_for_writing(runtime) as warehouse:
            loads = _load(warehouse, runtime, partner.name, module)
            with warehouse.reader() as con:
                checks = check_core(con, partner.name, module, loads)
            rows = _rows(warehouse, table, partner.name)
        return dg.MaterializeResult(
            metadata=core_metadata(table, rows, loads),
            check_results=checks,
        )

    return loaded


def _load(warehouse: Warehouse, runtime: Runtime, partner: str, module: str) -> list[LoadResult]:
    with warehouse.reader() as con:
        waiting = unloaded(con, runtime.landing, partner, module)
    loading = runtime.loading
    return [load_pull(warehouse, loading, pull_id) for pull_id in waiting]


def _rows(warehouse: Warehouse, table: Table, partner: str) -> int:
    with warehouse.reader() as con:
        query = f"select count(*) from {table.name} where partner = $partner"  # noqa: S608
        row = fetch_row(con, query, {"partner": partner})
    return int(row[0]) if row else 0
