"""Tables of versions, tariffs and invoice records: the shell around `models.ocpi.history`.

Only objects of which a pull shows something new are read, folded and written back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

import duckdb
import polars as pl

from models.ocpi.history import Observation, Version, fold
from models.tables.kinds import INSTANT, Table
from pipelines.landing.records import PullRecord
from pipelines.warehouse import table_queries
from pipelines.warehouse.removal import (
    RemovalSkipped,
    TableCounts,
    forget_seen,
    is_complete_list,
    stage_missing,
)
from pipelines.warehouse.sql_files import fetch_int, registered, row_count
from pipelines.warehouse.table_queries import query

_HISTORY_SCHEMA: dict[str, Any] = {
    "object": pl.Int64(),
    "valid_from_at": INSTANT,
    "valid_to_at": INSTANT,
    "last_updated_at": INSTANT,
    "content_hash": pl.String(),
    "fetched_at": INSTANT,
    "page_id": pl.String(),
}


_History = tuple[Version, ...]


def load_versions(
    con: duckdb.DuckDBPyConnection,
    pull: PullRecord,
    table: Table,
    accepted: Collection[str] = (),
    deleted: pl.DataFrame | None = None,
) -> tuple[TableCounts, tuple[RemovalSkipped, ...]]:
    """Continue the history of every object that a pull shows anew, or lacks.

    Args:
        con: in the transaction of the load.
        pull: the pull.
        table: `core.tariffs` or `core.invoices`, with its staged table made.
        accepted: see `removal.stage_missing`.
        deleted: the objects that the partner deleted: country_code, party_id and object_id in
            lower case, and deleted_at; None: none.

    Returns:
        `inserted`: objects not known before; `updated`: objects with other versions than before;
        `bumped`: with the same under a newer `last_updated`; `removed`: objects that ended. And
        the removals not believed.
    """
    con.execute(table_queries.create_known_versions(table))
    con.execute(table_queries.create_staged_versions(table))
    of_table = {"table_name": table.name}
    forget_seen(con, "forget_seen_versions", pull.partner, **of_table)
    skipped = stage_missing(
        con, pull, "live_versions", [table.name], accepted, module=pull.module, **of_table
    )
    if deleted is not None:
        con.register("deleted_objects", deleted)
        con.execute(query("deleted_versions"), of_table | {"partner": pull.partner})
    con.execute(query("touched_versions"), {"partner": pull.partner})
    known, seen, missing = _copies(con, pull.partner)
    gone = dict.fromkeys(missing, pull.started_at) | _deletions(con, deleted)
    histories: dict[int, _History] = {}
    for number in known.keys() | seen.keys():
        before = known.get(number, ())
        after = fold(
            before, seen.get(number, ()), gone.get(number), is_complete_list=is_complete_list(pull)
        )
        if after != before:
            histories[number] = after
    if histories:
        _write(con, table, histories)
    objects = fetch_int(
        con, "select count(distinct (country_code, party_id, lower(id))) from staged_versions"
    )
    return _counts(objects, known, histories, gone), skipped


def _deletions(con: duckdb.DuckDBPyConnection, deleted: pl.DataFrame | None) -> dict[int, datetime]:
    """Return when each touched object was deleted; one that is repeated, the first time."""
    if deleted is None:
        return {}
    found = con.execute(query("deletions")).fetchall()
    con.unregister("deleted_objects")
    return dict(found)


def _counts(
    objects: int, before: dict[int, _History], after: dict[int, _History], gone: dict[int, datetime]
) -> TableCounts:
    changed = (after.keys() & before.keys()) - gone.keys()
    bumped = sum(_spans(before[number]) == _spans(after[number]) for number in changed)
    inserted = len(after.keys() - before.keys())
    return TableCounts(
        inserted=inserted,
        updated=len(changed) - bumped,
        bumped=bumped,
        unchanged=objects - inserted - len(changed),
        removed=len(gone),
    )


def _spans(history: _History) -> list[tuple[str, datetime, datetime | None]]:
    return [(v.content_hash, v.valid_from_at, v.valid_to_at) for v in history]


def _copies(
    con: duckdb.DuckDBPyConnection, partner: str
) -> tuple[dict[int, _History], dict[int, tuple[Observation, ...]], set[int]]:
    """Return the versions so far, the copies of the pull, and which objects it lacks."""
    known: dict[int, _History] = defaultdict(tuple)
    seen: dict[int, tuple[Observation, ...]] = defaultdict(tuple)
    gone: set[int] = set()
    if not row_count(con, "touched_versions"):
        return known, seen, gone
    con.execute(query("version_copies"), {"partner": partner})
    rows = con.execute(
        "select object, arrival, is_missing, content_hash, valid_from_at, valid_to_at, "
        "last_updated_at, fetched_at, page_id "
        "from version_copies order by object, arrival, valid_from_at"
    ).fetchall()
    for number, arrival, is_missing, content_hash, valid_from_at, valid_to_at, *origin in rows:
        if arrival < 0:
            known[number] += (Version(content_hash, valid_from_at, valid_to_at, *origin),)
        else:
            seen[number] += (Observation(content_hash, *origin),)
        if is_missing:
            gone.add(number)
    return known, seen, gone


def _write(con: duckdb.DuckDBPyConnection, table: Table, histories: dict[int, _History]) -> None:
    """Replace the versions of the given objects; each finds its content by hash and page."""
    rows = [
        {
            "object": number,
            **{name: getattr(version, name) for name in _HISTORY_SCHEMA if name != "object"},
        }
        for number in sorted(histories)
        for version in histories[number]
    ]
    with registered(con, folded_versions=pl.DataFrame(rows, schema=_HISTORY_SCHEMA)):
        con.execute(query("rebuilt_versions"))
        con.execute(table_queries.delete_folded_versions(table))
        con.execute(table_queries.insert_all(table.name, "rebuilt_versions"))
