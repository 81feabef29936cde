"""SQL: the files of `models/sql`, a folder for each stage, and answers of a single number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from graphlib import TopologicalSorter
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import duckdb

from pipelines.warehouse.locking import WarehouseError

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

# In DuckDB 1 a relation with values makes its rows one by one, which takes ten times as long as the
# query itself; in DuckDB 2 it is the way to frames, and what was executed has none.
IS_DUCKDB_1 = duckdb.__version__.startswith("1.")


@cache
def query(stage: str, name: str) -> str:
    """Return the text of one query, which runs as it stands."""
    return (files("models") / "sql" / stage / f"{name}.sql").read_text(encoding="utf-8")


@cache
def macro_texts() -> Mapping[str, str]:
    """Return the macros of `models/sql/macros`, which queries share: name → what creates it."""
    folder = files("models") / "sql" / "macros"
    return {
        entry.name.removesuffix(".sql"): entry.read_text(encoding="utf-8")
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".sql")
    }


def macros() -> tuple[str, ...]:
    """Return the statements that create the macros.

    A macro comes after those that it calls: the engine looks them up when it is created.
    """
    texts = macro_texts()
    calls = {
        name: [other for other in texts if other != name and f"{other}(" in text]
        for name, text in texts.items()
    }
    return tuple(texts[name] for name in TopologicalSorter(calls).static_order())


def fetch_row(
    con: duckdb.DuckDBPyConnection, text: str, values: Mapping[str, Any] | Sequence[Any] = ()
) -> tuple[Any, ...] | None:
    """Return the first row that a query answers with; None: it has none.

    All its rows are taken: DuckDB 2 holds a connection until a result is at its end.

    `text`: the query, of few rows.
    """
    rows = con.execute(text, values).fetchall()
    return rows[0] if rows else None


def fetch_int(
    con: duckdb.DuckDBPyConnection, text: str, values: Mapping[str, Any] | None = None
) -> int:
    """Return the one whole number that a query answers with, such as a count."""
    return int(con.execute(text, values).fetchall()[0][0])


def fetch_frame(
    con: duckdb.DuckDBPyConnection, text: str, values: Mapping[str, Any] | None = None
) -> pl.DataFrame:
    """Return the rows that a query answers with as a frame."""
    return _ask(con, text, values).pl()


def fetch_table(
    con: duckdb.DuckDBPyConnection, text: str, values: Mapping[str, Any] | None = None
) -> pa.Table:
    """Return the rows that a query answers with as an Arrow table."""
    return _ask(con, text, values).to_arrow_table()


def fetch_batches(
    con: duckdb.DuckDBPyConnection, text: str, values: Mapping[str, Any] | None, rows: int
) -> pa.RecordBatchReader:
    """Return what reads the rows that a query answers with, so many at a time.

    `con`: asked nothing else until they are read.
    """
    return _ask(con, text, values).to_arrow_reader(rows)


def _ask(
    con: duckdb.DuckDBPyConnection, text: str, values: Mapping[str, Any] | None
) -> duckdb.DuckDBPyConnection | duckdb.DuckDBPyRelation:
    return con.execute(text, values) if IS_DUCKDB_1 else con.sql(text, params=values)


def row_count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    """Return how many rows a table of ours holds."""
    return fetch_int(con, f"select count(*) from {table}")  # noqa: S608 - our own names


def literal(text: str) -> str:
    """Return a text as SQL writes it, for statements that take no parameters."""
    quoted = text.replace("'", "''")
    return f"'{quoted}'"


def open_sibling(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Open another connection, on which names of tables and times mean what they do on this one."""
    sibling = con.cursor()
    asked = "select current_setting('search_path'), current_setting('TimeZone')"
    ((names, zone),) = con.execute(asked).fetchall()
    sibling.execute(f"set search_path = {literal(names)}; set TimeZone = {literal(zone)}")
    return sibling


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection, proved: Sequence[str] = ()) -> Iterator[None]:
    """Commit everything that is done inside, or nothing of it where anything fails.

    Args:
        con: the writer's connection.
        proved: tables that must hold as many rows after the commit as they did inside.

    Raises:
        WarehouseError: one does not: the commit was lost, or another wrote beside it.
    """
    con.begin()
    try:
        yield
        meant = _row_counts(con, proved)
        con.commit()
    except BaseException:
        # Where the commit itself failed, as on a full disk, DuckDB has rolled back already.
        with suppress(duckdb.TransactionException):
            con.rollback()
        raise
    for table, rows, found in zip(proved, meant, _row_counts(con, proved), strict=True):
        if found != rows:
            raise WarehouseError(
                f"{table} has {found:,} rows after a commit that left {rows:,}: see that nothing "
                "else writes the warehouse, then run `roamhouse replay`"
            )


def _row_counts(con: duckdb.DuckDBPyConnection, tables: Sequence[str]) -> tuple[int, ...]:
    """Count the rows of tables in one statement: planning costs more than counting."""
    if not tables:
        return ()
    counts = ", ".join(f"(select count(*) from {table})" for table in tables)  # noqa: S608 - ours
    return tuple(con.execute(f"select {counts}").fetchall()[0])


@contextmanager
def registered(con: duckdb.DuckDBPyConnection, **frames: object) -> Iterator[None]:
    """Let queries read frames as relations of these names, until the end."""
    held = {name: _Held(frame) for name, frame in frames.items()}
    try:
        for name, frame in held.items():
            con.register(name, frame)
        yield
    finally:
        for name, frame in held.items():
            con.unregister(name)
            frame.let_go()


class _Held:
    """A frame that queries read as an Arrow stream.

    What is registered in a transaction DuckDB keeps until the connection closes, also where it was
    unregistered since: it keeps this, and not the rows.
    """

    def __init__(self, frame: Any) -> None:
        # DuckDB has Arrow filter what it reads, which does not know the texts that polars streams.
        self._table = frame.to_arrow() if hasattr(frame, "to_arrow") else frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)

    def let_go(self) -> None:
        self._table = None


def insert_frame(con: duckdb.DuckDBPyConnection, table: str, frame: object) -> None:
    """Put the rows of a frame into a table of ours, by the names of its columns."""
    with registered(con, frame_rows=frame):
        con.execute(f"insert into {table} by name from frame_rows")
