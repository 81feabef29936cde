"""Dagster's history: few of its files are open, and one that is damaged is said and made anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipelines.config.home import Home
from pipelines.orchestration.event_log import EventLog
from pipelines.orchestration.instance import DamagedHistory, open_instance


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


@pytest.mark.withstands(
    "Dagster's history is no database any more", "that is said; without it the next run starts anew"
)
def test_damaged_history_says_what_to_do(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.create()
    with open_instance(home) as instance:
        assert instance.get_runs() == []
    for file in home.dagster.rglob("*.db"):
        file.write_text("torn", encoding="utf-8")
    with pytest.raises(DamagedHistory, match="remove history and schedules"), open_instance(home):
        pass
    shutil.rmtree(home.dagster / "history")
    shutil.rmtree(home.dagster / "schedules")
    with open_instance(home) as instance:
        assert instance.get_runs() == []
