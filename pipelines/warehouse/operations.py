"""`ops.*` of loading: the pull, its pages, and the watermark it moves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

import duckdb
import polars as pl

from models.tables import PAGES, PULLS, Table
from models.tables.operations import EVERY_PARTY
from pipelines.landing.records import PageRecord, PullMode, PullRecord
from pipelines.warehouse.errors import OvertakenPull
from pipelines.warehouse.table_queries import insert_all, query


def is_loaded(con: duckdb.DuckDBPyConnection, pull: PullRecord) -> bool:
    """Whether the pull was loaded before: `ops.pulls` has a row for it.

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


@dataclass(frozen=True)
class Reach:
    """What of a pull decides about the watermark; see `PullRecord`."""

    pull_id: str
    partner: str
    module: str
    party: str | None
    mode: PullMode
    status: str
    date_from_at: datetime | None
    date_to_at: datetime | None
    started_at: datetime

    @classmethod
    def of(cls, pull: PullRecord) -> Reach:
        """The reach of a pull."""
        return cls(**{field.name: getattr(pull, field.name) for field in fields(cls)})


def move_watermark(con: duckdb.DuckDBPyConnection, pull: Reach) -> datetime | None:
    """Move the watermark of the pull's list, if the pull may.

    Only a complete pull may; a window never does; an incremental one only if it began where
    the list was complete already, for otherwise there would be a gap before it.

    Returns:
        The new watermark, UTC; None: it did not move.
    """
    if pull.status != "complete" or pull.mode == "window":
        return None
    party = pull.party or EVERY_PARTY
    list_key = {"partner": pull.partner, "module": pull.module, "party": party}
    rows = con.execute(
        "select complete_until_at, full_at from ops.watermarks "
        "where partner = $partner and module = $module and party = $party",
        list_key,
    ).fetchall()
    until_at, full_at = rows[0] if rows else (None, None)
    reached = pull.date_to_at or pull.started_at
    if pull.mode == "full":
        full_at = pull.started_at
    elif pull.date_from_at is not None and (until_at is None or pull.date_from_at > until_at):
        return None
    if until_at is not None:
        reached = max(reached, until_at)
    moved = {"complete_until_at": reached, "full_at": full_at, "pull_id": pull.pull_id}
    con.execute(query("move_watermark"), list_key | moved)
    return reached


def remake_watermarks(con: duckdb.DuckDBPyConnection, partner: str, module: str) -> None:
    """Make the watermarks of a partner's module again from the pulls that are loaded."""
    values = {"partner": partner, "module": module}
    con.execute("delete from ops.watermarks where partner = $partner and module = $module", values)
    for row in con.execute(query("pulls_of_module"), values).fetchall():
        move_watermark(con, Reach(*row))


def _insert(con: duckdb.DuckDBPyConnection, table: Table, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    schema = table.polars_schema()
    frame = pl.DataFrame([{name: row[name] for name in schema} for row in rows], schema=schema)
    con.register("ops_rows", frame)
    con.execute(insert_all(table.name, "ops_rows"))
    con.unregister("ops_rows")
