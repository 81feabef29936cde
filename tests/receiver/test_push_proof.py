"""Pushes against pulls: what was missed, late, changed silently, never listed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from conftest import NOW, Caller, ReceiverHome
from object_samples import CDR, SESSION

from models.recon.rule_ids import RULE_IDS
from pipelines.ingest.landing_writer import LandingWriter, PartnerSession
from pipelines.ingest.loading import load_waiting
from pipelines.ingest.plan import Plan
from pipelines.ingest.progress import NoProgress
from pipelines.landing.landing import Landing
from pipelines.orchestration.runtime import Runtime
from pipelines.stages.sequence import run_stages


def stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def cdr(identity: str, at: datetime = NOW, **changes: Any) -> dict[str, Any]:
    return CDR | {"id": identity, "session_id": identity, "last_updated": stamp(at)} | changes


def pull(
    house: ReceiverHome,
    module: str,
    objects: Sequence[dict[str, Any]],
    since: datetime | None = None,
) -> None:
    """Land a complete pull of a list, and load it."""
    landing, now = Landing(house.home.landing), house.clock()
    session = PartnerSession("run", "voltix", "2.2.1", ("NL", "VOL"))
    plan = Plan(module, None, "incremental" if since else "full", since)
    writer = LandingWriter(landing, session, plan, now)
    body = msgspec.json.encode({"data": objects, "status_code": 1000})
    writer.page(
        url="https://voltix.example", http_status=200, ocpi_status=1000, headers={},
        object_count=len(objects), total_count=None, accepted=True, size=len(body),
        sha256=landing.objects.put(body), fetched_at=now,
    )  # fmt: skip
    writer.end(finished_at=now, error=None, pages=1, objects=len(objects))
    runtime = Runtime(house.home, house.partners, house.environ, house.clock, NoProgress())
    load_waiting(house.warehouse, runtime.loading)


def push(house: ReceiverHome, *bodies: dict[str, Any]) -> None:
    async def talk(caller: Caller) -> None:
        for body in bodies:
            assert (await caller("POST", "cdrs", body)).json()["status_code"] == 1000

    house.talk(talk)
    house.load()


PROOF = (
    "select object_id, pushed_at is not null, pulled_at is not null, missed_at is not null, "
    "late_at is not null, unlisted_at is not null from ops.push_proof order by 1"
)


def test_each_cdr_tells_how_it_came(house: ReceiverHome) -> None:
    house.now = NOW + timedelta(hours=1)
    push(house, cdr("both"), cdr("pushed-only"), cdr("old-push", NOW - timedelta(days=9)))
    later = NOW + timedelta(hours=2)
    house.now = later
    pull(
        house,
        "cdrs",
        [
            cdr("both"),
            cdr("before", NOW - timedelta(days=30)),
            cdr("pulled-only", later - timedelta(minutes=1)),
            cdr("late", later - timedelta(minutes=1)),
        ],
        since=NOW - timedelta(days=1),
    )
    house.now = later + timedelta(hours=1)
    push(house, cdr("late", later - timedelta(minutes=1)))
    expected = [
        # pushed, pulled, missed, late, unlisted
        ("both", True, True, False, False, False),
        ("late", True, True, True, True, False),
        ("old-push", True, False, False, False, False),  # the pull did not ask so far back
        ("pulled-only", False, True, True, False, False),
        ("pushed-only", True, False, False, False, True),
    ]
    assert house.rows(PROOF) == expected
    assert house.reloaded("cdrs", PROOF) == expected

    run_stages(house.warehouse, house.partners, house.home)
    query = (
        "select module, push_count, object_count, both_ways_count, missed_count, late_count, "
        "unlisted_count, round(push_complete_share, 2) from mart.push_quality"
    )
    assert house.rows(query) == [("cdrs", 4, 5, 2, 1, 1, 1, 0.33)]
    findings = (
        "select subject_id, observed from recon.findings where rule_id = 'CDR_ONE_WAY' order by 1"
    )
    assert house.rows(findings) == [("pulled-only", "unpushed"), ("pushed-only", "unlisted")]

    # What comes the other way, too, is no finding any more.
    push(house, cdr("pulled-only", later - timedelta(minutes=1)))
    run_stages(house.warehouse, house.partners, house.home)
    assert house.rows(findings) == [("pushed-only", "unlisted")]
    assert "CDR_ONE_WAY" in RULE_IDS


def test_what_changed_under_the_same_stamp_is_seen(house: ReceiverHome) -> None:
    session = SESSION | {"last_updated": stamp(NOW), "kwh": 5}
    house.now = NOW + timedelta(minutes=1)
    house.ask("PUT", f"sessions/NL/VOL/{session['id']}", session)
    house.load()
    pull(house, "sessions", [session | {"kwh": 6}])
    assert house.rows("select changed_at is not null, missed_at from ops.push_proof") == [
        (True, None)
    ]


def test_a_partner_that_only_answers_pulls_has_no_proof(house: ReceiverHome) -> None:
    pull(house, "cdrs", [cdr("a")])
    assert house.rows("select count(*) from ops.push_proof") == [(0,)]
