"""Reconciliation of a warehouse: gather facts, let `models.recon` judge them, store the findings.

`reconcile` is the way in; `repricing` looks for root causes, `changes` finds what a later run must
look at again. Here are the stage's queries, and the temporary tables that they make of one another.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl
from duckdb import DuckDBPyConnection as DuckDB

from pipelines.warehouse import sql_files

query = partial(sql_files.query, "recon")

_TEMPORARY = "select table_name from duckdb_tables() where temporary and table_name like 'recon_%'"


def execute(con: DuckDB, name: str, values: Mapping[str, Any] | None = None) -> None:
    """Execute a query of this stage by name, with the values of its `$name`s."""
    con.execute(query(name), values)


def create_table(con: DuckDB, name: str, frame: pl.DataFrame) -> None:
    """Create a temporary table of a frame."""
    with sql_files.registered(con, frame_rows=frame):
        con.execute(f"create or replace temp table {name} as from frame_rows")


def drop_temporary_tables(con: DuckDB) -> None:
    """Drop the temporary tables of this stage."""
    for (table,) in con.execute(_TEMPORARY).fetchall():
        con.execute(f"drop table {table}")
