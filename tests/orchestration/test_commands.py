"""The commands as a user types them: what they print and the code they end with."""

import json
import subprocess
import sys
from datetime import timedelta

import duckdb
import pytest
from click.testing import CliRunner

from pipelines.cli.main import cli
from pipelines.sandbox import process as sandbox
from pipelines.warehouse.snapshot import current


def roamhouse(*arguments, environ=None):
    return CliRunner().invoke(cli, [str(one) for one in arguments], env=environ)


@pytest.fixture
def home(partners_at_play, tmp_path):
    """A home whose partners file names the sandbox partners."""
    (tmp_path / "partners.yaml").write_text(
        sandbox.partners_yaml(partners_at_play.partners), encoding="utf-8"
    )
    return tmp_path


def test_help_lists_every_command_without_loading_the_pipeline():
    script = (
        "import sys; from pipelines.cli.main import cli\n"
        "try:\n    cli(['--help'])\n"
        "except SystemExit:\n    pass\n"
        "assert not {'dagster', 'duckdb', 'polars'} & set(sys.modules), 'slow imports'"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for command in ("demo", "run", "replay", "price", "lint", "statement", "close", "doctor"):
        assert f"\n  {command}" in done.stdout


@pytest.mark.parametrize(
    "command", ["price", "lint", "statement", "dispute", "close", "reopen", "sandbox", "doctor"]
)
def test_every_command_explains_itself(command):
    result = roamhouse(command, "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.output


def test_without_a_partners_file_nothing_is_done(tmp_path):
    result = roamhouse("run", "--home", tmp_path / "new")
    assert result.exit_code == 2
    assert "partners.example.yaml" in result.output
    assert not (tmp_path / "new" / "warehouse.duckdb").exists()


def test_an_unset_token_is_named_and_nothing_is_done(home):
    result = roamhouse("run", "--home", home, "--only", "lumen", environ={"LUMEN_TOKEN": ""})
    assert result.exit_code == 2
    assert "LUMEN_TOKEN" in result.output
    assert not (home / "warehouse.duckdb").exists()


def test_a_lost_pseudonym_key_stops_a_run_before_anybody_is_asked(home, partners_at_play):
    (home / "pseudonym.fingerprint").write_text("0123456789abcdef0123456789abcdef\n")
    result = roamhouse("run", "--home", home, environ=partners_at_play.environ)
    assert result.exit_code == 2
    assert "pseudonym" in result.output
    assert not [path for path in (home / "landing").rglob("*") if path.is_file()]
    assert not (home / "warehouse.duckdb").exists()


def test_a_partner_that_is_not_in_the_file_is_a_usage_error(home):
    result = roamhouse("run", "--home", home, "--only", "voltics")
    assert result.exit_code == 2
    assert "voltix" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "2026-09-01"], "--to needs --from"),
        (["--from", "2026-09-02", "--to", "2026-09-01"], "later than"),
        (["--from", "2026-09-02", "--full"], "choose one"),
        (["--from", "9999-01-01"], "in the future"),
    ],
)
def test_windows_that_mean_nothing_are_refused(home, arguments, message):
    result = roamhouse("run", "--home", home, *arguments)
    assert result.exit_code == 2
    assert message in result.output


def test_run_prints_one_json_object_and_replay_counts_the_same_pulls(home, partners_at_play):
    result = CliRunner().invoke(
        cli,
        ["run", "--home", str(home), "--only", "lumen", "--json"],
        env=partners_at_play.environ,
    )
    assert result.exit_code == 0, result.output
    summary = json.loads(result.stdout)
    assert summary["status"] == "complete"
    assert [partner["name"] for partner in summary["partners"]] == ["lumen"]
    assert summary["settled"]["month"] < "9999-12"

    replayed = CliRunner().invoke(cli, ["replay", "--home", str(home), "--json"])
    assert replayed.exit_code == 0, replayed.output
    counted = json.loads(replayed.stdout)
    assert counted["pulls"] == len(summary["partners"][0]["lists"])
    assert counted["objects"] == summary["partners"][0]["objects"]

    # A contract that changed counts at once; no token is known here, so nobody can be asked.
    contracts = home / "partners.yaml"
    parts = contracts.read_text(encoding="utf-8").split("- name: ")
    parts = [
        part.replace("reverse_charge: false", "reverse_charge: true")
        if part.startswith("lumen")
        else part
        for part in parts
    ]
    contracts.write_text("- name: ".join(parts), encoding="utf-8")
    settled = CliRunner().invoke(cli, ["settle", "--home", str(home), "--json"])
    assert settled.exit_code == 0, settled.output
    assert json.loads(settled.stdout)["failures"] == []
    with duckdb.connect(str(current(home / "serving")), read_only=True) as con:
        found = con.sql("select distinct reverse_charge from settle.statements").fetchall()
    assert found == [(True,)]


def test_the_demo_runs_from_nothing_and_knows_its_world_again(tmp_path, monkeypatch):
    monkeypatch.setattr("pipelines.cli.demo._PAST", timedelta(days=11))  # of its three months
    monkeypatch.setattr("pipelines.cli.demo_story._CLOSE", timedelta())  # one look a day will do
    home = tmp_path / "demo"
    result = roamhouse("demo", "--home", home, "--cdrs", "200", "--json", "--no-dashboards")
    assert result.exit_code == 0, result.output
    summary = json.loads(result.stdout)
    assert summary["status"] == "complete"
    assert len(summary["partners"]) == 4
    assert summary["settled"]["statements"]
    with duckdb.connect(str(current(home / "serving")), read_only=True) as con:
        (lived,) = con.sql(
            "select max(valid_from_at) - min(valid_from_at) from core.tariffs"
        ).fetchall()
    assert lived[0] > timedelta(days=10)  # it has lived through their history
    assert (home / "truth.jsonl").stat().st_size > 0

    other = roamhouse("demo", "--home", home, "--cdrs", "500", "--json", "--no-dashboards")
    assert other.exit_code == 2
    assert "--home" in other.output
