"""Dagster's own instance, in the home directory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
from sqlalchemy import event
from sqlalchemy.engine import Engine

from pipelines.config import Home

_SETTINGS = """\
# Written by roamhouse on first use; yours to edit afterwards.
telemetry:
  enabled: false
concurrency:
  pools:
    granularity: op
    default_limit: 1
"""


@contextmanager
def open_instance(home: Home) -> Iterator[dg.DagsterInstance]:
    """The instance of a home, with its settings written where there are none."""
    settings(home.dagster)
    with _quick_commits(), dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        yield instance


def settings(folder: Path) -> Path:
    """The instance's `dagster.yaml`, written where there is none."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "dagster.yaml"
    if not path.exists():
        path.write_text(_SETTINGS, encoding="utf-8")
    return path


@contextmanager
def _quick_commits() -> Iterator[None]:
    """Spare Dagster's event log the waiting for the disk while a run lasts.

    Dagster opens a connection for each event, commits and closes it: three waits for the disk,
    a thousand times in a run. In WAL mode `synchronous = normal` cannot corrupt a database, and
    as long as one more connection is open, closing the others does not write a checkpoint.
    """
    with ExitStack() as stack:
        anchors: dict[str, sqlite3.Connection] = {}
        waiting: set[str] = set()

        def on_connect(connection: Any, _record: Any) -> None:
            if not isinstance(connection, sqlite3.Connection):
                return
            connection.execute("pragma synchronous = normal")
            file = connection.execute("pragma database_list").fetchone()[2]
            if file and file not in anchors:
                anchor = sqlite3.connect(file, check_same_thread=False)
                anchors[file] = stack.enter_context(closing(anchor))
                waiting.add(file)
            # A new database is turned to WAL by its first users: only a read after that holds it.
            if file in waiting and _reads_wal(anchors[file]):
                waiting.discard(file)

        event.listen(Engine, "connect", on_connect)
        stack.callback(event.remove, Engine, "connect", on_connect)
        yield


def _reads_wal(anchor: sqlite3.Connection) -> bool:
    anchor.execute("select count(*) from sqlite_master").fetchone()
    return bool(anchor.execute("pragma journal_mode").fetchone()[0] == "wal")
