"""No query holds each row of a table against each of another: `tests.plans` looks in every test."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.warehouse.sql_files import IS_DUCKDB_1
from tests import plans

BAD = {
    "an or between the sides": (
        "select a.i from grows as a join more as b on a.i = b.i or a.k = b.k"
    ),
    "no condition": "select a.i from grows as a, more as b where a.i + b.i = 7",
    "an order alone": "select a.i from grows as a join more as b on a.i < b.i",
}
if IS_DUCKDB_1:  # the next one joins it by its key
    BAD["a condition on the kept side alone"] = (
        "select a.i from grows as a left join more as b on a.i = b.i and a.kind = 'one'"
    )
GOOD = {
    "keys": "select a.i from grows as a left join more as b on a.i = b.i and a.k < b.k",
    "a key that one side alone has": (
        "select a.i from grows as a left join more as b "
        "on a.k = b.k and case when a.kind = 'one' then a.i end = b.i"
    ),
    "one row": "select a.i from grows as a where a.i > (select max(b.i) from more as b)",
}


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("create table grows as select i, i % 7 as k, 'one' as kind from range(9) as r(i)")
    con.execute("create table more as select i, i % 3 as k from range(8) as r(i)")
    return con


@pytest.mark.parametrize("query", BAD.values(), ids=BAD)
def test_a_join_of_each_with_each_is_found(con: duckdb.DuckDBPyConnection, query: str) -> None:
    assert plans.nested_joins(con, query)


@pytest.mark.parametrize("query", GOOD.values(), ids=GOOD)
def test_a_join_by_keys_is_none(con: duckdb.DuckDBPyConnection, query: str) -> None:
    assert plans.nested_joins(con, query) == []


def test_what_is_said_to_be_small_is_there() -> None:
    names = set(plans.file_names().values())
    assert names >= plans.SMALL.keys()
