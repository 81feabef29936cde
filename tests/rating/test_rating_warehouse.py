"""Rating in a real DuckDB file: only what is new or changed, in batches."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import duckdb
import pytest
from rating_world import KWH, NIGHT, ORIGIN, SEEN, START, insert, insert_cdr, insert_tariff, prices

from models.contract import Contract, Rounding
from pipelines.stages.rating import warehouse
from pipelines.stages.rating.warehouse import rate_warehouse


def test_the_version_published_at_the_start_prices_the_cdr(con: duckdb.DuckDBPyConnection) -> None:
    insert_cdr(con, "A")
    insert_cdr(
        con, "B", start_at=START + timedelta(days=2), end_at=START + timedelta(days=2, hours=1)
    )
    insert_tariff(con, "0.25", START - timedelta(days=9), valid_to_at=START + timedelta(days=1))
    insert_tariff(con, "0.5", START + timedelta(days=1))
    result = rate_warehouse(con, {})
    assert prices(con) == {"A": "2.500000", "B": "5.000000"}
    assert prices(con, "embedded") == {"A": "TARIFF_MISSING", "B": "TARIFF_MISSING"}
    assert (result.cdrs, result.rated) == (2, 2)


def test_before_its_first_version_a_tariff_is_unknown(con: duckdb.DuckDBPyConnection) -> None:
    insert_cdr(con, "A")
    insert_tariff(con, "0.25", START + timedelta(seconds=1))
    rate_warehouse(con, {})
    assert prices(con) == {"A": "TARIFF_MISSING"}


def test_ids_are_compared_without_regard_to_case(con: duckdb.DuckDBPyConnection) -> None:
    insert_cdr(con, "A", tariff_id="t")
    insert_tariff(con, "0.25", START)
    rate_warehouse(con, {})
    assert prices(con) == {"A": "2.500000"}


def test_one_tariff_may_be_named_in_two_ways(con: duckdb.DuckDBPyConnection) -> None:
    insert_cdr(con, "A", period_count=2)
    period = {**ORIGIN, "cdr_id": "A", "period_index": 1, "start_at": START}
    insert(con, "core.charging_periods", {**period, "tariff_id": "t", "energy_kwh": Decimal(1)})
    insert_tariff(con, "0.25", START)
    rate_warehouse(con, {})
    assert prices(con) == {"A": "2.750000"}
    insert_tariff(con, "0.75", START, valid_to_at=START)
    con.execute("update core.tariffs set content_hash = 'new' where valid_to_at is null")
    assert rate_warehouse(con, {}).rated == 1


def test_periods_may_lie_in_any_order(con: duckdb.DuckDBPyConnection) -> None:
    for id in ("B", "A"):
        insert_cdr(con, id, period_count=3)
    for index in (2, 1):
        for id in ("A", "B"):
            at = START + timedelta(minutes=20 * index)
            period = {**ORIGIN, "cdr_id": id, "period_index": index, "start_at": at}
            row = {**period, "tariff_id": "T", "energy_kwh": Decimal(index)}
            insert(con, "core.charging_periods", row)
    insert_tariff(con, "1", START)
    rate_warehouse(con, {})
    quantities = con.execute(
        "select cdr_id, list(quantity::integer order by line_index) from rating.lines "
        "where dimension = 'ENERGY' group by cdr_id order by cdr_id"
    ).fetchall()
    assert quantities == [("A", [10, 1, 2]), ("B", [10, 1, 2])]


def test_the_partys_own_tariff_comes_before_a_sister_partys(con: duckdb.DuckDBPyConnection) -> None:
    insert_cdr(con, "A")
    insert_tariff(con, "0.25", START)
    insert_tariff(con, "0.75", START, party_id="SIS")
    rate_warehouse(con, {})
    assert prices(con) == {"A": "2.500000"}


def test_a_lone_sister_party_may_hold_the_tariff(con: duckdb.DuckDBPyConnection) -> None:
    insert_cdr(con, "A")
    insert_tariff(con, "0.75", START, party_id="SIS")
    rate_warehouse(con, {})
    assert prices(con) == {"A": "7.500000"}


def test_two_sister_parties_are_no_answer(con: duckdb.DuckDBPyConnection) -> None:
    insert_cdr(con, "A")
    insert_tariff(con, "0.75", START, party_id="SIS")
    insert_tariff(con, "0.5", START, party_id="SOS")
    rate_warehouse(con, {})
    assert prices(con) == {"A": "TARIFF_MISSING"}


def test_a_211_cdr_finds_its_tariff_by_its_connector(con: duckdb.DuckDBPyConnection) -> None:
    insert_cdr(con, "A", tariff_id=None, connector_tariff_ids=["T"])
    insert_tariff(con, "0.25", START)
    rate_warehouse(con, {})
    assert prices(con) == {"A": "2.500000"}
    notes = con.execute("select notes from rating.cdrs where source = 'published'").fetchall()
    assert notes == [(["PERIOD_WITHOUT_TARIFF_ID"],)]


def test_without_any_name_the_published_connector_says_which(
    con: duckdb.DuckDBPyConnection,
) -> None:
    place = {"location_id": "L", "evse_uid": "E"}
    insert_cdr(con, "A", tariff_id=None, connector_id="1", **place)
    connector = {**ORIGIN, **SEEN, **place, "id": "1", "tariff_ids": ["T"], "first_seen_at": START}
    insert(con, "core.connectors", connector)
    insert_tariff(con, "0.25", START)
    rate_warehouse(con, {})
    assert prices(con) == {"A": "2.500000"}


def test_both_sources_are_priced(con: duckdb.DuckDBPyConnection) -> None:
    insert_cdr(con, "A", tariff_hashes=["e"])
    embedded = {**ORIGIN, **SEEN, "id": "T", "content_hash": "e", "currency": "EUR"}
    insert(con, "core.embedded_tariffs", {**embedded, "tariff": KWH.format(id="T", price="0.3")})
    insert_tariff(con, "0.25", START)
    rate_warehouse(con, {})
    assert prices(con) == {"A": "2.500000"}
    assert prices(con, "embedded") == {"A": "3.000000"}


def test_local_time_is_the_locations_else_the_countrys(con: duckdb.DuckDBPyConnection) -> None:
    insert_cdr(con, "A", location_id="L")
    insert_cdr(con, "B")
    insert_cdr(con, "C", country="USA")
    location = {**ORIGIN, **SEEN, "id": "L", "time_zone": "Europe/London", "first_seen_at": START}
    insert(con, "core.locations", location)
    insert_tariff(con, "0.2", START, tariff=NIGHT)
    rate_warehouse(con, {})
    # 08:00 UTC is 09:00 in London and 10:00 in Amsterdam.
    assert prices(con) == {"A": "10.000000", "B": "2.000000", "C": "TIME_ZONE_UNKNOWN"}


def test_a_second_run_prices_nothing(con: duckdb.DuckDBPyConnection) -> None:
    insert_cdr(con, "A")
    insert_tariff(con, "0.25", START)
    rate_warehouse(con, {})
    before = con.execute("select * from rating.lines").fetchall()
    again = rate_warehouse(con, {})
    assert (again.cdrs, again.rated, again.lines) == (1, 0, 0)
    assert con.execute("select * from rating.lines").fetchall() == before


def test_only_what_a_new_version_touches_is_priced_again(con: duckdb.DuckDBPyConnection) -> None:
    insert_cdr(con, "A")
    insert_cdr(con, "B", start_at=START + timedelta(days=2), end_at=START + timedelta(days=3))
    insert_tariff(con, "0.25", START)
    rate_warehouse(con, {})
    con.execute("update core.tariffs set valid_to_at = $at", {"at": START + timedelta(days=1)})
    insert_tariff(con, "0.5", START + timedelta(days=1))
    again = rate_warehouse(con, {})
    assert again.rated == 1
    assert prices(con) == {"A": "2.500000", "B": "5.000000"}


def test_a_changed_contract_prices_its_partner_again(con: duckdb.DuckDBPyConnection) -> None:
    insert_cdr(con, "A")
    insert_tariff(con, "0.2505", START)
    rate_warehouse(con, {})
    assert prices(con) == {"A": "2.510000"}
    contract = Contract(rounding=Rounding(mode="down"))
    assert rate_warehouse(con, {"voltix": contract}).rated == 1
    assert prices(con) == {"A": "2.500000"}
    assert rate_warehouse(con, {"voltix": contract}).rated == 0


def test_prices_of_cdrs_that_are_gone_go_too(con: duckdb.DuckDBPyConnection) -> None:
    insert_cdr(con, "A")
    insert_cdr(con, "B")
    insert_tariff(con, "0.25", START)
    rate_warehouse(con, {})
    con.execute("delete from core.cdrs where id = 'A'")
    rate_warehouse(con, {})
    assert set(prices(con)) == {"B"}
    assert con.execute("select distinct cdr_id from rating.lines").fetchall() == [("B",)]


def test_a_run_leaves_the_connection_as_it_was(con: duckdb.DuckDBPyConnection) -> None:
    settings = "select name, value from duckdb_settings() order by name"
    before = con.execute(settings).fetchall()
    insert_cdr(con, "A")
    rate_warehouse(con, {})
    assert con.execute(settings).fetchall() == before
    assert con.execute("select table_name from duckdb_tables() where temporary").fetchall() == []


def test_batches_make_no_difference(
    con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warehouse, "BATCH_SIZE", 3)
    for index in range(7):
        insert_cdr(con, f"C{index}", credit=index == 3)
    insert_tariff(con, "0.25", START)
    batches: list[int] = []
    rate = warehouse.rate_tables
    monkeypatch.setattr(
        warehouse, "rate_tables", lambda batch: batches.append(len(batch.cdrs)) or rate(batch)
    )
    result = rate_warehouse(con, {})
    assert sorted(batches) == [1, 3, 3]
    assert (result.cdrs, result.rated) == (7, 7)
    assert prices(con)["C3"] == "CREDIT"
    assert prices(con)["C6"] == "2.500000"
    assert len(prices(con)) == 7
