"""The SQLite file behind the store: its tables, and what keeps them append-only."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipelines.decisions.chain import extend_chain
from pipelines.decisions.tables import TABLES, create_tables

BUSY_SECONDS = 30.0
_VERSION = 4
_CREATE = create_tables(
    number="integer", first_number="integer primary key autoincrement", blob="blob"
)
_KEEP = """
create trigger if not exists {table}_stays before update on {table}
begin select raise(abort, 'decisions are append-only'); end;
create trigger if not exists {table}_is_kept before delete on {table}
begin select raise(abort, 'decisions are append-only'); end;
"""
_REFUSE_MORE = """
create trigger if not exists events_moved before insert on events
begin select raise(abort, 'the decisions were moved from this file: decide again'); end
"""


def open_file(path: Path) -> sqlite3.Connection:
    """Open the file, made where absent, so that several processes can write by turns.

    Where it may not be written it can be read, and a decision meets SQLite's own refusal.

    Raises:
        sqlite3.DatabaseError: it is no such file, or from a later version.
    """
    if path.exists() and not _may_write(path):
        return open_to_read(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _naming(path):
        con = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        _prepare(con)
    path.chmod(0o600)
    return con


def _prepare(con: sqlite3.Connection) -> None:
    try:
        con.execute("pragma journal_mode = wal")
        con.execute("pragma synchronous = full")
        (version,) = con.execute("pragma user_version").fetchone()
        if version > _VERSION:
            raise sqlite3.DatabaseError("was written by a later version of roamhouse; upgrade")
        if version < _VERSION:
            keep = "".join(_KEEP.format(table=table) for table in TABLES)
            con.executescript(f"begin immediate; {_CREATE} {keep}")
            extend_chain(con)  # over what an earlier version decided
            con.execute(f"pragma user_version = {_VERSION}")
            con.execute("commit")
    except BaseException:
        con.close()
        raise


class File:
    """The file as the store uses it.

    Args:
        path: the file; made where absent.

    Raises:
        sqlite3.DatabaseError: it is no such file, or from a later version.
    """

    def __init__(self, path: Path) -> None:
        self._con = open_file(path)

    def execute(self, query: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run a query whose values stand as `?`; return its cursor."""
        return self._con.execute(query, values)

    def begin_writing(self) -> None:
        """Begin a transaction that sees every decision, and lets nobody decide beside it."""
        self._con.execute("begin immediate")

    def begin_reading(self) -> None:
        """Begin a transaction that sees one moment."""
        self._con.execute("begin")

    def commit(self) -> None:
        """End a transaction, and keep what it did."""
        self._con.execute("commit")

    def rollback(self) -> None:
        """End a transaction, and undo what it did."""
        if self._con.in_transaction:  # SQLite rolls back by itself where the disk is full
            self._con.execute("rollback")

    def refuse_more(self) -> None:
        """Let nobody decide here any more, whoever holds the file open: they are elsewhere now."""
        self._con.execute(_REFUSE_MORE)

    def close(self) -> None:
        """Let go of the file."""
        self._con.close()


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Say in SQLite's errors which file it is."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise type(error)(f"{path}: {error}") from error


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open the file to read it, where nothing can be written, too.

    Raises:
        sqlite3.OperationalError: it cannot be read without writing: its log holds more.
    """
    log = path.with_name(f"{path.name}-wal")
    # SQLite would make a file for the readers of its log; without a log there is none to share.
    alone = "" if _may_write(path) or log.exists() else "&immutable=1"
    uri = f"{path.absolute().as_uri()}?mode=ro{alone}"
    with _naming(path):
        return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)


def _may_write(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
