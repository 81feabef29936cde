"""Going away: what a complete full pull lacks is marked as gone, unless too much would go.

Partners drop EVSEs and connectors instead of sending status REMOVED, so only the absence from a
complete list of everything tells. A list that lacks much of a party is more often a partner's
fault than a demolition: beyond a tenth, and more than a handful, the removal of anything of that
party is skipped and reported, and what is kept so stands in `ops.removals_skipped`, until three
complete lists agree on it, or a person accepts what one of them lacks.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from models.tables.kinds import Table
from pipelines.landing.records import PullRecord
from pipelines.warehouse.sql_files import fetch_int
from pipelines.warehouse.table_queries import query
from pipelines.warehouse.table_queries import remove_missing as remove_missing_query


@dataclass(frozen=True)
class TableCounts:
    """The effect of a pull on one table."""

    inserted: int = 0  # rows of objects (or versions, intervals) not known before
    updated: int = 0  # objects whose content changed
    bumped: int = 0  # objects with a newer `last_updated` on the same content
    unchanged: int = 0  # objects that came as we have them
    stale: int = 0  # objects that came in an older copy than ours
    conflicts: int = 0  # changed copies of CDRs, refused and recorded
    removed: int = 0  # objects that a complete full pull no longer had
    revived: int = 0  # removed objects that came back

    @property
    def are_as_before(self) -> bool:
        """True where no object came that is new, other or back."""
        return not (self.inserted or self.updated or self.bumped or self.revived)


@dataclass(frozen=True)
class RemovalSkipped:
    """A complete full pull lacked so much of a party that it is not believed."""

    table: str  # the table in which too many objects would have gone
    country_code: str  # the owning party's country
    party_id: str  # the owning party
    live: int  # objects of that party before
    missing: int  # those that the pull lacked


@dataclass(frozen=True)
class LoadResult:
    """The result of loading a pull."""

    pull_id: str  # the pull
    # table name → counts, for the tables the pull brought rows for
    tables: Mapping[str, TableCounts] = field(default_factory=dict)
    # removals not believed; nothing of those parties was removed
    removals_skipped: tuple[RemovalSkipped, ...] = ()
    already_loaded: bool = False  # whether it was loaded before, so that nothing was done

    @property
    def changed(self) -> bool:
        """True where any row of core is not as it was."""
        return any(
            not counts.are_as_before or counts.conflicts or counts.removed
            for counts in self.tables.values()
        )


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
    if skipped:
        con.execute(
            query("insert_removals_skipped"),
            list_of | {"started_at": pull.started_at, "pull_id": pull.pull_id},
        )
    return skipped


def forget_seen(con: duckdb.DuckDBPyConnection, name: str, partner: str, **values: str) -> None:
    """Note that what was kept and is shown again is not missing any more.

    Args:
        con: in the transaction of the load, with the pull's objects staged.
        name: the query that takes it out of `ops.removals_skipped`.
        partner: whose pull it is.
        values: further parameters of that query.
    """
    kept = "select count(*) from ops.removals_skipped where partner = $partner"
    if fetch_int(con, kept, {"partner": partner}):
        con.execute(query(name), {"partner": partner} | values)


def count_missing(con: duckdb.DuckDBPyConnection, pull: PullRecord) -> int:
    """Count the rows that a pull lacks, after `stage_missing`."""
    if not is_complete_list(pull):
        return 0
    return fetch_int(con, "select count(*) from live_objects where is_missing")


def _exceeds(*, live: int, missing: int) -> bool:
    return missing > HANDFUL and missing * LARGEST_PART > live


def remove_missing(con: duckdb.DuckDBPyConnection, pull: PullRecord, table: Table) -> int:
    """Mark the rows that are missing from `live_objects` as gone since the pull began.

    Returns:
        How many went.
    """
    return fetch_int(con, remove_missing_query(table), {"started_at": pull.started_at})
