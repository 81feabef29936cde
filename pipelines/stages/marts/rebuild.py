"""Makes what steps make, and leaves out each whose inputs are what they were when it was last made.

A step's inputs are found in its text: the tables that it names, through macros too, and the times
that it asks for. They are told apart by their content, so nobody has to say what changed: a table
that was made again and says the same leaves what is made of it alone.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

import duckdb
import polars as pl
from duckdb import DuckDBPyConnection as DuckDB

from models.tables.operations import MART_DIGESTS
from pipelines.stages.stage import source_digest
from pipelines.warehouse.sql_files import fetch_frame, macro_texts, query, registered, transaction

Frames = Mapping[str, pl.DataFrame]
_TARGET: Final = re.compile(r"(insert into|create or replace temp table) ([a-z_.]+)")
_COMMENT: Final = re.compile(r"--[^\n]*")
_NAME: Final = re.compile(r"(?<![.$\w])(?:(?:core|ops|rating|recon|settle|mart)\.)?\w+")
_PLACES: Final = ("models", "pipelines/stages/marts")


@dataclass(frozen=True)
class Query:
    """A step that is a file of `models/sql/marts`: it fills a table of `mart`, or a passing one."""

    name: str

    @cached_property
    def table(self) -> str:
        """The table that it makes."""
        found = _TARGET.search(query("marts", self.name))
        if found is None:
            raise ValueError(f"models/sql/marts/{self.name}.sql makes no table")
        return found[2]

    @cached_property
    def names(self) -> frozenset[str]:
        """Every word of its text, and of the macros that it calls, which could name a table."""
        return _names(query("marts", self.name))

    @cached_property
    def values(self) -> tuple[str, ...]:
        """The times that it asks for."""
        text = query("marts", self.name)
        return tuple(name for name in ("as_of", "today") if re.search(rf"\${name}\b", text))

    def run(self, con: DuckDB, values: Mapping[str, datetime]) -> None:
        """Make the table anew."""
        if self.table.startswith("mart."):
            con.execute(f"delete from {self.table}")  # noqa: S608 - our own names
        con.execute(query("marts", self.name), dict(values))


@dataclass(frozen=True)
class Computation:
    """A step that needs more than SQL: a temporary table from the rows of others."""

    table: str  # what it makes
    reads: tuple[str, ...]  # the tables whose rows it is given
    values: tuple[str, ...]  # the times that it is given, `as_of` or `today`
    # from those rows and times to the rows of the table
    compute: Callable[[Frames, Mapping[str, datetime]], pl.DataFrame]

    @property
    def names(self) -> frozenset[str]:
        """The tables that it reads."""
        return frozenset(self.reads)

    def run(self, con: DuckDB, values: Mapping[str, datetime]) -> None:
        """Make the table anew."""
        frames = {name: fetch_frame(con, f"from {name}") for name in self.reads}
        rows = self.compute(frames, values).to_arrow()
        with registered(con, computed_rows=rows):
            con.execute(f"create or replace temp table {self.table} as from computed_rows")


Step = Query | Computation


def _names(text: str) -> frozenset[str]:
    """Return every word of a query, and of the macros that it calls, that could name a table."""
    macros = macro_texts()
    found: set[str] = set()
    waiting = {text}
    while waiting:
        words = set(_NAME.findall(_COMMENT.sub("", waiting.pop()))) - found
        found |= words
        waiting |= {macros[word] for word in words & macros.keys()}
    return frozenset(found)


def rebuild(con: DuckDB, steps: Sequence[Step], values: Mapping[str, datetime]) -> list[str]:
    """Make the tables of `mart` that steps fill, but those whose inputs did not change.

    Args:
        con: the warehouse, outside a transaction, in time zone UTC.
        steps: in order: a later one may read what an earlier one makes.
        values: the times that steps ask for.

    Returns:
        The tables that were made, the temporary ones too.
    """
    run = _Rebuild(con, steps, values)
    try:
        for step in steps:
            run.refresh(step)
    finally:
        run.drop_temporary()
    return run.made


class _Rebuild:
    def __init__(self, con: DuckDB, steps: Iterable[Step], values: Mapping[str, datetime]) -> None:
        self.made: list[str] = []
        self._con = con
        self._values = values
        self._steps = {step.table: step for step in steps}
        self._contents: dict[str, str] = {}
        known = con.execute(f"select table_name, inputs, content from {MART_DIGESTS.name}")  # noqa: S608
        self._before = {name: (inputs, content) for name, inputs, content in known.fetchall()}
        found = con.execute("select schema_name || '.' || table_name from duckdb_tables()")
        self._tables = {name for (name,) in found.fetchall()}
        self._sources = source_digest(*_PLACES) + duckdb.__version__

    def refresh(self, step: Step) -> None:
        """Make a table where its inputs changed."""
        inputs = self._inputs(step)
        before_inputs, before = self._before.get(step.table, ("", ""))
        if inputs == before_inputs and self._is_as_left(step.table, before):
            self._contents[step.table] = before
            return
        self._make(step)
        self._contents[step.table] = self._content(step.table)
        self._remember(step.table, inputs)

    def drop_temporary(self) -> None:
        """Drop what only other steps read."""
        for name in self.made:
            if not _is_kept(name):
                self._con.execute(f"drop table if exists temp.{name}")

    def _make(self, step: Step) -> None:
        """Make a table, and before it the temporary ones that it reads and that were left out."""
        for name in self._reads(step):
            if not _is_kept(name) and name not in self.made:
                self._make(self._steps[name])
        values = {name: self._values[name] for name in step.values}
        with transaction(self._con):
            step.run(self._con, values)
        self.made.append(step.table)

    def _reads(self, step: Step) -> list[str]:
        there = self._steps.keys() | self._tables
        return sorted((step.names & there) - {step.table})

    def _inputs(self, step: Step) -> str:
        """Return a digest of all that a table depends on."""
        contents = [f"{name} {self._known_content(name)}" for name in self._reads(step)]
        times = [f"{name} {self._values[name].isoformat()}" for name in step.values]
        text = "\n".join((self._sources, *contents, *times))
        return hashlib.sha256(text.encode()).hexdigest()

    def _known_content(self, name: str) -> str:
        if name not in self._contents:
            self._contents[name] = self._content(name)
        return self._contents[name]

    def _is_as_left(self, table: str, content: str) -> bool:
        """Tell whether nothing but a step changed a table; a temporary one is made when read."""
        return not _is_kept(table) or self._content(table) == content

    def _content(self, table: str) -> str:
        """Return a digest of the rows of a table, whatever their order."""
        text = f"select count(*), sum(hash(t)) from {table} as t"  # noqa: S608 - our own names
        rows, digest = self._con.execute(text).fetchall()[0]
        return f"{rows}/{digest}"

    def _remember(self, table: str, inputs: str) -> None:
        row = [table, inputs, self._contents[table]]
        with transaction(self._con):
            self._con.execute(f"delete from {MART_DIGESTS.name} where table_name = $1", row[:1])  # noqa: S608
            self._con.execute(f"insert into {MART_DIGESTS.name} values ($1, $2, $3)", row)  # noqa: S608


def _is_kept(table: str) -> bool:
    return "." in table
