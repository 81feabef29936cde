"""Tables that hold the latest state of each object, and tables that keep the first row of a key.

A complete list of everything shows what is current. Elsewhere newer is decided by `last_updated`,
then by the order of fetching, and a copy that arrives late changes nothing. See
`table_queries.create_incoming` for the merge actions.
"""

from __future__ import annotations

import duckdb

from models.tables import CONNECTORS, EVSES, HUB_CLIENTS, LOCATIONS, SESSIONS, TOKENS, Table
from pipelines.landing.records import PullRecord
from pipelines.warehouse import table_queries
from pipelines.warehouse.removal import is_complete_list
from pipelines.warehouse.result import TableCounts
from pipelines.warehouse.sql_files import fetch_int

# Ids of these versions are plain strings; since 2.2 case does not matter (OCPI types, CiString).
_EXACT_IDS = frozenset({"2.0", "2.1", "2.1.1"})
PLACES = (LOCATIONS, EVSES, CONNECTORS)
STATES = (SESSIONS, TOKENS, HUB_CLIENTS)


def stage_incoming(con: duckdb.DuckDBPyConnection, pull: PullRecord, table: Table) -> None:
    """Work out the merge action of each object a pull brought, into `incoming_<table>`.

    Args:
        con: in the transaction of the load.
        pull: the pull.
        table: one of `PLACES` or `STATES`, with its staged table made.
    """
    con.execute(
        table_queries.create_incoming(table, ignore_case=pull.ocpi_version not in _EXACT_IDS),
        {"partner": pull.partner, "is_complete_list": is_complete_list(pull)},
    )


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
    if table is TOKENS:
        con.execute(table_queries.query("insert_token_states"))
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
