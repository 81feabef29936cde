"""From a partner over real HTTP, or a feed's file, through the landing into core."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fake_partner import FakePartner, Handler, Partner, Reply, Request, envelope

from models.ocpi.watermarks import Watermark
from pipelines.config.loading import load_partners
from pipelines.ingest.fetching import FetchContext
from pipelines.ingest.loading import Loading, load_waiting
from pipelines.ingest.partner import PullRequest
from pipelines.ingest.progress import NoProgress
from pipelines.landing.landing import Landing
from pipelines.landing.records import PullRecord
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.rewind import clear

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
YEAR = timedelta(days=365)
DATE = ("Date", "Sun, 01 Nov 2026 12:00:00 GMT")
OCPI = """
partners:
  - name: voltix
    kind: ocpi
    versions_url: {url}/versions
    token_env: TOKEN
    visit_timeout: {visit}
"""
FEED = """
partners:
  - {name: open, kind: feed, locations_url: feed.json, parties: [NL/VOL]}
"""


def location(number: int) -> dict[str, Any]:
    return {
        "country_code": "NL",
        "party_id": "VOL",
        "id": f"L{number}",
        "publish": True,
        "address": "Kade 1",
        "city": "Delft",
        "country": "NLD",
        "coordinates": {"latitude": "52.01", "longitude": "4.36"},
        "last_updated": "2026-10-01T00:00:00Z",
    }


@dataclass
class House:
    """A home's landing and warehouse, and the partners of one file."""

    folder: Path
    warehouse: Warehouse
    landing: Landing

    def pull(
        self, text: str, now: datetime = NOW, *, full: bool = False, module: str = "locations"
    ) -> list[PullRecord]:
        (self.folder / "partners.yaml").write_text(text, encoding="utf-8")
        (partner,) = load_partners(self.folder / "partners.yaml").partners
        request = PullRequest(f"run-{now}", (module,), full, None, self.watermarks())
        context = FetchContext(self.landing, {"TOKEN": "t"}, lambda: now, NoProgress())
        return asyncio.run(context.pull(partner, request))

    def load(self) -> list[tuple[Any, ...]]:
        load_waiting(self.warehouse, Loading(self.landing, str, NoProgress()))
        return self.rows("select status, error from ops.pulls order by pull_id desc limit 1")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.warehouse.reader() as con:
            return con.execute(query).fetchall()

    def count(self) -> int:
        return int(self.rows("select count(*) from core.locations where removed_at is null")[0][0])

    def watermarks(self) -> dict[str, Watermark]:
        rows = self.rows("select module, complete_until_at, full_at, pull_id from ops.watermarks")
        return {module: Watermark(*mark) for module, *mark in rows}

    def until(self) -> datetime:
        (mark,) = self.watermarks().values()
        return mark.complete_until_at

    def feed(self, content: object) -> tuple[str, str | None]:
        (self.folder / "feed.json").write_text(json.dumps(content), encoding="utf-8")
        self.pull(FEED)
        ((status, error),) = self.load()
        return status, error

    def tear(self, size: int = 0) -> None:
        """Cut the newest body, as a power cut does."""
        bodies = (self.folder / "landing").rglob("*.zst")
        newest = max(bodies, key=lambda path: path.stat().st_mtime_ns)
        newest.write_bytes(newest.read_bytes()[:size])

    def replay(self) -> None:
        with self.warehouse.writer() as con:
            clear(con, *self.rows("select partner, module from ops.pulls limit 1")[0])
        self.load()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with Warehouse(tmp_path / "warehouse.duckdb", threads=1) as warehouse:
        yield House(tmp_path, warehouse, Landing(tmp_path / "landing"))


def serving(*numbers: int, headers: tuple[tuple[str, str], ...] = (DATE,)) -> Handler:
    return lambda _: Reply(envelope([location(n) for n in numbers]), headers=headers)


def visited(house: House, handler: Handler, visit: str = "30m", **options: Any) -> PullRecord:
    with FakePartner(Partner({"locations": handler})) as server:
        (pull,) = house.pull(OCPI.format(url=server.url, visit=visit), **options)
    house.load()
    return pull


def test_our_own_tokens_come_as_a_file(house: House) -> None:
    token = {
        "country_code": "NL", "party_id": "EMS", "uid": "04A1", "type": "RFID", "valid": True,
        "contract_id": "NL-EMS-C1", "issuer": "Ems", "whitelist": "ALLOWED",
        "last_updated": "2026-10-01T00:00:00Z",
    }  # fmt: skip
    blocked = token | {"valid": False, "last_updated": "2026-10-02T00:00:00Z"}
    for number, content in enumerate((token, blocked)):
        (house.folder / "tokens.json").write_text(json.dumps([content]), encoding="utf-8")
        entry = FEED.replace("locations_url: feed.json", "tokens_url: tokens.json")
        house.pull(entry, NOW + timedelta(days=number), module="tokens")
        house.load()
    assert house.rows("select uid, valid from core.tokens") == [("04A1", False)]
    assert house.rows("select valid from core.token_states order by from_at") == [(True,), (False,)]


