"""Locations, EVSEs and connectors of one pull, and the history of each EVSE's status.

OCPI (mod_locations) sends only the present status; `core.evse_status` makes intervals of it:
a new status begins at the EVSE's own `last_updated` where that moved and is plausible, else when
we saw it; seeing it again, or a complete list of changes without it, proves it until then. Pushes
tell of each change, so that several of one EVSE in one pull are intervals of their own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import duckdb

from models.tables.objects import EVSE_STATUS, LOCATIONS, QUARANTINE
from pipelines.landing.records import PullRecord
from pipelines.warehouse.latest import PLACES, merge_incoming, stage_incoming
from pipelines.warehouse.removal import remove_missing, stage_missing
from pipelines.warehouse.result import RemovalSkipped, TableCounts
from pipelines.warehouse.sql_files import fetch_int
from pipelines.warehouse.staging import Staging
from pipelines.warehouse.table_queries import query


def load_places(
    con: duckdb.DuckDBPyConnection,
    pull: PullRecord,
    staging: Staging,
    accepted: Collection[str] = (),
) -> tuple[dict[str, TableCounts], tuple[RemovalSkipped, ...]]:
    """Bring the places of a pull into core.

    Args:
        con: in the transaction of the load.
        pull: a pull of the module locations.
        staging: what it brought.
        accepted: see `removal.stage_missing`.

    Returns:
        Table name → counts, and the removals not believed.
    """
    for table in PLACES:
        staging.ensure(table)
        stage_incoming(con, pull, table)
    # Read before the merge: afterwards the rows they point at are replaced.
    con.execute(query("forget_seen_places"), {"partner": pull.partner})
    tables = [table.name for table in PLACES]
    skipped = stage_missing(con, pull, "live_places", tables, accepted)
    con.execute(query("touched_copies"))
    intervals = _load_status(con, pull, staging)
    counts = {EVSE_STATUS.name: TableCounts(inserted=intervals)}
    for table in PLACES:
        removed = remove_missing(con, pull, table)
        counts[table.name] = replace(merge_incoming(con, table), removed=removed)
    con.execute(query("current_copies"))
    return counts, skipped


def observe_unmentioned(con: duckdb.DuckDBPyConnection, pull: PullRecord, staging: Staging) -> None:
    """Prove the statuses that a complete list of changes does not mention, until it began.

    Args:
        con: in the transaction of the load.
        pull: a pull of the module locations; of any other kind it proves nothing.
        staging: what it brought.
    """
    if pull.status != "complete" or not (pull.mode == "incremental" or pull.unchanged):
        return
    for table in (LOCATIONS, QUARANTINE):
        staging.ensure(table)
    con.execute(
        query("status_unmentioned"),
        {"partner": pull.partner, "party": pull.party, "started_at": pull.started_at},
    )


def _load_status(con: duckdb.DuckDBPyConnection, pull: PullRecord, staging: Staging) -> int:
    """Continue the status intervals; how many began."""
    partner = {"partner": pull.partner}
    con.execute(query("status_follows"))
    changes = _load_status_changes(con, partner) if pull.mode == "push" else 0
    con.execute(query("status_observed"), partner)
    con.execute(query("status_continues"))
    began = changes + fetch_int(con, query("status_begins"))
    con.execute(query("status_removed"), partner | {"started_at": pull.started_at})
    observe_unmentioned(con, pull, staging)
    return began


def _load_status_changes(con: duckdb.DuckDBPyConnection, partner: dict[str, str]) -> int:
    """Write each change of status that pushes tell of; the newest copy then goes on with it."""
    con.execute(query("status_changes"), partner)
    con.execute(query("status_ended"))
    return fetch_int(con, query("status_pushed"))
