"""A home whose partner stopped listing much at once: it is kept until somebody accepts that."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from pipelines.config.home import Home
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
    writer = LandingWriter(landing, session, Plan("locations", "full", None, at), at)
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


def shrunken_list(home: Home) -> None:
    """Fill a home with three lists, of which the later two lack so much that it is kept."""
    home.create()
    (home.path / "partners.yaml").write_text(PARTNERS, encoding="utf-8")
    for number, ids in ((1, range(20)), (2, range(12)), (3, range(12))):
        land(home, number, ids)
    replay_landing(home, None, now=lambda: BEGIN)
