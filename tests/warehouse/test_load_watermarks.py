"""Watermarks: they move after complete pulls only, never back and never over a gap."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb
from warehouse_world import a_pull, at, contents, load, started

Con = duckdb.DuckDBPyConnection


def move(con: Con, number: int, **changes: Any) -> datetime | None:
    """The watermark after a pull, if the pull moved it."""
    pull = a_pull(number, "cdrs", **changes)
    load(con, pull, [])
    moved = [row for row in contents(con, "ops.watermarks") if row["pull_id"] == pull.pull_id]
    return moved[0]["complete_until_at"] if moved else None


def incremental(since: datetime | None, **changes: Any) -> dict[str, Any]:
    return {"mode": "incremental", "date_from_at": since} | changes


def test_full_pull_sets_it_to_its_pinned_end(con: Con) -> None:
    assert move(con, 1, date_to_at=at(0.5)) == at(0.5)
    (row,) = contents(con, "ops.watermarks")
    assert (row["party"], row["full_at"], row["pull_id"]) == ("*", started(1), "voltix-cdrs-000001")


def test_without_a_pinned_end_it_is_the_start_of_the_pull(con: Con) -> None:
    assert move(con, 1, date_to_at=None) == started(1)


def test_incremental_pull_moves_it_and_keeps_the_last_full(con: Con) -> None:
    move(con, 1)
    assert move(con, 2, **incremental(at(0.9))) == started(2)
    assert contents(con, "ops.watermarks")[0]["full_at"] == started(1)


def test_failed_pull_moves_nothing(con: Con) -> None:
    move(con, 1)
    assert move(con, 2, status="failed") is None
    assert contents(con, "ops.watermarks")[0]["complete_until_at"] == started(1)


def test_window_moves_nothing(con: Con) -> None:
    assert move(con, 1, mode="window") is None
    assert contents(con, "ops.watermarks") == []


def test_gap_before_an_incremental_pull_is_not_jumped(con: Con) -> None:
    move(con, 1)
    assert move(con, 2, **incremental(at(1.5))) is None
    assert contents(con, "ops.watermarks")[0]["complete_until_at"] == started(1)


def test_first_pull_must_reach_back_for_ever(con: Con) -> None:
    assert move(con, 1, **incremental(at(0))) is None
    assert move(con, 2, **incremental(None)) == started(2)


def test_it_never_moves_back(con: Con) -> None:
    move(con, 2)
    assert move(con, 3, date_to_at=at(1)) == started(2)


def test_each_party_behind_a_hub_has_its_own(con: Con) -> None:
    move(con, 1, party="NL/AAA")
    move(con, 2, party="NL/BBB", status="failed")
    assert [row["party"] for row in contents(con, "ops.watermarks")] == ["NL/AAA"]


def test_unchanged_answer_counts_as_complete(con: Con) -> None:
    move(con, 1)
    assert move(con, 2, unchanged=True) == started(2)
