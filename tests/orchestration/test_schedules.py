"""When partners are visited, what runs from the start, and what is asked again when it is lost."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import yaml

from pipelines.config.home import Home
from pipelines.config.loading import load_partners
from pipelines.ingest.progress import NoProgress
from pipelines.orchestration.core_assets import freshness
from pipelines.orchestration.definitions import build_defs
from pipelines.orchestration.instance import settings
from pipelines.orchestration.runtime import Runtime
from pipelines.orchestration.schedules import cron

PARTNERS = """\
partners:
  - {name: voltix, kind: ocpi, versions_url: "https://v.example/v", token_env: T, every: 15m,
     modules: [cdrs], retries: 5, stale_after: 1h}
  - {name: ndw, kind: feed, locations_url: places.json}
"""


@pytest.mark.parametrize(
    ("every", "line"),
    [
        ({"minutes": 5}, "3-59/5 * * * *"),
        ({"minutes": 30}, "18-59/30 * * * *"),
        ({"hours": 1}, "18 * * * *"),
        ({"hours": 4}, "18 2-23/4 * * *"),
        ({"days": 1}, "18 3 * * *"),
    ],
)
def test_cadence_is_a_cron_line_of_the_partner_s_own(every: dict[str, int], line: str) -> None:
    assert sum(b"voltix") == 678
    assert cron("voltix", timedelta(**every)) == line
    assert dg.ScheduleDefinition(job_name="j", cron_schedule=line)


@pytest.fixture
def runtime(tmp_path: Path) -> Runtime:
    home = Home(tmp_path)
    home.partners.write_text(PARTNERS, encoding="utf-8")
    partners = load_partners(home.partners)
    return Runtime(home, partners, {}, lambda: datetime.now(UTC), NoProgress())


def test_schedules_and_the_sensor_run_from_the_start(runtime: Runtime) -> None:
    repository = build_defs(runtime).get_repository_def()
    schedules = {one.name: one for one in repository.schedule_defs}
    assert {name: one.cron_schedule for name, one in schedules.items()} == {
        "tidy_daily": "41 4 * * *",
        "pull_voltix_when_due": "3-59/15 * * * *",
        "pull_ndw_when_due": f"{sum(b'ndw') % 60} {1 + sum(b'ndw') % 4} * * *",
    }
    assert all(one.default_status.value == "RUNNING" for one in schedules.values())
    assert {one.default_status for one in repository.sensor_defs} == {
        dg.DefaultSensorStatus.RUNNING
    }
    for job in ("pull_voltix", "derive", "publish"):
        assert repository.get_job(job).tags["dagster/max_retries"] == "2"


def test_settings_switch_them_off_and_name_places_to_publish_to(runtime: Runtime) -> None:
    runtime.home.settings.write_text(
        "schedules: {enabled: off, retries: 0}\npublish: [{to: /srv/share, tables: [mart]}]\n",
        encoding="utf-8",
    )
    repository = build_defs(runtime).get_repository_def()
    assert {one.default_status.value for one in repository.schedule_defs} == {"STOPPED"}
    assert {one.default_status for one in repository.sensor_defs} == {
        dg.DefaultSensorStatus.STOPPED
    }
    assert repository.get_job("derive").tags["dagster/max_retries"] == "0"
    place = repository.asset_graph.get(dg.AssetKey(["serving", "published_1"]))
    assert place.description == "Tables as parquet in /srv/share."


def test_freshness_and_retries_are_the_partner_s(runtime: Runtime) -> None:
    windows = {
        partner.name: (
            freshness(partner).warn_window.to_timedelta(),  # type: ignore[attr-defined]
            freshness(partner).fail_window.to_timedelta(),  # type: ignore[attr-defined]
        )
        for partner in runtime.partners.partners
    }
    assert windows == {
        "voltix": (timedelta(minutes=45), timedelta(hours=1)),
        "ndw": (timedelta(hours=37, minutes=30), timedelta(hours=50)),
    }
    landing = build_defs(runtime).resolve_assets_def(dg.AssetKey(["landing", "voltix", "cdrs"]))
    policy = landing.node_def.retry_policy  # type: ignore[attr-defined]
    assert policy.max_retries == 5


def test_instance_asks_again_for_lost_runs_and_for_no_address(tmp_path: Path) -> None:
    path = settings(tmp_path)
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert written["run_retries"]["enabled"] is True
    assert written["run_retries"]["retry_on_asset_or_op_failure"] is False
    assert written["nux"] == written["telemetry"] == {"enabled": False}


def test_instance_settings_of_an_earlier_version_are_renewed_unless_edited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "dagster.yaml"
    earlier = "telemetry:\n  enabled: false\n"
    digest = hashlib.sha256(earlier.encode()).hexdigest()
    monkeypatch.setattr("pipelines.orchestration.instance._FORMER", frozenset({digest}))
    path.write_text(earlier, encoding="utf-8")
    assert "run_retries" in settings(tmp_path).read_text(encoding="utf-8")
    path.write_text(f"# mine\n{earlier}", encoding="utf-8")
    assert settings(tmp_path).read_text(encoding="utf-8").startswith("# mine")


def test_the_folder_of_invoices_is_watched_where_one_is_named(
    runtime: Runtime, tmp_path: Path
) -> None:
    assert "invoices" not in {one.name for one in build_defs(runtime).sensors or ()}
    folder = tmp_path / "inbox"
    runtime.home.settings.write_text(f"invoices: {{folder: {folder}}}\n", encoding="utf-8")
    repository = build_defs(runtime).get_repository_def()
    sensor = repository.get_sensor_def("invoices")

    def ask() -> dg.RunRequest | dg.SkipReason:
        asked = sensor(dg.build_sensor_context(repository_def=repository))
        assert isinstance(asked, dg.RunRequest | dg.SkipReason)
        return asked

    assert isinstance(ask(), dg.SkipReason)
    (folder / "taken").mkdir(parents=True)
    (folder / ".hidden").write_bytes(b"")
    assert isinstance(ask(), dg.SkipReason)
    (folder / "october.xml").write_bytes(b"<Invoice/>")
    first = ask()
    assert isinstance(first, dg.RunRequest)
    assert first.run_key == getattr(ask(), "run_key", None)
    (folder / "november.xml").write_bytes(b"<Invoice/>")
    assert first.run_key != getattr(ask(), "run_key", None)
