"""Tables that hold the latest state of each object, and tables that keep the first row of a key.

Newer is decided by `last_updated`, then by the order of fetching; a copy that arrives late
changes nothing. See `models/sql/core/incoming_latest.sql` for the fates of an object.
"""

from __future__ import annotations

import duckdb

from models.tables import CONNECTORS, EVSES, HUB_CLIENTS, LOCATIONS, SESSIONS, TOKENS, Table
from pipelines.warehouse import queries
from pipelines.warehouse.queries import columns, incoming, same, staged, statement
from pipelines.warehouse.result import TableCounts

PLACES = (LOCATIONS, EVSES, CONNECTORS)
STATES = (SESSIONS, TOKENS, HUB_CLIENTS)

# The key's most telling column: what is read of rows that a pull does not mention.
_NARROW = {
    LOCATIONS.name: "id",
    EVSES.name: "uid",
    CONNECTORS.name: "evse_uid",
    SESSIONS.name: "id",
    TOKENS.name: "uid",
    HUB_CLIENTS.name: "party_id",
}
# What a kept row hands on to the one that replaces it.
_LOADED = {
    "first_seen_at": "coalesce(k.first_seen_at, n.first_fetched_at) as first_seen_at,",
    "removed_at": "cast(null as timestamptz) as removed_at, k.removed_at as known_removed_at,",
    "is_current_copy": "coalesce(k.is_current_copy, false) as is_current_copy,",
}


def stage_incoming(con: duckdb.DuckDBPyConnection, partner: str, table: Table) -> None:
    """Work out the fate of each object a pull brought, into `incoming_<table>`.

    Args:
        con: in the transaction of the load.
        partner: whose pull it is.
        table: one of `PLACES` or `STATES`, with its staged table made.
    """
    frame = queries.frame_names(table)
    known = {"last_updated_at", "fetched_at", "page_id", "content_hash", *table.key, *table.loaded}
    con.execute(
        statement(
            "incoming_latest",
            incoming=incoming(table),
            staged=staged(table),
            table=table.name,
            narrow=f'"{_NARROW[table.name]}"',
            key=columns(table.key, "s"),
            staged_columns=columns(frame, "s"),
            newest_columns=columns(frame, "n"),
            known_columns=columns([n for n in queries.names(table) if n in known], "c"),
            loaded_columns="\n  ".join(
                text for name, text in _LOADED.items() if name in table.loaded
            ),
            same_key=same(table.key, "k", "n"),
        ),
        {"partner": partner},
    )


def merge_incoming(con: duckdb.DuckDBPyConnection, table: Table) -> TableCounts:
    """Bring `incoming_<table>` into the table.

    Args:
        con: in the transaction of the load.
        table: one of `PLACES` or `STATES`, after `stage_incoming`.

    Returns:
        How many objects met which fate.
    """
    blanks = {"table": table.name, "incoming": incoming(table)}
    fates: dict[str, int] = dict(con.execute(statement("count_fates", **blanks)).fetchall())
    revived = 0
    if "removed_at" in table.loaded:
        revived = con.execute(statement("revive", **blanks)).fetchall()[0][0]
    # Row numbers hold until the transaction ends: the update comes first, it moves nothing.
    con.execute(statement("bump_last_updated", **blanks))
    con.execute(statement("delete_updated", **blanks))
    con.execute(statement("insert_incoming", columns=columns(queries.names(table)), **blanks))
    return TableCounts(**fates, revived=revived)


def insert_new(con: duckdb.DuckDBPyConnection, partner: str, table: Table) -> TableCounts:
    """Insert the staged rows whose key the table does not have; the first row of a key stays.

    Args:
        con: in the transaction of the load.
        partner: whose pull it is.
        table: `core.quarantine`, `core.deviations` or `core.embedded_tariffs`.

    Returns:
        The rows inserted.
    """
    inserted = con.execute(
        statement(
            "insert_new",
            table=table.name,
            staged=staged(table),
            columns=columns(queries.names(table)),
            staged_columns=columns(queries.names(table), "s"),
            key=columns(table.key, "s"),
            same_key=same(table.key, "c", "s", nullable=True),
        ),
        {"partner": partner},
    ).fetchall()[0][0]
    return TableCounts(inserted=inserted)
