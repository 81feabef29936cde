"""Dagster's own instance, in the home directory."""

from __future__ import annotations

import hashlib
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
# Our steps print nothing; catching what they print costs four processes in each run.
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
# The daemon of `dagster dev` gives the places in the pools back that a dead run held.
run_monitoring:
  enabled: true
  start_timeout_seconds: 600
  cancel_timeout_seconds: 180
  poll_interval_seconds: 30
  free_slots_after_run_end_seconds: 60
# A run that was lost, by a restart or a start-up that took too long, is asked for again; what
# failed in a step has the retries of its step.
run_retries:
  enabled: true
  max_retries: 2
  retry_on_asset_or_op_failure: false
retention:
  schedule: {purge_after_days: 14}
  sensor: {purge_after_days: 3}
# No box on the first visit that asks for an e-mail address.
nux:
  enabled: false
"""
_FORMER = frozenset(
    {
        "76427fa1cfaf2be59c0fb97bcc2fa3687b4d6fe79efe719ca77180a7b3832efc",
        "d8e73e305f533d3791ca5c3aa3e74b28d8ad8feffcc341814bfec71038317642",
    }
)
"""SHA-256 of what earlier versions wrote: nobody edited it, so it is written anew."""


RUN_TAG = "roamhouse/run_id"
"""Marks the Dagster runs that `roamhouse run` executes, while it holds the warehouse."""

_UNENDED = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


@contextmanager
def open_instance(home: Home) -> Iterator[dg.DagsterInstance]:
    """Provide the instance of a home, with its settings written where there are none."""
    settings(home.dagster)
    with _quick_commits(), dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        yield instance


def reap_killed_runs(instance: dg.DagsterInstance) -> None:
    """End the runs that were killed, and let go of their places in the pools.

    A step waits for a place in its pool without end, and only Dagster's daemon, which nobody
    needs for `roamhouse run`, takes one back from a dead run. Call it while holding the
    warehouse: every run with our tag held it too, so that one that is not over is dead.
    """
    for run in instance.get_runs(dg.RunsFilter(statuses=_UNENDED)):
        if RUN_TAG in run.tags:
            instance.report_run_failed(run, "the process was killed")
    storage = instance.event_log_storage
    for pool in storage.get_concurrency_keys():
        info = storage.get_concurrency_info(pool)
        for run_id in info.active_run_ids | {step.run_id for step in info.pending_steps}:
            owner = instance.get_run_by_id(run_id)
            if owner is None or owner.is_finished:
                storage.free_concurrency_slots_for_run(run_id)


def settings(folder: Path) -> Path:
    """Return the instance's `dagster.yaml`, written where there is none, or one we once wrote."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "dagster.yaml"
    if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() in _FORMER:
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
