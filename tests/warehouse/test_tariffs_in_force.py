"""The version of a tariff in force: announced ones wait for their start, removal ends all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb
from warehouse_world import T0, a_pull, a_tariff, at, fetched, load, started

Con = duckdb.DuckDBPyConnection


def show(con: Con, number: int, *tariffs: dict[str, Any]) -> None:
    load(con, a_pull(number, "tariffs"), [{"core.tariffs": list(tariffs)}])


def in_force(con: Con) -> list[tuple[str, datetime, datetime | None]]:
    return con.execute(
        "select content_hash, in_force_from_at, in_force_to_at from tariffs_in_force() "
        "order by in_force_from_at, content_hash"
    ).fetchall()


def test_without_a_start_a_version_is_in_force_while_it_is_valid(con: Con) -> None:
    show(con, 1, a_tariff())
    show(con, 2, a_tariff(content="b", updated=at(1.5)))
    assert in_force(con) == [("a", T0, at(1.5)), ("b", at(1.5), None)]


def test_announced_version_leaves_the_one_before_it_in_force_until_it_starts(con: Con) -> None:
    show(con, 1, a_tariff())
    show(con, 2, a_tariff(content="b", updated=at(1.5), start_at=at(9)))
    assert in_force(con) == [("a", T0, at(9)), ("b", at(9), None)]


def test_version_replaced_before_it_starts_was_never_in_force(con: Con) -> None:
    show(con, 1, a_tariff())
    show(con, 2, a_tariff(content="b", updated=at(1.5), start_at=at(9)))
    show(con, 3, a_tariff(content="c", updated=at(2.5)))
    assert in_force(con) == [("a", T0, at(2.5)), ("c", at(2.5), None)]


def test_two_announced_versions_follow_each_other(con: Con) -> None:
    show(con, 1, a_tariff())
    show(con, 2, a_tariff(content="b", updated=at(1.5), start_at=at(9)))
    show(con, 3, a_tariff(content="c", updated=at(2.5), start_at=at(20)))
    assert in_force(con) == [("a", T0, at(9)), ("b", at(9), at(20)), ("c", at(20), None)]


def test_removal_ends_the_version_in_force_and_the_announced_one(con: Con) -> None:
    show(con, 1, a_tariff())
    show(con, 2, a_tariff(content="b", updated=at(1.5), start_at=at(9)))
    show(con, 3)
    assert in_force(con) == [("a", T0, started(3))]
    show(con, 4, a_tariff(content="c", updated=at(3.5)))
    assert in_force(con) == [("a", T0, started(3)), ("c", fetched(4), None)]


def test_ids_compare_without_regard_to_case_and_parties_stand_apart(con: Con) -> None:
    show(con, 1, a_tariff("Day"), a_tariff("Day", "z", party_id="OTH"))
    other = a_tariff("DAY", "b", at(1.5))
    show(con, 2, other, a_tariff("Day", "z", party_id="OTH"))
    assert in_force(con) == [("a", T0, at(1.5)), ("z", T0, None), ("b", at(1.5), None)]
