"""Warehouses in memory, and rows for them: a copy of one that was filled once, in half the time."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from models.tables import BY_NAME
from pipelines.warehouse.structure import prepare

Fill = Callable[[duckdb.DuckDBPyConnection], object]


def leave_empty(_: duckdb.DuckDBPyConnection) -> None:
    """Fill a warehouse with nothing."""


def in_memory(fill: Fill = leave_empty) -> duckdb.DuckDBPyConnection:
    """A warehouse of the test's own; `fill`, a function of a module, is called once a process."""
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    if os.environ.get("ROAMHOUSE_TEST_WAREHOUSE") == "lake":
        prepare(con)
        fill(con)
    else:
        con.execute(f"attach '{_filled(fill)}' as filled (read_only)")
        con.execute("copy from database filled to memory; detach filled")
    return con


@cache
def _filled(fill: Fill) -> Path:
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    with duckdb.connect(folder / "filled.duckdb") as con:
        con.execute("set TimeZone = 'UTC'")
        prepare(con)
        fill(con)
    return folder / "filled.duckdb"


def insert(con: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert what a table has of each row, one by one: a frame of one row takes twice as long."""
    for row in rows:
        names = [name for name in BY_NAME[table].polars_schema() if row.get(name) is not None]
        con.execute(
            f"insert into {table} ({', '.join(names)}) values ({', '.join('?' * len(names))})",  # noqa: S608 - declared names
            [row[name] for name in names],
        )
