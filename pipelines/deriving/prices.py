"""The rating stage: every CDR priced from its tariff."""

from __future__ import annotations

import duckdb

from models.tables import RATING_CDRS, RATING_LINES
from pipelines.deriving.stage import Proof, Stage, StageResult, World
from pipelines.rating.warehouse import rate_warehouse
from pipelines.warehouse.checks import keys_unique

_UNEQUAL = """
with sums as (
  select
    partner, country_code, party_id, cdr_id, source,
    -- One unknown amount makes the total unknown.
    case when count(amount_excl_vat) = count(*) then sum(amount_excl_vat) end as amount
  from rating.lines
  group by all
)
select count(*)
from rating.cdrs
left join sums using (partner, country_code, party_id, cdr_id, source)
where state = 'priced'
  and expected_excl_vat is distinct from case when sums.partner is null then 0 else amount end
"""


def _run(con: duckdb.DuckDBPyConnection, world: World) -> StageResult:
    result = rate_warehouse(con, world.contracts)
    row = con.execute(_UNEQUAL).fetchone()
    unequal = int(row[0]) if row else 0
    repeated = sum(keys_unique(con, table).violations for table in (RATING_CDRS, RATING_LINES))
    return StageResult(
        {"cdrs": result.cdrs, "rated": result.rated, "lines": result.lines},
        (
            Proof("lines_add_up", unequal, f"{unequal} totals are not the sum of their lines"),
            Proof("unique", repeated, f"{repeated} keys stand more than once"),
        ),
    )


RATING = Stage(
    name="rating",
    description="Each CDR priced from its tariff, line by line, by each tariff source.",
    tables=(RATING_CDRS.name, RATING_LINES.name),
    proofs=("lines_add_up", "unique"),
    run=_run,
)