# --- feeds --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrap",
    [
        lambda found: {"data": {"locations": found}},
        lambda found: {"locations": {"data": found}},
        lambda found: {"data": {"locations": {"timestamp": "x", "data": found}, "tariffs": {}}},
        lambda found: {"data": {"data": {"items": found}}},
        lambda found: {"data": {"locations": {one["id"]: one for one in found}}},
    ],
)
def test_a_list_is_read_whatever_it_is_wrapped_in(
    house: House, wrap: Callable[[list[dict[str, Any]]], object]
) -> None:
    assert house.feed(wrap([location(1), location(2)])) == ("complete", None)
    assert house.count() == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([location(1) | {"id": None}] * 2, "all 2 objects of locations refused: id: missing"),
        ([{"id": "1", "lat": 52.0, "outlets": []}], "only object of locations refused: $: no OCPI"),
        ({"items": [location(1)], "next": "page-2"}, "says that more follows"),
        ({"data": {"locations": [location(1)], "next": "page-2"}}, "says that more follows"),
        ({"data": [location(1)], "links": {"next": {"href": "?page=2"}}}, "says that more follows"),
        ({"data": [location(1)], "pagination": {"nextPageToken": 7}}, "says that more follows"),
        ({"locations": [location(1)], "has_more": True}, "says that more follows"),
        (
            [
                {
                    "country_code": "NL",
                    "party_id": "AAA",
                    "id": "T",
                    "currency": "EUR",
                    "elements": [],
                    "last_updated": "2026-01-01T00:00:00Z",
                }
            ],
            "only object of locations refused: $: no OCPI",
        ),
        ({"data": None, "status_code": 1000}, "holds no list of locations"),
        ({"type": "FeatureCollection", "features": []}, "holds no list of objects"),
        ({"data": {"locations": {"count": 3}}}, "an object, not a list"),
    ],
)
def test_a_feed_of_which_nothing_or_a_part_arrives_is_not_complete(
    house: House, content: object, reason: str
) -> None:
    status, error = house.feed(content)
    assert status == "failed"
    assert reason in str(error)


@pytest.mark.parametrize(
    "last", [{"next": None}, {"links": {"next": "", "prev": "?page=1"}}, {"has_more": False}]
)
def test_a_feed_that_says_that_it_is_the_last_is_complete(
    house: House, last: dict[str, object]
) -> None:
    assert house.feed({"data": [location(1)], **last}) == ("complete", None)


def test_what_came_of_a_feed_with_more_behind_it_counts(house: House) -> None:
    house.feed({"items": [location(1)], "next": "page-2"})
    assert house.count() == 1


def test_nothing_goes_where_every_object_is_refused(house: House) -> None:
    house.feed([location(1), location(2)])
    assert house.feed([location(1) | {"id": None}])[0] == "failed"
    assert house.count() == 2


def test_a_partner_of_which_everything_is_refused_is_not_well_either(house: House) -> None:
    visited(house, lambda _: Reply(envelope([{"id": "1", "free": True}])))
    ((status, error),) = house.rows("select status, error from ops.pulls")
    assert (status, "no OCPI object" in error) == ("failed", True)


# --- damaged bodies -----------------------------------------------------------------------------


@pytest.mark.parametrize("left", [0, 40])
def test_a_pull_with_a_torn_body_is_set_aside_and_fetched_again(house: House, left: int) -> None:
    (house.folder / "feed.json").write_text(json.dumps([location(1)]), encoding="utf-8")
    house.pull(FEED)
    house.tear(left)
    ((status, error),) = house.load()
    assert status == "failed"
    assert "open: the landing is damaged: page open.locations." in error
    (again,) = house.pull(FEED, NOW + timedelta(hours=1))
    assert not again.unchanged
    assert house.load() == [("complete", None)]
    assert house.count() == 1


def test_what_was_said_to_be_unchanged_is_not_complete_without_its_body(house: House) -> None:
    house.feed([location(1)])
    (later,) = house.pull(FEED, NOW + timedelta(hours=1))
    assert later.unchanged
    house.load()
    house.tear()
    house.replay()
    assert {status for (status,) in house.rows("select status from ops.pulls")} == {"failed"}
    (again,) = house.pull(FEED, NOW + timedelta(hours=2))
    assert not again.unchanged
    house.load()
    assert house.count() == 1


def test_the_other_pages_of_a_torn_pull_count(house: House) -> None:
    def paged(request: Request) -> Reply:
        start = int(request.query.get("offset", 0))
        return Reply(
            envelope([location(start)]), headers=[("X-Total-Count", "3"), ("X-Limit", "1")]
        )

    with FakePartner(Partner({"locations": paged})) as server:
        house.pull(OCPI.format(url=server.url, visit="30m"))
    house.tear()
    ((status, _),) = house.load()
    assert (status, house.count()) == ("failed", 2)
    assert house.watermarks() == {}


# --- clocks -------------------------------------------------------------------------------------


def test_a_clock_a_year_ahead_moves_no_watermark_there(house: House) -> None:
    visited(house, serving(1), now=NOW + YEAR)
    assert house.until() == NOW
    house.replay()
    assert house.until() == NOW


def test_a_watermark_ahead_of_the_clock_is_put_back_by_pulling_everything(house: House) -> None:
    silent: tuple[tuple[str, str], ...] = ()
    visited(house, serving(1, headers=silent), now=NOW + YEAR)
    assert house.until() == NOW + YEAR
    pull = visited(house, serving(1, 2, headers=silent), now=NOW)
    assert (pull.mode, pull.status, house.count()) == ("full", "complete", 2)
    assert house.until() == NOW
    house.replay()
    assert house.until() == NOW
    assert visited(house, serving(1, 2), now=NOW + timedelta(hours=1)).mode == "incremental"


# --- time ---------------------------------------------------------------------------------------


def test_a_partner_that_drips_holds_a_run_no_longer_than_its_visit_may_take(house: House) -> None:
    body = envelope([location(1)])

    def dripping(request: Request) -> Reply:
        pause = None if request.query.get("offset", "0") == "0" else 1.0
        return Reply(body, headers=[("X-Total-Count", "9"), ("X-Limit", "1")], drip_s=pause)

    began = time.monotonic()
    pull = visited(house, dripping, visit="1s")
    assert time.monotonic() - began < 5
    assert (pull.status, pull.objects) == ("failed", 1)
    assert "raise visit_timeout" in str(pull.error)
    assert house.count() == 1
