"""Every query of the dashboards runs as it stands, its parameters being bound as values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

import dashboards
from tests.dashboards.warehouse_rows import AS_OF
from tests.in_memory import in_memory

SQL = Path(dashboards.__file__).parent / "sql"
QUERIES = [str(path.relative_to(SQL)) for path in sorted(SQL.rglob("*.sql"))]
#: Values where a query cannot do with null.
VALUES = {"end_at": AS_OF, "hashes": [], "ids": []}


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with in_memory() as opened:
        yield opened


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_runs_on_an_empty_warehouse(con: duckdb.DuckDBPyConnection, name: str) -> None:
    text = (SQL / name).read_text(encoding="utf-8")
    statement = re.sub(r"^\s*--.*$", "", text, flags=re.MULTILINE)

    con.execute(text, {key: VALUES.get(key) for key in re.findall(r"\$(\w+)", statement)})

    assert con.description
    # What a page lists is whole; a table says how many of its rows the browser is sent, and where a
    # query is asked for these alone ($most), the download asks for all.
    assert name == "availability/names.sql" or not re.search(r"\blimit (?!\$most\b)", statement)
