"""The proof that nothing pushed was missed: each pull is compared with what came before it.

Only of partners that push: a list of which nothing was ever pushed costs one look. What it comes
to is `ops.push_audit`, an object a row.
"""

from __future__ import annotations

import duckdb

from models.ocpi.modules import MODULES
from models.tables import BY_NAME, CDRS, Table
from pipelines.landing.records import PullRecord
from pipelines.warehouse.latest import PLACES, STATES
from pipelines.warehouse.staging import Staging
from pipelines.warehouse.table_queries import query, staged

_IDENTITY = {"core.tokens": "uid", "core.hub_clients": "country_code || '/' || party_id"}


def compare_with_pushes(con: duckdb.DuckDBPyConnection, pull: PullRecord, staging: Staging) -> None:
    """Compare what a pull brought with what was pushed.

    Args:
        con: in the transaction of the load, before the staged rows are given up.
        pull: the pull; one of pushes is compared with nothing.
        staging: what it brought.
    """
    scope = {"partner": pull.partner, "module": pull.module}
    if pull.mode in {"push", "send"} or not con.execute(query("is_pushed"), scope).fetchall():
        return
    table = BY_NAME[MODULES[pull.module].tables[0]]
    if staging.rows(table):
        con.execute(_pulled_objects(table))
        con.execute(query("audit_pulls"), scope)
    if pull.status == "complete" and not pull.unchanged:
        window = {"date_from_at": pull.date_from_at, "date_to_at": pull.date_to_at}
        since = {"party": pull.party, "started_at": pull.started_at}
        con.execute(query("audit_unlisted"), scope | window | since)


def _pulled_objects(table: Table) -> str:
    """Return the query that names what a pull brought, and whether it is news, `pulled_objects`."""
    other = "false"
    source = staged(table)
    if table in (*PLACES, *STATES):
        source = f"incoming_{table.name.partition('.')[2]}"
        other = "merge_action = 'updated'"
    updated = "last_updated_at" if table is not CDRS else "coalesce(last_updated_at, fetched_at)"
    return f"""
        create or replace temp view pulled_objects as
        select
          country_code, party_id, lower({_IDENTITY.get(table.name, "id")}) as object_id,
          {updated} as last_updated_at, fetched_at, {other} as is_other
        from {source}
    """  # noqa: S608 - our own names
