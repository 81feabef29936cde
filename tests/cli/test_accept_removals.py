"""`roamhouse accept-removals`: told, accepted by a person, and the same again after a replay."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from pipelines.cli.doctor.database import check_warehouse
from pipelines.cli.main import cli
from pipelines.config.home import Home
from pipelines.orchestration.replay import replay_landing
from tests.shrunken_list import BEGIN, shrunken_list


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    shrunken_list(home)
    return home


def accept(home: Home, *options: str) -> Result:
    command = ["accept-removals", "--home", str(home.path), "--as", "Ada", "--reason", "sold"]
    return CliRunner().invoke(cli, [*command, *options])


def read(home: Home, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as con:
        return con.execute(query).fetchall()


def test_kept_objects_are_told_and_go_when_accepted_now_and_after_a_replay(home: Home) -> None:
    gone = "select count(*), max(removed_at) from core.locations where removed_at is not null"
    health = "select state, message from ops.partner_health"
    assert read(home, gone) == [(0, None)]
    ((state, message),) = read(home, health)
    assert (state, "8 objects of NL/VOL" in message) == ("degraded", True)
    assert any(check.name == "removals" for check in check_warehouse(home.warehouse, BEGIN))

    result = accept(home, "--partner", "voltix", "--party", "NL/VOL")
    assert (result.exit_code, result.output) == (
        0,
        "8 objects of NL/VOL are gone: accepted by Ada\n",
    )
    ((count, removed_at),) = read(home, gone)
    assert (count, removed_at) == (8, BEGIN + timedelta(days=3))
    assert read(home, health) == [("ok", None)]
    replay_landing(home, None, now=lambda: BEGIN)
    assert read(home, gone) == [(8, BEGIN + timedelta(days=3))]


def test_nothing_to_accept_is_said(home: Home) -> None:
    result = accept(home, "--partner", "voltix", "--party", "NL/OTH")
    assert result.exit_code == 2
    assert "nothing of NL/OTH is kept" in result.output
