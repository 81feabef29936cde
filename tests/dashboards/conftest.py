"""A home with a real snapshot: sandbox partners with labelled errors, the whole pipeline."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import duckdb
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import dashboards
from pipelines.cli.dashboards import serve_in_background
from pipelines.config.home import Home
from pipelines.config.loading import load_partners
from pipelines.ingest.progress import NoProgress
from pipelines.orchestration.run import Request, run_pipeline
from pipelines.orchestration.runtime import Runtime
from pipelines.sandbox import process as sandbox
from pipelines.sandbox.scenario import Options
from pipelines.warehouse.snapshot import current
from tests.made_once import made_once

WORLD_NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)
PATIENCE_S = 900.0  # a hang, not a busy machine, ends a run of the app
APP = Path(dashboards.__file__).parent / "entry" / "app.py"


@pytest.fixture(scope="session")
def ran_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home after one run, the same for all workers; only read it."""
    return Home(made_once(tmp_path_factory, "ran_home", run_demo))


def run_demo(folder: Path) -> None:
    home = Home(folder)
    home.create()
    clock = (WORLD_NOW + timedelta(seconds=tick) for tick in count())
    options = Options(now=WORLD_NOW, cdrs=900, scenario="demo")
    with sandbox.start(options) as partners:
        home.partners.write_text(sandbox.partners_yaml(partners.partners), encoding="utf-8")
        runtime = Runtime(
            home,
            load_partners(home.partners),
            partners.environ,
            lambda: next(clock),
            NoProgress(),
        )
        run_pipeline(runtime, Request("demo"))


@pytest.fixture
def home(ran_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A copy of that home, without decisions, that the environment names."""
    copy = Home(tmp_path / "home")
    shutil.copytree(ran_home.path, copy.path, ignore=shutil.ignore_patterns("warehouse.duckdb*"))
    monkeypatch.setenv("ROAMHOUSE_HOME", str(copy.path))
    return copy


@pytest.fixture
def snapshot(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """The snapshot that the pages show, for asking it the same in other words."""
    path = current(home.serving)
    assert path is not None
    # DuckDB takes one file only once with one configuration in a process: ask a copy.
    con = duckdb.connect(shutil.copy(path, home.path / "asked.duckdb"), read_only=True)
    con.execute("set TimeZone = 'UTC'")
    yield con
    con.close()


@pytest.fixture(scope="module")
def served(ran_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app over a copy of the home, for a browser."""
    copy = Home(tmp_path_factory.mktemp("served") / "home")
    shutil.copytree(ran_home.path, copy.path, ignore=shutil.ignore_patterns("warehouse.duckdb*"))
    with serve_in_background(copy, port=0) as app:
        yield app.url


@pytest.fixture(scope="module")
def asked(
    ran_home: Home, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The snapshot that is served, for asking it directly."""
    path = current(ran_home.serving)
    assert path is not None
    copy = shutil.copy(path, tmp_path_factory.mktemp("asked") / "asked.duckdb")
    with duckdb.connect(copy, read_only=True) as con:
        yield con


@pytest.fixture
def app(home: Home) -> Iterator[AppTest]:
    """The app, before anything is shown; run so, it shows its overview."""
    yield open_app()
    st.cache_data.clear()
    st.cache_resource.clear()


def open_app() -> AppTest:
    """Open the app as it is after its first page, which also draws what prepares the browser."""
    app = AppTest.from_file(APP, default_timeout=PATIENCE_S)
    app.session_state["prepared"] = True
    return app


def show(app: AppTest, page: str, **parameters: str | list[str]) -> AppTest:
    """Open a page as its address would."""
    app.switch_page(f"../pages/{page}.py")
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, [error.message for error in app.exception]
    return app


def notes(app: AppTest) -> list[str]:
    """What stands below the figures of a page, in small letters."""
    return [metric.proto.delta_description for metric in app.metric]
