"""CDRs are immutable: the first content stays, its periods with it, other content is a conflict."""

from __future__ import annotations

import duckdb
import polars as pl
import pytest
from warehouse_world import (
    T0,
    a_cdr,
    a_page,
    a_pull,
    at,
    cdr_page,
    contents,
    frame,
    load,
)

from models.tables.charging import CDRS, CHARGING_PERIODS
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.loader import Loader
from pipelines.warehouse.locking import OvertakenPull

Con = duckdb.DuckDBPyConnection


def periods(con: Con) -> list[tuple[str, int, str]]:
    """CDR, index, and the content that brought it (kept in tariff_id by the builders)."""
    return con.execute(
        "select cdr_id, period_index, tariff_id from core.charging_periods order by all"
    ).fetchall()


def test_new_cdrs_come_with_their_periods(con: Con) -> None:
    page = cdr_page(a_cdr("1", "a", periods=2), a_cdr("2", "b", periods=0), a_cdr("3", "c"))
    result = load(con, a_pull(1, "cdrs"), [page])
    assert result.tables["core.cdrs"].inserted == 3
    assert periods(con) == [("1", 0, "a"), ("1", 1, "a"), ("3", 0, "c")]


def test_changed_copy_in_a_later_pull_is_refused_and_kept_once(con: Con) -> None:
    load(con, a_pull(1, "cdrs"), [cdr_page(a_cdr("1", "first"))])
    changed = cdr_page(a_cdr("1", "other", periods=3, last_updated_at=at(5)))
    second = load(con, a_pull(2, "cdrs"), [changed])
    third = load(con, a_pull(3, "cdrs"), [changed, cdr_page(a_cdr("1", "third"))])
    assert second.tables["core.cdrs"].conflicts == 1
    assert third.tables["core.cdrs"].conflicts == 1
    assert [(row["id"], row["content_hash"]) for row in contents(con, "core.cdrs")] == [
        ("1", "first")
    ]
    kept = contents(con, "core.cdr_conflicts")
    assert [(row["content_hash"], row["kept_content_hash"]) for row in kept] == [
        ("other", "first"),
        ("third", "first"),
    ]
    assert kept[0]["page_id"] == "voltix-cdrs-000002/000000"
    assert periods(con) == [("1", 0, "first")]


def test_first_copy_within_a_pull_stays_whatever_its_last_updated(con: Con) -> None:
    pages = [
        cdr_page(a_cdr("1", "first", periods=1), a_cdr("1", "same-page", periods=2)),
        cdr_page(a_cdr("1", "newer", periods=3, last_updated_at=at(9)), a_cdr("1", "first")),
    ]
    result = load(con, a_pull(1, "cdrs"), pages)
    assert (result.tables["core.cdrs"].inserted, result.tables["core.cdrs"].conflicts) == (1, 2)
    assert periods(con) == [("1", 0, "first")]


def test_same_id_of_another_party_or_partner_is_another_cdr(con: Con) -> None:
    load(
        con,
        a_pull(1, "cdrs"),
        [cdr_page(a_cdr("1", "a"), a_cdr("1", "b", party_id="OTH", periods=0))],
    )
    other = a_pull(1, "cdrs", partner="gridly")
    result = load(con, other, [{"core.cdrs": [a_cdr("1", "c", periods=0)]}])
    assert result.tables["core.cdrs"].conflicts == 0
    assert len(contents(con, "core.cdrs")) == 3


def test_loading_a_pull_again_does_nothing(con: Con) -> None:
    pages = [cdr_page(a_cdr("1")), cdr_page(a_cdr("2"))]
    load(con, a_pull(1, "cdrs"), pages)
    before = contents(con, "core.cdrs")
    again = load(con, a_pull(1, "cdrs"), pages)
    assert again.already_loaded
    assert not again.changed
    assert contents(con, "core.cdrs") == before
    assert len(contents(con, "ops.pages")) == 2


def test_pull_that_comes_too_late_is_refused(con: Con) -> None:
    load(con, a_pull(2, "cdrs"), [cdr_page(a_cdr("1"))])
    with pytest.raises(OvertakenPull, match="voltix/cdrs"):
        load(con, a_pull(1, "cdrs"), [cdr_page(a_cdr("2"))])
    assert [row["id"] for row in contents(con, "core.cdrs")] == ["1"]


def test_lists_of_different_parties_do_not_overtake_each_other(con: Con) -> None:
    load(con, a_pull(2, "cdrs", party="NL/AAA"), [cdr_page(a_cdr("1"))])
    result = load(con, a_pull(1, "cdrs", party="NL/BBB"), [cdr_page(a_cdr("2"))])
    assert result.tables["core.cdrs"].inserted == 1
    with pytest.raises(OvertakenPull):
        load(con, a_pull(0, "cdrs"), [])
    with pytest.raises(OvertakenPull):
        load(con, a_pull(0, "cdrs", party="NL/AAA"), [])


def test_failed_pull_loads_what_came(con: Con) -> None:
    failed = a_pull(1, "cdrs", status="failed", error="timeout")
    result = load(con, failed, [cdr_page(a_cdr("1"))])
    assert result.tables["core.cdrs"].inserted == 1
    assert contents(con, "ops.watermarks") == []
    assert contents(con, "ops.pulls")[0]["error"] == "timeout"


