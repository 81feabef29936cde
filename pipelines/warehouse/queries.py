"""SQL text: the files of `models/sql/core`, and the column lists that fill their blanks.

Blanks are written `{name}` and are filled with identifiers from `models.tables` only; values
are always bound as `$name`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from models.tables import Table
from pipelines.warehouse import sql_files

statement = partial(sql_files.statement, "core")


def columns(names: Iterable[str], alias: str = "") -> str:
    """`names` as a select list, of the relation `alias` if given."""
    prefix = f"{alias}." if alias else ""
    return ", ".join(f'{prefix}"{name}"' for name in names)


def same(names: Iterable[str], left: str, right: str, *, nullable: bool = False) -> str:
    """The condition that `left` and `right` agree in `names`.

    Args:
        names: columns of both relations.
        left: alias of one.
        right: alias of the other.
        nullable: whether two unknown values agree.
    """
    operator = "is not distinct from" if nullable else "="
    return " and ".join(f'{left}."{name}" {operator} {right}."{name}"' for name in names)


def names(table: Table) -> list[str]:
    """The names of the table's columns, in order."""
    return [column.name for column in table.columns]


def frame_names(table: Table) -> list[str]:
    """The names of the columns a producer fills, in order."""
    return [column.name for column in table.frame_columns]


def staged(table: Table) -> str:
    """The temporary table that collects what a pull brought for `table`."""
    return f"staged_{table.name.split('.', 1)[1]}"


def incoming(table: Table) -> str:
    """The temporary table of one row for each object a pull brought, with its fate."""
    return f"incoming_{table.name.split('.', 1)[1]}"
