"""Real feeds, as published: everything lands, nothing crashes, no unknown price becomes zero."""

import gzip
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.config.home import Home
from pipelines.config.loading import load_partners
from pipelines.ingest.progress import NoProgress
from pipelines.orchestration.run import Request, run_pipeline
from pipelines.orchestration.runtime import Runtime

SHARED = Path(os.environ.get("ROAMHOUSE_SHARED", Path(__file__).parents[2].parent / "shared"))
DATA = SHARED / "data"
PARTNERS = """
partners:
  - {{name: ndw, kind: feed, locations_url: "{data}/ndw/locations.json.gz", tariffs_url: "{data}/ndw/tariffs.json.gz"}}
  - {{name: chargy, kind: feed, locations_url: "{data}/uk/chargy_locations_page1.json", tariffs_url: "{data}/uk/chargy_tariffs_page1.json"}}
  - {{name: clenergy, kind: feed, parties: [GB/CEV], locations_url: "{data}/uk/clenergy_locations.json", tariffs_url: "{data}/uk/clenergy_tariffs.json"}}
  - {{name: geniepoint, kind: feed, tariffs_url: "{data}/uk/geniepoint_tariffs.json"}}
  - {{name: mfg, kind: feed, tariffs_url: "{data}/uk/mfg_tariffs.json"}}
"""  # noqa: E501

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared feeds are not here")


@pytest.fixture(scope="module")
def feeds(tmp_path_factory):
    """A warehouse with the five feeds, pulled twice."""
    home = Home(tmp_path_factory.mktemp("feeds"))
    home.create()
    home.partners.write_text(PARTNERS.format(data=DATA), encoding="utf-8")
    runtime = Runtime(
        home, load_partners(home.partners), {}, lambda: datetime.now(UTC), NoProgress()
    )
    first = run_pipeline(runtime, Request("run"))
    second = run_pipeline(runtime, Request("run"))
    assert not first.failed, first
    assert not second.failed, second
    with duckdb.connect(str(home.warehouse), read_only=True) as con:
        yield con


def one(con, query):
    return con.execute(query).fetchall()[0]


def test_the_national_feed_lands_completely(feeds):
    counts = one(
        feeds,
        "select (select count(*) from core.locations where partner = 'ndw'),"
        " (select count(*) from core.tariffs where partner = 'ndw'),"
        " (select count(*) from core.quarantine where partner = 'ndw')",
    )
    assert counts == (1038, 328, 0)


def test_the_uk_feeds_land_completely(feeds):
    rows = feeds.execute(
        "select partner, module, sum(objects) from ops.pulls where not unchanged"
        " and partner <> 'ndw' and run_id = (select min(run_id) from ops.runs)"
        " group by all order by all"
    ).fetchall()
    assert all(objects > 0 for _, _, objects in rows)
    assert [(partner, module) for partner, module, _ in rows] == [
        ("chargy", "locations"),
        ("chargy", "tariffs"),
        ("clenergy", "locations"),
        ("clenergy", "tariffs"),
        ("geniepoint", "tariffs"),
        ("mfg", "tariffs"),
    ]
    assert one(feeds, "select count(*) from core.quarantine") == (0,)


def test_a_second_pull_of_files_that_did_not_change_is_not_stored_again(feeds):
    assert one(feeds, "select count(*) > 0 from ops.pulls where unchanged") == (True,)
    assert one(feeds, "select count(*) from core.locations where removed_at is not null") == (0,)


def test_a_vendors_status_is_understood_and_said(feeds):
    kinds = feeds.execute(
        "select distinct original, repaired from core.deviations"
        " where partner = 'chargy' and path like '%status'"
    ).fetchall()
    assert ('"WORKING"', '"AVAILABLE"') in kinds


def test_a_price_that_nobody_stated_is_unknown_and_not_zero(feeds):
    silent = "select count(*) from core.connectors where partner = 'ndw' and tariff_ids is null"
    assert one(feeds, silent) == (558,)
    dangling = (
        "with named as (select partner, unnest(tariff_ids) as name from core.connectors)"
        " select count(*), count(distinct name) from named as n anti join core.tariffs as t"
        " on n.partner = t.partner and lower(n.name) = lower(t.id) where n.partner = 'ndw'"
    )
    assert one(feeds, dangling) == (670, 72)


def test_prices_are_stored_as_they_were_sent(feeds):
    sent = gzip.decompress((DATA / "ndw" / "tariffs.json.gz").read_bytes())
    free = {
        tariff["id"]
        for tariff in json.loads(sent)
        if all(part["price"] == 0 for one in tariff["elements"] for part in one["price_components"])
    }
    stored = feeds.execute(
        "select id from core.tariffs where partner = 'ndw' and not exists ("
        " select 1 from (select unnest(json_extract(tariff,"
        " '$.elements[*].price_components[*].price')) as price) where cast(price as double) <> 0)"
    ).fetchall()
    assert {name for (name,) in stored} == free
