"""Rows held against the declaration of their table, by pandera.

Apart from the declarations, because pandera takes several times as long to import as they do.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import polars as pl

from models.tables.kinds import Column, Table


def schema_failures(
    table: Table, rows: pl.DataFrame, *, loaded: bool = True
) -> pl.DataFrame | None:
    """Return the `column` and `check` of each value that does not fit a table; None: all fit.

    Args:
        table: the table.
        rows: its rows.
        loaded: whether they have the columns that the loader fills in.
    """
    schema = _schema(table, loaded)
    from pandera.errors import SchemaErrors

    try:
        schema.validate(rows, lazy=True)
    except SchemaErrors as error:
        failures: pl.DataFrame = error.failure_cases
        return failures
    return None


@cache
def _schema(table: Table, loaded: bool) -> Any:
    """Return the `pandera.polars.DataFrameSchema` of a table."""
    with _pandas_hidden():
        import pandera.polars as pa

    def checks(column: Column) -> list[pa.Check]:
        among = [pa.Check.isin(list(column.among))] if column.among else []
        return among if column.least is None else [*among, pa.Check.ge(column.least)]

    return pa.DataFrameSchema(
        {
            column.name: pa.Column(
                column.dtype,
                nullable=column.nullable,
                checks=checks(column),
                description=column.description,
            )
            for column in (table.columns if loaded else table.frame_columns)
        },
        name=table.name,
        description=table.description,
        strict=True,
        ordered=True,
    )


class _NoPandas:
    """A finder that knows nothing but that there is no pandas."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> None:
        """Deny pandas; leave all else to the other finders."""
        if name == "pandas":
            raise ModuleNotFoundError("No module named 'pandas'", name=name)


@contextmanager
def _pandas_hidden() -> Iterator[None]:
    """Let pandera find no pandas, which it would import first, needed or not."""
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
