"""Dagster's own instance, in the home directory."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import yaml
from dagster._core.instance.ref import InstanceRef
from sqlalchemy.exc import DatabaseError

from models.errors import Unusable
from pipelines.config.home import Home, write_private
from pipelines.config.machine_faults import machine_fault
from pipelines.orchestration.event_log import EventLog

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

_STORAGES = {"storage", "run_storage", "event_log_storage", "schedule_storage"}

_UNENDED = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


class DamagedHistory(Unusable):
    """Dagster's history cannot be read; the message says what to do."""


@contextmanager
def open_instance(home: Home) -> Iterator[dg.DagsterInstance]:
    """Provide the instance of a home, with its settings written where there are none.

    Raises:
        DamagedHistory: its history is no database any more.
    """
    stated = yaml.safe_load(settings(home.dagster).read_text(encoding="utf-8")) or {}
    overrides = {} if _STORAGES & stated.keys() else {"event_log_storage": _event_log(home)}
    with ExitStack() as opened:
        try:
            ref = InstanceRef.from_dir(str(home.dagster), overrides=overrides)
            instance = opened.enter_context(dg.DagsterInstance.from_ref(ref))
        except DatabaseError as error:
            if machine_fault(error):
                raise
            raise DamagedHistory(
                f"Dagster's history cannot be read ({error.orig}); remove history and schedules in "
                f"{home.dagster}: it starts anew, and nothing else is lost"
            ) from error
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
        write_private(path, _SETTINGS.encode())
    return path


def _event_log(home: Home) -> dict[str, Any]:
    return {
        "module": EventLog.__module__,
        "class": EventLog.__name__,
        "config": {"base_dir": str(home.dagster / "history" / "runs")},
    }
