"""Locations, EVSEs and connectors: lifetimes, removal and its guard, copies of one EVSE."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import duckdb
import pytest
from warehouse_world import T0, a_location, a_pull, an_evse, at, contents, fetched, load, started

from pipelines.warehouse.removal import RemovalSkipped

Con = duckdb.DuckDBPyConnection
Page = dict[str, list[dict[str, Any]]]


def site(location: str, uids: Iterable[str], **changes: Any) -> Page:
    """A location with an EVSE for each uid, each with one connector."""
    names = list(uids)
    return {
        "core.locations": [a_location(location)],
        "core.evses": [an_evse(uid, location_id=location, **changes) for uid in names],
        "core.connectors": [
            {
                "location_id": location,
                "evse_uid": uid,
                "id": "1",
                "content_hash": uid,
                "last_updated_at": T0,
            }
            for uid in names
        ],
    }


def sites(count: int, first: int = 0) -> list[Page]:
    return [site(f"L{number:03d}", [f"E{number:03d}"]) for number in range(first, count)]


def gone(con: Con, table: str = "core.locations", key: str = "id") -> dict[str, Any]:
    rows = contents(con, table)
    return {row[key]: row["removed_at"] for row in rows if row["removed_at"] is not None}


def test_full_pull_marks_what_it_lacks_as_gone_since_it_began(con: Con) -> None:
    load(con, a_pull(1, "locations"), [site("L1", "AB"), site("L2", "C")])
    result = load(con, a_pull(2, "locations"), [site("L1", "A")])
    assert gone(con) == {"L2": started(2)}
    assert gone(con, "core.evses", "uid") == {"B": started(2), "C": started(2)}
    assert gone(con, "core.connectors", "evse_uid") == {"B": started(2), "C": started(2)}
    assert result.tables["core.evses"].removed == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "incremental", "date_from_at": at(0)},
        {"mode": "window"},
        {"status": "failed"},
        {"unchanged": True},
    ],
)
def test_nothing_goes_after_a_pull_that_cannot_tell(con: Con, changes: dict[str, Any]) -> None:
    load(con, a_pull(1, "locations"), [site("L1", "AB"), site("L2", "C")])
    load(con, a_pull(2, "locations", **changes), [site("L1", "A")])
    assert gone(con) == gone(con, "core.evses", "uid") == {}


def test_what_comes_back_is_there_again_and_keeps_its_first_day(con: Con) -> None:
    load(con, a_pull(1, "locations"), [site("L1", "AB")])
    load(con, a_pull(2, "locations"), [site("L1", "A")])
    incremental = a_pull(3, "locations", mode="incremental", date_from_at=at(0))
    result = load(con, incremental, [site("L1", "B", status="CHARGING", updated=at(2.5))])
    assert result.tables["core.evses"].revived == 1
    assert gone(con, "core.evses", "uid") == {}
    assert {row["first_seen_at"] for row in contents(con, "core.evses")} == {fetched(1)}


def test_first_day_is_the_first_page_that_showed_the_object(con: Con) -> None:
    pages = [site("L1", "A", updated=at(-2)), site("L1", "A", updated=at(-1))]
    load(con, a_pull(1, "locations"), pages)
    (row,) = contents(con, "core.evses")
    assert (row["first_seen_at"], row["fetched_at"]) == (fetched(1), fetched(1, position=1))


def test_late_copy_also_proves_that_the_object_is_there(con: Con) -> None:
    load(con, a_pull(1, "locations"), [site("L1", "AB", updated=at(0.5))])
    load(con, a_pull(2, "locations"), [site("L1", "A", updated=at(0.5))])
    late = a_pull(3, "locations", mode="incremental", date_from_at=at(-9))
    load(con, late, [site("L1", "AB", status="BLOCKED", updated=at(-5))])
    assert gone(con, "core.evses", "uid") == {}
    assert [row["status"] for row in contents(con, "core.evses")] == ["AVAILABLE"] * 2


def test_too_much_going_at_once_is_refused_for_that_party_only(con: Con) -> None:
    other = {"core.locations": [a_location("X", party_id="OTH"), a_location("Y", party_id="OTH")]}
    load(con, a_pull(1, "locations"), [*sites(40), other])
    less = {"core.locations": [a_location("X", party_id="OTH")]}
    result = load(con, a_pull(2, "locations"), [*sites(34), less])
    assert RemovalSkipped("core.locations", "NL", "VOL", live=40, missing=6) in (
        result.removals_skipped
    )
    assert gone(con) == {"Y": started(2)}
    assert gone(con, "core.evses", "uid") == {}
    assert result.tables["core.locations"].removed == 1


@pytest.mark.parametrize(("live", "left"), [(40, 35), (60, 54), (5, 0)])
def test_a_handful_or_a_tenth_may_go(con: Con, live: int, left: int) -> None:
    load(con, a_pull(1, "locations"), sites(live))
    result = load(con, a_pull(2, "locations"), sites(left))
    assert result.removals_skipped == ()
    assert len(gone(con)) == live - left


def test_refusal_in_one_table_spares_the_party_in_all(con: Con) -> None:
    crowded = [site("L1", [f"E{number}" for number in range(20)]), site("L2", "A")]
    load(con, a_pull(1, "locations"), crowded)
    result = load(con, a_pull(2, "locations"), [site("L1", ["E0"])])
    assert {refusal.table for refusal in result.removals_skipped} == {
        "core.evses",
        "core.connectors",
    }
    assert gone(con) == {}


def test_full_pull_of_one_party_says_nothing_about_another(con: Con) -> None:
    page = {"core.locations": [a_location("X", party_id="OTH")]}
    load(con, a_pull(1, "locations"), [site("L1", "A"), page])
    load(con, a_pull(2, "locations", party="NL/OTH"), [])
    assert gone(con) == {"X": started(2)}


def test_pulls_of_other_partners_say_nothing(con: Con) -> None:
    load(con, a_pull(1, "locations"), [site("L1", "A")])
    load(con, a_pull(2, "locations", partner="gridly"), [])
    assert gone(con) == {}


def test_object_that_came_but_was_refused_is_not_gone(con: Con) -> None:
    load(con, a_pull(1, "locations"), [site("L1", "A"), site("L2", "BC"), site("L3", "D")])
    refused = {
        "core.quarantine": [
            {"module": "locations", "object_id": name, "payload_hash": name}
            for name in ("L1", "L2/B")
        ]
    }
    load(con, a_pull(2, "locations"), [{**site("L2", ""), **refused}])
    assert gone(con) == {"L3": started(2)}
    assert gone(con, "core.evses", "uid") == {"C": started(2), "D": started(2)}
    assert gone(con, "core.connectors", "evse_uid") == {"C": started(2), "D": started(2)}


class TestCopiesOfOneEvse:
    """Of the copies still there, the newest counts, wherever it came from."""

    def current(self, con: Con) -> list[str]:
        return [
            f"{row['partner']}/{row['location_id']}"
            for row in contents(con, "core.evses")
            if row["is_current_copy"]
        ]

    def copy(self, location: str, updated: float, **more: Any) -> Page:
        return {
            "core.evses": [
                an_evse("1", updated=at(updated), location_id=location, canonical_evse="X", **more)
            ]
        }

    def test_newest_counts(self, con: Con) -> None:
        load(con, a_pull(1, "locations"), [self.copy("L1", 1), self.copy("L2", 2)])
        assert self.current(con) == ["voltix/L2"]

    def test_bump_moves_the_choice(self, con: Con) -> None:
        load(con, a_pull(1, "locations"), [self.copy("L1", 0.1), self.copy("L2", 0.2)])
        result = load(con, a_pull(2, "locations"), [self.copy("L1", 1.5), self.copy("L2", 0.2)])
        assert result.tables["core.evses"].bumped == 1
        assert self.current(con) == ["voltix/L1"]

    def test_removal_moves_the_choice_and_none_is_left_when_all_are_gone(self, con: Con) -> None:
        load(con, a_pull(1, "locations"), [self.copy("L1", 1), self.copy("L2", 2)])
        load(con, a_pull(2, "locations"), [self.copy("L1", 1)])
        assert self.current(con) == ["voltix/L1"]
        load(con, a_pull(3, "locations"), [])
        assert self.current(con) == []

    def test_return_moves_it_back(self, con: Con) -> None:
        load(con, a_pull(1, "locations"), [self.copy("L1", 1), self.copy("L2", 2)])
        load(con, a_pull(2, "locations"), [self.copy("L1", 1)])
        load(con, a_pull(3, "locations"), [self.copy("L1", 1), self.copy("L2", 2)])
        assert self.current(con) == ["voltix/L2"]

    def test_partners_compete_and_a_tie_goes_to_the_first_key(self, con: Con) -> None:
        load(con, a_pull(1, "locations"), [self.copy("L1", 1)])
        load(con, a_pull(1, "locations", partner="gridly"), [self.copy("L9", 1)])
        assert self.current(con) == ["gridly/L9"]
        load(con, a_pull(2, "locations"), [self.copy("L1", 1.5)])
        assert self.current(con) == ["voltix/L1"]

    def test_leaving_a_group_frees_the_others(self, con: Con) -> None:
        load(con, a_pull(1, "locations"), [self.copy("L1", 1), self.copy("L2", 2)])
        moved = self.copy("L2", 3)
        moved["core.evses"][0] |= {"canonical_evse": "Y", "content_hash": "moved"}
        load(con, a_pull(2, "locations"), [self.copy("L1", 1), moved])
        assert self.current(con) == ["voltix/L1", "voltix/L2"]
