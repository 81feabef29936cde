"""Tariffs and invoice records in the warehouse; their rules are tested in tests/ocpi_models."""

from __future__ import annotations

from typing import Any

import duckdb
from warehouse_world import T0, a_pull, a_tariff, at, contents, fetched, load, started

from pipelines.warehouse.removal import TableCounts

Con = duckdb.DuckDBPyConnection


def show(con: Con, number: int, *tariffs: dict[str, Any], **changes: Any) -> Any:
    module = changes.pop("module", "tariffs")
    return load(con, a_pull(number, module, **changes), [{"core.tariffs": list(tariffs)}])


def versions(con: Con, table: str = "core.tariffs") -> list[tuple[Any, ...]]:
    return [
        (row["id"], row["content_hash"], row["valid_from_at"], row["valid_to_at"])
        for row in contents(con, table)
    ]


def test_versions_carry_the_content_of_their_own_page(con: Con) -> None:
    show(con, 1, a_tariff())
    show(con, 2, a_tariff(content="b", updated=at(1.5)))
    rows = contents(con, "core.tariffs")
    assert [(row["tariff"], row["page_id"][-13:]) for row in rows] == [
        ('{"is":"a"}', "000001/000000"),
        ('{"is":"b"}', "000002/000000"),
    ]
    assert versions(con) == [("T1", "a", T0, at(1.5)), ("T1", "b", at(1.5), None)]


def test_bump_without_change_updates_the_version_in_place(con: Con) -> None:
    show(con, 1, a_tariff())
    result = show(con, 2, a_tariff(updated=at(1.5)))
    assert result.tables["core.tariffs"] == TableCounts(bumped=1)
    (row,) = contents(con, "core.tariffs")
    assert (row["valid_from_at"], row["last_updated_at"]) == (T0, at(1.5))


def test_second_identical_pull_changes_nothing(con: Con) -> None:
    show(con, 1, a_tariff(), a_tariff("T2"))
    before = contents(con, "core.tariffs")
    result = show(con, 2, a_tariff(), a_tariff("T2"))
    assert result.tables["core.tariffs"] == TableCounts(unchanged=2)
    assert not result.changed
    assert contents(con, "core.tariffs") == before


def test_change_under_the_same_last_updated_is_noticed(con: Con) -> None:
    show(con, 1, a_tariff())
    show(con, 2, a_tariff(content="b"))
    assert versions(con) == [("T1", "a", T0, fetched(2)), ("T1", "b", fetched(2), None)]


def test_two_copies_in_one_pull_are_two_observations(con: Con) -> None:
    show(con, 1, a_tariff(content="a"), a_tariff(content="b", updated=at(0.5)))
    assert versions(con) == [("T1", "a", T0, at(0.5)), ("T1", "b", at(0.5), None)]


def test_ids_compare_without_case_and_stay_as_first_sent(con: Con) -> None:
    show(con, 1, a_tariff("Tariff"))
    show(con, 2, a_tariff("TARIFF", "b", at(1.5)))
    assert versions(con) == [("Tariff", "a", T0, at(1.5)), ("Tariff", "b", at(1.5), None)]


def test_same_id_under_two_parties_is_two_tariffs(con: Con) -> None:
    show(con, 1, a_tariff(), a_tariff(content="b", party_id="OTH"))
    assert len(versions(con)) == 2


def test_missing_from_a_complete_full_pull_ends_it(con: Con) -> None:
    show(con, 1, a_tariff(), a_tariff("T2"))
    result = show(con, 2, a_tariff())
    assert result.tables["core.tariffs"].removed == 1
    assert versions(con)[1] == ("T2", "a", T0, started(2))
    show(con, 3, a_tariff(), a_tariff("T2"))
    assert versions(con)[1:] == [("T2", "a", T0, started(2)), ("T2", "a", fetched(3), None)]


def test_missing_from_other_pulls_ends_nothing(con: Con) -> None:
    show(con, 1, a_tariff())
    show(con, 2, status="failed")
    show(con, 3, mode="incremental", date_from_at=at(0))
    show(con, 4, unchanged=True)
    assert versions(con) == [("T1", "a", T0, None)]


def test_too_many_ending_at_once_is_refused(con: Con) -> None:
    many = [a_tariff(f"T{number:02d}") for number in range(20)]
    show(con, 1, *many)
    result = show(con, 2, *many[6:])
    assert [(r.table, r.live, r.missing) for r in result.removals_skipped] == [
        ("core.tariffs", 20, 6)
    ]
    assert all(valid_to is None for *_, valid_to in versions(con))


def test_tariff_that_came_but_was_refused_goes_on(con: Con) -> None:
    show(con, 1, a_tariff(), a_tariff("T2"))
    refused = {"module": "tariffs", "object_id": "t2", "payload_hash": "h"}
    page = {"core.tariffs": [a_tariff()], "core.quarantine": [refused]}
    load(con, a_pull(2, "tariffs"), [page])
    assert [valid_to for *_, valid_to in versions(con)] == [None, None]


def test_modules_end_only_the_tariffs_they_brought(con: Con) -> None:
    show(con, 1, a_tariff("IN-EVSE"), module="locations")
    show(con, 2, a_tariff("PUBLISHED"))
    show(con, 3, a_tariff("PUBLISHED"))
    assert [valid_to for *_, valid_to in versions(con)] == [None, None]
    show(con, 4, module="locations")
    assert versions(con)[0] == ("IN-EVSE", "a", T0, started(4))


def test_invoice_records_are_versioned_alike(con: Con) -> None:
    def record(content: str, updated: float, cdrs: list[str]) -> dict[str, Any]:
        return {
            "id": "R1",
            "invoice_id": "INV-1",
            "cdr_ids": cdrs,
            "content_hash": content,
            "last_updated_at": at(updated),
        }

    module, table = "invoicereconciliation", "core.invoices"
    load(con, a_pull(1, module), [{table: [record("a", 0, ["1"])]}])
    load(con, a_pull(2, module), [{table: [record("b", 1.5, ["1", "2"])]}])
    load(con, a_pull(3, module), [])
    assert versions(con, table) == [
        ("R1", "a", at(0), at(1.5)),
        ("R1", "b", at(1.5), started(3)),
    ]
    assert contents(con, table)[1]["cdr_ids"] == ["1", "2"]
