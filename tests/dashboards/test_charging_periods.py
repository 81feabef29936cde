"""A month that is not over is held against none, and loses nobody yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from typing import Any

import duckdb
import pytest

from tests.dashboards.warehouse_rows import AS_OF, OWNER, write_row
from tests.in_memory import in_memory

AUGUST, SEPTEMBER, OCTOBER = (date(2026, month, 5) for month in (8, 9, 10))


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with in_memory() as opened:
        write_row(opened, "ops.pages", page_id="P", fetched_at=AS_OF)
        charges = (
            ("A", AUGUST),
            ("A", SEPTEMBER),
            ("A", SEPTEMBER),
            ("B", SEPTEMBER),
            ("A", OCTOBER),
        )
        for number, (operator, day) in enumerate(charges):
            write_row(
                opened, "mart.charges", **OWNER, id=f"C{number}", kind="cdr", counts=True,
                operator=operator, ended_on=day, month=f"{day:%Y-%m}", week=f"{day:%G-W%V}",
                currency="EUR", energy_kwh=10, cost_excl_vat=4, payable_excl_vat=4,
            )  # fmt: skip
        yield opened


def asked(con: duckdb.DuckDBPyConnection, name: str, **values: Any) -> list[dict[str, Any]]:
    text = (files("dashboards") / "sql" / "charges" / f"{name}.sql").read_text()
    usual = {"places": None, "grain": "month", "currency": "EUR", "against": "before"}
    return con.sql(text, params={**usual, **values}).pl().to_dicts()


def test_a_month_under_way_is_held_against_none(con: duckdb.DuckDBPyConnection) -> None:
    october, september, _ = asked(con, "periods")

    assert (september["is_whole"], september["charge_change_share"]) == (True, 2)
    assert (october["is_whole"], october["charge_change_share"]) == (False, None)
    # A price is no sum: it can be held against the month before.
    assert (october["before_charge_count"], october["per_kwh_change_share"]) == (3, 0)


def test_who_has_no_charge_yet_is_not_lost(con: duckdb.DuckDBPyConnection) -> None:
    def standing(month: str) -> dict[str, str]:
        rows = asked(con, "by_group", by="operator", begins_on=f"{month}-01")
        return {row["group_name"]: row["standing"] for row in rows}

    assert standing("2026-10") == {"A": "kept", "B": "not_yet"}
    assert standing("2026-09") == {"A": "kept", "B": "new"}
    con.execute("delete from mart.charges where operator = 'B' or month = '2026-09'")
    assert standing("2026-09") == {"A": "lost"}
