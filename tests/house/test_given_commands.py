"""Commands that documents, units and containers give exist, with the options that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import click
import pytest
import yaml

from pipelines.cli.main import cli

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("[!c]*.md"))]
_GIVEN = re.compile(r"(?:^|[`/ ])roamhouse ([a-z][^`\n#]*)", re.MULTILINE)
_FENCE = re.compile(r"```(?:sh|yaml|ini)?\n(.*?)```|(`[^`]+`)", re.DOTALL)


def given(text: str) -> Iterator[list[str]]:
    """The words after each `roamhouse` in a text of code."""
    for match in _GIVEN.finditer(text):
        yield re.split(r"&&|\||;", match[1])[0].split()


def unknown(words: list[str]) -> list[str]:
    """Words that are no command and no option of the one they are given to."""
    command: click.Command = cli
    missing = []
    for word in words:
        name = word.strip("[],.").partition("=")[0]
        if isinstance(command, click.Group) and not name.startswith("-"):
            found = command.get_command(click.Context(command), name)
            if found is None:
                return [name]
            command = found
        elif re.fullmatch(r"--?[a-z][a-z-]*", name):
            known = {option for one in command.params for option in (*one.opts, "--help")}
            missing += [name] if name not in known else []
    return missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_documents_name_commands_and_options_that_exist(page: Path) -> None:
    code = "\n".join(map("".join, _FENCE.findall(page.read_text(encoding="utf-8"))))
    assert {" ".join(words): odd for words in given(code) if (odd := unknown(words))} == {}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_start_what_is_installed(unit: Path) -> None:
    scripts = {one.name for one in entry_points(group="console_scripts")}
    lines = re.findall(r"^ExecStart\w*=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)
    for program, *words in (line.split() for line in lines):
        if program != "/bin/sh":
            assert program.removeprefix("/opt/roamhouse/bin/") in scripts
        if program.endswith("/roamhouse"):
            assert unknown(words) == []


def test_every_service_of_the_compose_file_starts_and_says_that_it_lives() -> None:
    services = COMPOSE["services"]
    assert set(services) == {"init", "daemon", "webserver", "dashboards", "receiver", "postgres"}
    for name, service in services.items():
        if service.get("image") == "roamhouse":
            assert name == "init" or "healthcheck" in service
            if "entrypoint" not in service:
                assert unknown([str(word) for word in service["command"]]) == []


def test_the_container_is_built_from_what_the_wheel_needs() -> None:
    copied = re.findall(
        r"^COPY (?!--)(.*) /src/", (ROOT / "deploy" / "Containerfile").read_text(), re.MULTILINE
    )
    there = {name for line in copied for name in line.split()}
    assert all((ROOT / name).exists() for name in there)
    assert {"models", "pipelines", "dashboards", "requirements.lock", "pyproject.toml"} <= there
