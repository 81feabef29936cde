"""Dagster's event log in SQLite, as Dagster writes it, with its files kept open."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, ClassVar

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event

_MOST_OPEN = 8  # files that stay open at most: forgetting old runs goes through thousands
_PATIENCE_SECONDS = 30
"""How long a connection waits for one of another process, as Dagster's own do."""


class EventLog(SqliteEventLogStorage):
    """Dagster's event log with one connection for each file, kept open for the next event.

    Dagster's own makes an engine for every event: it compiles each statement anew, and opens,
    syncs and closes the file, a thousand times in a run. In WAL mode `synchronous = normal` cannot
    corrupt a database.
    """

    _empty: ClassVar[bytes] = b""  # a run's file without events: the same in every home

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        self._choosing = threading.Lock()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> EventLog:
        """Make the storage of an instance's settings, as Dagster asks of it."""
        return cls(inst_data=inst_data, **config_value)

    def dispose(self) -> None:
        """Close the files."""
        super().dispose()
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()

    def has_table(self, table_name: str) -> bool:
        """Tell whether the file of all runs has a table; Dagster asks before every check."""
        with self._engine(INDEX_SHARD_NAME).connect() as con:
            return con.dialect.has_table(con, table_name)

    def _initdb(self, engine: Engine, for_index_shard: bool = False) -> None:
        """Make the file of a run: the first as Dagster does, by its migrations, others alike."""
        file = Path(str(engine.url.database))
        if self._empty and not file.exists():
            draft = file.with_suffix(".new")
            draft.write_bytes(self._empty)
            draft.replace(file)
            return
        is_first_run = not for_index_shard and not file.exists()
        super()._initdb(engine, for_index_shard)
        if is_first_run:
            with closing(sqlite3.connect(file)) as con:
                EventLog._empty = con.serialize()

    def _engine(self, shard: str) -> Engine:
        """Return the connections to a file; the one of a run that was used longest ago goes."""
        with self._choosing:
            engine = self._engines.pop(shard, None) or _open(self.conn_string_for_shard(shard))
            self._engines[shard] = engine
            if len(self._engines) > _MOST_OPEN:
                oldest = next(name for name in self._engines if name != INDEX_SHARD_NAME)
                self._engines.pop(oldest).dispose()
            return engine

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as con, con.begin():
                yield con


def _open(address: str) -> Engine:
    waiting = {"timeout": _PATIENCE_SECONDS, "check_same_thread": False}
    engine = create_engine(address, pool_size=1, connect_args=waiting)

    @event.listens_for(engine, "connect")
    def spare_syncs(connection: Any, _record: Any) -> None:
        connection.execute("pragma synchronous = normal")

    return engine
