from __future__ import annotations

from typing import Any

import pytest
from fake_partner import FakePartner, Handler, PagedList, Partner, Reply, envelope, objects
from ocpi_world import StillClock, connection, run

from pipelines.ocpi.connection import RetryPolicy
from pipelines.ocpi.probe import Finding, probe

LISTS: dict[str, Handler] = {"locations": PagedList(objects(3)), "cdrs": PagedList(objects(3))}
ROLES = [{"role": "CPO", "country_code": "NL", "party_id": "VOL"}]


def probed(handler: Handler, still: StillClock, **settings: Any) -> dict[str, Finding]:
    with FakePartner(handler) as server:
        checked = connection(server, retry=RetryPolicy(attempts=1), **settings)
        findings = run(probe(checked, still.clock()))
    assert [finding.check for finding in findings] == [
        "connection",
        "token",
        "version",
        "modules",
        "parties",
        "clock",
    ]
    return {finding.check: finding for finding in findings}


def states(findings: dict[str, Finding]) -> str:
    return " ".join(finding.state for finding in findings.values())


def dated(date: str) -> Handler:
    def versions(_: object) -> Reply:
        body = envelope([{"version": "2.2.1", "url": "/details"}])
        return Reply(body, headers=[("Date", date)])

    return Partner(LISTS, roles=ROLES, paths={"/versions": versions})


def test_a_good_partner_is_well(still: StillClock) -> None:
    findings = probed(dated("Sun, 01 Nov 2026 12:00:05 GMT"), still)
    assert states(findings) == "ok ok ok ok ok ok"
    assert findings["parties"].message == "voltix: NL/VOL"
    assert findings["clock"].message == "voltix: its clock agrees with ours"


NL_VOL, NL_VLX = ("NL", "VOL"), ("NL", "VLX")
HUB = [*ROLES, {"role": "CPO", "country_code": "DE", "party_id": "VOL"},
       {"role": "HUB", "country_code": "NL", "party_id": "HUB"}]  # fmt: skip


@pytest.mark.parametrize(
    ("roles", "expected", "state", "says"),
    [
        (ROLES, [NL_VOL], "ok", "voltix: NL/VOL"),
        (ROLES, [NL_VLX], "warn", "parties names NL/VLX, the partner states only NL/VOL"),
        (ROLES, [NL_VLX, NL_VOL], "warn", "parties names NL/VLX, the partner states only NL/VOL"),
        (HUB[:2], [NL_VOL], "warn", "states DE/VOL too, whose CDRs a run rejects"),
        (HUB, [NL_VOL], "ok", "voltix: NL/VOL, DE/VOL, NL/HUB"),
        ([], [NL_VOL], "ok", "does not state its parties; parties names NL/VOL"),
        ([], [], "warn", "name those you accept in parties"),
    ],
)
def test_the_parties_configured_are_compared_with_those_stated(
    still: StillClock,
    roles: list[dict[str, str]],
    expected: list[tuple[str, str]],
    state: str,
    says: str,
) -> None:
    with FakePartner(Partner(LISTS, roles=roles)) as server:
        checked = connection(server, retry=RetryPolicy(attempts=1))
        findings = run(probe(checked, still.clock(), expected=expected))
    [finding] = [finding for finding in findings if finding.check == "parties"]
    assert finding.state == state
    assert says in finding.message


@pytest.mark.parametrize(
    ("date", "says"),
    [
        ("Sun, 01 Nov 2026 12:10:00 GMT", "600 s ahead of"),
        ("Sun, 01 Nov 2026 11:59:00 GMT", "60 s behind"),
    ],
)
def test_a_clock_that_differs_is_a_warning(still: StillClock, date: str, says: str) -> None:
    clock = probed(dated(date), still)["clock"]
    assert clock.state == "warn"
    assert says in clock.message


@pytest.mark.parametrize("date", ["yesterday", ""])
def test_a_clock_that_nobody_states_is_unknown(still: StillClock, date: str) -> None:
    assert "is unknown" in probed(dated(date), still)["clock"].message


@pytest.mark.parametrize(
    ("paths", "expected", "says"),
    [
        ({"/versions": Reply(status=500)}, "fail skipped skipped skipped skipped skipped", "500"),
        ({"/versions": Reply(status=401)}, "ok fail skipped skipped skipped skipped", "token"),
        ({"/versions": Reply(envelope([]))}, "ok ok fail skipped skipped skipped", "common OCPI"),
        (
            {"/details": Reply(envelope({"endpoints": []}))},
            "ok ok ok fail skipped skipped",
            "check modules",
        ),
        ({"/cdrs": Reply(status=401)}, "ok fail ok fail ok ok", "registration"),
        ({"/cdrs": Reply(status=500)}, "ok ok ok fail ok ok", "HTTP 500"),
        ({"/credentials": Reply(status=404)}, "ok ok ok warn warn ok", "parties are unknown"),
    ],
)
def test_each_fault_is_found_where_it_is(
    still: StillClock, paths: dict[str, Reply], expected: str, says: str
) -> None:
    answers = {path: (lambda _, reply=reply: reply) for path, reply in paths.items()}
    findings = probed(Partner(LISTS, roles=ROLES, paths=answers), still)
    assert states(findings) == expected
    first = next(finding for finding in findings.values() if finding.state in ("fail", "warn"))
    assert says in first.message


def test_missing_modules_are_named(still: StillClock) -> None:
    findings = probed(Partner(LISTS, roles=ROLES), still, modules=("cdrs", "tokens"))
    assert findings["modules"].message == (
        "voltix: does not offer tokens; take it out of modules or ask the partner"
    )
