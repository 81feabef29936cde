"""The same landing gives the same tables, whether the warehouse is a file or a lake."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import duckdb
import pytest

from models.tables import TABLES
from pipelines.config.home import Home
from pipelines.config.loading import load_partners
from pipelines.ingest.progress import NoProgress
from pipelines.orchestration.replay import replay_landing
from pipelines.orchestration.run import Request, run_pipeline
from pipelines.orchestration.runtime import Runtime
from pipelines.sandbox import process as sandbox
from pipelines.sandbox.scenario import Options
from pipelines.upkeep.moving import CannotMove, move_to_file, move_to_lake
from pipelines.warehouse.lake import Lake
from pipelines.warehouse.snapshot import current

WORLD_NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)
# What only a run knows, of which a replay of its landing has none.
OF_RUNS = {"ops.runs"}

Rows = dict[str, list[str]]


def rows_of(path: Path | None) -> Rows:
    """Every row of every table, order aside."""
    assert path is not None
    with duckdb.connect(str(path), read_only=True) as con:
        con.execute("set TimeZone = 'UTC'")
        return {
            table.name: sorted(
                str(row)
                for row in con.execute(f"select * from {table.name}").fetchall()  # noqa: S608
            )
            for table in TABLES
        }


def name_lake(home: Home, lake: Lake) -> None:
    home.settings.write_text(
        f"warehouse: {{ducklake: '{lake.catalogue}', data: '{lake.data}'}}\n", encoding="utf-8"
    )


def test_a_run_on_the_lake_is_equal_to_one_on_a_file_and_moves_both_ways(
    make_lake: Callable[[], Lake], tmp_path: Path
) -> None:
    home = Home(tmp_path / "home")
    home.create()
    name_lake(home, make_lake())
    clock = (WORLD_NOW + timedelta(seconds=tick) for tick in count())
    options = Options(now=WORLD_NOW, cdrs=100, scenario="demo")
    with sandbox.start(options) as partners:
        home.partners.write_text(sandbox.partners_yaml(partners.partners), encoding="utf-8")
        runtime = Runtime(
            home, load_partners(home.partners), partners.environ, lambda: next(clock), NoProgress()
        )
        run_pipeline(runtime, Request("run"))
    assert not home.warehouse.exists()
    on_lake = rows_of(current(home.serving))
    assert all(on_lake[name] for name in ("core.cdrs", "recon.findings", "settle.statements"))

    plain = Home(tmp_path / "plain")
    shutil.copytree(home.path, plain.path)
    plain.settings.unlink()
    replay_landing(plain, None, now=lambda: datetime.now(UTC))
    on_file = rows_of(plain.warehouse)
    assert {name for name in on_lake if on_lake[name] != on_file[name]} <= OF_RUNS

    rows = move_to_file(home)
    assert rows_of(home.warehouse) == on_lake
    with pytest.raises(CannotMove, match="holds pulls already"):
        move_to_lake(home)
    name_lake(home, make_lake())
    assert move_to_lake(home) == rows
    assert not home.warehouse.exists()
    replay_landing(home, None, now=lambda: datetime.now(UTC))
    assert rows_of(current(home.serving)) == on_lake
