"""SQL text: the files of `models/sql/recon`, their blanks filled with identifiers only."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from models.tables import Table


@cache
def _text(name: str) -> str:
    return (files("models") / "sql" / "recon" / f"{name}.sql").read_text(encoding="utf-8")


def statement(name: str, **blanks: str) -> str:
    """One statement of `models/sql/recon`.

    Args:
        name: the file's name without `.sql`.
        blanks: blank → identifiers or expressions of our own, never values.
    """
    return _text(name).format_map(blanks) if blanks else _text(name)


def columns(table: Table) -> str:
    """The columns of a table as a select list."""
    return ", ".join(f'"{column.name}"' for column in table.columns)
