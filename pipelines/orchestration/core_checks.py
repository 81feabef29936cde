"""Asset checks after each load: our own faults block, the partners' only warn."""

from collections.abc import Sequence

import dagster as dg
import duckdb

from models.ocpi.modules import MODULES
from models.tables import BY_NAME
from models.tables.kinds import Table
from models.tables.objects import INVOICES, QUARANTINE, TARIFFS
from pipelines.warehouse import checks
from pipelines.warehouse.checks import CheckResult
from pipelines.warehouse.result import LoadResult

BLOCKING = ("schema", "unique", "history")
"""Our own promises: what comes after must not be built on a table that breaks them."""

WARNING = ("removals", "references", "quarantine")
"""The partner's faults: said, and never in the way of anybody else."""


def check_core(
    con: duckdb.DuckDBPyConnection, partner: str, module: str, loads: Sequence[LoadResult]
) -> list[dg.AssetCheckResult]:
    """Check what a partner's module brought.

    Args:
        con: a connection for reading.
        partner: whose.
        module: OCPI module identifier.
        loads: the pulls that were just loaded; without any, the tables are as they were.
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


def _pages(con: duckdb.DuckDBPyConnection, pull_ids: Sequence[str]) -> list[str]:
    rows = con.execute(
        "select page_id from ops.pages where list_contains($pulls, pull_id) order by page_id",
        {"pulls": list(pull_ids)},
    ).fetchall()
    return [row[0] for row in rows]


def _history(con: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> list[CheckResult]:
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


def _references(con: duckdb.DuckDBPyConnection, partner: str, module: str) -> dg.AssetCheckResult:
    found = [one for one in checks.tariff_references(con) if one.partner == partner]
    dangling = sum(one.dangling for one in found) if module in {"locations", "tariffs"} else 0
    return _warning(
        "references",
        dangling,
        f"{dangling} tariffs that connectors name are known nowhere: their price is unknown",
    )


def _quarantine(
    con: duckdb.DuckDBPyConnection, partner: str, module: str, loads: Sequence[LoadResult]
) -> dg.AssetCheckResult:
    counts = [
        load.tables[QUARANTINE.name].inserted for load in loads if QUARANTINE.name in load.tables
    ]
    return _warning(
        "quarantine",
        sum(counts),
        f"{sum(counts)} objects of {partner} {module} could not be taken in: see core.quarantine",
    )
