"""The rating stage: every CDR priced from its tariff."""

from __future__ import annotations

import duckdb

from models.tables import RATING_CDRS, RATING_LINES
from pipelines.stages.rating.warehouse import rate_warehouse
from pipelines.stages.stage import AssetCheck, Stage, StageContext, StageResult
from pipelines.warehouse.checks import keys_unique
from pipelines.warehouse.sql_files import fetch_int, query


def check_prices(con: duckdb.DuckDBPyConnection) -> tuple[AssetCheck, ...]:
    """Check every price in the warehouse.

    Args:
        con: the warehouse, with `rating` filled.
    """
    unequal = fetch_int(con, query("rating", "count_unequal_totals"))
    # A line's key is that of its CDR and source, and its place among their lines.
    repeated = keys_unique(con, RATING_CDRS).violations
    return (
        AssetCheck("lines_add_up", unequal, f"{unequal} totals are not the sum of their lines"),
        AssetCheck("unique", repeated, f"{repeated} keys stand more than once"),
    )


def _run(con: duckdb.DuckDBPyConnection, context: StageContext) -> StageResult:
    result = rate_warehouse(con, context.contracts, left=context.left)
    counts = {"cdrs": result.cdrs, "rated": result.rated, "lines": result.lines}
    return StageResult(counts, check_prices(con))


RATING = Stage(
    name="rating",
    description="Each CDR priced from its tariff, line by line, by each tariff source.",
    tables=(RATING_CDRS.name, RATING_LINES.name),
    checks=("lines_add_up", "unique"),
    run=_run,
)
