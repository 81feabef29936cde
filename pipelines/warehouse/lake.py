"""The lake: DuckLake in the place of the DuckDB file, for a warehouse larger than one disk.

Its catalogue is a PostgreSQL database, its rows are Parquet files that all see (`lake_files`).
The extensions come with Python packages (`roamhouse[lake]`); nothing is downloaded while it runs.
DuckLake's own check for conflicts is not leant on: whoever writes holds the one advisory lock of
the catalogue (`Turn`), so that commits follow each other whatever process they come from.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, Self

import duckdb

from models.tables.kinds import Table
from pipelines.config.home import Home
from pipelines.config.home_settings import HomeSettings, load_settings
from pipelines.warehouse.lake_files import load_extension, open_files
from pipelines.warehouse.locking import WarehouseError, WarehouseLocked, running_command
from pipelines.warehouse.sql_files import fetch_int, literal

CATALOGUE: Final = "lake"
# Macros belong to the code that calls them, not to the rows: they live in each process's memory.
MACROS: Final = "memory.main."
_SEARCH_PATH: Final = f"{CATALOGUE}.main,memory.main"
_TURN: Final = "turn"
# Advisory locks are known by a number within their database; a lake has a database of its own.
_LOCK: Final = 0x726F616D
_TURN_WAIT_S: Final = 900
_HELD: Final = (
    "select count(*) as n from pg_locks where locktype = 'advisory' "  # noqa: S608 - a number
    f"and objid = {_LOCK} and granted and pid = pg_backend_pid()"
)
_HOLDER: Final = (
    "select a.application_name as name "  # noqa: S608 - a number
    "from pg_locks as l join pg_stat_activity as a using (pid) "
    f"where l.locktype = 'advisory' and l.objid = {_LOCK} and l.granted "
    "and l.database = (select d.oid from pg_database as d where d.datname = current_database())"
)
# The large tables, and the time whose month a row lies in.
_MONTH_OF: Final = {
    "core.cdrs": "end_at",
    "core.charging_periods": "start_at",
    "core.sessions": "start_at",
    "core.evse_status": "from_at",
}


@dataclass(frozen=True)
class Lake:
    """The place of a lake."""

    catalogue: str  # postgres://user@host:port/database; libpq takes the password from elsewhere
    data: str  # where the Parquet files are, see `open_files`

    @classmethod
    def of_home(cls, home: Home) -> Self | None:
        """Return the lake that the settings of a home name; None: its warehouse is a file.

        Raises:
            ConfigError: the settings cannot be used.
        """
        return cls.of_settings(load_settings(home))

    @classmethod
    def of_settings(cls, settings: HomeSettings) -> Self | None:
        """Return the lake that settings name; None: the warehouse is a file."""
        named = settings.warehouse
        return None if named is None else cls(named.ducklake, named.data)

    def attach(self, con: duckdb.DuckDBPyConnection) -> None:
        """Attach the lake, made where there is none, as `lake`, and its server as `turn`.

        Raises:
            WarehouseError: an extension is missing, or the catalogue cannot be opened.
        """
        data = self._open(con)
        with _advising():
            con.execute(f"attach {literal(self.catalogue)} as {_TURN} (type postgres)")
            with Turn(con):
                con.execute(self._attachment(data))

    def attach_to_look(self, con: duckdb.DuckDBPyConnection) -> bool:
        """Attach the lake as `lake`, to read only, without waiting for anybody.

        Returns:
            Whether there is one; nothing is made where there is none.

        Raises:
            WarehouseError: as `attach`.
        """
        data = self._open(con)
        with _advising():
            con.execute(f"attach {literal(self.catalogue)} as {_TURN} (type postgres, read_only)")
            made = fetch_int(
                con,
                "select count(*) from duckdb_tables() "
                "where database_name = $server and table_name = 'ducklake_snapshot'",
                {"server": _TURN},
            )
            if made:
                con.execute(self._attachment(data, ", read_only"))
        return bool(made)

    def _open(self, con: duckdb.DuckDBPyConnection) -> str:
        for name in ("ducklake", "postgres_scanner"):
            load_extension(con, name)
        return open_files(con, self.data, os.environ)

    def _attachment(self, data: str, options: str = "") -> str:
        source = literal(f"ducklake:postgres:{self.catalogue}")
        return f"attach {source} as {CATALOGUE} (data_path {literal(data)}{options})"


@contextmanager
def _advising() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise WarehouseError(
            f"the lake cannot be opened ({str(error).splitlines()[0]}); see `warehouse` in "
            "settings.yaml, and that PGPASSWORD or a password file lets us in"
        ) from error


def enter(con: duckdb.DuckDBPyConnection) -> None:
    """Let the names of tables mean those of the lake, on one connection."""
    con.execute(f"set search_path = {literal(_SEARCH_PATH)}")


class Turn:
    """The right to write, which one process has at a time; whoever has it may take it again.

    It is an advisory lock of a transaction that the server ends when its holder dies.
    """

    def __init__(self, root: duckdb.DuckDBPyConnection, wait_seconds: float = _TURN_WAIT_S) -> None:
        self._con = root.cursor()
        self._wait_seconds = wait_seconds
        self._depth = 0

    def __enter__(self) -> Self:
        """Wait for the turn.

        Raises:
            WarehouseLocked: another process still has it; the message names who.
            WarehouseError: the server cannot be asked.
        """
        if self._depth == 0:
            self._con.begin()
            try:
                ask_server(self._con, f"set local application_name = {literal(_name())}")
                ask_server(
                    self._con, f"set local lock_timeout = {max(1, int(self._wait_seconds * 1000))}"
                )
                ask_server(self._con, f"select pg_advisory_xact_lock({_LOCK})")
            except duckdb.Error as error:
                self._con.rollback()
                raise lock_refused(error, self._held_by) from error
        self._depth += 1
        return self

    def __exit__(self, *exc: object) -> None:
        """Give the turn to the next.

        Raises:
            WarehouseError: the server had taken it back, so that another may have written beside.
        """
        self._depth -= 1
        if self._depth:
            return
        try:
            ((held,),) = query_server(self._con, _HELD)
        except duckdb.Error:
            held = 0
        # Also of a transaction whose server has gone: left open, it would end the process.
        with suppress(duckdb.Error):
            self._con.rollback()
        if not held:
            raise WarehouseError(_LOST)

    def _held_by(self) -> str:
        rows = query_server(self._con, _HOLDER)
        holder = rows[0][0] if rows else "another process"
        return (
            f"the lake is being written by {holder}; wait for it to end, or stop it, and try again"
        )


_LOST: Final = (
    "the catalogue of the lake took the turn to write back, such as by a restart; run again: "
    "what is not committed is done then"
)


def ask_server(con: duckdb.DuckDBPyConnection, text: str) -> None:
    """Let the server of the catalogue run a statement, in the transaction of a connection."""
    con.execute(f"call postgres_execute('{_TURN}', {literal(text)})")


def lock_refused(error: duckdb.Error, held: Callable[[], str]) -> WarehouseError:
    """Return what is to be said of a lock that the server did not give.

    Args:
        error: what the server answered.
        held: says that somebody else has the lock; asked where that is the reason.
    """
    if "lock timeout" in str(error):
        return WarehouseLocked(held())
    reason = str(error).splitlines()[0]
    return WarehouseError(f"the catalogue of the lake cannot be asked ({reason})")


def query_server(con: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query that the server of the catalogue answers."""
    text = f"from postgres_query('{_TURN}', {literal(query)})"
    return con.execute(text).fetchall()


def set_partitions(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Lay the files of a new table by partner and, of the large ones, by month."""
    if "partner" not in {column.name for column in table.columns}:
        return
    at = _MONTH_OF.get(table.name)
    months = f", year({at}), month({at})" if at else ""
    con.execute(f"alter table {table.name} set partitioned by (partner{months})")


def _name() -> str:
    """Return what the server calls us, of the 63 bytes that it keeps."""
    return f"{running_command()}, process {os.getpid()} on {socket.gethostname()}"[:63]
