"""`ops.*` of loading: the pull, its pages, and the watermark it moves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import duckdb
import polars as pl

from models.ocpi.watermarks import (
    Reach,
    Watermark,
    earliest_witness,
    moved_watermark,
    read_http_date,
)
from models.tables.kinds import Table
from models.tables.operations import PAGES, PULLS
from pipelines.landing.records import PageRecord, PullRecord
from pipelines.warehouse.locking import OvertakenPull
from pipelines.warehouse.sql_files import fetch_row, insert_frame, registered
from pipelines.warehouse.table_queries import columns, query

_FEW_ROWS = 8


def is_loaded(con: duckdb.DuckDBPyConnection, pull: PullRecord) -> bool:
    """Tell whether the pull was loaded before: `ops.pulls` has a row for it.

    Raises:
        OvertakenPull: it was not, but a later pull of the same list was.
    """
    later = con.execute(
        query("later_pulls"),
        {
            "partner": pull.partner,
            "module": pull.module,
            "party": pull.party,
            "pull_id": pull.pull_id,
        },
    ).fetchall()
    if any(pull_id == pull.pull_id for (pull_id,) in later):
        return True
    if later:
        raise OvertakenPull(
            f"{pull.pull_id} comes before {later[0][0]}, which is loaded already: clear "
            f"{pull.partner}/{pull.module} and load all its pulls again, in order"
        )
    return False


def record_pull(
    con: duckdb.DuckDBPyConnection, pull: PullRecord, pages: Sequence[PageRecord]
) -> None:
    """Write the rows of `ops.pulls` and `ops.pages`."""
    _insert(con, PULLS, [asdict(pull)])
    _insert(
        con,
        PAGES,
        [{**asdict(page), "headers": json.dumps(page.headers, sort_keys=True)} for page in pages],
    )


def record_pushes(con: duckdb.DuckDBPyConnection, frames: Sequence[pl.DataFrame]) -> None:
    """Write the rows of `ops.pushes`, each once: a killed receiver's may be landed twice."""
    for frame in frames:
        with registered(con, push_rows=frame):
            con.execute(query("audit_pushes"))
            con.execute(query("insert_pushes"))


def move_watermark(
    con: duckdb.DuckDBPyConnection, pull: PullRecord, pages: Sequence[PageRecord]
) -> None:
    """Move the watermark of a recorded pull's list, if the pull may (`moved_watermark`)."""
    dates = (page.headers["date"] for page in pages if "date" in page.headers)
    fetched_at = min((page.fetched_at for page in pages), default=None)
    others = (pull.finished_at, fetched_at, read_http_date(next(dates, None)))
    reach = Reach(
        *(pull.pull_id, pull.mode, pull.status == "complete", pull.date_from_at, pull.date_to_at),
        began_at=earliest_witness(pull.started_at, others),
    )
    _move(con, pull.partner, pull.module, pull.party or "*", reach)


def remake_watermarks(con: duckdb.DuckDBPyConnection, partner: str, module: str) -> None:
    """Make the watermarks of a partner's module again from the pulls that are loaded."""
    values = {"partner": partner, "module": module}
    con.execute("delete from ops.watermarks where partner = $partner and module = $module", values)
    for row in con.execute(query("pulls_that_move"), values).fetchall():
        party, pull, mode, is_complete, since, until, started, finished, fetched, date = row
        began = earliest_witness(started, (finished, fetched, read_http_date(date)))
        _move(con, partner, module, party, Reach(pull, mode, is_complete, since, until, began))


def _move(
    con: duckdb.DuckDBPyConnection, partner: str, module: str, party: str, reach: Reach
) -> None:
    key = {"partner": partner, "module": module, "party": party}
    known = fetch_row(
        con,
        "select complete_until_at, full_at, pull_id from ops.watermarks "
        "where partner = $partner and module = $module and party = $party",
        key,
    )
    moved = moved_watermark(Watermark(*known) if known else None, reach)
    if moved is not None:
        con.execute(query("move_watermark" if known else "insert_watermark"), key | asdict(moved))


def _insert(con: duckdb.DuckDBPyConnection, table: Table, rows: list[dict[str, Any]]) -> None:
    schema = table.polars_schema()
    if len(rows) > _FEW_ROWS:
        frame = pl.DataFrame([{name: row[name] for name in schema} for row in rows], schema=schema)
        insert_frame(con, table.name, frame)
    elif rows:  # most pulls have a page or two: as parameters they cost a fifth
        one = f"({', '.join('?' * len(schema))})"
        con.execute(
            f"insert into {table.name} ({columns(schema)}) "  # noqa: S608 - declared names
            f"values {', '.join([one] * len(rows))}",
            [row[name] for row in rows for name in schema],
        )
