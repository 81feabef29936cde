"""Going away: what a complete full pull lacks is marked as gone, unless too much would go.

Partners drop EVSEs and connectors instead of sending status REMOVED, so only the absence from a
complete list of everything tells. A list that lacks much of a party is more often a partner's
fault than a demolition: beyond a tenth, and more than a handful, the removal of anything of that
party is skipped and reported, and what is kept so stands in `ops.removals_skipped`, until three
complete lists agree on it, or a person accepts what one of them lacks.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import duckdb

from models.tables.kinds import Table
from pipelines.landing.records import PullRecord
from pipelines.warehouse.result import RemovalSkipped
from pipelines.warehouse.sql_files import fetch_int
from pipelines.warehouse.table_queries import query
from pipelines.warehouse.table_queries import remove_missing as remove_missing_query

HANDFUL = 5
LARGEST_PART = 10  # at most one in ten
ENOUGH_LISTS = 3
"""Complete lists, one after the other, that are believed whatever they lack."""


def is_complete_list(pull: PullRecord) -> bool:
    """Return whether what the pull lacks is gone: it is complete, of everything, and had a body."""
    return pull.status == "complete" and pull.mode == "full" and not pull.unchanged


def stage_missing(
    con: duckdb.DuckDBPyConnection,
    pull: PullRecord,
    live: str,
    tables: Sequence[str],
    accepted: Collection[str] = (),
    **values: str,
) -> tuple[RemovalSkipped, ...]:
    """Work out what the pull lacks, into `live_objects`; nothing where it cannot tell.

    Args:
        con: in the transaction of the load, before the pull's objects are merged.
        pull: the pull.
        live: the query that makes `live_objects`: of all places, or of one table of versions. A
            party's removals are skipped in all of them or in none.
        tables: the tables that it is about.
        accepted: `CC/PID` of the parties whose removals by this pull a person accepted; `*`: all.
        values: further parameters of that query.

    Returns:
        The removals not believed.
    """
    scope = {"partner": pull.partner, "party": pull.party}
    con.execute(query(live), values | scope | {"is_complete_list": is_complete_list(pull)})
    if not is_complete_list(pull):
        return ()
    enough = {"enough_lists": ENOUGH_LISTS}
    extent = con.execute(query("removal_extent"), enough).fetchall()
    skipped = tuple(
        RemovalSkipped(*row)
        for row in extent
        if _exceeds(live=row[3], missing=row[4]) and not {"*", f"{row[1]}/{row[2]}"} & set(accepted)
    )
    for removal in skipped:
        party = {"country_code": removal.country_code, "party_id": removal.party_id}
        con.execute(query("keep_party"), enough | party)
    list_of = {"partner": pull.partner, "module": pull.module}
    con.execute(
        query("forget_removals_skipped"), list_of | {"party": pull.party, "tables": list(tables)}
    )
    con.execute(
        query("insert_removals_skipped"),
        list_of | {"started_at": pull.started_at, "pull_id": pull.pull_id},
    )
    return skipped


def _exceeds(*, live: int, missing: int) -> bool:
    return missing > HANDFUL and missing * LARGEST_PART > live


def remove_missing(con: duckdb.DuckDBPyConnection, pull: PullRecord, table: Table) -> int:
    """Mark the rows that are missing from `live_objects` as gone since the pull began.

    Returns:
        How many went.
    """
    return fetch_int(con, remove_missing_query(table), {"started_at": pull.started_at})
