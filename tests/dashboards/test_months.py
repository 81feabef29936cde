"""Which month of settlement is shown first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import duckdb
import pytest

from tests.dashboards.warehouse_rows import AS_OF, OWNER, write_row
from tests.in_memory import in_memory


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with in_memory() as opened:
        yield opened


def shown(
    con: duckdb.DuckDBPyConnection, name: str, months: list[str], now: datetime, **values: Any
) -> list[dict[str, Any]]:
    write_row(con, "ops.pages", page_id="P", fetched_at=now)
    for month in months:
        write_row(con, "settle.statements", **OWNER, month=month)
    text = (files("dashboards") / "sql" / f"{name}.sql").read_text()
    return con.sql(text, params=values).pl().to_dicts()


def test_statements_of_the_future_come_last(con: duckdb.DuckDBPyConnection) -> None:
    months = ["2026-09", "2028-01", "2026-10", "2026-11"]
    rows = shown(con, "settlement/statements", months, AS_OF, partners=None, month=None)
    assert [row["month"] for row in rows] == ["2026-10", "2026-09", "2028-01", "2026-11"]


@pytest.mark.parametrize(("day", "first"), [(7, "2026-10"), (8, "2026-11")])
def test_a_month_is_offered_first_once_it_is_a_week_old(
    con: duckdb.DuckDBPyConnection, day: int, first: str
) -> None:
    now = datetime(2026, 11, day, 12, tzinfo=UTC)
    rows = shown(con, "months", ["2026-10", "2028-01", "2026-11"], now)
    assert [row["month"] for row in rows] == ["2028-01", "2026-11", "2026-10"]
    assert next(row["month"] for row in rows if not row["is_early"]) == first
