"""A lake of the test's own, where PostgreSQL and the extensions are there."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from pipelines.warehouse.lake import Lake
from tests.lake import postgres


@pytest.fixture(scope="session")
def server() -> postgres.Postgres:
    if "ROAMHOUSE_TEST_WAREHOUSE" not in os.environ:
        pytest.skip("minutes on a lake: `make test-lake` runs it")
    if postgres.programs() is None or postgres.server_user() is None:
        pytest.skip(postgres.MISSING)
    if find_spec("duckdb_extension_ducklake") is None:
        pytest.skip("the extensions of a lake are not installed (`make test-lake` does it)")
    return postgres.shared()


@pytest.fixture
def make_lake(server: postgres.Postgres, tmp_path: Path) -> Callable[[], Lake]:
    """Makes an empty lake."""

    def make() -> Lake:
        name = server.new_name()
        return Lake(server.create(name), str(tmp_path / "lakes" / name))

    return make
