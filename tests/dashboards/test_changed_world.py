"""What changed since a day, on two states of a world, held against both of them.

The sandbox moves on by weeks, which changes prices and statuses; a feed beside it loses a place,
gains one, and another grows. The other words compare what partners list now with a copy of `core`
from then, and ask nothing of its history.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboards.format import number
from pipelines.cli.demo_story import simulate_past
from pipelines.config.home import Home
from pipelines.config.loading import load_partners
from pipelines.ingest.progress import NoProgress
from pipelines.orchestration.runtime import Runtime
from pipelines.sandbox import process as sandbox
from pipelines.sandbox.scenario import Options
from pipelines.stages.marts.stage import build_marts
from pipelines.warehouse.snapshot import current, publish
from tests.dashboards.conftest import open_app, show
from tests.made_once import made_once

NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)
THEN = NOW - timedelta(days=40)
DAY = timedelta(days=1)
SINCE = (THEN + 2 * DAY).date().isoformat()
FEED = """\
- name: city
  kind: feed
  locations_url: places.json
  tariffs_url: tariffs.json
  parties: [NL/CTY]
"""
LIVING = """
create temp view now_evses as
select * from core.evses where is_current_copy and removed_at is null;
create temp view then_evses as
select * from old.core.evses where is_current_copy and removed_at is null;
"""
ENERGY = """
select partner, country_code, party_id, id,
    cast(tariff ->> '$.elements[0].price_components[0].price' as decimal(9, 4)) as price
from {}core.tariffs
where valid_to_at is null and json_array_length(tariff, '$.elements') = 1
    and json_array_length(tariff, '$.elements[0].price_components') = 1
    and (tariff ->> '$.elements[0].price_components[0].type') = 'ENERGY'
    and json_extract(tariff, '$.elements[0].restrictions') is null
    and json_extract(tariff, '$.min_price') is null
    and json_extract(tariff, '$.max_price') is null
