"""A home after real runs: backed up and brought back, pruned, and its history kept small."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import msgspec
import pytest
from click.testing import CliRunner, Result

from pipelines.cli.main import cli
from pipelines.config.home import Home
from pipelines.config.loading import load_partners
from pipelines.landing.landing import Landing
from pipelines.landing.manifests import stamp
from pipelines.orchestration.housekeeping import tidy_history
from pipelines.orchestration.instance import open_instance
from pipelines.orchestration.replay import replay_landing
from pipelines.stages.sequence import stage_context
from pipelines.upkeep.backup import back_up, restore
from pipelines.upkeep.prune import PruneRefused, prune
from pipelines.warehouse.connection import open_warehouse
from pipelines.warehouse.snapshot import open_current

#: What a replay does not make again as it was: the runs themselves.
TABLES = "select schema_name || '.' || table_name from duckdb_tables() where schema_name <> 'ops'"
WITHOUT = """
partners:
  - name: quiet
    kind: ocpi
    versions_url: https://quiet.example/ocpi/versions
    token_env: QUIET_TOKEN
"""
LATER = datetime.now(UTC) + timedelta(days=500)


def now() -> datetime:
    return datetime.now(UTC)


def published(home: Home) -> duckdb.DuckDBPyConnection:
    con = open_current(home.serving)
    assert con is not None
    return con


def rows(home: Home) -> dict[str, list[tuple[object, ...]]]:
    with published(home) as con:
        names = sorted(name for (name,) in con.execute(TABLES).fetchall())
        return {
            name: con.execute(f"select * from {name} order by all").fetchall()  # noqa: S608
            for name in names
        }


@pytest.mark.withstands(
    "the machine is lost", "a backup restored elsewhere and replayed makes the same tables"
)
def test_restored_home_makes_the_same_tables_again(home: Home, tmp_path: Path) -> None:
    back_up(home, tmp_path / "b", partners=None, made_at=now())
    other = Home(tmp_path / "other")
    restore(tmp_path / "b", other)
    assert not other.warehouse.exists()
    replay_landing(other, None, now=now)
    assert rows(other) == rows(home)


@pytest.mark.withstands(
    "the machine is lost after a partner left the partners file",
    "its claims are judged and settled by the terms that it had, after restore and replay, too",
)
def test_restored_home_knows_the_terms_of_partners_that_left(home: Home, tmp_path: Path) -> None:
    home.partners.write_text(WITHOUT, encoding="utf-8")
    replay_landing(home, None, now=now)
    assert rows(home)["settle.statements"]
    back_up(home, tmp_path / "b", partners=None, made_at=now())
    other = Home(tmp_path / "other")
    restore(tmp_path / "b", other)
    replay_landing(other, None, now=now)
    before, after = rows(home), rows(other)
    del before["recon.inputs"], after["recon.inputs"]  # contracts of partners that brought nothing
    assert after == before


def test_a_partner_that_left_goes_on_knowing_who_we_are(home: Home) -> None:
    with open_warehouse(home) as warehouse:
        before = stage_context(warehouse, load_partners(home.partners), home)
        home.partners.write_text(WITHOUT, encoding="utf-8")
        after = stage_context(warehouse, load_partners(home.partners), home)
    assert before is not None
    assert after is not None
    assert after.own_parties["lumen"] == before.own_parties["lumen"] == {("NL", "EMS")}


def test_run_leaves_little_in_dagster_s_history(home: Home) -> None:
    files = [path for path in home.dagster.glob("history/runs/*.db") if path.name != "index.db"]
    assert len(files) == 3  # a partner, what follows, publishing
    assert max(path.stat().st_size for path in files) < 160 << 10
    with open_instance(home) as instance:
        (run, *_) = instance.get_runs()
        kinds = {
            entry.dagster_event.event_type_value
            for entry in instance.all_logs(run.run_id)
            if entry.dagster_event
        }
        assert {"STEP_START", "STEP_SUCCESS", "ASSET_MATERIALIZATION", "PIPELINE_SUCCESS"} <= kinds
        assert tidy_history(instance, now() - timedelta(days=1)) == 0
        assert tidy_history(instance, now() + timedelta(days=1)) == 3
        assert instance.get_runs() == []
    assert list(home.dagster.glob("history/runs/*-*.db*")) == []


def test_pages_stay_forever_unless_the_settings_say_otherwise(home: Home) -> None:
    pruned = prune(home, partners=None, now=lambda: LATER)
    assert (pruned.pulls, pruned.lists) == (0, ())
    assert pruned.runs == 3
    assert pruned.freed_bytes > 0


def test_pages_of_months_that_nobody_locked_never_go(home: Home) -> None:
    land_again(home)
    home.settings.write_text("retention: {landing: 400d}", encoding="utf-8")
    with pytest.raises(PruneRefused, match=r"months before .* lock them with `roamhouse close`"):
        prune(home, partners=None, now=lambda: LATER)


def land_again(home: Home) -> None:
    """Let each list have been pulled once more, an hour later, with the same pages."""
    landing = Landing(home.landing)
    for scope in landing.scopes():
        for pull_id in landing.pull_ids(*scope):
            pull, _ = landing.pull(pull_id)
            later = pull.started_at + timedelta(hours=1)
            text = landing.manifest_path(pull_id).read_text(encoding="utf-8")
            for before, after in (
                (stamp(pull.started_at), stamp(later)),
                (msgspec.json.encode(pull.started_at).decode(), f'"{later.isoformat()}"'),
            ):
                text = text.replace(before, after)
            path = landing.manifest_path(pull_id.replace(stamp(pull.started_at), stamp(later)))
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")


def test_old_pages_go_and_the_tables_follow_the_landing(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.upkeep.prune._refuse_open_months", lambda *_: None)
    home.settings.write_text("retention: {landing: 400d}", encoding="utf-8")
    landing = Landing(home.landing)
    land_again(home)
    scopes = landing.scopes()
    would = prune(home, partners=None, now=lambda: LATER, only_say=True)
    assert {len(landing.pull_ids(*scope)) for scope in scopes} == {2}
    pruned = prune(home, partners=None, now=lambda: LATER)
    assert pruned.pulls == would.pulls == len(scopes)
    assert {len(landing.pull_ids(*scope)) for scope in scopes} == {1}
    left = {page.sha256 for _, pages in landing.pulls() for page in pages}
    assert all(landing.objects.path(sha256).exists() for sha256 in left)
    after = rows(home)
    assert len(after["core.cdrs"]) > 0
    replay_landing(home, None, now=now)
    assert rows(home) == after


def roamhouse(home: Home, *words: str) -> Result:
    return CliRunner().invoke(cli, list(words), env={"ROAMHOUSE_HOME": str(home.path)})


def test_command_says_what_went_and_refuses_unusable_settings(home: Home) -> None:
    result = roamhouse(home, "prune", "--json")
    assert result.exit_code == 0
    assert json.loads(result.output)["pulls"] == 0
    home.settings.write_text("retention: {landing: soon}", encoding="utf-8")
    result = roamhouse(home, "prune")
    assert (result.exit_code, "retention.landing: expected days" in result.output) == (2, True)
    assert roamhouse(home, "run", "--only", "lumen").exit_code == 2
