"""Removals that were not believed: told, agreed on by three complete lists, or accepted."""

from __future__ import annotations

from typing import Any

import duckdb
from warehouse_world import a_location, a_page, a_pull, a_tariff, at, contents, frame, load, started

from models.tables.objects import LOCATIONS
from pipelines.warehouse.loader import Loader

Con = duckdb.DuckDBPyConnection


def show(con: Con, number: int, ids: range, **changes: Any) -> Any:
    page = {"core.locations": [a_location(f"L{n}") for n in ids]}
    return load(con, a_pull(number, "locations", **changes), [page])


def gone(con: Con) -> set[str]:
    return {row["id"] for row in contents(con, "core.locations") if row["removed_at"] is not None}


def kept(con: Con) -> list[tuple[str, int]]:
    return [(row["object_id"], row["lists"]) for row in contents(con, "ops.removals_skipped")]


def test_what_is_kept_is_told_until_three_complete_lists_agree(con: Con) -> None:
    show(con, 1, range(20))
    show(con, 2, range(12))
    assert gone(con) == set()
    rows = contents(con, "ops.removals_skipped")
    assert [row["object_id"] for row in rows] == sorted(f"L{n}" for n in range(12, 20))
    assert {(row["since_at"], row["lists"], row["table_name"]) for row in rows} == {
        (started(2), 1, "core.locations")
    }
    show(con, 3, range(12))
    assert {row["since_at"] for row in contents(con, "ops.removals_skipped")} == {started(2)}
    assert gone(con) == set()
    result = show(con, 4, range(12))
    assert result.tables["core.locations"].removed == 8
    assert gone(con) == {f"L{n}" for n in range(12, 20)}
    assert kept(con) == []


def test_what_comes_back_begins_anew(con: Con) -> None:
    show(con, 1, range(20))
    show(con, 2, range(12))
    show(con, 3, range(13))
    assert ("L12", 1) not in kept(con)
    incremental = {"mode": "incremental", "date_from_at": at(0)}
    show(con, 4, range(13, 14), **incremental)
    assert sorted(kept(con)) == [(f"L{n}", 2) for n in range(14, 20)]
    show(con, 5, range(12))
    # Six that three lists lacked go; of the fourteen others two go beside them, as any two may.
    assert gone(con) == {f"L{n}" for n in range(12, 20)}


def test_list_that_cannot_tell_neither_adds_nor_takes_away(con: Con) -> None:
    show(con, 1, range(20))
    show(con, 2, range(12))
    before = kept(con)
    show(con, 3, range(0), status="failed")
    show(con, 4, range(0), unchanged=True)
    show(con, 5, range(12), party="NL/OTH")
    assert kept(con) == before


def test_accepted_removal_goes_at_once_and_only_for_that_party(con: Con) -> None:
    def both(ids: range) -> dict[str, list[dict[str, Any]]]:
        return {
            "core.locations": [a_location(f"L{n}", party_id=p) for p in ("AAA", "BBB") for n in ids]
        }

    load(con, a_pull(1, "locations"), [both(range(20))])
    pull = a_pull(2, "locations")
    page = a_page(pull)
    loader = Loader(con, pull, accepted=["NL/AAA"])
    rows = [row | {"page_id": page.page_id} for row in both(range(12))["core.locations"]]
    loader.add({"core.locations": frame(LOCATIONS, rows)})
    loader.commit([page])
    removed = [r["party_id"] for r in contents(con, "core.locations") if r["removed_at"]]
    assert removed == ["AAA"] * 8
    assert {row["party_id"] for row in contents(con, "ops.removals_skipped")} == {"BBB"}


def test_tariffs_alike(con: Con) -> None:
    def list_tariffs(number: int, ids: range) -> None:
        page = {"core.tariffs": [a_tariff(f"T{n:02d}") for n in ids]}
        load(con, a_pull(number, "tariffs"), [page])

    list_tariffs(1, range(20))
    list_tariffs(2, range(12))
    list_tariffs(3, range(12))
    assert {row["lists"] for row in contents(con, "ops.removals_skipped")} == {2}
    list_tariffs(4, range(12))
    ends = [row["valid_to_at"] for row in contents(con, "core.tariffs")]
    assert ends == [None] * 12 + [started(4)] * 8