"""


def place(number: int, evses: int) -> dict[str, Any]:
    """Return a location of a feed."""
    plug = {"id": "1", "standard": "IEC_62196_T2", "format": "SOCKET", "power_type": "AC_3_PHASE"}
    power = {"max_voltage": 230, "max_amperage": 16, "last_updated": "2026-09-01T00:00:00Z"}
    return {
        **{"country_code": "NL", "party_id": "CTY", "id": f"P{number}", "publish": True},
        **{"address": f"Kade {number}", "city": "Delft", "country": "NLD"},
        **{"coordinates": {"latitude": "52.01", "longitude": "4.36"}, "time_zone": "Europe/Paris"},
        "last_updated": "2026-09-01T00:00:00Z",
        "evses": [
            {
                **{"uid": f"P{number}-{one}", "evse_id": f"NL*CTY*E{number}*{one}"},
                **{"status": "AVAILABLE", "last_updated": "2026-09-01T00:00:00Z"},
                "connectors": [plug | power],
            }
            for one in range(evses)
        ],
    }


def live_twice(folder: Path) -> None:
    """Look at the world for a day, keep what core held then, and look again weeks later."""
    home = Home(folder)
    home.create()
    options = Options(now=NOW, cdrs=100, scenario="demo", begin=THEN)
    feed = home.path / "places.json"
    with sandbox.start(options) as partners:
        text = sandbox.partners_yaml(partners.partners) + FEED
        home.partners.write_text(text, encoding="utf-8")
        known = load_partners(home.partners, only=("voltix", "lumen", "city"))
        runtime = Runtime(home, known, partners.environ, lambda: NOW, NoProgress())
        feed.write_text(json.dumps([place(one, 2) for one in range(20)]), encoding="utf-8")
        (home.path / "tariffs.json").write_text("[]", encoding="utf-8")
        simulate_past(runtime, THEN, THEN + DAY, partners.advance)
        shutil.copy(home.warehouse, home.path / "then.duckdb")
        later = [place(one, 3 if one == 7 else 2) for one in range(1, 21)]
        feed.write_text(json.dumps(later), encoding="utf-8")
        simulate_past(runtime, NOW - DAY, NOW, partners.advance)
    with runtime.holding() as warehouse:
        with warehouse.writer() as con:
            (as_of,) = con.execute("select max(fetched_at) from ops.pages").fetchall()[0]
            build_marts(con, as_of=as_of)
        publish(warehouse, home.serving)


@pytest.fixture(scope="module")
def moved_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(made_once(tmp_path_factory, "moved_home", live_twice))


@pytest.fixture
def app(moved_home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    """What changed since the second day, on its page."""
    monkeypatch.setenv("ROAMHOUSE_HOME", str(moved_home.path))
    opened = open_app()
    yield show(opened, "pricing_changes", since=SINCE)
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def states(moved_home: Home, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """What partners list now, and as `old` what they listed then."""
    path = current(moved_home.serving)
    assert path is not None
    with duckdb.connect(shutil.copy(path, tmp_path / "now.duckdb"), read_only=True) as con:
        con.execute(f"attach '{moved_home.path / 'then.duckdb'}' as old (read_only)")
        con.execute(LIVING)
        yield con


def metric(app: AppTest, label: str) -> str:
    return next(metric.value for metric in app.metric if metric.label == label)


def test_prices_went_as_tariffs_say(app: AppTest, states: duckdb.DuckDBPyConnection) -> None:
    expected = {
        (partner, name): (before, after, connectors)
        for partner, name, before, after, connectors in states.execute(
            f"""
            select n.partner, n.id, o.price, n.price, (
                select count(*) from core.connectors as k join now_evses as e
                on (k.partner, k.country_code, k.party_id, k.location_id, k.evse_uid)
                = (e.partner, e.country_code, e.party_id, e.location_id, e.uid)
                where k.partner = n.partner and list_contains(k.tariff_ids, n.id)
            )
            from ({ENERGY.format("")}) as n
            join ({ENERGY.format("old.")}) as o using (partner, country_code, party_id, id)
            where n.price <> o.price
            """  # noqa: S608 - our own words
        ).fetchall()
    }
    same = states.execute(
        "select n.partner, n.id from core.tariffs as n join old.core.tariffs as o "
        "using (partner, country_code, party_id, id) where n.valid_to_at is null "
        "and o.valid_to_at is null "
        "and json_extract(n.tariff, '$.elements') = json_extract(o.tariff, '$.elements')"
    ).fetchall()
    rows = app.dataframe[0].value

    listed = rows.groupby(["partner", "tariff_id"])["connector_count"].sum()
    assert len(expected) > 2
    for key, (before, after, connectors) in expected.items():
        assert listed[key] == connectors > 0
        found = rows[(rows["partner"] == key[0]) & (rows["tariff_id"] == key[1])]
        for row in found.to_dict("records"):
            assert Decimal(str(row["before_per_kwh_excl_vat"])) == before
            assert Decimal(str(row["after_per_kwh_excl_vat"])) == after
            assert Decimal(str(row["delta_per_kwh_excl_vat"])) == after - before
            assert row["delta_share"] == pytest.approx(float((after - before) / before), abs=5e-4)
    assert not set(same) & set(listed.index)
    went = {after > before for before, after, _ in expected.values()}
    assert int(metric(app, "Dearer" if True in went else "Cheaper").replace(",", "")) > 0


def test_places_opened_and_went_as_lists_say(
    app: AppTest, states: duckdb.DuckDBPyConnection
) -> None:
    place = "(partner, country_code, party_id, location_id)"
    counts = [
        states.execute(
            f"select count(distinct {what}) from {there} "  # noqa: S608 - our own words
            f"where {what} not in (select {what} from {gone})"
        ).fetchall()[0][0]
        for what in (place, "canonical_evse")
        for there, gone in (("now_evses", "then_evses"), ("then_evses", "now_evses"))
    ]

    labels = ("Opened", "Gone", "EVSEs that came", "EVSEs that went")
    assert [metric(app, label) for label in labels] == [number(count) for count in counts]
    assert counts == [1, 1, 3, 2]


def test_statuses_changed_as_lists_say(app: AppTest, states: duckdb.DuckDBPyConnection) -> None:
    expected = states.execute(
        """
        select coalesce(o.status, 'NOT KNOWN'), n.status, count(*)
        from now_evses as n
        left join then_evses as o
            using (partner, country_code, party_id, location_id, uid)
        group by all
        """
    ).fetchall()
    rows = app.dataframe[2].value

    columns = ["status_then", "status_now", "evse_count"]
    assert sorted(rows[columns].itertuples(index=False, name=None)) == sorted(expected)
    out = ("INOPERATIVE", "OUTOFORDER")
    went = sum(n for then, now, n in expected if now in out and then not in (*out, "NOT KNOWN"))
    assert metric(app, "Went out") == number(went) != "0"
