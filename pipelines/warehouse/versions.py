"""Tables of versions, tariffs and invoice records: the shell around `models.ocpi.history`.

Only objects of which a pull shows something new are read, folded and written back.
"""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Any

import duckdb
import polars as pl

from models.ocpi.history import Observation, Version, fold
from models.tables import Table
from models.tables.kinds import INSTANT
from pipelines.warehouse.queries import columns, frame_names, names, staged, statement
from pipelines.warehouse.result import TableCounts

_HISTORY_SCHEMA: dict[str, Any] = {
    "object": pl.Int64(),
    "valid_from_at": INSTANT,
    "valid_to_at": INSTANT,
    "last_updated_at": INSTANT,
    "content_hash": pl.String(),
    "fetched_at": INSTANT,
    "page_id": pl.String(),
}


def merge_versions(
    con: duckdb.DuckDBPyConnection, partner: str, table: Table, removed_at: datetime | None
) -> TableCounts:
    """Continue the history of every object that a pull shows anew, or lacks.

    Args:
        con: in the transaction of the load; `missing_<table>` says what the pull lacks.
        partner: whose pull it is.
        table: `core.tariffs` or `core.invoices`.
        removed_at: start of the pull.

    Returns:
        `inserted`: objects not known before; `updated`: objects with other versions than before;
        `bumped`: with the same under a newer `last_updated`; `removed`: objects that ended.
    """
    blanks = _blanks(table)
    con.execute(statement("touched_versions", **blanks), {"partner": partner})
    known = {
        number: tuple(Version(**row) for row in rows)
        for number, rows in _by_object(con, statement("known_versions", **blanks)).items()
    }
    seen = _by_object(con, statement("seen_versions", **blanks))
    gone = {row[0] for row in con.execute(statement("gone_versions", **blanks)).fetchall()}
    histories: dict[int, tuple[Version, ...]] = {}
    for number in known.keys() | seen.keys():
        before = known.get(number, ())
        copies = [Observation(**row) for row in seen.get(number, ())]
        after = fold(before, copies, removed_at if number in gone else None)
        if after != before:
            histories[number] = after
    if histories:
        _write(con, histories, blanks)
    objects = con.execute(statement("count_versioned", **blanks)).fetchall()[0][0]
    return _counts(objects, known, histories, gone)


def _counts(
    objects: int,
    before: dict[int, tuple[Version, ...]],
    after: dict[int, tuple[Version, ...]],
    gone: set[int],
) -> TableCounts:
    changed = (after.keys() & before.keys()) - gone
    bumped = sum(_spans(before[number]) == _spans(after[number]) for number in changed)
    inserted = len(after.keys() - before.keys())
    return TableCounts(
        inserted=inserted,
        updated=len(changed) - bumped,
        bumped=bumped,
        unchanged=objects - inserted - len(changed),
        removed=len(gone),
    )


def _spans(history: tuple[Version, ...]) -> list[tuple[str, datetime, datetime | None]]:
    return [(v.content_hash, v.valid_from_at, v.valid_to_at) for v in history]


def _blanks(table: Table) -> dict[str, str]:
    short = table.name.split(".", 1)[1]
    content = [name for name in frame_names(table) if name not in _HISTORY_SCHEMA and name != "id"]
    return {
        "table": table.name,
        "staged": staged(table),
        "touched": f"touched_{short}",
        "missing": f"missing_{short}",
        "columns": columns(names(table)),
        "known_content": columns(content, "c"),
        "staged_content": columns(content, "s"),
    }


def _by_object(con: duckdb.DuckDBPyConnection, query: str) -> dict[int, list[dict[str, Any]]]:
    """The rows of a query, by its first column, `object`, as keyword arguments."""
    rows = con.sql(query).pl().iter_rows(named=True)
    return {
        number: [{k: v for k, v in row.items() if k != "object"} for row in group]
        for number, group in groupby(rows, key=lambda row: int(row["object"]))
    }


def _write(
    con: duckdb.DuckDBPyConnection,
    histories: dict[int, tuple[Version, ...]],
    blanks: dict[str, str],
) -> None:
    """Replace the versions of the given objects; each finds its content by hash and page."""
    rows = [
        {
            "object": number,
            **{name: getattr(version, name) for name in _HISTORY_SCHEMA if name != "object"},
        }
        for number in sorted(histories)
        for version in histories[number]
    ]
    con.register("folded_rows", pl.DataFrame(rows, schema=_HISTORY_SCHEMA))
    con.execute(statement("rebuilt_versions", **blanks))
    con.execute(statement("delete_touched_versions", **blanks))
    con.execute(statement("insert_rebuilt_versions", **blanks))
    con.unregister("folded_rows")
