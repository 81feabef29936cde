"""The switch of `make test-lake`: every warehouse that a test opens is a lake.

A test names its warehouse by the path of a file, copies that file, or prepares an engine in memory.
Each such place gets a database of its own, made of a template; at the path lies its name.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import duckdb

from models.tables.kinds import Table
from pipelines.warehouse import connection, copying, structure
from pipelines.warehouse.lake import MACROS, Lake, enter, set_partitions
from tests.lake import postgres

_NAMES = count()
_prepare = structure.prepare


class LakeWarehouse(connection.Warehouse):
    """A warehouse that is a lake, whatever path it is opened by."""

    def __init__(self, path: Path, *, lake: Lake | None = None, **options: Any) -> None:
        if lake is not None:
            super().__init__(path, **options, lake=lake)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        known = path.read_text(encoding="utf-8").split() if path.exists() else []
        if known[1:] != [str(path)]:
            # A copy of an empty one: nothing of it lies in files.
            known = [_new_lake(), str(path)]
            path.write_text(" ".join(known), encoding="utf-8")
        super().__init__(path, **options, lake=_lake(known[0]))


def use_lakes() -> None:
    """Let every warehouse of this process be a lake, but the files that lakes are copied to."""
    copying.Warehouse = connection.Warehouse  # type: ignore[misc]
    connection.Warehouse = LakeWarehouse  # type: ignore[misc]
    structure.prepare = prepare_lake


def prepare_lake(
    con: duckdb.DuckDBPyConnection,
    *,
    macros_in: str = "",
    lay_out: Callable[[Table], None] = lambda _: None,
) -> tuple[str, ...]:
    """Prepare a lake beside an engine in memory, and let names of tables mean its own."""
    _lake(_new_lake()).attach(con)
    enter(con)
    return _prepare(con, macros_in=MACROS)


def _new_lake() -> str:
    name = f"every{next(_NAMES)}"
    postgres.shared().create(name, _template())
    return name


@cache
def _template() -> str:
    """Return the name of a database with every table in it, empty."""
    postgres.shared().create("empty")
    with duckdb.connect() as con:
        _lake("empty").attach(con)
        enter(con)
        _prepare(con, macros_in=MACROS, lay_out=lambda table: set_partitions(con, table))
    return "empty"


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="lakes-")


def _lake(name: str) -> Lake:
    # One folder for all: the name of each file is its own, and a template's stays its copies'.
    return Lake(postgres.shared().url(name), _folder().name)
