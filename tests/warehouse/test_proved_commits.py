"""A commit that did not come out as it was meant is an error, not a success."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from pipelines.warehouse.locking import WarehouseError
from pipelines.warehouse.sql_files import transaction


class Forgetful:
    """A connection whose commits say that they are done, and are lost."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con

    def __getattr__(self, name: str) -> object:
        return getattr(self._con, "rollback" if name == "commit" else name)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute("create table kept (n int)")
        yield opened


def test_a_commit_is_proved_by_the_rows_that_it_left(con: duckdb.DuckDBPyConnection) -> None:
    with transaction(con, ["kept"]):
        con.execute("insert into kept values (1), (2)")
    with (
        pytest.raises(WarehouseError, match=r"kept has 2 rows after a commit that left 3"),
        transaction(Forgetful(con), ["kept"]),  # type: ignore[arg-type]
    ):
        con.execute("insert into kept values (3)")
