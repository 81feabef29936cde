"""The mart stage: what the dashboards show, computed once."""

from __future__ import annotations

import duckdb

from models.tables import TABLES
from pipelines.stages.marts.build import build_marts
from pipelines.stages.stage import Stage, StageContext, StageResult


def _run(con: duckdb.DuckDBPyConnection, context: StageContext) -> StageResult:
    return StageResult(dict(build_marts(con, as_of=context.as_of).rows))


MARTS = Stage(
    name="marts",
    description="What the dashboards show, computed once.",
    tables=tuple(table.name for table in TABLES if table.stage == "mart"),
    checks=(),
    run=_run,
)
