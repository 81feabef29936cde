"""Opening the warehouse: one process writes at a time, one of its threads at a time.

It is a DuckDB file, or the lake that the settings name (`lake`); whoever reads and writes here
sees no difference.

Reading beside a writer of another process is what snapshots are for (`snapshot`).
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Self

import duckdb

from pipelines.config.home import Home
from pipelines.config.home_settings import MEMORY, load_settings
from pipelines.config.machine_faults import machine_fault
from pipelines.warehouse.lake import CATALOGUE, MACROS, Lake, Turn, enter, set_partitions
from pipelines.warehouse.lake_files import LakeUpkeep, tend_files
from pipelines.warehouse.locking import (
    POLL_SECONDS,
    FileLock,
    WarehouseError,
    WarehouseLocked,
    file_holder,
)
from pipelines.warehouse.structure import prepare
from pipelines.warehouse.values import spare_pandas
from pipelines.warehouse.workers import alone, runs_at_work, working

# Beyond it DuckDB writes a checkpoint at commit. Small pulls go to the log and share one.
_CHECKPOINT_THRESHOLD = "256MB"
# What DuckDB says of a block that is no longer what it wrote, as soon as something reads it.
_DAMAGED = "corrupt"


class Warehouse:
    """The DuckDB file or the lake, open for writing, with every declared table in it.

    Args:
        path: the file; made, with its folder, where absent. Of a lake, the home's place for what
            DuckDB spills, and for the lock of the processes of this home.
        wait_seconds: how long to wait for another process that writes it, or has it open to read.
        waiting: told who that is, where there is one.
        memory_limit: bytes that DuckDB may use before it spills beside the file.
        threads: threads DuckDB may use; None: as many as there are processors for this process.
        lake: where the tables are instead of in the file.

    Raises:
        WarehouseLocked: another process holds it.
        WarehouseError: the file is damaged, or not a roamhouse warehouse.
    """

    def __init__(
        self,
        path: Path,
        *,
        wait_seconds: float = 30.0,
        waiting: Callable[[str], None] | None = None,
        memory_limit: int = MEMORY,
        threads: int | None = None,
        lake: Lake | None = None,
    ) -> None:
        self.path = path
        self.lake = lake
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock.of_warehouse(path)
        self._turn = threading.RLock()
        deadline = time.monotonic() + wait_seconds
        self._lock.acquire(wait_seconds, waiting)
        try:
            _await_other_programs(path, deadline, waiting)
            self._root = _connect(path, memory_limit, threads, lake)
            self._write_turn: AbstractContextManager[object] = nullcontext()
            try:
                if lake is not None:
                    self._write_turn = Turn(self._root)
                self.gained = self._prepare()
            except BaseException:
                self._root.close()
                raise
        except BaseException:
            self._lock.release()
            raise
        self._cursors: set[duckdb.DuckDBPyConnection] = set()
        self._writer: duckdb.DuckDBPyConnection | None = self.cursor()

    @contextmanager
    def writer(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Provide the connection to write with, held by one thread at a time; a thread may nest it.

        Raises:
            WarehouseError: it is closed, or what was read of the file is damaged.
        """
        with self._turn, self._write_turn:
            if self._writer is None:
                raise WarehouseError(f"{self.path.name}: the warehouse is closed")
            try:
                yield self._writer
            except duckdb.Error as error:  # whatever its class: DuckDB 1 and 2 differ
                if _DAMAGED not in str(error).lower():
                    raise
                raise WarehouseError(_advice(self.path, error)) from error

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Open a connection of the caller's own, to read or stage; the warehouse closes it."""
        cursor = self._root.cursor()
        if self.lake is not None:
            enter(cursor)
        self._cursors.add(cursor)
        return cursor

    @contextmanager
    def reader(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Provide a connection for reading that sees the last commit, closed at the end.

        Of a lake, everything that is read with it is of one snapshot.
        """
        cursor = self.cursor()
        try:
            if self.lake is not None:
                cursor.begin()
            yield cursor
        finally:
            self._cursors.discard(cursor)
            cursor.close()

    def working(self, run_id: str, partners: Sequence[str]) -> AbstractContextManager[None]:
        """Let a run go on: on a lake beside those of other workers, see `workers.working`."""
        return nullcontext() if self.lake is None else working(self._root, run_id, partners)

    def alone(self) -> AbstractContextManager[None]:
        """Keep the runs of other workers out, see `workers.alone`; a file has one worker."""
        return nullcontext() if self.lake is None else alone(self._root)

    def runs_at_work(self) -> list[str]:
        """List the runs of all workers that are at work; none of a file, which we hold."""
        return [] if self.lake is None else runs_at_work(self._root)

    def tend(self, before: datetime) -> LakeUpkeep | None:
        """Keep the files of a lake few, and let the states go that were made before an instant.

        Returns:
            What was done; None: it is a file, which DuckDB keeps by itself.
        """
        if self.lake is None:
            return None
        with self.writer() as con:
            return tend_files(con, CATALOGUE, before)

    def close(self) -> None:
        """Close every connection, so that DuckDB lets go of the file, then the lock."""
        with self._turn:
            if self._writer is None:
                return
            self._writer = None
            for cursor in tuple(self._cursors):
                cursor.close()
            self._cursors.clear()
            self._root.close()
            self._lock.release()

    def _prepare(self) -> tuple[str, ...]:
        """Create what is missing; return the columns that a replay has to fill."""
        con = self._root
        try:
            # For every cursor: one starts with the engine's settings, not with its parent's own.
            con.execute("set global TimeZone = 'UTC'")
            if self.lake is None:
                return prepare(con)
            enter(con)
            with self._write_turn:
                return prepare(con, macros_in=MACROS, lay_out=partial(set_partitions, con))
        except duckdb.Error as error:
            if machine_fault(error):
                raise
            if self.lake is None:
                raise WarehouseError(_advice(self.path, error)) from error
            reason = str(error).splitlines()[0]
            raise WarehouseError(f"the lake cannot be used as a warehouse ({reason})") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def open_warehouse(
    home: Home, *, wait_seconds: float = 30.0, waiting: Callable[[str], None] | None = None
) -> Warehouse:
    """Open the warehouse of a home: its file, or the lake that its settings name.

    Raises:
        ConfigError: the settings cannot be used.
        WarehouseError: as `Warehouse`.
    """
    settings = load_settings(home)
    return Warehouse(
        home.warehouse,
        wait_seconds=wait_seconds,
        waiting=waiting,
        memory_limit=settings.memory,
        lake=Lake.of_settings(settings),
    )


@contextmanager
def keep_others_out(
    home: Home, *, wait_seconds: float, waiting: Callable[[str], None] | None = None
) -> Iterator[Warehouse | None]:
    """Keep out who else lands or writes: processes of the home, and other workers of its lake.

    Yields:
        The lake of the home, open; None: its warehouse is a file, which is not.

    Raises:
        ConfigError: the settings cannot be used.
        WarehouseLocked: somebody else did not end in time.
    """
    if Lake.of_home(home) is None:
        with FileLock.of_warehouse(home.warehouse).held(wait_seconds, waiting):
            yield None
        return
    with open_warehouse(home, wait_seconds=wait_seconds, waiting=waiting) as lake, lake.alone():
        yield lake


def _await_other_programs(
    path: Path, deadline: float, waiting: Callable[[str], None] | None
) -> None:
    """Wait until no other program has the file open; a reader, too, would keep DuckDB out.

    Raises:
        WarehouseLocked: one still has it open at the deadline; the message names it.
    """
    while (holder := file_holder(path)) is not None:
        if waiting is not None:
            waiting(holder)
            waiting = None
        if time.monotonic() >= deadline:
            raise WarehouseLocked(
                f"{path.name}: {holder} has the warehouse open; close it there and read "
                "serving/current.duckdb, or ask `roamhouse query`, which is in nobody's way"
            )
        time.sleep(POLL_SECONDS)


def _processors() -> int:
    """Count the processors that this process may use; macOS does not confine it to some."""
    confined = hasattr(os, "sched_getaffinity")
    return len(os.sched_getaffinity(0)) if confined else os.cpu_count() or 1


def _connect(
    path: Path, memory_limit: int, threads: int | None, lake: Lake | None
) -> duckdb.DuckDBPyConnection:
    """Open the file, or attach the lake to an engine in memory."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{memory_limit}B",
        "temp_directory": str(path.with_name(path.name + ".tmp")),
        "checkpoint_threshold": _CHECKPOINT_THRESHOLD,
        # Rows carry their own order (page, place); keeping theirs costs memory and threads.
        "preserve_insertion_order": False,
        # The file may come from anywhere: nothing in it may reach out or load code.
        "autoinstall_known_extensions": False,
        # What any DuckDB since 1.0 reads: a later one would write its own newest format.
        "storage_compatibility_version": "v1.0.0",
        # DuckDB counts the machine's processors, also those that this process may not use.
        "threads": threads or _processors(),
    }
    try:
        con = duckdb.connect(":memory:" if lake else str(path), config=config)
    except duckdb.Error as error:
        if machine_fault(error):
            raise
        raise WarehouseError(_advice(path, error)) from error
    try:
        spare_pandas(con)
        if lake is not None:
            lake.attach(con)
        else:
            path.chmod(0o600)  # whatever the folder allows: the rows are about people and money
    except BaseException:
        con.close()
        raise
    return con


def _advice(path: Path, error: duckdb.Error) -> str:
    reason = str(error).splitlines()[0]
    if "lock" in reason.lower() and _DAMAGED not in reason.lower():  # a damaged "block" is none
        return f"{path.name}: another program has the warehouse open; close it ({reason})"
    return (
        f"{path.name} cannot be used as a warehouse ({reason}); if it is damaged, move it away "
        "and rebuild it from the landing with `roamhouse replay`"
    )
