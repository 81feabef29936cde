"""One core asset for each partner and module: load what was landed, then prove it."""

from collections.abc import Sequence
from datetime import timedelta

import dagster as dg
from duckdb import DuckDBPyConnection as DuckDB

from models.ocpi.modules import MODULES
from models.tables import BY_NAME
from models.tables.kinds import Table
from models.tables.objects import INVOICES, QUARANTINE, TARIFFS
from pipelines.config.partners import Partner, stale_limit
from pipelines.ingest.loading import load_pull, unloaded
from pipelines.orchestration.asset_parts import (
    WHEN_UPSTREAM_MOVED,
    column_lineage,
    column_schema,
    core_metadata,
    main_table,
    open_for_writing,
)
from pipelines.orchestration.landing_assets import landing_key
from pipelines.orchestration.runtime import Runtime
from pipelines.warehouse import checks
from pipelines.warehouse.checks import CheckResult
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.removal import LoadResult
from pipelines.warehouse.sql_files import fetch_row

BLOCKING = ("schema", "unique", "history")
"""Our own promises: what comes after must not be built on a table that breaks them."""

WARNING = ("removals", "references", "quarantine")
"""The partner's faults: said, and never in the way of anybody else."""


def check_core(
    con: DuckDB, partner: str, module: str, loads: Sequence[LoadResult]
) -> list[dg.AssetCheckResult]:
    """Check what a partner's module brought.

    `loads`: the pulls that were just loaded; without any, the tables are as they were.
    """
    tables = [BY_NAME[name] for name in MODULES[module].tables] if loads else []
    pages = _pages(con, [load.pull_id for load in loads])
    with_origin = [table for table in tables if table.name != "core.embedded_tariffs"]
    return [
        _ours("schema", [checks.rows_valid(con, table, pages) for table in with_origin]),
        _ours("unique", [checks.keys_unique(con, table, pages) for table in tables]),
        _ours("history", _history(con, tables)),
        _removals(loads),
        _references(con, partner, module),
        _quarantine(con, partner, module, loads),
    ]


def _pages(con: DuckDB, pull_ids: Sequence[str]) -> list[str]:
    rows = con.execute(
        "select page_id from ops.pages where list_contains($pulls, pull_id) order by page_id",
        {"pulls": list(pull_ids)},
    ).fetchall()
    return [row[0] for row in rows]


def _history(con: DuckDB, tables: Sequence[Table]) -> list[CheckResult]:
    results = [
        checks.versions_disjoint(con, table) for table in tables if table in (TARIFFS, INVOICES)
    ]
    if any(table.name == "core.locations" for table in tables):
        results.append(checks.status_intervals_sane(con))
    if any(table.name == "core.cdrs" for table in tables):
        results.append(checks.periods_complete(con))
    return results


def _ours(name: str, results: Sequence[CheckResult]) -> dg.AssetCheckResult:
    wrong = [result for result in results if not result.passed]
    return dg.AssetCheckResult(
        check_name=name,
        passed=not wrong,
        severity=dg.AssetCheckSeverity.ERROR,
        description="; ".join(
            f"{result.table}: {result.violations} ({', '.join(result.examples)})"
            for result in wrong
        )
        or None,
        metadata={result.table: result.violations for result in results},
    )


def _warning(name: str, count: int, message: str) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=name,
        passed=count == 0,
        severity=dg.AssetCheckSeverity.WARN,
        description=message if count else None,
        metadata={"count": count},
    )


def _removals(loads: Sequence[LoadResult]) -> dg.AssetCheckResult:
    refused = [removal for load in loads for removal in load.removals_skipped]
    message = "; ".join(
        f"{one.table} of {one.country_code}/{one.party_id}: {one.missing} of {one.live} missing "
        "from a full pull, which is too many to believe"
        for one in refused
    )
    return _warning("removals", len(refused), message)


def _references(con: DuckDB, partner: str, module: str) -> dg.AssetCheckResult:
    about_tariffs = module in {"locations", "tariffs"}
    dangling = checks.dangling_tariffs(con).get(partner, 0) if about_tariffs else 0
    return _warning(
        "references",
        dangling,
        f"{dangling} tariffs that connectors name are known nowhere: their price is unknown",
    )


def _quarantine(
    con: DuckDB, partner: str, module: str, loads: Sequence[LoadResult]
) -> dg.AssetCheckResult:
    counts = [
        load.tables[QUARANTINE.name].inserted for load in loads if QUARANTINE.name in load.tables
    ]
    return _warning(
        "quarantine",
        sum(counts),
        f"{sum(counts)} objects of {partner} {module} could not be taken in: see core.quarantine",
    )


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
    """Return the asset that loads one landed list of one partner."""
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
        automation_condition=WHEN_UPSTREAM_MOVED,
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
            metadata=core_metadata(table, rows, loads), check_results=checks
        )

    return loaded


def _load(warehouse: Warehouse, runtime: Runtime, partner: str, module: str) -> list[LoadResult]:
    with warehouse.reader() as con:
        waiting = unloaded(con, runtime.landing, [(partner, module)])
    loading = runtime.loading
    return [load_pull(warehouse, loading, pull_id) for pull_id in waiting]


def _rows(warehouse: Warehouse, table: Table, partner: str) -> int:
    with warehouse.reader() as con:
        query = f"select count(*) from {table.name} where partner = $partner"  # noqa: S608
        row = fetch_row(con, query, {"partner": partner})
    return int(row[0]) if row else 0
