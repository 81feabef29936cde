"""The warehouse, file or lake: whether it opens, whether its tables are ours, who writes it."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection as DuckDB

from models.tables import TABLES
from pipelines.cli.doctor import Check
from pipelines.warehouse.lake import Lake, enter
from pipelines.warehouse.locking import FileLock, WarehouseError, WarehouseLocked, file_holder
from pipelines.warehouse.sql_files import query

_NEEDED = {("ops.pulls", "error"), ("ops.watermarks", "complete_until_at")}
_COLUMNS = """
select schema_name || '.' || table_name, column_name, data_type
from duckdb_columns()
where database_name = current_database() and not internal
"""


def check_warehouse(path: Path, now: datetime) -> Iterator[Check]:
    """Check the file that a run writes, opened for reading only."""
    if not path.exists():
        yield Check("warehouse", "file", "ok", "not there yet; the first run makes it")
        return
    lock = FileLock.of_warehouse(path)
    try:
        lock.acquire(0)
    except WarehouseLocked as error:
        yield Check("warehouse", "writer", "warn", str(error))
        return
    try:
        holder = file_holder(path)
        if holder is not None:
            message = (
                f"{holder} has the file open, so that a run waits for it; close it there, and read "
                "serving/current.duckdb or ask `roamhouse query` instead"
            )
            yield Check("warehouse", "reader", "warn", message)
            return
        yield from _check_file(path, now)
    finally:
        lock.release()


def check_lake(lake: Lake, now: datetime) -> Iterator[Check]:
    """Check the lake of a home, opened for reading only; nobody is waited for."""
    try:
        with duckdb.connect() as con:
            if not lake.attach_to_look(con):
                yield Check("warehouse", "lake", "ok", "answers; the first run makes the tables")
                return
            enter(con)
            found = _look_inside(con, now)
    except (WarehouseError, duckdb.Error) as error:
        yield Check("warehouse", "lake", "fail", str(error).splitlines()[0])
        return
    yield Check("warehouse", "lake", "ok", "opens, PostgreSQL answers")
    yield from found


def _check_file(path: Path, now: datetime) -> Iterator[Check]:
    try:
        with duckdb.connect(str(path), read_only=True) as con:
            found = _look_inside(con, now)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        message = (
            f"cannot be opened ({reason}); close what has it open or, if it is damaged, move it "
            "away and run `roamhouse replay`"
        )
        yield Check("warehouse", "file", "fail", message)
        return
    size = path.stat().st_size / (1 << 20)
    yield Check("warehouse", "file", "ok", f"opens, {size:,.1f} MiB, nobody is writing it")
    yield from found


def _look_inside(con: DuckDB, now: datetime) -> list[Check]:
    rows = con.execute(_COLUMNS).fetchall()
    checks = [_compare({(table, column): kind for table, column, kind in rows})]
    if {(table, column) for table, column, _ in rows} >= _NEEDED:
        checks += [*_watermarks(con, now), *_damaged_pulls(con)]
    if any(table == "ops.removals_skipped" for table, *_ in rows):
        checks += _removals_skipped(con)
    return checks


def _watermarks(con: DuckDB, now: datetime) -> Iterator[Check]:
    rows = con.execute(query("ops", "watermarks_ahead"), {"now": now}).fetchall()
    if rows:
        partner, module, until = rows[0]
        message = (
            f"{len(rows)} lists are said to be complete until a time that has not come, such as "
            f"{partner} {module} until {until:%Y-%m-%d %H:%M}; set our clock if it is wrong, else "
            "run: they are pulled whole and put right"
        )
        yield Check("warehouse", "watermarks", "warn", message)


def _damaged_pulls(con: DuckDB) -> Iterator[Check]:
    rows = con.execute(query("ops", "damaged_pulls")).fetchall()
    for _, _, module, error, fetched_again in rows:
        if not fetched_again:
            yield Check("landing", "bodies", "warn", f"{module}: {error}")


def _removals_skipped(con: DuckDB) -> Iterator[Check]:
    rows = con.execute(
        "select partner, count(*) from ops.removals_skipped group by partner order by partner"
    ).fetchall()
    for partner, objects in rows:
        message = (
            f"{partner} no longer lists {objects:,} objects, too many to believe at once: ask it, "
            f"then `roamhouse accept-removals --partner {partner}`"
        )
        yield Check("warehouse", "removals", "warn", message)


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
