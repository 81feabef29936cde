"""CDRs: the first content of a CDR stays for ever; a changed copy becomes a conflict.

OCPI (mod_cdrs): a CDR is the description of a concluded session and is final; what a partner
wants changed, it credits. So the first copy in page order is the one that is priced and paid,
its charging periods come with it and with no other copy, and each other content is kept once
in `core.cdr_conflicts` for reconciliation to raise.
"""

from __future__ import annotations

import duckdb

from models.tables import CDR_CONFLICTS, CDRS, CHARGING_PERIODS, Table
from pipelines.warehouse import queries
from pipelines.warehouse.queries import statement
from pipelines.warehouse.result import TableCounts
from pipelines.warehouse.staging import Staging

# Asking each row whether it was taken is a third of the cost, and mostly all of them are.
_TAKEN = "s.{row} in (select f.staged_row from fresh_cdrs as f)"


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
    whole = staging.rows(CDRS) == fresh
    _insert(con, "insert_cdrs", CDRS, "true" if whole else _TAKEN.format(row="staged_row"))
    if staging.rows(CHARGING_PERIODS):
        taken = "true" if whole else _TAKEN.format(row="cdr_row")
        _insert(con, "insert_charging_periods", CHARGING_PERIODS, taken)
    conflicts = 0 if whole else _refuse_copies(con)
    return {CDRS.name: TableCounts(inserted=fresh, unchanged=objects - fresh, conflicts=conflicts)}


def _insert(con: duckdb.DuckDBPyConnection, name: str, table: Table, taken: str) -> None:
    con.execute(statement(name, columns=queries.columns(queries.names(table)), taken=taken))


def _refuse_copies(con: duckdb.DuckDBPyConnection) -> int:
    """Keep the copies that were not taken and differ from what was; how many were not known."""
    names = queries.columns(queries.names(CDR_CONFLICTS))
    conflicts: int = con.execute(statement("insert_cdr_conflicts", columns=names)).fetchall()[0][0]
    return conflicts
