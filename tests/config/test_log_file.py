"""The log of a home: a line of JSON for everything that ended, private, never without end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli.main import cli
from pipelines.config.home import Home
from pipelines.config.log_file import LogFile


def lines(log: LogFile) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.path.read_text(encoding="utf-8").splitlines()]


def test_commands_say_how_they_ended_and_not_what_they_were_given(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    for words in (["init"], ["query", "select 'somebody'"], ["restore", "--check", "no-such-file"]):
        CliRunner().invoke(cli, [*words, "--home", str(home.path)])
    log = LogFile(home)
    told = [(line["event"], line["command"], line["code"]) for line in lines(log)]
    assert told == [("command", "init", 0), ("command", "query", 2), ("command", "restore", 1)]
    assert "roamhouse run" in str(lines(log)[1]["error"])
    assert "somebody" not in log.path.read_text(encoding="utf-8")
    assert (log.path.stat().st_mode & 0o777, log.path.parent.stat().st_mode & 0o777) == (
        0o600,
        0o700,
    )


@pytest.mark.withstands(
    "the log grows for years, or cannot be written", "it keeps 48 MiB; no command fails for it"
)
def test_log_turns_over_and_is_never_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.config.log_file._LARGEST", 1000)
    log = LogFile(Home(tmp_path))
    for number in range(200):
        log.write("step", step=f"{number:040}")
    files = sorted(log.path.parent.iterdir())
    assert [path.name for path in files] == [
        "roamhouse.ndjson",
        *(f"roamhouse.ndjson.{number}" for number in range(1, 6)),
    ]
    assert all(path.stat().st_size < 1200 for path in files)
    assert str(lines(log)[-1]["step"]).endswith("199")
    LogFile(Home(tmp_path / "no" / "such" / "place")).write("step")
