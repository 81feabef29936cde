"""Merging what a pull brought into core: CDRs, places with their status, states of other objects.

A complete list of everything shows what is current. Elsewhere newer is decided by `last_updated`,
then by the order of fetching, and a copy that arrives late changes nothing. See
`table_queries.create_incoming` for the merge actions. All of it is in the transaction of the load.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import duckdb

from models.ocpi.modules import MODULES
from models.tables import BY_NAME
from models.tables.charging import CDRS, CHARGING_PERIODS, SESSIONS
from models.tables.kinds import Table
from models.tables.objects import (
    CONNECTORS,
    EVSE_STATUS,
    EVSES,
    HUB_CLIENTS,
    INVOICES,
    LOCATIONS,
    QUARANTINE,
    TARIFFS,
    TOKENS,
)
from pipelines.landing.records import PullRecord
from pipelines.warehouse import table_queries
from pipelines.warehouse.removal import (
    RemovalSkipped,
    TableCounts,
    count_missing,
    forget_seen,
    is_complete_list,
    remove_missing,
    stage_missing,
)
from pipelines.warehouse.sql_files import fetch_int
from pipelines.warehouse.staging import Staging
from pipelines.warehouse.table_queries import insert_whole, query, staged


def load_cdrs(
    con: duckdb.DuckDBPyConnection, partner: str, staging: Staging
) -> dict[str, TableCounts]:
    """Put the CDRs of a pull into core, with their periods and conflicts.

    OCPI (mod_cdrs): a CDR is the description of a concluded session and is final; what a partner
    wants changed, it credits. So the first copy in page order is the one that is priced and paid,
    its charging periods come with it and with no other copy, and each other content is kept once
    in `core.cdr_conflicts` for reconciliation to raise.

    Returns:
        Table name → counts.
    """
    con.execute(query("known_cdrs"), {"partner": partner})
    con.execute(query("fresh_cdrs"))
    objects, fresh, is_same = con.execute(query("count_cdrs")).fetchall()[0]
    # Asking each row whether it is fresh is a third of the cost, and mostly all of them are.
    all_fresh = staging.rows(CDRS) == fresh
    if fresh:
        con.execute(insert_whole(CDRS) if all_fresh else query("insert_fresh_cdrs"))
    if fresh and staging.rows(CHARGING_PERIODS):
        con.execute(insert_whole(CHARGING_PERIODS) if all_fresh else query("insert_fresh_periods"))
    conflicts = 0
    if not is_same:
        staging.ensure(CHARGING_PERIODS)
        conflicts = fetch_int(con, query("insert_cdr_conflicts"))
    return {CDRS.name: TableCounts(inserted=fresh, unchanged=objects - fresh, conflicts=conflicts)}


# Ids of these versions are plain strings; since 2.2 case does not matter (OCPI types, CiString).
_EXACT_IDS = frozenset({"2.0", "2.1", "2.1.1"})
PLACES = (LOCATIONS, EVSES, CONNECTORS)
STATES = (SESSIONS, TOKENS, HUB_CLIENTS)
"""Tables that hold the latest state of each object."""
VERSIONED = (TARIFFS, INVOICES)
"""Tables that hold every version of each object."""


def stage_incoming(con: duckdb.DuckDBPyConnection, pull: PullRecord, table: Table) -> None:
    """Work out the merge action of each object that is staged, into `incoming_<table>`."""
    con.execute(
        table_queries.create_incoming(table, ignore_case=pull.ocpi_version not in _EXACT_IDS),
        {"partner": pull.partner, "is_complete_list": is_complete_list(pull)},
    )


def count_incoming(con: duckdb.DuckDBPyConnection, table: Table) -> TableCounts:
    """Count the objects of `incoming_<table>` by their action."""
    actions = con.execute(table_queries.count_actions(table)).fetchall()
    counts = {action: objects for action, objects, _ in actions}
    return TableCounts(**counts, revived=sum(revived for _, _, revived in actions))


def merge_incoming(con: duckdb.DuckDBPyConnection, table: Table, counts: TableCounts) -> None:
    """Bring `incoming_<table>` into the table; nothing is asked for what did not come.

    `counts`: its objects by their action.
    """
    # Row numbers hold until the transaction ends: the update comes first, it moves nothing.
    if counts.bumped or counts.revived:
        con.execute(table_queries.confirm_known(table))
    if counts.inserted or counts.updated:
        con.execute(table_queries.merge_incoming(table))
    if table is TOKENS:
        con.execute(query("insert_token_states"))


def insert_unknown(con: duckdb.DuckDBPyConnection, partner: str, table: Table) -> TableCounts:
    """Insert the staged rows whose key the table does not have; the first row of a key stays."""
    inserted = fetch_int(con, table_queries.insert_unknown(table), {"partner": partner})
    return TableCounts(inserted=inserted)


def load_places(
    con: duckdb.DuckDBPyConnection,
    pull: PullRecord,
    staging: Staging,
    accepted: Collection[str] = (),
) -> tuple[dict[str, TableCounts], tuple[RemovalSkipped, ...]]:
    """Bring the places of a pull into core, and continue the history of each EVSE's status.

    OCPI (mod_locations) sends only the present status; `core.evse_status` makes intervals of it:
    a new status begins at the EVSE's own `last_updated` where that moved and is plausible, else
    when we saw it; seeing it again, or a complete list of changes without it, proves it until then.
    Pushes tell of each change, so that several of one EVSE in one pull are intervals of their own.

    Returns:
        Table name → counts, and the removals not believed.
    """
    staging.ensure(QUARANTINE)
    for table in PLACES:
        staging.ensure(table)
        stage_incoming(con, pull, table)
    incoming = {table.name: count_incoming(con, table) for table in PLACES}
    # Read before the merge: afterwards the rows they point at are replaced.
    forget_seen(con, "forget_seen_places", pull.partner)
    tables = [table.name for table in PLACES]
    skipped = stage_missing(con, pull, "live_places", tables, accepted)
    missing = count_missing(con, pull)
    are_others = missing > 0 or not incoming[EVSES.name].are_as_before
    if are_others:
        con.execute(query("touched_copies"))
    intervals = _load_status(con, pull, staging, incoming[EVSES.name])
    if missing:
        con.execute(
            query("status_removed"), {"partner": pull.partner, "started_at": pull.started_at}
        )
    observe_unmentioned(con, pull, staging)
    counts = {EVSE_STATUS.name: TableCounts(inserted=intervals)}
    for table in PLACES:
        removed = remove_missing(con, pull, table) if missing else 0
        merge_incoming(con, table, incoming[table.name])
        counts[table.name] = replace(incoming[table.name], removed=removed)
    if are_others:
        con.execute(query("current_copies"))
    return counts, skipped


def observe_unmentioned(con: duckdb.DuckDBPyConnection, pull: PullRecord, staging: Staging) -> None:
    """Prove the statuses that a complete list of changes does not mention, until it began."""
    if pull.status != "complete" or not (pull.mode == "incremental" or pull.unchanged):
        return
    for table in (LOCATIONS, QUARANTINE):
        staging.ensure(table)
    con.execute(
        query("status_unmentioned"),
        {"partner": pull.partner, "party": pull.party, "started_at": pull.started_at},
    )


def _load_status(
    con: duckdb.DuckDBPyConnection, pull: PullRecord, staging: Staging, evses: TableCounts
) -> int:
    """Continue the status intervals; how many began."""
    if not staging.rows(EVSES):
        return 0
    partner = {"partner": pull.partner}
    if evses.updated:
        con.execute(query("status_follows"))
    changes = _load_status_changes(con, partner) if pull.mode == "push" else 0
    con.execute(query("status_observed"), partner)
    con.execute(query("status_continues"))
    return changes + fetch_int(con, query("status_begins"))


def _load_status_changes(con: duckdb.DuckDBPyConnection, partner: dict[str, str]) -> int:
    """Write each change of status that pushes tell of; the newest copy then goes on with it."""
    con.execute(query("status_changes"), partner)
    con.execute(query("status_ended"))
    return fetch_int(con, query("status_pushed"))


_IDENTITY = {"core.tokens": "uid", "core.hub_clients": "country_code || '/' || party_id"}


def compare_with_pushes(con: duckdb.DuckDBPyConnection, pull: PullRecord, staging: Staging) -> None:
    """Compare what a pull brought with what was pushed, into `ops.push_audit`, an object a row.

    Only of partners that push: a list of which nothing was ever pushed costs one look. A pull of
    pushes is compared with nothing.
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
