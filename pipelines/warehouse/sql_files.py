"""SQL: the files of `models/sql`, a folder for each stage, and answers of a single number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from graphlib import TopologicalSorter
from importlib.resources import files
from typing import Any

import duckdb


@cache
def _text(stage: str, name: str) -> str:
    return (files("models") / "sql" / stage / f"{name}.sql").read_text(encoding="utf-8")


def query(stage: str, name: str) -> str:
    """Return the text of one query, which runs as it stands.

    Args:
        stage: the folder: ops, core, rating, recon, settle or marts.
        name: the file's name without `.sql`.
    """
    return _text(stage, name)


def statement(stage: str, name: str, **blanks: str) -> str:
    """Return the text of one query, its blanks filled; `query` takes its place.

    Args:
        stage: the folder.
        name: the file's name without `.sql`.
        blanks: blank, written `{name}` in the text → identifiers or expressions of our own, never
            values: those are bound as `$name`. Without any, the text is left as it is.
    """
    text = _text(stage, name)
    return text.format_map(blanks) if blanks else text


def macros() -> tuple[str, ...]:
    """Return the statements that create the macros of `models/sql/macros`, which queries share.

    A macro comes after those that it calls: the engine looks them up when it is created.
    """
    folder = files("models") / "sql" / "macros"
    texts = {
        entry.name.removesuffix(".sql"): entry.read_text(encoding="utf-8")
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".sql")
    }
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

    Args:
        con: a connection to the warehouse.
        text: the query, of few rows.
        values: of its parameters.
    """
    rows = con.execute(text, values).fetchall()
    return rows[0] if rows else None


def fetch_int(
    con: duckdb.DuckDBPyConnection, text: str, values: Mapping[str, Any] | None = None
) -> int:
    """Return the one whole number that a query answers with, such as a count.

    Args:
        con: a connection to the warehouse.
        text: a query of one row, whose first column is never null.
        values: of the query's `$name`s.
    """
    return int(con.execute(text, values).fetchall()[0][0])


def row_count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    """Return how many rows a table of ours holds."""
    return fetch_int(con, f"select count(*) from {table}")  # noqa: S608 - our own names