def test_embedded_tariffs_are_kept_once(con: Con) -> None:
    def embedded(content: str) -> dict[str, object]:
        return {"content_hash": content, "id": "T1", "currency": "EUR"}

    load(con, a_pull(1, "cdrs"), [{"core.embedded_tariffs": [embedded("a"), embedded("a")]}])
    load(con, a_pull(2, "cdrs"), [{"core.embedded_tariffs": [embedded("a"), embedded("b")]}])
    rows = contents(con, "core.embedded_tariffs")
    assert [(row["content_hash"], row["page_id"][:18]) for row in rows] == [
        ("a", "voltix-cdrs-000001"),
        ("b", "voltix-cdrs-000002"),
    ]


def test_bad_objects_and_repairs_are_kept_once_even_without_owner(con: Con) -> None:
    bad = {"module": "cdrs", "payload_hash": "h", "country_code": None, "party_id": None}
    repair = {
        "module": "cdrs", "object_id": None, "country_code": None, "party_id": None,
        "path": "id", "kind": "absent", "original": None,
    }  # fmt: skip
    for number in (1, 2):
        page = {"core.quarantine": [bad], "core.deviations": [repair, repair]}
        load(con, a_pull(number, "cdrs"), [page])
    assert len(contents(con, "core.quarantine")) == 1
    assert len(contents(con, "core.deviations")) == 1


def test_a_stamp_ahead_of_us_is_when_we_had_the_cdr(con: Con) -> None:
    page = cdr_page(a_cdr("1", last_updated_at=at(999_999)), a_cdr("2"))
    load(con, a_pull(1, "cdrs"), [page])
    first, second = contents(con, "core.cdrs")
    assert first["last_updated_at"] == first["fetched_at"]
    assert second["last_updated_at"] < second["fetched_at"]


def test_error_in_the_merge_leaves_nothing_behind(con: Con) -> None:
    pull = a_pull(1, "cdrs")
    loader = Loader(con, pull)
    page = a_page(pull)
    loader.add({"core.cdrs": frame(CDRS, [a_cdr("1", periods=0, page_id=page.page_id)])})
    con.execute("drop table ops.watermarks")
    with pytest.raises(duckdb.Error):
        loader.commit([page])
    assert contents(con, "core.cdrs") == []
    assert contents(con, "ops.pulls") == []
    assert con.execute("select count(*) from duckdb_tables() where temporary").fetchall() == [(0,)]


def test_pulls_may_be_staged_side_by_side_and_committed_in_turn(warehouse: Warehouse) -> None:
    pulls = [a_pull(1, "cdrs"), a_pull(1, "cdrs", partner="gridly")]
    with warehouse.cursor() as one, warehouse.cursor() as other:
        loaders = [Loader(con, pull) for con, pull in zip((one, other), pulls, strict=True)]
        for loader, pull in zip(loaders, pulls, strict=True):
            row = a_cdr("1", periods=0, page_id=a_page(pull).page_id, partner=pull.partner)
            loader.add({"core.cdrs": frame(CDRS, [row])})
        for loader, pull in zip(reversed(loaders), reversed(pulls), strict=True):
            with warehouse.writer():
                assert loader.commit([a_page(pull)]).tables["core.cdrs"].inserted == 1
    with warehouse.reader() as con:
        assert [row["partner"] for row in contents(con, "core.cdrs")] == ["gridly", "voltix"]


class TestContract:
    """Frames that break the contract of decoding are refused before they do harm."""

    def add(
        self, con: Con, cdrs: list[dict[str, object]], periods: list[dict[str, object]]
    ) -> None:
        origin = {"page_id": "voltix-cdrs-000001/000000", "fetched_at": T0}
        Loader(con, a_pull(1, "cdrs")).add(
            {
                "core.cdrs": frame(CDRS, [origin | cdr for cdr in cdrs]),
                "core.charging_periods": frame(CHARGING_PERIODS, periods),
            }
        )

    def test_periods_must_be_as_many_as_stated(self, con: Con) -> None:
        with pytest.raises(ValueError, match="do not follow"):
            self.add(con, [a_cdr("1", periods=2)], [{"cdr_id": "1"}])

    def test_periods_must_be_in_the_order_of_cdrs(self, con: Con) -> None:
        with pytest.raises(ValueError, match="do not follow"):
            self.add(con, [a_cdr("1"), a_cdr("2")], [{"cdr_id": "2"}, {"cdr_id": "1"}])

    def test_rows_must_be_the_partners(self, con: Con) -> None:
        with pytest.raises(ValueError, match="another partner"):
            self.add(con, [a_cdr("1", periods=0, partner="gridly")], [])

    def test_pages_must_come_in_order(self, con: Con) -> None:
        loader = Loader(con, a_pull(1, "cdrs"))
        later = frame(CDRS, [a_cdr("1", page_id="p/2")])
        loader.add({"core.cdrs": later})
        with pytest.raises(ValueError, match="out of order"):
            loader.add({"core.cdrs": later.with_columns(page_id=pl.lit("p/1"))})

    def test_pages_must_be_the_pulls(self, con: Con) -> None:
        loader = Loader(con, a_pull(1, "cdrs"))
        loader.add({"core.cdrs": frame(CDRS, [a_cdr("1", page_id="elsewhere")])})
        with pytest.raises(ValueError, match="elsewhere"):
            loader.commit([a_page(a_pull(1, "cdrs"))])
