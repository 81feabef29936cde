"""The tables of decisions, in the order in which they are filled, and carrying them elsewhere."""

from collections.abc import Callable
from typing import Final, Protocol

from models.errors import Refused
from pipelines.decisions.chain import Executes

TABLES: Final = {
    "events": "seq, kind, stream, name, who, at, data",
    "booked": "seq, lines, vat, statements",
    "booked_accruals": "seq, accruals",
    "booked_journal": "seq, journal",
    "chain": "seq, sha256",
}
"""Each table and its columns."""

_CREATE: Final = """
create table if not exists events (
  seq {first_number},
  kind text not null,
  stream text not null,
  name text not null,
  who text not null,
  at text not null,
  data text not null
);
create index if not exists events_by_stream on events (kind, stream, seq);
create table if not exists booked (
  seq {number} primary key references events (seq),
  lines {blob} not null,
  vat {blob} not null,
  statements {blob} not null
);
create table if not exists booked_accruals (
  seq {number} primary key references booked (seq),
  accruals {blob} not null
);
create table if not exists booked_journal (
  seq {number} primary key references booked (seq),
  journal {blob} not null
);
create table if not exists chain (
  seq {number} primary key references events (seq),
  sha256 text not null
);
"""


def create_tables(*, number: str, first_number: str, blob: str) -> str:
    """Return what creates the tables, in the types of a database."""
    return _CREATE.format(number=number, first_number=first_number, blob=blob)


class Decides(Executes, Protocol):
    """A connection to decisions that takes turns, wherever they are."""

    def begin_writing(self) -> None:
        """Begin a transaction that sees every decision, and lets nobody decide beside it."""

    def begin_reading(self) -> None:
        """Begin a transaction that sees one moment."""

    def commit(self) -> None:
        """End a transaction, and keep what it did."""

    def rollback(self) -> None:
        """End a transaction, and undo what it did."""

    def close(self) -> None:
        """Let go of it."""


class CannotCarry(Refused):
    """Decisions cannot be carried: there are others already."""


def carry(source: Decides, target: Decides, leave: Callable[[], object] = lambda: None) -> int:
    """Write the decisions of one place that another lacks there, and prove that all are equal.

    What the target has must be how the source begins; everything is done, or nothing.

    Args:
        source: where they are; nobody decides there meanwhile.
        target: where they go.
        leave: called once they are there, before anybody may decide in the source again.

    Returns:
        How many decisions the target has after it.

    Raises:
        CannotCarry: the target holds other decisions, or what was written is not what was read.
    """
    source.begin_writing()
    try:
        target.begin_writing()
        count = 0
        for table, columns in TABLES.items():
            rows = _rows(source, table, columns)
            there = _rows(target, table, columns)
            if rows[: len(there)] != there:
                raise CannotCarry("the place to carry decisions to holds others already")
            marks = ", ".join("?" for _ in columns.split(","))
            for row in rows[len(there) :]:
                target.execute(f"insert into {table} ({columns}) values ({marks})", row)  # noqa: S608
            if _rows(target, table, columns) != rows:
                raise CannotCarry(f"{table}: what was written is not what was read")
            count = count or len(rows)
        target.commit()
        leave()
        source.commit()
    except BaseException:
        target.rollback()
        source.rollback()
        raise
    return count


def _rows(con: Decides, table: str, columns: str) -> list[tuple[object, ...]]:
    query = f"select {columns} from {table} order by seq"  # noqa: S608 - our own names
    return [
        tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
        for row in con.execute(query).fetchall()
    ]
