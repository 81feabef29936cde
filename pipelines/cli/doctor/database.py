"""The warehouse file: whether it opens, whether its tables are ours, who is writing it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from models.tables import TABLES
from pipelines.cli.doctor.results import Check
from pipelines.warehouse.errors import WarehouseLocked
from pipelines.warehouse.locking import FileLock

_COLUMNS = """
select schema_name || '.' || table_name, column_name, data_type
from duckdb_columns()
where database_name = current_database() and not internal
"""


def check_warehouse(path: Path) -> Iterator[Check]:
    """Yield the file that a run writes, opened for reading only.

    Args:
        path: the DuckDB file.
    """
    if not path.exists():
        yield Check("warehouse", "file", "ok", "not there yet; the first run makes it")
        return
    lock = FileLock(path.with_name(f"{path.name}.lock"))
    try:
        lock.acquire(0)
    except WarehouseLocked as error:
        yield Check("warehouse", "writer", "warn", str(error))
        return
    try:
        yield from _look_inside(path)
    finally:
        lock.release()


def _look_inside(path: Path) -> Iterator[Check]:
    try:
        with duckdb.connect(str(path), read_only=True) as con:
            rows = con.execute(_COLUMNS).fetchall()
            kept = _kept(con) if any(row[0] == "ops.removals_skipped" for row in rows) else []
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        message = (
            f"cannot be opened ({reason}); close what has it open or, if it is damaged, move it "
            "away and run `roamhouse replay`"
        )
        yield Check("warehouse", "file", "fail", message)
        return
    found = {(table, column): kind for table, column, kind in rows}
    size = path.stat().st_size / (1 << 20)
    yield Check("warehouse", "file", "ok", f"opens, {size:,.1f} MiB, nobody is writing it")
    yield _compare(found)
    for partner, objects in kept:
        message = (
            f"{partner} no longer lists {objects:,} objects, too many to believe at once: ask it, "
            f"then `roamhouse accept-removals --partner {partner}`"
        )
        yield Check("warehouse", "removals", "warn", message)


def _kept(con: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    query = "select partner, count(*) from ops.removals_skipped group by partner order by partner"
    return con.execute(query).fetchall()


def _compare(found: dict[tuple[str, str], str]) -> Check:
    if found and ("ops.pulls", "pull_id") not in found:
        message = "holds other people's tables; name another home, or move the file away"
        return Check("warehouse", "tables", "fail", message)
    declared = {
        (table.name, column.name): column.duckdb_type.replace(
            "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"
        )
        for table in TABLES
        for column in table.columns
    }
    changed = [key for key, kind in declared.items() if found.get(key, kind) != kind]
    if changed:
        table, column = changed[0]
        message = (
            f"{len(changed)} columns have another type than this version expects, {table}.{column} "
            "among them; move the file away and run `roamhouse replay`"
        )
        return Check("warehouse", "tables", "fail", message)
    missing = len(declared.keys() - found.keys())
    grown = f", {missing} new columns will be added by the next run" if missing else ""
    return Check("warehouse", "tables", "ok", f"{len(TABLES)} tables as declared{grown}")
