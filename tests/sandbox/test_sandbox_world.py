"""The world of the sandbox: what it is made of, and that it is always the same."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise

import numpy as np
import pytest

from pipelines.cli.demo import _PAST
from pipelines.cli.demo_story import _looks
from pipelines.sandbox import listings
from pipelines.sandbox.charges import Bill
from pipelines.sandbox.ledger import BEHAVIOUR, Behaviour, Calendar
from pipelines.sandbox.numbers import RandomSource, iso, key_of, offset, sample
from pipelines.sandbox.places import EvseStatus, spare_status, spares_to_be
from pipelines.sandbox.scenario import Options
from pipelines.sandbox.world import World, truth_lines, world_of

AC, DC = BEHAVIOUR["AC"], BEHAVIOUR["DC"]
NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)
NUMBERS = [2238, 4030, 3351, 17955]
DRAWN = [932392, 11590122275283534380]
DIGEST = "88f21bb548c8e146a4868936e4907eea2f19a325d3b81a17775162d7e2594f5a"


@pytest.fixture(scope="module")
def clean() -> World:
    return world_of(Options(now=NOW, cdrs=4000, errors_permille=0))


def everything(world: World) -> str:
    digest = hashlib.sha256()
    now = world.options.epoch
    for realms in world.realms.values():
        for realm in realms:
            for found in (
                listings.locations(realm, now),
                listings.tariffs(realm, now),
                listings.sessions(realm, now),
                listings.cdrs(realm, now),
            ):
                digest.update(b"\n".join(found.render(slice(0, None))))
    digest.update("\n".join(truth_lines(world, now)).encode())
    return digest.hexdigest()


def bills(world: World) -> Iterator[Bill]:
    for realms in world.realms.values():
        for realm in realms:
            yield from realm.ledger.bills(realm.ledger.rows)


def test_equal_options_give_equal_bytes_and_another_seed_does_not() -> None:
    options = Options(now=NOW, cdrs=700)
    assert everything(world_of(options)) == everything(world_of(options))
    other = Options(now=NOW, cdrs=700, seed=options.seed + 1)
    assert everything(world_of(other)) != everything(world_of(options))


def test_the_bytes_are_those_of_every_machine() -> None:
    """A change here is a change of everyone's demo data: say so in the changelog."""
    numbers = sample(key_of(1, "x"), np.arange(4, dtype=np.int64), 2, AC.energy_wh)
    assert numbers.tolist() == NUMBERS
    assert [RandomSource(1, "x").below(1_000_000), key_of(1, "a", "b")] == DRAWN
    assert everything(world_of(Options(now=NOW, cdrs=100, seed=1))) == DIGEST


def test_any_cdr_can_be_rendered_without_those_before(clean: World) -> None:
    realm = clean.realms["gridlink"][1]
    found = listings.cdrs(realm, clean.options.epoch)
    whole = found.render(slice(0, None))
    for position in (0, 1, 57, len(whole) - 1):
        assert found.render(slice(position, position + 1)) == [whole[position]]


@pytest.mark.parametrize("behaviour", [AC, DC], ids=["AC", "DC"])
def test_samples_follow_the_fitted_quantiles(behaviour: Behaviour) -> None:
    index = np.arange(40_000, dtype=np.int64)
    for quantiles in (behaviour.energy_wh, behaviour.power_w, behaviour.idle_s):
        drawn = np.sort(sample(key_of(7, "test"), index, 3, quantiles))
        for step in range(4, 40, 4):
            expected = quantiles[step]
            assert abs(int(drawn[step * 1000]) - expected) <= expected * 0.05 + 50


