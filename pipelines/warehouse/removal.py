"""Going away: what a complete full pull lacks is marked as gone, unless too much would go.

Partners drop EVSEs and connectors instead of sending status REMOVED, so only the absence from a
complete list of everything tells. A list that lacks much of a party is more often a partner's
fault than a demolition: beyond a tenth, and more than a handful, nothing of that party goes and
the refusal is reported, for a check to warn about.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from models.tables import CONNECTORS, EVSES, LOCATIONS, Table
from pipelines.landing.records import PullRecord
from pipelines.warehouse.queries import columns, same, staged, statement
from pipelines.warehouse.result import RemovalRefused

HANDFUL = 5
LARGEST_PART = 10  # at most one in ten

# How quarantine names the object itself or what it belongs to: `LOC`, `LOC/EVSE`, `LOC/EVSE/ID`.
_REFUSED_AS = {
    LOCATIONS.name: "c.id",
    EVSES.name: "c.location_id, c.location_id || '/' || c.uid",
    CONNECTORS.name: "c.location_id, c.location_id || '/' || c.evse_uid, "
    "c.location_id || '/' || c.evse_uid || '/' || c.id",
}
# What `no_missing` names by itself, or what does not belong to the object.
_NOT_IDS = ("partner", "country_code", "party_id", "valid_from_at")


def missing(table: Table) -> str:
    """The temporary table of what a pull lacked of `table`."""
    return f"missing_{table.name.split('.', 1)[1]}"


def tells_absence(pull: PullRecord) -> bool:
    """Whether what the pull lacks is gone: it is complete, of everything, and had a body."""
    return pull.status == "complete" and pull.mode == "full" and not pull.unchanged


def stage_missing(
    con: duckdb.DuckDBPyConnection, pull: PullRecord, tables: Iterable[Table]
) -> tuple[RemovalRefused, ...]:
    """Work out what the pull lacks, into `missing_<table>`; nothing where it cannot tell.

    Args:
        con: in the transaction of the load, before the pull's objects are merged.
        pull: the pull.
        tables: places, or one table of versions: a party is spared in all of them or in none.

    Returns:
        The removals not believed.
    """
    tables = tuple(tables)
    for table in tables:
        if tells_absence(pull):
            _stage(con, pull, table)
        else:
            names = columns([name for name in table.key if name not in _NOT_IDS], "c")
            con.execute(statement("no_missing", missing=missing(table), table=table.name, id=names))
    refused = tuple(refusal for table in tables for refusal in _refusals(con, pull.partner, table))
    for refusal in refused:
        for table in tables:
            con.execute(
                statement("spare_party", missing=missing(table)),
                {"country_code": refusal.country_code, "party_id": refusal.party_id},
            )
    return refused


def _stage(con: duckdb.DuckDBPyConnection, pull: PullRecord, table: Table) -> None:
    blanks = {"missing": missing(table), "table": table.name, "staged": staged(table)}
    values = {"partner": pull.partner, "party": pull.party}
    if table.name in _REFUSED_AS:
        con.execute(
            statement(
                "missing_places",
                key=columns(table.key, "c"),
                same_key=same(table.key, "s", "c"),
                refused_as=_REFUSED_AS[table.name],
                **blanks,
            ),
            values,
        )
    else:
        con.execute(statement("missing_versions", **blanks), {"module": pull.module, **values})


def _refusals(
    con: duckdb.DuckDBPyConnection, partner: str, table: Table
) -> Iterable[RemovalRefused]:
    end_column = "removed_at" if table.name in _REFUSED_AS else "valid_to_at"
    extent = con.execute(
        statement(
            "removal_extent", table=table.name, missing=missing(table), end_column=end_column
        ),
        {"partner": partner},
    ).fetchall()
    for country_code, party_id, live, lacking in extent:
        if lacking > HANDFUL and lacking * LARGEST_PART > live:
            yield RemovalRefused(table.name, country_code, party_id, live, lacking)


def remove_missing(con: duckdb.DuckDBPyConnection, pull: PullRecord, table: Table) -> int:
    """Mark the rows of `missing_<table>` as gone since the pull began.

    Returns:
        How many went.
    """
    removed: int = con.execute(
        statement("remove_missing", table=table.name, missing=missing(table)),
        {"started_at": pull.started_at},
    ).fetchall()[0][0]
    return removed
