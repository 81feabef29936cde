"""Dagster's sensor: what is pushed is loaded and published, where nobody else writes."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from receiver_home import PARTNERS, TOKEN, Caller, ReceiverHome
from test_pushes_to_core import put_location

from pipelines.config import Home, load_partners
from pipelines.ingest.progress import NoProgress
from pipelines.landing.journal import finished_segments
from pipelines.orchestration.core_assets import core_key
from pipelines.orchestration.definitions import build_defs
from pipelines.orchestration.landing_assets import landing_key
from pipelines.orchestration.pushes import Published, pushes_wait, serve_pushes
from pipelines.orchestration.runtime import Runtime
from pipelines.orchestration.sensors import push_sensor
from pipelines.stages.marts.stage import build_marts
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.snapshot import current, open_current


@pytest.fixture
def closed(tmp_path: Path) -> ReceiverHome:
    """A home whose warehouse nobody has open."""
    home = Home(tmp_path / "home")
    home.create()
    (home.path / "partners.yaml").write_text(PARTNERS, encoding="utf-8")
    made = ReceiverHome(home, load_partners(home.path / "partners.yaml"), None)  # type: ignore[arg-type]
    made.connect("voltix", TOKEN, ("CPO", "NL", "VOL"))
    return made


def evaluated(sensor: dg.SensorDefinition, cursor: str | None = None) -> dg.SensorResult:
    result = sensor(dg.build_sensor_context(cursor=cursor))
    assert isinstance(result, dg.SensorResult)
    return result


def test_a_push_is_loaded_and_published(closed: ReceiverHome) -> None:
    runtime = Runtime(closed.home, closed.partners, {}, closed.clock, NoProgress())
    sensor = push_sensor(runtime, watch_s=0)
    assert evaluated(sensor).skip_reason == dg.SkipReason("nothing was pushed")
    closed.talk(put_location)
    with Warehouse(closed.home.warehouse, threads=1):
        assert "waits" in (evaluated(sensor).skip_reason.skip_message or "")
    result = evaluated(sensor)
    assert [event.asset_key for event in result.asset_events] == [core_key("voltix", "locations")]
    snapshot = current(closed.home.serving)
    assert snapshot is not None
    with duckdb.connect(str(snapshot), read_only=True) as con:
        assert con.execute("select count(*) from core.evses").fetchall() == [(2,)]
    again = evaluated(sensor, result.cursor)
    assert (again.asset_events, again.cursor) == ([], result.cursor)


async def occupy(caller: Caller) -> None:
    change = {"status": "CHARGING", "last_updated": "2026-11-01T12:01:00Z"}
    assert (await caller("PATCH", "locations/NL/VOL/L1/E1", change)).status_code == 200


def test_what_comes_while_marts_are_made_is_published_before_they_are(
    closed: ReceiverHome,
) -> None:
    runtime = Runtime(closed.home, closed.partners, {}, closed.clock, NoProgress())
    closed.talk(put_location)
    evaluated(push_sensor(runtime, watch_s=0))
    closed.now += timedelta(minutes=1)
    closed.talk(occupy)
    published = Published()
    shown: list[tuple[str]] = []

    def let_pushes_in() -> None:
        if not pushes_wait(runtime, published):
            return
        serve_pushes(warehouse, runtime, published)
        snapshot = open_current(closed.home.serving)
        assert snapshot is not None
        with snapshot:
            shown.extend(
                snapshot.execute("select status from mart.evses where uid = 'E1'").fetchall()
            )

    with runtime.holding() as warehouse, warehouse.writer() as con:
        build_marts(con, as_of=closed.now, between=let_pushes_in)
    assert shown == [("CHARGING",)]


def test_what_comes_while_the_sensor_looks_is_published_and_derived_later(
    closed: ReceiverHome,
) -> None:
    runtime = Runtime(closed.home, closed.partners, {}, closed.clock, NoProgress())
    closed.talk(put_location)
    first = evaluated(push_sensor(runtime, watch_s=0))
    closed.now += timedelta(minutes=1)

    pushing = threading.Thread(target=closed.talk, args=(occupy,))
    snapshot = current(closed.home.serving)

    def push_once(path: Path) -> list[Path]:
        if not pushing.ident:
            pushing.start()
            pushing.join()
        return finished_segments(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.orchestration.pushes.finished_segments", push_once)
        patch.setattr("pipelines.orchestration.pushes._SHARE", 0)
        second = evaluated(push_sensor(runtime, watch_s=0.1), first.cursor)
    assert current(closed.home.serving) != snapshot
    assert second.asset_events == []  # what follows from core is made again in five minutes
    assert '"voltix/locations"' in (second.cursor or "")


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
    keys = defs.resolve_all_asset_keys()
    assert landing_key("hubby", "cdrs") in keys
    assert landing_key("voltix", "cdrs") not in keys
    graph = defs.resolve_asset_graph()
    prices = dg.AssetKey(["derived", "rating"])
    assert core_key("voltix", "cdrs") in graph.get(prices).parent_keys  # what it pushes is priced