def test_arrivals_follow_the_fitted_week_in_local_time(clean: World) -> None:
    realm = clean.realms["voltix"][0]
    stream = realm.ledger.streams[0]
    calendar = Calendar(realm.party, AC, clean.options.epoch)
    counted = np.zeros(168, dtype=np.int64)
    for start in stream.times.start.tolist():
        counted[(start + offset("Europe/Amsterdam", start)) // 3600 % 168] += 1
    by_day_part = counted.reshape(28, 6).sum(axis=1) / stream.count
    weights = np.roll(np.array(AC.arrivals), 96).reshape(28, 6).sum(axis=1) / 100_000
    assert calendar.total > 0
    assert np.abs(by_day_part - weights).max() < 0.01


def test_idling_is_as_frequent_as_fitted(clean: World) -> None:
    stream = clean.realms["voltix"][0].ledger.streams[0]
    facts = stream.facts(np.arange(stream.count, dtype=np.int64))
    assert abs(float((facts.idle_s > 0).mean()) - AC.idle_permille / 1000) < 0.03


def test_no_two_charges_share_a_connector_or_a_token_at_one_time(clean: World) -> None:
    by_evse, by_token = defaultdict(list), defaultdict(list)
    for bill in bills(clean):
        by_evse[bill.evse.evse_id].append((bill.start, bill.end))
        by_token[bill.token.uid].append((bill.start, bill.end))
    for spans in (*by_evse.values(), *by_token.values()):
        spans.sort()
        assert all(end < start for (_, end), (start, _) in pairwise(spans))


def test_a_clean_bill_contradicts_itself_nowhere(clean: World) -> None:
    for bill in bills(clean):
        charging = bill.charge.charging_s
        assert bill.wh * 3600 <= bill.plug.watt * charging
        assert sum(p.wh for p in bill.periods) == bill.wh
        assert sum(p.seconds for p in bill.periods) == bill.end - bill.start == bill.total_s
        assert [p.start for p in bill.periods] == sorted(p.start for p in bill.periods)
        assert 0 <= bill.last_updated - bill.end < 86_400
        hours = (bill.end - bill.start) / 3600
        assert 0.05 < hours < (48 if bill.evse.site.kind == "AC" else 6)
        parts = sum(net for net, _ in bill.parts.values())
        limited = bill.tariffs[0].min_price or bill.tariffs[0].max_price
        assert limited or abs(parts - bill.net) <= len(bill.parts)


def test_every_tariff_that_bills_is_used(clean: World) -> None:
    for realms in clean.realms.values():
        for realm in realms:
            used = {bill.tariffs[0].id for bill in realm.ledger.bills(realm.ledger.rows)}
            offered = {line.id for line in (*realm.catalogue.ac, *realm.catalogue.dc)}
            assert len(offered - used) <= len(offered) // 3


def test_prices_had_several_versions_within_the_quarter(clean: World) -> None:
    realm = clean.realms["voltix"][0]
    line = next(one for one in realm.catalogue.ac if one.id == "AC-KWH")
    now = clean.options.epoch
    seen = {line.at(now - day * 86_400).last_updated for day in range(92)}
    assert len(seen) == 3


def test_a_million_cdrs_are_there_at_once_and_in_any_place() -> None:
    world = world_of(Options(now=NOW, cdrs=1_000_000, errors_permille=0))
    found = [
        listings.cdrs(realm, world.options.epoch)
        for realms in world.realms.values()
        for realm in realms
    ]
    assert sum(len(one.last_updated) for one in found) == 1_000_000
    last = found[0].render(slice(len(found[0].last_updated) - 3, None))
    assert len({json.loads(text)["id"] for text in last}) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"now": NOW.replace(tzinfo=None)},
        {"now": NOW, "cdrs": 99},
        {"now": NOW, "cdrs": 3_000_000},
        {"now": NOW, "errors_permille": 500},
    ],
)
def test_impossible_options_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"must be|needs a time zone"):
        Options(**wrong)  # type: ignore[arg-type]


def test_evse_stamps_never_run_backwards_nor_ahead(clean: World) -> None:
    realm, now = clean.realms["voltix"][0], clean.options.epoch
    seen: dict[str, tuple[str, str]] = {}
    statuses = set()
    for at in range(now - 90 * 86_400, now + 2 * 86_400, 21 * 3600):
        moment = iso(at)
        for text in listings.locations(realm, at).render(slice(0, None)):
            for evse in json.loads(text)["evses"]:
                before, status = seen.get(evse["uid"], ("", evse["status"]))
                assert before <= evse["last_updated"] <= moment
                assert status == evse["status"] or before < evse["last_updated"]
                seen[evse["uid"]] = (evse["last_updated"], evse["status"])
                statuses.add(evse["status"])
    assert {"AVAILABLE", "CHARGING", "OUTOFORDER", "BLOCKED"} <= statuses


def test_some_evses_break_and_are_repaired_again_and_again(clean: World) -> None:
    realm, now = clean.realms["voltix"][0], clean.options.epoch
    seen = [
        [s.status for at in range(now - 6 * 86_400, now, 3600) if (s := spare_status(e, at, now))]
        for e in realm.places.spare
    ]
    repaired = [one for one in seen if ("OUTOFORDER", "BLOCKED") in pairwise(one)]
    assert len(repaired) >= 3


def _outages(seen: list[EvseStatus]) -> list[tuple[int, int]]:
    """Return how long an EVSE was out of order each time, as these looks at it tell."""
    changes = [next(same) for _, same in groupby(seen, lambda one: one.status)]
    pairs = pairwise(changes)
    return [(a.since, b.since - a.since) for a, b in pairs if a.status == "OUTOFORDER"]


def test_the_demo_sees_how_long_most_repairs_take(clean: World) -> None:
    now = clean.options.epoch
    looks = [int(at.timestamp()) for at, asked in _looks(NOW - _PAST, NOW) if "locations" in asked]
    known, there = set(), set()
    for evse in spares_to_be("BLOCKED", clean.realms["voltix"][0].places.spare):
        for found, times in ((known, looks), (there, range(looks[0], looks[-1], 900))):
            seen = [status for at in times if (status := spare_status(evse, at, now))]
            found |= {(evse.uid, *outage) for outage in _outages(seen)}
    assert known <= there
    assert len(known) > len(there) * 2 / 3 > 10


def test_the_world_moves_on(clean: World) -> None:
    realm = clean.realms["voltix"][0]
    now = clean.options.epoch
    later = int((NOW + timedelta(days=4)).timestamp())
    before, after = (listings.cdrs(realm, at) for at in (now, later))
    assert len(after.last_updated) > len(before.last_updated)
    assert after.render(slice(0, 50)) == before.render(slice(0, 50))
    states = [
        b"".join(listings.locations(realm, at).render(slice(0, None)))
        for at in (now, now + 2 * 86_400, later)
    ]
    assert [b'"REMOVED"' in text for text in states] == [False, True, False]
    assert states[0].count(b'"uid"') == states[1].count(b'"uid"') > states[2].count(b'"uid"')
    assert b'"CHARGING"' in states[0]
