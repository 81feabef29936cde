"""What all tests share: hypothesis may take its time, and each worker has one processor."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, settings

from tests import plans

_usual = settings.get_profile(settings.get_current_profile_name())
settings.register_profile(
    "unhurried", _usual, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unhurried")


if os.environ.get("ROAMHOUSE_TEST_WAREHOUSE") == "lake":  # before anything imports the warehouse
    from tests.lake.everywhere import use_lakes

    use_lakes()


@pytest.fixture(autouse=True)
def _planned_by_keys() -> Iterator[None]:
    """Fail the test that was first to execute a query whose plan does not end over many rows."""
    yield
    found, plans.WATCH.found = plans.WATCH.found, []
    assert found == []


def pytest_configure() -> None:
    """Keep a worker's engines, and the processes it starts, from crowding the other workers."""
    plans.watch()
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is not None and hasattr(os, "sched_setaffinity"):  # not on macOS
        processors = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {processors[int(worker.removeprefix("gw")) % len(processors)]})
        duckdb.connect = _with_one_thread(duckdb.connect)


def pytest_collection_finish() -> None:
    """Let garbage be looked for among what tests make: Streamlit does after every run of a page."""
    gc.collect()
    gc.freeze()


def _with_one_thread(connect: Callable[..., Any]) -> Callable[..., Any]:
    """DuckDB counts the machine's processors; a second thread costs small queries a third more."""

    def connect_with_one(*args: Any, config: dict[str, Any] | None = None, **named: Any) -> Any:
        return connect(*args, config={"threads": 1} | (config or {}), **named)

    return connect_with_one
