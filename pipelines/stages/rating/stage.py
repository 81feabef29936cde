"""The rating stage: every CDR priced from its tariff."""

from __future__ import annotations

import duckdb

from models.tables import RATING_CDRS, RATING_LINES
from pipelines.stages.rating.warehouse import rate_warehouse
from pipelines.stages.stage import AssetCheck, Stage, StageContext, StageResult
from pipelines.warehouse.checks import keys_unique
from pipelines.warehouse.sql_files import fetch_int

_UNEQUAL = """
with summed as (
  select
    c.expected_excl_vat,
    len(c.lines) as line_count,
    list_transform(c.lines, lambda line: line.amount_excl_vat) as amounts
  from rating.cdrs as c
  where c.state = 'priced'
)
select count(*)
from summed as s
where s.expected_excl_vat is distinct from
  -- One unknown amount makes the total unknown.
  case when list_count(s.amounts) = s.line_count then coalesce(list_sum(s.amounts), 0) end
"""


def check_prices(con: duckdb.DuckDBPyConnection) -> tuple[AssetCheck, ...]:
    """Check every price in the warehouse.

    Args:
        con: the warehouse, with `rating` filled.
    """
    unequal = fetch_int(con, _UNEQUAL)
    # A line's key is that of its CDR and source, and its place among their lines.
    repeated = keys_unique(con, RATING_CDRS).violations
    return (
        AssetCheck("lines_add_up", unequal, f"{unequal} totals are not the sum of their lines"),
        AssetCheck("unique", repeated, f"{repeated} keys stand more than once"),
    )


def _run(con: duckdb.DuckDBPyConnection, context: StageContext) -> StageResult:
    result = rate_warehouse(con, context.contracts)
    counts = {"cdrs": result.cdrs, "rated": result.rated, "lines": result.lines}
    return StageResult(counts, check_prices(con))


RATING = Stage(
    name="rating",
    description="Each CDR priced from its tariff, line by line, by each tariff source.",
    tables=(RATING_CDRS.name, RATING_LINES.name),
    checks=("lines_add_up", "unique"),
    run=_run,
)
