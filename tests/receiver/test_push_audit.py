"""Pushes against pulls: what was missed, late, changed silently, never listed; what is live."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from object_samples import CDR, SESSION
from receiver_home import NOW, Caller, ReceiverHome
from test_pushes_to_core import LOCATION

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
    plan = Plan(module, "incremental" if since else "full", since)
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


AUDIT = (
    "select object_id, pushed_at is not null, pulled_at is not null, missed_at is not null, "
    "late_at is not null, unlisted_at is not null from ops.push_audit order by 1"
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
    assert house.rows(AUDIT) == expected
    assert house.reloaded("cdrs", AUDIT) == expected

    run_stages(house.warehouse, house.partners, house.home)
    query = (
        "select module, push_count, object_count, both_ways_count, missed_count, late_count, "
        "unlisted_count, round(push_complete_share::double, 2) from mart.push_quality"
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
    assert house.rows("select changed_at is not null, missed_at from ops.push_audit") == [
        (True, None)
    ]


def test_a_partner_that_only_answers_pulls_has_no_audit(house: ReceiverHome) -> None:
    pull(house, "cdrs", [cdr("a")])
    assert house.rows("select count(*) from ops.push_audit") == [(0,)]


def test_live_time_counts_once_and_to_the_second(house: ReceiverHome) -> None:
    """A pull at 12, pushes from 13 on: what pushes told is live, the rest was looked at."""
    house.now = NOW
    pull(house, "locations", [LOCATION])
    for hour, status in ((13, "CHARGING"), (18, "AVAILABLE"), (19, "OUTOFORDER")):
        house.now = NOW.replace(hour=hour, minute=0, second=10)
        change = {"status": status, "last_updated": stamp(NOW.replace(hour=hour))}
        if hour == 13:
            house.publish()
        house.ask("PATCH", "locations/NL/VOL/L1/E1", change)
        house.load()
    with house.warehouse.reader() as con:
        found = con.execute(
            "select evse_uid, status, is_live, epoch(until_at - from_at)::int "
            "from status_spans($as_of, null, null, null, null) where observed "
            "order by evse_uid, from_at",
            {"as_of": NOW.replace(hour=23)},
        ).fetchall()
    hour = 3600
    assert found == [
        ("E1", "AVAILABLE", True, hour),
        ("E1", "CHARGING", True, 5 * hour),
        ("E1", "AVAILABLE", True, hour),
        ("E1", "OUTOFORDER", True, 10),  # until the newest push of the party
    ]
