"""Dagster's own instance, in the home directory."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

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


def open_instance(home: Home) -> dg.DagsterInstance:
    """The instance of a home, with its settings written where there are none."""
    settings(home.dagster)
    return dg.DagsterInstance.from_config(str(home.dagster))


def settings(folder: Path) -> Path:
    """The instance's `dagster.yaml`, written where there is none."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "dagster.yaml"
    if not path.exists():
        path.write_text(_SETTINGS, encoding="utf-8")
    return path
