"""A home that a run has filled, made once; each test works on a copy of its own."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.config.home import Home
from pipelines.config.loading import load_partners
from pipelines.ingest.progress import NoProgress
from pipelines.orchestration.run import Request, run_pipeline
from pipelines.orchestration.runtime import Runtime
from pipelines.sandbox import process as sandbox
from pipelines.sandbox.scenario import Options
from tests.made_once import made_once

WORLD_NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)


def _run(folder: Path) -> None:
    home = Home(folder)
    home.create()
    options = Options(now=WORLD_NOW, cdrs=100, scenario="clean")
    with sandbox.start(options) as partners:
        home.partners.write_text(sandbox.partners_yaml(partners.partners), encoding="utf-8")
        runtime = Runtime(
            home,
            load_partners(home.partners, only=("lumen",)),
            partners.environ,
            lambda: datetime.now(UTC),
            NoProgress(),
        )
        ended = run_pipeline(runtime, Request("run", full=True))
    assert not ended.failed, ended


@pytest.fixture(scope="session")
def run_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with complete pulls of one partner; only read it."""
    return made_once(tmp_path_factory, "home-to-keep", _run)


@pytest.fixture
def home(run_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A copy of that home, of the test's own."""
    shutil.copytree(run_home, tmp_path / "home")
    for name in [name for name in os.environ if name.startswith("ROAMHOUSE_")]:
        monkeypatch.delenv(name)
    return Home(tmp_path / "home")
