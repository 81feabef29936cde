"""Status intervals: where they begin, how far they were seen, and that history stays as it was."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb
from warehouse_world import T0, a_location, a_pull, an_evse, at, contents, fetched, load, started

Con = duckdb.DuckDBPyConnection
Told = tuple[str, datetime, datetime | None, datetime, datetime]


def show(con: Con, number: int, *evses: dict[str, Any], **changes: Any) -> None:
    load(con, a_pull(number, "locations", **changes), [{"core.evses": list(evses)}])


def changed_only(con: Con, number: int, *evses: dict[str, Any], **changes: Any) -> None:
    show(con, number, *evses, mode="incremental", date_from_at=at(0), **changes)


def intervals(con: Con, uid: str = "1") -> list[Told]:
    return [
        (
            row["status"],
            row["from_at"],
            row["to_at"],
            row["observed_from_at"],
            row["observed_until_at"],
        )
        for row in contents(con, "core.evse_status")
        if row["evse_uid"] == uid
    ]


def test_first_status_holds_since_the_evse_changed(con: Con) -> None:
    show(con, 1, an_evse("1", updated=at(-5)))
    assert intervals(con) == [("AVAILABLE", at(-5), None, fetched(1), fetched(1))]


def test_clock_ahead_of_ours_counts_as_now(con: Con) -> None:
    show(con, 1, an_evse("1", updated=at(99)))
    assert intervals(con)[0][1] == fetched(1)


def test_clock_of_1970_is_not_believed(con: Con) -> None:
    show(con, 1, an_evse("1", updated=at(-24 * 365 * 50)))
    assert intervals(con)[0][1] == fetched(1)


def test_unknown_clock_is_replaced_by_the_fetch(con: Con) -> None:
    show(con, 1, an_evse("1", updated=None))
    assert intervals(con)[0][1] == fetched(1)


def test_same_status_goes_on(con: Con) -> None:
    show(con, 1, an_evse("1"))
    show(con, 2, an_evse("1", updated=at(1.5)))
    assert intervals(con) == [("AVAILABLE", T0, None, fetched(1), fetched(2))]


def test_new_status_begins_when_the_evse_says(con: Con) -> None:
    show(con, 1, an_evse("1"))
    show(con, 2, an_evse("1", "CHARGING", at(1.5)))
    assert intervals(con) == [
        ("AVAILABLE", T0, at(1.5), fetched(1), fetched(1)),
        ("CHARGING", at(1.5), None, fetched(2), fetched(2)),
    ]


def test_old_status_was_not_seen_beyond_its_end(con: Con) -> None:
    show(con, 1, an_evse("1"))
    show(con, 2, an_evse("1", "CHARGING", at(0.5)))
    assert intervals(con)[0] == ("AVAILABLE", T0, at(0.5), fetched(1), at(0.5))


def test_new_status_without_moved_clock_begins_when_seen(con: Con) -> None:
    show(con, 1, an_evse("1"))
    show(con, 2, an_evse("1", "CHARGING"))
    assert intervals(con)[1][:2] == ("CHARGING", fetched(2))


def test_moved_clock_before_what_we_know_is_not_believed(con: Con) -> None:
    show(con, 1, an_evse("1", updated=at(-2)))
    show(con, 2, an_evse("1", "CHARGING", at(-2)))
    show(con, 3, an_evse("1", "BLOCKED", at(1)))
    assert [row[:3] for row in intervals(con)] == [
        ("AVAILABLE", at(-2), fetched(2)),
        ("CHARGING", fetched(2), fetched(3)),
        ("BLOCKED", fetched(3), None),
    ]


def test_late_copy_does_not_rewrite_history(con: Con) -> None:
    show(con, 1, an_evse("1", updated=at(0.5)))
    before = intervals(con)
    show(con, 2, an_evse("1", "OUTOFORDER", at(0.2)), mode="window")
    assert intervals(con) == before


def test_complete_list_begins_the_status_that_it_shows_though_its_clock_went_back(con: Con) -> None:
    show(con, 1, an_evse("1", updated=at(0.5)))
    show(con, 2, an_evse("1", "OUTOFORDER", at(0.2)))
    assert [row[:3] for row in intervals(con)] == [
        ("AVAILABLE", at(0.5), fetched(2)),
        ("OUTOFORDER", fetched(2), None),
    ]


def test_status_goes_on_under_another_spelling_of_the_ids(con: Con) -> None:
    show(con, 1, an_evse("a"))
    show(con, 2, an_evse("A", updated=at(1.5), content_hash="aAVAILABLE", location_id="l1"))
    assert intervals(con, "a") == []
    assert intervals(con, "A") == [("AVAILABLE", T0, None, fetched(1), fetched(2))]


def test_complete_list_of_changes_proves_what_it_does_not_mention(con: Con) -> None:
    show(con, 1, an_evse("1"), an_evse("2"))
    changed_only(con, 2, an_evse("2", "CHARGING", at(1.5)))
    assert intervals(con)[0][4] == started(2)
    assert intervals(con, "2")[0][4] == fetched(1)


def test_evse_that_its_location_left_out_is_not_proven(con: Con) -> None:
    show(con, 1, an_evse("1"), an_evse("2"), an_evse("3", location_id="L2"))
    incremental = a_pull(2, "locations", mode="incremental", date_from_at=at(0))
    page = {"core.locations": [a_location("L1")], "core.evses": [an_evse("1")]}
    load(con, incremental, [page])
    seen_until = [intervals(con, uid)[0][4] for uid in ("1", "2", "3")]
    assert seen_until == [fetched(2), fetched(1), started(2)]


def test_failed_or_windowed_list_proves_nothing(con: Con) -> None:
    show(con, 1, an_evse("1"))
    changed_only(con, 2, status="failed")
    show(con, 3, mode="window")
    assert intervals(con)[0][4] == fetched(1)


def test_list_of_another_party_proves_nothing(con: Con) -> None:
    show(con, 1, an_evse("1"))
    changed_only(con, 2, party="NL/OTH")
    assert intervals(con)[0][4] == fetched(1)


def test_answer_that_nothing_changed_proves_everything(con: Con) -> None:
    show(con, 1, an_evse("1"))
    show(con, 2, unchanged=True)
    assert intervals(con)[0][4] == started(2)


def test_what_came_but_could_not_be_read_is_not_proven(con: Con) -> None:
    show(con, 1, an_evse("1"), an_evse("2"))
    refused = {"module": "locations", "object_id": "L1/1", "payload_hash": "h"}
    incremental = a_pull(2, "locations", mode="incremental", date_from_at=at(0))
    load(con, incremental, [{"core.quarantine": [refused]}])
    assert intervals(con, "1")[0][4] == fetched(1)
    assert intervals(con, "2")[0][4] == started(2)


def test_evse_that_goes_away_has_no_status_until_it_returns(con: Con) -> None:
    show(con, 1, an_evse("1"), an_evse("2"))
    show(con, 2, an_evse("2"))
    assert intervals(con) == [("AVAILABLE", T0, started(2), fetched(1), fetched(1))]
    show(con, 3, an_evse("1"), an_evse("2"))
    assert intervals(con)[1:] == [("AVAILABLE", fetched(3), None, fetched(3), fetched(3))]


def test_refused_removal_leaves_the_status_open_but_unproven(con: Con) -> None:
    many = [an_evse(str(number)) for number in range(20)]
    show(con, 1, *many)
    show(con, 2, *many[10:])
    assert intervals(con, "0") == [("AVAILABLE", T0, None, fetched(1), fetched(1))]


def test_newest_copy_in_a_pull_is_the_observation(con: Con) -> None:
    show(con, 1, an_evse("1", "CHARGING", at(0.5)), an_evse("1", "AVAILABLE", at(0.2)))
    assert [row[0] for row in intervals(con)] == ["CHARGING"]


def test_other_canonical_id_takes_the_history_along(con: Con) -> None:
    show(con, 1, an_evse("1"))
    show(con, 2, an_evse("1", "CHARGING", at(1.5), canonical_evse="OTHER"))
    found = {row["canonical_evse"] for row in contents(con, "core.evse_status")}
    assert found == {"OTHER"}
