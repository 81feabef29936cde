"""Stored prices: lines nested in their CDR's row, read as a view, adding up."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from rating_world import KWH, ORIGIN, START, insert, insert_cdr, insert_tariff

from models.rating.kernel.tables import Dimension, Part
from models.tables import BY_NAME
from models.tables.rating import LINE_DIMENSIONS, PARTS
from models.tables.schema_failures import schema_failures
from pipelines.stages.rating.warehouse import check_prices, rate_warehouse
from pipelines.warehouse.connection import Warehouse


def test_the_lines_add_up_to_the_totals(con: duckdb.DuckDBPyConnection) -> None:
    insert_cdr(con, "A")
    insert_tariff(con, "0.333333", START)
    rate_warehouse(con, {})
    sums = con.execute(
        "select sum(l.amount_excl_vat), sum(l.amount_incl_vat), any_value(c.expected_excl_vat), "
        "any_value(c.expected_incl_vat) from rating.lines l "
        "join rating.cdrs c using (cdr_id, source)"
    ).fetchall()[0]
    assert sums == (Decimal("3.33"), Decimal("4.03"), Decimal("3.33"), Decimal("4.03"))


@pytest.mark.parametrize(
    ("spoil", "wrong"),
    [
        ("update rating.cdrs set expected_excl_vat = 1", {"lines_add_up": 1}),
        ("update rating.cdrs set lines = lines[:1]", {"lines_add_up": 1}),
        ("update rating.cdrs set expected_excl_vat = 0, lines = []", {}),
        (
            "update rating.cdrs set lines = list_transform(lines, lambda line: "
            "struct_update(line, amount_excl_vat := null::decimal(18, 6)))",
            {"lines_add_up": 1},
        ),
        ("insert into rating.cdrs from rating.cdrs where source = 'published'", {"unique": 1}),
    ],
)
def test_what_is_wrong_with_prices_is_proved(
    con: duckdb.DuckDBPyConnection, spoil: str, wrong: dict[str, int]
) -> None:
    insert_cdr(con, "A")
    insert_tariff(con, "0.333333", START)
    rate_warehouse(con, {})
    assert not any(check.violations for check in check_prices(con))
    con.execute(f"{spoil} where state = 'priced'" if spoil.startswith("update") else spoil)
    assert {
        check.name: check.violations for check in check_prices(con) if check.violations
    } == wrong


def test_each_line_names_the_tariff_of_its_period(con: duckdb.DuckDBPyConnection) -> None:
    insert_cdr(con, "A", period_count=3)
    for index, tariff_id in enumerate(("u", "T"), start=1):
        at = START + timedelta(minutes=20 * index)
        period = {**ORIGIN, "cdr_id": "A", "period_index": index, "start_at": at}
        row = {**period, "tariff_id": tariff_id, "energy_kwh": Decimal(1)}
        insert(con, "core.charging_periods", row)
    insert_tariff(con, "0.25", START)
    insert_tariff(con, "0.5", START, id="U", tariff=KWH.format(id="U", price="0.5"))
    rate_warehouse(con, {})
    lines = con.execute(
        "select line_index, period_index, dimension, part, unit_price, tariff_id "
        "from rating.lines where source = 'published' order by line_index"
    ).fetchall()
    assert lines == [
        (0, 0, "ENERGY", "energy", Decimal("0.25"), "T"),
        (1, 1, "ENERGY", "energy", Decimal("0.5"), "U"),
        (2, 2, "ENERGY", "energy", Decimal("0.25"), "T"),
        (3, None, "ROUNDING", None, None, None),
    ]


def test_stored_codes_are_those_of_the_kernel() -> None:
    assert tuple(dimension.name for dimension in Dimension) == LINE_DIMENSIONS
    assert tuple(part.name.lower() for part in Part if part != Part.WHOLE) == PARTS


def test_the_lines_of_a_cdr_are_read_from_its_row_alone(con: duckdb.DuckDBPyConnection) -> None:
    for name in ("A", "B", "C"):  # of one alone the engine knows that it is asked for
        insert_cdr(con, name)
    rate_warehouse(con, {})
    (_, plan), *_ = con.execute(
        "explain select * from rating.lines where cdr_id = 'A' and source = 'published'"
    ).fetchall()
    scan = plan[plan.index("UNNEST") :].replace(" ", "")
    assert "cdr_id='A'" in scan
    assert "source='published'" in scan


def test_prices_with_lines_in_a_table_of_their_own_are_made_again(tmp_path: Path) -> None:
    path = tmp_path / "old.duckdb"
    with Warehouse(path, wait_seconds=0) as warehouse, warehouse.writer() as con:
        insert_cdr(con, "A")
        insert_tariff(con, "0.25", START)
        rate_warehouse(con, {})
        con.execute("create table old_lines as from rating.lines")
        con.execute("drop view rating.lines")
        con.execute("create table rating.lines as from old_lines")
        con.execute("drop table old_lines")
        con.execute("alter table rating.cdrs drop column lines")
    with Warehouse(path, wait_seconds=0) as warehouse, warehouse.writer() as con:
        assert rate_warehouse(con, {}).rated == 1
        query = "select sum(amount_excl_vat), count(*) from rating.lines"
        assert con.execute(query).fetchall() == [(Decimal("2.5"), 2)]


@pytest.mark.parametrize("table", ["rating.lines", "rating.cdrs"])
def test_what_is_written_is_as_declared(con: duckdb.DuckDBPyConnection, table: str) -> None:
    insert_cdr(con, "A")
    insert_cdr(con, "B", credit=True)
    insert_tariff(con, "0.25", START)
    rate_warehouse(con, {})
    rows = con.sql(f"from {table}").pl()
    assert schema_failures(BY_NAME[table], rows) is None
