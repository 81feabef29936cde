"""Dagster's event log keeps few of its files open, whatever it is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.orchestration.event_log import EventLog


def open_files(folder: Path) -> set[str]:
    """The databases in a folder that this process has open."""
    found = [link.readlink() for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return {path.name for path in found if path.is_relative_to(folder)}


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux tells open files so")
def test_going_through_many_runs_leaves_few_files_open(tmp_path: Path) -> None:
    log = EventLog(str(tmp_path))
    for number in range(40):
        assert list(log.get_logs_for_run(f"run-{number}")) == []
    assert len([name for name in open_files(tmp_path) if name.endswith(".db")]) <= 8
    assert log.has_table("event_logs")  # the index is still there
    log.dispose()
    assert open_files(tmp_path) == set()
