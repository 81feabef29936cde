"""What partners write reaches the terminal as text: nothing steers it, hides or turns round."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.progress import Progress, TextColumn
from rich.table import Table
from rich.text import Text

from pipelines.cli.rich_terminal import Terminal
from pipelines.cli.terminal import harmless, print_json

ESCAPE = "\x1b[2J\x1b]0;title\x07"
TURNED = "NL\u202eVLX"


def printed(renderable: object, monkeypatch: pytest.MonkeyPatch) -> str:
    written = io.StringIO()
    monkeypatch.setattr("sys.stdout", written)
    Terminal(width=60).print(renderable)
    return written.getvalue()


@pytest.mark.parametrize("hostile", [ESCAPE, TURNED, "a\x9bb", "a\rb", "\u200eb", "\ud800", "a\tb"])
def test_what_steers_or_hides_is_replaced(hostile: str) -> None:
    assert harmless(hostile).replace("\ufffd", "").isprintable()
    assert "\ufffd" in harmless(hostile)


@pytest.mark.parametrize(
    "text", ["", "two\nlines", "Café Åbo 充電 ⚡", "12\u00a0kWh", "می\u200cشود"]
)
def test_what_people_write_stays(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize("hostile", [ESCAPE, TURNED])
def test_no_table_bar_or_line_lets_it_through(
    hostile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = Table(f"head {hostile}", "right")
    table.add_row(Text(hostile), "x")
    for renderable in (hostile, Text(hostile), table):
        output = printed(renderable, monkeypatch)
        assert "\ufffd" in output
        assert not {"\x1b", "\x07", "\u202e"} & set(output)


def test_columns_stay_in_line(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table("name", "right")
    table.add_row(Text(TURNED), "x")
    table.add_row("NL-VLX", "x")
    rows = [line for line in printed(table, monkeypatch).splitlines() if " x " in line]
    assert len({line.index(" x ") for line in rows}) == 1


def test_a_bar_still_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr("sys.stdout", written)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with Progress(TextColumn("{task.description}", markup=False), console=Terminal()) as bar:
        bar.add_task(ESCAPE)
    assert "\x1b[2J" not in written.getvalue()
    assert "\x1b[" in written.getvalue()  # its own colours and cursor


def test_names_are_not_read_as_emoji(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ":car:" in printed("DE:car:1", monkeypatch)


def test_json_carries_everything_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"id": ESCAPE + TURNED + "\x9b\ud800"})
    output = capsys.readouterr().out
    assert output.isascii()
    assert "\x1b" not in output
    assert json.loads(output)["id"] == ESCAPE + TURNED + "\x9b\ud800"


def test_every_command_prints_on_such_a_terminal() -> None:
    commands = (Path(__file__).parents[2] / "pipelines").rglob("*.py")
    bare = [
        path.name
        for path in commands
        if path.name != "terminal.py" and " Console(" in path.read_text(encoding="utf-8")
    ]
    assert not bare
