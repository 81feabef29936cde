"""Dagster's sensor: what is pushed is loaded and published, where nobody else writes."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import duckdb
import pytest
from receiver_home import PARTNERS, TOKEN, ReceiverHome
from test_pushes_to_core import put_location

from pipelines.config import Home, load_partners
from pipelines.ingest.progress import NoProgress
from pipelines.orchestration.core_assets import core_key
from pipelines.orchestration.definitions import build_defs
from pipelines.orchestration.runtime import Runtime
from pipelines.orchestration.sensors import push_sensor
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.snapshot import current


@pytest.fixture
def closed(tmp_path: Path) -> ReceiverHome:
    """A home whose warehouse nobody has open."""
    home = Home(tmp_path / "home")
    home.create()
    (home.path / "partners.yaml").write_text(PARTNERS, encoding="utf-8")
    made = ReceiverHome(home, load_partners(home.path / "partners.yaml"), None)  # type: ignore[arg-type]
    made.connect("voltix", TOKEN, ("CPO", "NL", "VOL"))
    return made


def test_a_push_is_loaded_and_published(closed: ReceiverHome) -> None:
    runtime = Runtime(closed.home, closed.partners, {}, closed.clock, NoProgress())
    sensor = push_sensor(runtime)
    assert isinstance(sensor(dg.build_sensor_context()), dg.SkipReason)
    closed.talk(put_location)
    with Warehouse(closed.home.warehouse, threads=1):
        waits = sensor(dg.build_sensor_context())
        assert isinstance(waits, dg.SkipReason)
        assert "waits" in (waits.skip_message or "")
    result = sensor(dg.build_sensor_context())
    assert isinstance(result, dg.SensorResult)
    assert [event.asset_key for event in result.asset_events] == [core_key("voltix", "locations")]
    snapshot = current(closed.home.serving)
    assert snapshot is not None
    with duckdb.connect(str(snapshot), read_only=True) as con:
        assert con.execute("select count(*) from core.evses").fetchall() == [(2,)]
    again = sensor(dg.build_sensor_context(cursor=result.cursor))
    assert isinstance(again, dg.SkipReason)


def test_the_definitions_have_the_sensor(closed: ReceiverHome) -> None:
    runtime = Runtime(closed.home, closed.partners, {}, closed.clock, NoProgress())
    defs = build_defs(runtime)
    assert defs.resolve_sensor_def("pushes").minimum_interval_seconds == 3


def test_a_partner_that_only_pushes_is_asked_for_nothing(closed: ReceiverHome) -> None:
    text = PARTNERS.replace("name: voltix,", "name: voltix, modules: [],")
    (closed.home.path / "partners.yaml").write_text(text, encoding="utf-8")
    partners = load_partners(closed.home.path / "partners.yaml")
    assert [partner.name for partner in partners.asked] == ["hubby"]
    defs = build_defs(Runtime(closed.home, partners, {}, closed.clock, NoProgress()))
    assert core_key("hubby", "cdrs") in defs.resolve_all_asset_keys()
    assert core_key("voltix", "cdrs") not in defs.resolve_all_asset_keys()
