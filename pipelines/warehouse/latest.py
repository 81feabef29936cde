"""Tables that hold the latest state of each object, and tables that keep the first row of a key.

Newer is decided by `last_updated`, then by the order of fetching; a copy that arrives late
changes nothing. See `table_queries.create_incoming` for the merge actions.
"""

from __future__ import annotations

import duckdb

from models.tables import CONNECTORS, EVSES, HUB_CLIENTS, LOCATIONS, SESSIONS, TOKENS, Table
from pipelines.warehouse import table_queries
from pipelines.warehouse.result import TableCounts
from pipelines.warehouse.sql_files import fetch_int

PLACES = (LOCATIONS, EVSES, CONNECTORS)
STATES = (SESSIONS, TOKENS, HUB_CLIENTS)


def stage_incoming(con: duckdb.DuckDBPyConnection, partner: str, table: Table) -> None:
    """Work out the merge action of each object a pull brought, into `incoming_<table>`.

    Args:
        con: in the transaction of the load.
        partner: whose pull it is.
        table: one of `PLACES` or `STATES`, with its staged table made.
    """
    con.execute(table_queries.create_incoming(table), {"partner": partner})


def merge_incoming(con: duckdb.DuckDBPyConnection, table: Table) -> TableCounts:
    """Bring `incoming_<table>` into the table.

    Args:
        con: in the transaction of the load.
        table: one of `PLACES` or `STATES`, after `stage_incoming`.

    Returns:
        How many objects met which action.
    """
    actions = con.execute(table_queries.count_actions(table)).fetchall()
    # Row numbers hold until the transaction ends: the update comes first, it moves nothing.
    con.execute(table_queries.confirm_known(table))
    con.execute(table_queries.merge_incoming(table))
    counts = {action: objects for action, objects, _ in actions}
    return TableCounts(**counts, revived=sum(revived for _, _, revived in actions))


def insert_unknown(con: duckdb.DuckDBPyConnection, partner: str, table: Table) -> TableCounts:
    """Insert the staged rows whose key the table does not have; the first row of a key stays.

    Args:
        con: in the transaction of the load.
        partner: whose pull it is.
        table: `core.quarantine`, `core.deviations` or `core.embedded_tariffs`.

    Returns:
        The rows inserted.
    """
    inserted = fetch_int(con, table_queries.insert_unknown(table), {"partner": partner})
    return TableCounts(inserted=inserted)
