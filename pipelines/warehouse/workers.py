"""Several workers on one lake: each is known to the others, and each partner is one worker's.

A run holds locks of the catalogue's server for as long as it goes on; the server lets go of them
when its process dies, wherever that was. The turn to write (`Turn`) is another matter, and short.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

import duckdb

from pipelines.warehouse.lake import ask_server, lock_refused, query_server
from pipelines.warehouse.sql_files import literal

# Numbers within the lake's own database: of all runs, and of partners by the hash of their names.
_RUNS: Final = 0x72756E73
_PARTNERS: Final = 0x72706172
_PARTNER_WAIT_S: Final = 1
_ALONE_WAIT_S: Final = 600
_OF_RUN: Final = "roamhouse run "
_HERE: Final = (
    "select a.application_name as name "  # noqa: S608 - a number
    "from pg_locks as l join pg_stat_activity as a using (pid) "
    f"where l.locktype = 'advisory' and l.objid = {_RUNS} and l.granted "
    "and l.database = (select d.oid from pg_database as d where d.datname = current_database())"
)


@contextmanager
def working(
    root: duckdb.DuckDBPyConnection, run_id: str, partners: Sequence[str]
) -> Iterator[None]:
    """Let a run go on beside others, which visit other partners.

    Raises:
        WarehouseLocked: another worker visits one of them, or one that may have nobody beside it is
            at work.
        WarehouseError: the server cannot be asked.
    """
    with _transaction(root) as con:
        ask_server(con, f"set local application_name = {literal(_OF_RUN + run_id)}")
        _lock(con, f"pg_advisory_xact_lock_shared({_RUNS})", _ALONE_WAIT_S, _UPKEEP)
        for name in sorted(partners):
            lock = f"pg_advisory_xact_lock({_PARTNERS}, hashtext({literal(name)}))"
            message = f"{name} is being visited by another worker; leave it out, or wait for it"
            _lock(con, lock, _PARTNER_WAIT_S, message)
        yield


@contextmanager
def alone(root: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Keep every run of every worker out, for what takes away what they may be using.

    Raises:
        WarehouseLocked: one is at work for minutes.
        WarehouseError: the server cannot be asked.
    """
    with _transaction(root) as con:
        _lock(con, f"pg_advisory_xact_lock({_RUNS})", _ALONE_WAIT_S, _BUSY)
        yield


def runs_at_work(root: duckdb.DuckDBPyConnection) -> list[str]:
    """List the ids of the runs that are at work, on whatever machine."""
    names = (str(row[0]) for row in query_server(root, _HERE))
    return [name.removeprefix(_OF_RUN) for name in names if name.startswith(_OF_RUN)]


_UPKEEP: Final = "the lake is being rebuilt or cleaned by another process; wait for it to end"
_BUSY: Final = "a worker is at work on the lake; wait for its run to end, and try again"


@contextmanager
def _transaction(root: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    con = root.cursor()
    con.begin()
    try:
        yield con
    finally:
        # Also of a transaction whose server has gone: left open, it would end the process.
        with suppress(duckdb.Error):
            con.rollback()
        con.close()


def _lock(con: duckdb.DuckDBPyConnection, lock: str, wait_s: int, message: str) -> None:
    try:
        ask_server(con, f"set local lock_timeout = {wait_s * 1000}")
        ask_server(con, f"select {lock}")
    except duckdb.Error as error:
        raise lock_refused(error, lambda: message) from error
