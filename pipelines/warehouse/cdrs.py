"""CDRs: the first content of a CDR stays for ever; a changed copy becomes a conflict.

OCPI (mod_cdrs): a CDR is the description of a concluded session and is final; what a partner
wants changed, it credits. So the first copy in page order is the one that is priced and paid,
its charging periods come with it and with no other copy, and each other content is kept once
in `core.cdr_conflicts` for reconciliation to raise.
"""

from __future__ import annotations

import duckdb

from models.tables.charging import CDRS, CHARGING_PERIODS
from pipelines.warehouse.result import TableCounts
from pipelines.warehouse.sql_files import fetch_int
from pipelines.warehouse.staging import Staging
from pipelines.warehouse.table_queries import insert_whole, query


def load_cdrs(
    con: duckdb.DuckDBPyConnection, partner: str, staging: Staging
) -> dict[str, TableCounts]:
    """Put the CDRs of a pull into core, with their periods and conflicts.

    Args:
        con: in the transaction of the load.
        partner: whose pull it is.
        staging: what the pull brought.

    Returns:
        Table name → counts.
    """
    con.execute(query("known_cdrs"), {"partner": partner})
    con.execute(query("fresh_cdrs"))
    objects, fresh = con.execute(query("count_cdrs")).fetchall()[0]
    # Asking each row whether it is fresh is a third of the cost, and mostly all of them are.
    all_fresh = staging.rows(CDRS) == fresh
    staging.ensure(CHARGING_PERIODS)
    con.execute(insert_whole(CDRS) if all_fresh else query("insert_fresh_cdrs"))
    if staging.rows(CHARGING_PERIODS):
        con.execute(insert_whole(CHARGING_PERIODS) if all_fresh else query("insert_fresh_periods"))
    conflicts = 0 if all_fresh else fetch_int(con, query("insert_cdr_conflicts"))
    return {CDRS.name: TableCounts(inserted=fresh, unchanged=objects - fresh, conflicts=conflicts)}
