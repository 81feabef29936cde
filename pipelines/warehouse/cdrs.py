"""CDRs: the first content of a CDR stays for ever; a changed copy becomes a conflict.

OCPI (mod_cdrs): a CDR is the description of a concluded session and is final; what a partner
wants changed, it credits. So the first copy in page order is the one that is priced and paid,
its charging periods come with it and with no other copy, and each other content is kept once
in `core.cdr_conflicts` for reconciliation to raise.
"""

from __future__ import annotations

import duckdb

from models.tables import CDR_CONFLICTS, CDRS, CHARGING_PERIODS
from pipelines.warehouse import statements
from pipelines.warehouse.result import TableCounts
from pipelines.warehouse.staging import Staging
from pipelines.warehouse.statements import statement


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
    con.execute(statement("known_cdrs"), {"partner": partner})
    con.execute(statement("fresh_cdrs"))
    objects, fresh = con.execute(statement("count_cdrs")).fetchall()[0]
    con.execute(statement("insert_cdrs", columns=statements.columns(statements.names(CDRS))))
    if staging.holds(CHARGING_PERIODS):
        con.execute(
            statement(
                "insert_charging_periods",
                columns=statements.columns(statements.names(CHARGING_PERIODS)),
            )
        )
    conflicts = con.execute(
        statement(
            "insert_cdr_conflicts", columns=statements.columns(statements.names(CDR_CONFLICTS))
        )
    ).fetchall()[0][0]
    con.execute("drop table known_cdrs")
    con.execute("drop table fresh_cdrs")
    return {CDRS.name: TableCounts(inserted=fresh, unchanged=objects - fresh, conflicts=conflicts)}
