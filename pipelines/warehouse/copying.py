"""Copying every table between a lake and a file, proved by counts and sums of hashes."""

# ruff: noqa: S608 - the names are our own

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb

from models.tables import TABLES
from models.tables.kinds import Table
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.lake import CATALOGUE
from pipelines.warehouse.locking import FileLock, WarehouseError
from pipelines.warehouse.sql_files import fetch_row, literal, row_count, transaction
from pipelines.warehouse.structure import write_comments
from pipelines.warehouse.table_queries import columns, names

_FILE: Final = "file"
_TABLES: Final = tuple(table for table in TABLES if table.query is None)


def write_file(warehouse: Warehouse, target: Path) -> int:
    """Write what a lake holds at one moment into a DuckDB file, while others go on writing it.

    Args:
        warehouse: of a lake.
        target: the file, written over where there is one.

    Returns:
        How many rows there are.

    Raises:
        WarehouseError: it cannot be written, or is not equal to the lake.
    """
    target.unlink(missing_ok=True)
    with Warehouse(target) as file, file.writer() as writer:
        write_comments(writer)
    FileLock.of_warehouse(target).path.unlink()
    with warehouse.cursor() as con, _attached(con, target):
        return _copy_tables(con, CATALOGUE, _FILE)


def read_file(warehouse: Warehouse, source: Path) -> int:
    """Put what a DuckDB file holds in the place of what a lake does; readers see it all at once.

    Args:
        warehouse: of a lake.
        source: a file that this version wrote and that nobody has open.

    Returns:
        How many rows there are.

    Raises:
        WarehouseError: the lake is not equal to the file; it is as it was.
    """
    with warehouse.writer() as con, _attached(con, source):
        return _copy_tables(con, _FILE, CATALOGUE)


@contextmanager
def _attached(con: duckdb.DuckDBPyConnection, path: Path) -> Iterator[None]:
    try:
        con.execute(f"attach {literal(str(path))} as {_FILE}")
        try:
            yield
        finally:
            con.execute(f"detach {_FILE}")
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise WarehouseError(f"{path.name} and the lake cannot be copied ({reason})") from error


def _copy_tables(con: duckdb.DuckDBPyConnection, source: str, target: str) -> int:
    with transaction(con):
        return sum(_copy(con, table, source, target) for table in _TABLES)


def _copy(con: duckdb.DuckDBPyConnection, table: Table, source: str, target: str) -> int:
    """Copy one table, prove that it came whole, and return how many rows it has."""
    if row_count(con, f"{target}.{table.name}"):
        con.execute(f"delete from {target}.{table.name}")
    own = columns(names(table))
    con.execute(
        f"insert into {target}.{table.name} ({own}) select {own} from {source}.{table.name}"
    )
    content = _content(con, f"{source}.{table.name}", table)
    if content != _content(con, f"{target}.{table.name}", table):
        raise WarehouseError(f"{table.name} was not copied whole: nothing was changed")
    return content[0]


def _content(con: duckdb.DuckDBPyConnection, name: str, table: Table) -> tuple[int, int | None]:
    """Return how many rows a table has, and the sum of their hashes, which knows no order."""
    hashes = f"sum(hash({columns(names(table), 'c')}))"
    row = fetch_row(con, f"select count(*), {hashes} from {name} as c")
    return row if row is not None else (0, None)
