"""Locations, EVSEs and connectors of one pull, and the history of each EVSE's status.

OCPI (mod_locations) sends only the present status; `core.evse_status` makes intervals of it:
a new status begins at the EVSE's own `last_updated` where that moved and is plausible, else when
we saw it; seeing it again, or a complete list of changes without it, proves it until then.
"""

from __future__ import annotations

from dataclasses import replace

import duckdb

from models.tables import CONNECTORS, EVSE_STATUS, EVSES, LOCATIONS
from pipelines.landing.records import PullRecord
from pipelines.warehouse.latest import PLACES, merge_incoming, stage_incoming
from pipelines.warehouse.queries import columns, names, statement
from pipelines.warehouse.removal import remove_missing, stage_missing
from pipelines.warehouse.result import RemovalRefused, TableCounts
from pipelines.warehouse.staging import Staging


def load_places(
    con: duckdb.DuckDBPyConnection, pull: PullRecord, staging: Staging
) -> tuple[dict[str, TableCounts], tuple[RemovalRefused, ...]]:
    """Bring the places of a pull into core.

    Args:
        con: in the transaction of the load.
        pull: a pull of the module locations.
        staging: what it brought.

    Returns:
        Table name → counts, and the removals not believed.
    """
    for table in PLACES:
        staging.ensure(table)
        stage_incoming(con, pull.partner, table)
    # Read before the merge: afterwards the rows they point at are replaced.
    refused = stage_missing(con, pull, (LOCATIONS, EVSES, CONNECTORS))
    con.execute(statement("touched_copies"))
    intervals = _load_status(con, pull)
    counts = {EVSE_STATUS.name: TableCounts(inserted=intervals)}
    for table in PLACES:
        removed = remove_missing(con, pull, table)
        counts[table.name] = replace(merge_incoming(con, table), removed=removed)
    con.execute(statement("current_copies"))
    return counts, refused


def _load_status(con: duckdb.DuckDBPyConnection, pull: PullRecord) -> int:
    """Continue the status intervals; how many began."""
    con.execute(statement("status_observed"), {"partner": pull.partner})
    con.execute(statement("status_goes_on"))
    con.execute(statement("status_ends"))
    began: int = con.execute(
        statement("status_begins", columns=columns(names(EVSE_STATUS)))
    ).fetchall()[0][0]
    con.execute(statement("status_follows"))
    con.execute(statement("status_removed"), {"started_at": pull.started_at})
    if pull.status == "complete" and (pull.mode == "incremental" or pull.unchanged):
        con.execute(
            statement("status_unmentioned"),
            {"partner": pull.partner, "party": pull.party, "started_at": pull.started_at},
        )
    return began
