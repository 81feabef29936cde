"""The compiled engine's home: kept between processes, and never beside the source."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from rating_support import ROOT

from models.rating import compiled
from pipelines.stages.rating import warehouse

TINY = """
def price_all(batch, bounds):
    return batch.cdrs.shape[0] + bounds[0] * 0
"""
PRICE = """
import tiny
from models.rating import compiled
compiled.engine = tiny
compiled.price_all()
print(sum(compiled.price_all().stats.cache_hits.values()),
      sum(compiled.price_all().stats.cache_misses.values()))
"""


def compiling_process(source: Path, cache: Path) -> subprocess.Popen[str]:
    """A process that compiles a small function in the engine's place, which takes half a minute."""
    source.mkdir(exist_ok=True)
    (source / "tiny.py").write_text(TINY, encoding="utf-8")
    paths = os.pathsep.join([str(source), str(ROOT)])
    environ = {**os.environ, "ROAMHOUSE_CACHE": str(cache), "PYTHONPATH": paths}
    command = [sys.executable, "-c", PRICE]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)


def test_of_processes_at_once_one_compiles_and_the_others_load_what_it_did(tmp_path: Path) -> None:
    at_once = [compiling_process(tmp_path / "one", tmp_path) for _ in range(2)]
    assert sorted(process.communicate()[0].strip() for process in at_once) == ["0 1", "1 0"]
    elsewhere = compiling_process(tmp_path / "installed anew", tmp_path)
    assert elsewhere.communicate()[0].strip() == "1 0"


def test_the_cache_is_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROAMHOUSE_CACHE", str(tmp_path))
    directory = compiled.cache_directory()
    assert directory.is_relative_to(tmp_path)
    assert compiled.source_digest() in directory.name


def test_an_unusable_place_gives_way_to_the_temporary_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file where a folder should be")
    monkeypatch.setenv("ROAMHOUSE_CACHE", str(blocked))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    assert compiled.cache_directory().is_relative_to(tmp_path / "temporary")


def test_the_engine_is_compiled_beside_only_where_it_was_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROAMHOUSE_CACHE", str(tmp_path))
    started: list[list[str]] = []
    monkeypatch.setattr(subprocess, "Popen", lambda command, **_: started.append(command))
    warehouse.compile_beside.cache_clear()
    warehouse.compile_beside()
    assert len(started) == 1
    (compiled.cache_directory() / "engine.nbc").touch()
    warehouse.compile_beside.cache_clear()
    warehouse.compile_beside()
    warehouse.compile_beside.cache_clear()
    assert len(started) == 1
