"""`roamhouse doctor` as a person and as a script meets it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from quiet_server import QuietServer

from pipelines.cli.doctor import Check, exit_code
from pipelines.cli.doctor.command import doctor

TOKEN = "not-for-any-log-7f3a"


@pytest.fixture
def server() -> Iterator[QuietServer]:
    with QuietServer() as server:
        server.play_operator("cdrs")
        yield server


@pytest.fixture
def partners(server: QuietServer, tmp_path: Path) -> Path:
    path = tmp_path / "partners.yaml"
    path.write_text(
        f"defaults: {{requests_per_second: 1000}}\n"
        f"partners:\n"
        f"  - {{name: voltix, kind: ocpi, versions_url: '{server.url}/versions',"
        f" token_env: VOLTIX_TOKEN}}\n"
        f"  - {{name: ndw, kind: feed, tariffs_url: none.json}}\n",
        encoding="utf-8",
    )
    return path


def call(tmp_path: Path, *options: str, **environ: str) -> Result:
    home = str(tmp_path / "home")
    return CliRunner().invoke(doctor, ["--home", home, *options], env=dict(environ))


def test_all_is_well(partners: Path, tmp_path: Path) -> None:
    options = ("--partners", str(partners), "--only", "voltix")
    result = call(tmp_path, *options, VOLTIX_TOKEN=TOKEN)
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1] == "A run would go well."
    assert not (tmp_path / "home").exists()


def test_something_would_fail(partners: Path, tmp_path: Path) -> None:
    result = call(tmp_path, "--partners", str(partners), VOLTIX_TOKEN=TOKEN)
    assert result.exit_code == 1
    (line,) = [line for line in result.output.splitlines() if line.startswith("FAIL")]
    assert "ndw tariffs" in line
    assert "check the path and its permissions" in line


def test_an_unset_token_is_a_fault_of_the_configuration(partners: Path, tmp_path: Path) -> None:
    result = call(tmp_path, "--partners", str(partners))
    assert result.exit_code == 2
    assert "VOLTIX_TOKEN is not set" in result.output


def test_a_broken_file_is_listed_fault_by_fault(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("partners: [{name: A, kind: ocpi}]\n", encoding="utf-8")
    result = call(tmp_path, "--partners", str(path))
    assert result.exit_code == 2
    assert result.output.count("FAIL partners file") == 3


def test_a_setting_that_means_nothing_is_a_fault(tmp_path: Path) -> None:
    result = call(tmp_path, ROAMHOUSE_PSEUDONYMS="maybe")
    assert result.exit_code == 2
    assert "expected on or off, found 'maybe'" in result.output


def test_json_is_one_object_with_stable_keys(partners: Path, tmp_path: Path) -> None:
    result = call(tmp_path, "--partners", str(partners), "--json", VOLTIX_TOKEN=TOKEN)
    report = json.loads(result.output)
    assert result.exit_code == report["exit_code"] == 1
    assert {frozenset(check) for check in report["checks"]} == {
        frozenset({"subject", "name", "state", "message"})
    }
    assert TOKEN not in result.output


def test_a_partner_s_words_do_not_steer_the_terminal(
    server: QuietServer, partners: Path, tmp_path: Path
) -> None:
    server.say("/versions", [{"version": "9.9\x1b[2J[red]", "url": "x"}])
    options = ("--partners", str(partners), "--only", "voltix")
    result = call(tmp_path, *options, VOLTIX_TOKEN=TOKEN)
    assert "\x1b[2J" not in result.output
    assert "[red]" in result.output


@pytest.mark.parametrize(
    ("states", "code"),
    [((), 0), (("ok", "warn"), 0), (("ok", "fail"), 1), (("fail", "unusable"), 2)],
)
def test_the_worst_state_decides_the_exit_code(states: tuple[str, ...], code: int) -> None:
    assert exit_code(Check("a", "b", state, "") for state in states) == code  # type: ignore[arg-type]
