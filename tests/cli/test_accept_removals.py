"""`roamhouse accept-removals`: told, accepted by a person, and the same again after a replay."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from pipelines.cli.doctor.database import check_warehouse
from pipelines.cli.main import cli
from pipelines.config import Home
from pipelines.ingest.landing_writer import LandingWriter, PartnerSession
from pipelines.ingest.plan import Plan
from pipelines.landing.landing import Landing
from pipelines.orchestration.replay import replay_landing

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
PARTNERS = """
partners:
  - {name: voltix, kind: feed, locations_url: locations.json}
"""


def land(home: Home, number: int, ids: range) -> None:
    """Land a complete list of locations."""
    landing = Landing(home.landing)
    at = BEGIN + timedelta(days=number)
    objects = [
        {
            "country_code": "NL", "party_id": "VOL", "id": f"L{n:02d}", "evses": [],
            "last_updated": "2026-10-01T00:00:00Z",
        }
        for n in ids
    ]  # fmt: skip
    body = json.dumps({"data": objects}).encode()
    session = PartnerSession(f"run-{number}", "voltix", "2.2.1", ("NL", "VOL"))
    writer = LandingWriter(landing, session, Plan("locations", None, "full", None, at), at)
    writer.page(
        url="https://voltix.example/locations",
        http_status=200,
        ocpi_status=1000,
        headers={},
        object_count=len(objects),
        total_count=None,
        accepted=True,
        size=len(body),
        sha256=landing.objects.put(body),
        fetched_at=at + timedelta(seconds=1),
    )
    writer.end(finished_at=at + timedelta(seconds=2), error=None, pages=1, objects=len(objects))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create()
    (home.path / "partners.yaml").write_text(PARTNERS, encoding="utf-8")
    for number, ids in ((1, range(20)), (2, range(12)), (3, range(12))):
        land(home, number, ids)
    replay_landing(home, None, now=lambda: BEGIN)
    return home


def accept(home: Home, *options: str) -> Result:
    command = ["accept-removals", "--home", str(home.path), "--as", "Ada", "--reason", "sold"]
    return CliRunner().invoke(cli, [*command, *options])


def read(home: Home, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as con:
        return con.execute(query).fetchall()


def test_kept_objects_are_told_and_go_when_accepted_now_and_after_a_replay(home: Home) -> None:
    gone = "select count(*), max(removed_at) from core.locations where removed_at is not null"
    health = "select state, message from ops.partner_health"
    assert read(home, gone) == [(0, None)]
    ((state, message),) = read(home, health)
    assert (state, "8 objects of NL/VOL" in message) == ("degraded", True)
    assert any(check.name == "removals" for check in check_warehouse(home.warehouse, BEGIN))

    result = accept(home, "--partner", "voltix", "--party", "NL/VOL")
    assert (result.exit_code, result.output) == (
        0,
        "8 objects of NL/VOL are gone: accepted by Ada\n",
    )
    ((count, removed_at),) = read(home, gone)
    assert (count, removed_at) == (8, BEGIN + timedelta(days=3))
    assert read(home, health) == [("ok", None)]
    replay_landing(home, None, now=lambda: BEGIN)
    assert read(home, gone) == [(8, BEGIN + timedelta(days=3))]


def test_nothing_to_accept_is_said(home: Home) -> None:
    result = accept(home, "--partner", "voltix", "--party", "NL/OTH")
    assert result.exit_code == 2
    assert "nothing of NL/OTH is kept" in result.output
