"""Dagster's sensor: what is pushed is published, whoever holds the warehouse, and derived later."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from receiver_home import PARTNERS, TOKEN, ReceiverHome
from test_pushes_to_core import put_location

from pipelines.config.home import Home
from pipelines.config.loading import load_partners
from pipelines.ingest.progress import NoProgress
from pipelines.landing.landing import Landing
from pipelines.landing.records import PullRecord
from pipelines.orchestration import publisher, pushes
from pipelines.orchestration.core_assets import core_key
from pipelines.orchestration.definitions import build_defs
from pipelines.orchestration.downstream import DERIVE_JOB, PUBLISH_JOB
from pipelines.orchestration.landing_assets import landing_key
from pipelines.orchestration.publisher import publish_until
from pipelines.orchestration.pushes import Published, publish_pushes, pushes_wait, take_pushes
from pipelines.orchestration.runtime import Runtime
from pipelines.orchestration.sensors import push_sensor
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.snapshot import current, open_current, publish

STATUSES = "select uid, status from core.evses order by uid"
CORE = """
select 'evses', uid, status, content_hash, page_id from core.evses
union all select 'statuses', evse_uid, status, from_at::varchar, page_id from core.evse_status
union all select 'pushes', push_id, state, reason, page_id from ops.pushes
order by all
"""


@pytest.fixture
def closed(tmp_path: Path) -> ReceiverHome:
    """A home whose warehouse nobody has open."""
    home = Home(tmp_path / "home")
    home.create()
    (home.path / "partners.yaml").write_text(PARTNERS, encoding="utf-8")
    made = ReceiverHome(home, load_partners(home.path / "partners.yaml"), None)  # type: ignore[arg-type]
    made.connect("voltix", TOKEN, ("CPO", "NL", "VOL"))
    return made


@pytest.fixture
def runtime(closed: ReceiverHome) -> Runtime:
    return Runtime(closed.home, closed.partners, {}, closed.clock, NoProgress())


def evaluated(sensor: dg.SensorDefinition, cursor: str | None = None) -> dg.SensorResult:
    result = sensor(dg.build_sensor_context(cursor=cursor))
    assert isinstance(result, dg.SensorResult)
    return result


def published(home: ReceiverHome, query: str) -> list[tuple[Any, ...]]:
    con = open_current(home.home.serving)
    assert con is not None
    with con:
        return con.execute(query).fetchall()


def set_status(home: ReceiverHome, status: str, evse: str = "E1") -> None:
    home.now += timedelta(minutes=1)
    change = {"status": status, "last_updated": f"{home.now:%Y-%m-%dT%H:%M:%SZ}"}
    assert home.ask("PATCH", f"locations/NL/VOL/L1/{evse}", change).status_code == 200


def test_a_push_is_published(closed: ReceiverHome, runtime: Runtime) -> None:
    sensor = push_sensor(runtime)
    assert evaluated(sensor).skip_reason == dg.SkipReason("nothing was pushed")
    closed.talk(put_location)
    result = evaluated(sensor)
    assert [event.asset_key for event in result.asset_events] == [core_key("voltix", "locations")]
    assert published(closed, "select count(*) from core.evses") == [(2,)]
    again = evaluated(sensor, result.cursor)
    assert (again.asset_events, again.cursor) == ([], result.cursor)


@pytest.mark.withstands(
    "pushes come while another process derives",
    "they are published at once, with the figures of before",
)
def test_who_derives_keeps_nobody_waiting_and_shows_nothing_of_what_is_not_done(
    closed: ReceiverHome, runtime: Runtime
) -> None:
    seen = Published()
    insert = "insert into ops.runs (run_id, command) values (?, 'run')"
    runs = "select run_id from ops.runs order by run_id"
    with Warehouse(closed.home.warehouse, threads=1) as warehouse, warehouse.writer() as con:
        con.execute(insert, ["before"])
        closed.talk(put_location)
        take_pushes(warehouse, runtime)
        publish(warehouse, closed.home.serving)
        con.execute(insert, ["a stage that ended"])
        con.begin()
        con.execute(insert, ["a stage that is at work"])
        set_status(closed, "CHARGING")
        assert pushes_wait(runtime, seen)
        assert publish_pushes(runtime, seen) == 1
        assert published(closed, STATUSES) == [("E1", "CHARGING"), ("E2", "AVAILABLE")]
        assert published(closed, runs) == [("before",)]
        assert con.execute(STATUSES).fetchall() == [("E1", "AVAILABLE"), ("E2", "AVAILABLE")]
        con.commit()


def test_the_map_follows(closed: ReceiverHome, runtime: Runtime) -> None:
    on_the_map = "select uid, status from mart.evses order by uid"
    defs, instance = build_defs(runtime), dg.DagsterInstance.ephemeral()
    closed.talk(put_location)
    publish_pushes(runtime, Published())
    assert published(closed, on_the_map) == []
    assert defs.resolve_job_def(DERIVE_JOB).execute_in_process(instance=instance).success
    set_status(closed, "CHARGING")  # while it derives
    assert defs.resolve_job_def(PUBLISH_JOB).execute_in_process(instance=instance).success
    assert published(closed, on_the_map) == [("E1", "CHARGING"), ("E2", "AVAILABLE")]
    set_status(closed, "BLOCKED")
    publish_pushes(runtime, Published())
    assert published(closed, on_the_map) == [("E1", "BLOCKED"), ("E2", "AVAILABLE")]


def test_the_warehouse_comes_to_the_rows_that_were_shown(
    closed: ReceiverHome, runtime: Runtime
) -> None:
    seen = Published()
    closed.talk(put_location)
    publish_pushes(runtime, seen)
    for status in ("CHARGING", "BLOCKED"):  # each builds on what no landing has yet
        set_status(closed, status)
        assert publish_pushes(runtime, seen) == 1
    assert not list((closed.home.landing / "merged").glob("**/*.zst"))
    shown = published(closed, CORE)
    assert len(shown) == 2 + 4 + 3
    with Warehouse(closed.home.warehouse, threads=1) as warehouse:
        take_pushes(warehouse, runtime)
        with warehouse.reader() as con:
            assert con.execute(CORE).fetchall() == shown


def test_a_snapshot_that_lacks_pushes_gains_them_again(
    closed: ReceiverHome, runtime: Runtime
) -> None:
    seen = Published()
    with Warehouse(closed.home.warehouse, threads=1) as warehouse:
        closed.talk(put_location)
        take_pushes(warehouse, runtime)
        publish(warehouse, closed.home.serving)
        set_status(closed, "CHARGING")
        publish_pushes(runtime, seen)
        publish(warehouse, closed.home.serving)  # by somebody who derived of what was there before
        seen.took_s = 0  # publishing may take a quarter of the time
        assert pushes_wait(runtime, seen)
        assert publish_pushes(runtime, seen) == 1
        assert published(closed, STATUSES)[0] == ("E1", "CHARGING")
        take_pushes(warehouse, runtime)
        publish(warehouse, closed.home.serving)
        seen.took_s = 0
        assert pushes_wait(runtime, seen)
        newest = current(closed.home.serving)
        assert publish_pushes(runtime, seen) == 0
        assert (current(closed.home.serving), pushes_wait(runtime, seen)) == (newest, False)


@pytest.mark.withstands(
    "a list is pushed to while it is pulled", "shown at once, and loaded after the pull"
)
def test_a_list_that_is_being_pulled_is_shown_as_it_is_pushed(
    closed: ReceiverHome, runtime: Runtime
) -> None:
    seen = Published()
    with Warehouse(closed.home.warehouse, threads=1) as warehouse:
        closed.talk(put_location)
        take_pushes(warehouse, runtime)
        publish(warehouse, closed.home.serving)
        begun, manifest = begin_pull(closed)
        set_status(closed, "CHARGING")
        assert publish_pushes(runtime, seen) == 1
        assert published(closed, STATUSES)[0] == ("E1", "CHARGING")
        assert take_pushes(warehouse, runtime) == []
        manifest.end(begun)
        loaded = [result.pull_id for result in take_pushes(warehouse, runtime)]
        assert (loaded[0], len(loaded)) == (begun.pull_id, 2)
        with warehouse.reader() as con:
            assert con.execute(STATUSES).fetchall()[0] == ("E1", "CHARGING")


def begin_pull(home: ReceiverHome) -> tuple[PullRecord, Any]:
    now = home.clock()
    begun, manifest = Landing(home.home.landing).begin(
        PullRecord(
            pull_id="", run_id="r", partner="voltix", module="locations", party=None,
            ocpi_version="2.2.1", mode="incremental", date_from_at=None, date_to_at=None,
            started_at=now, finished_at=now, status="complete", pages=0, objects=0,
            total_count=None, requests=0, bytes=0, error=None, unchanged=False,
            own_party=("NL", "VOL"),
        )
    )  # fmt: skip
    return begun, manifest


def test_what_follows_from_pushes_is_made_again_after_minutes(
    closed: ReceiverHome, runtime: Runtime
) -> None:
    closed.talk(put_location)
    first = evaluated(push_sensor(runtime))
    set_status(closed, "CHARGING")
    publish_until(runtime, iter([False, True]).__next__)  # as the process beside the receiver
    assert published(closed, STATUSES)[0] == ("E1", "CHARGING")
    second = evaluated(push_sensor(runtime), first.cursor)
    assert second.asset_events == []
    assert '"voltix/locations"' in (second.cursor or "")


def test_many_pushes_do_not_put_off_the_next_ones(
    closed: ReceiverHome, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Publishing has a quarter of the time; were loading part of it, a stream would lag."""
    clock = [1000.0]

    def load(*_: object) -> None:
        clock[0] += 60

    closed.talk(put_location)
    monkeypatch.setattr(pushes, "load_pull", load)
    monkeypatch.setattr(pushes, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    seen = Published()
    publish_pushes(runtime, seen)
    assert (seen.at_s, seen.took_s) == (1060, 0)


def test_what_cannot_be_published_now_is_tried_again(
    closed: ReceiverHome, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed.talk(put_location)
    looks = iter([False, False, True])

    def fail_once(serving: Path) -> None:
        monkeypatch.undo()
        monkeypatch.setattr(publisher, "_FAILED_S", 0)
        raise OSError("no space left on device")

    monkeypatch.setattr(publisher, "_FAILED_S", 0)
    monkeypatch.setattr(pushes, "current", fail_once)
    publish_until(runtime, looks.__next__)
    assert published(closed, "select count(*) from core.evses") == [(2,)]


def test_the_definitions_have_the_sensor(runtime: Runtime) -> None:
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
