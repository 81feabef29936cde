"""Checks: each passes on what the loader makes and fails on the damage it is there for."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from warehouse_world import a_cdr, a_pull, a_tariff, an_evse, at, cdr_page, contents, load

from models.tables.charging import CDRS, CHARGING_PERIODS
from models.tables.kinds import Table
from models.tables.objects import DEVIATIONS, EVSES, TARIFFS
from pipelines.warehouse import checks
from pipelines.warehouse.checks import CheckResult

Con = duckdb.DuckDBPyConnection


@pytest.fixture
def loaded(con: Con) -> Con:
    load(con, a_pull(1, "cdrs"), [cdr_page(a_cdr("1", periods=2), a_cdr("2", periods=0))])
    load(con, a_pull(1, "locations"), [{"core.evses": [an_evse("1"), an_evse("2")]}])
    load(
        con,
        a_pull(2, "locations"),
        [{"core.evses": [an_evse("1", "CHARGING", at(1.5)), an_evse("2")]}],
    )
    load(con, a_pull(1, "tariffs"), [{"core.tariffs": [a_tariff()]}])
    load(con, a_pull(2, "tariffs"), [{"core.tariffs": [a_tariff(content="b", updated=at(1.5))]}])
    return con


def all_checks(con: Con) -> list[CheckResult]:
    return [
        checks.keys_unique(con, CDRS),
        checks.periods_complete(con),
        checks.status_intervals_sane(con),
        checks.versions_disjoint(con, TARIFFS),
    ]


def test_everything_passes_on_what_was_loaded(loaded: Con) -> None:
    assert [result for result in all_checks(loaded) if not result.passed] == []


@pytest.mark.parametrize(
    ("damage", "name"),
    [
        ("insert into core.cdrs from core.cdrs where id = '1'", "keys_unique"),
        ("delete from core.charging_periods where period_index = 1", "periods_complete"),
        ("delete from core.charging_periods", "periods_complete"),
        ("update core.evse_status set to_at = null", "status_intervals_sane"),
        ("update core.evse_status set observed_until_at = 'infinity'", "status_intervals_sane"),
        ("update core.evse_status set to_at = from_at - interval 1 hour", "status_intervals_sane"),
        ("update core.tariffs set valid_to_at = null", "versions_disjoint"),
        ("update core.tariffs set valid_to_at = valid_from_at", "versions_disjoint"),
    ],
)  # fmt: skip
def test_damage_is_found(loaded: Con, damage: str, name: str) -> None:
    loaded.execute(damage)
    failed = [result for result in all_checks(loaded) if not result.passed]
    assert name in {result.name for result in failed}
    assert all(result.examples for result in failed)


def test_repeated_key_is_named(loaded: Con) -> None:
    loaded.execute("insert into core.cdrs from core.cdrs where id = '1'")
    result = checks.keys_unique(loaded, CDRS)
    assert (result.violations, result.examples) == (1, ("voltix/NL/VOL/1",))


def test_repeated_key_with_unknown_parts_is_found(con: Con) -> None:
    repair: dict[str, Any] = {
        "module": "cdrs", "country_code": None, "party_id": None, "object_id": None,
        "path": "id", "kind": "absent", "original": None,
    }  # fmt: skip
    load(con, a_pull(1, "cdrs"), [{"core.deviations": [repair]}])
    assert checks.keys_unique(con, DEVIATIONS).passed
    con.execute("insert into core.deviations from core.deviations")
    assert checks.keys_unique(con, DEVIATIONS).violations == 1
    page = "voltix-cdrs-000001/000000"
    assert checks.keys_unique(con, DEVIATIONS, [page]).violations == 1


@pytest.mark.parametrize("table", [CDRS, CHARGING_PERIODS])
def test_repeated_key_is_found_from_the_pages_that_brought_it(loaded: Con, table: Table) -> None:
    load(loaded, a_pull(2, "cdrs"), [cdr_page(a_cdr("3"))])
    first, second = (f"voltix-cdrs-{number:06d}/000000" for number in (1, 2))
    assert checks.keys_unique(loaded, table, [first, second]).passed
    name = "id" if table.name == CDRS.name else "cdr_id"
    loaded.execute(f"insert into {table.name} from {table.name} where {name} = '3'")
    assert checks.keys_unique(loaded, table, [first]).passed
    found = checks.keys_unique(loaded, table, [second])
    assert (found.violations, found.examples[0][:15]) == (1, "voltix/NL/VOL/3")


class TestRowsValid:
    PAGE = "voltix-cdrs-000001/000000"

    def test_rows_of_the_pages_are_counted(self, loaded: Con) -> None:
        assert checks.rows_valid(loaded, CDRS, [self.PAGE]).counts == {"rows": 2}
        assert checks.rows_valid(loaded, CHARGING_PERIODS, [self.PAGE]).counts == {"rows": 2}
        assert checks.rows_valid(loaded, CDRS, ["other"]).counts == {"rows": 0}

    def test_unknown_where_it_must_be_known_fails_without_showing_values(self, loaded: Con) -> None:
        loaded.execute("update core.cdrs set currency = null where id = '1'")
        result = checks.rows_valid(loaded, CDRS, [self.PAGE])
        assert (result.violations, result.examples) == (1, ("currency: not_nullable",))

    def test_value_that_is_not_allowed_fails(self, loaded: Con) -> None:
        loaded.execute("update core.evses set status = 'WORKING'")
        pages = [row["page_id"] for row in contents(loaded, "ops.pages")]
        result = checks.rows_valid(loaded, EVSES, pages)
        assert result.violations == 2
        assert "WORKING" not in str(result.examples)

    def test_chunks_add_up(self, loaded: Con, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(checks, "_CHUNK_ROWS", 1)
        loaded.execute("update core.cdrs set currency = null")
        result = checks.rows_valid(loaded, CDRS, [self.PAGE])
        assert (result.violations, result.counts["rows"]) == (2, 2)


def test_a_tariff_that_nobody_knows_is_counted(con: Con) -> None:
    def connector(number: int, tariffs: list[str] | None, **more: Any) -> dict[str, Any]:
        return {
            "location_id": "L1",
            "evse_uid": "1",
            "id": str(number),
            "tariff_ids": tariffs,
            "content_hash": "c",
            "last_updated_at": at(0),
        } | more

    tariffs = [a_tariff("Own"), a_tariff("SISTER", party_id="SIS")]
    load(con, a_pull(1, "tariffs"), [{"core.tariffs": tariffs}])
    connectors = [
        connector(1, ["OWN", "sister"]),
        connector(2, ["own", "nowhere"]),
        connector(3, None),
        connector(4, []),
    ]
    load(con, a_pull(1, "locations"), [{"core.connectors": connectors}])
    other = a_pull(1, "locations", partner="gridly")
    load(con, other, [{"core.connectors": [connector(1, ["own"])]}])
    assert checks.dangling_tariffs(con) == {"gridly": 1, "voltix": 1}
