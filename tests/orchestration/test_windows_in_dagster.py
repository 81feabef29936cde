"""Which of Dagster's days a window that is pulled again is booked under."""

from datetime import UTC, datetime

import pytest

from pipelines.landing.manifests import stamp
from pipelines.ocpi.window import Window
from pipelines.orchestration.run import Request, _partitions
from pipelines.orchestration.run_records import Run

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def day(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "first", "last"),
    [
        (None, "2026-11-20", "2026-11-20"),
        (Window(day("2026-11-01"), day("2026-11-03")), "2026-11-01", "2026-11-02"),
        (Window(day("2026-11-01"), None), "2026-11-01", "2026-11-20"),
        (Window(day("2026-11-01"), day("9999-12-31")), "2026-11-01", "2026-11-20"),
        (Window(day("2019-06-01"), day("2020-01-03")), "2020-01-01", "2020-01-02"),
        (Window(day("0001-01-01"), day("2019-02-01")), "2020-01-01", "2020-01-01"),
    ],
)
def test_a_window_is_booked_under_days_that_dagster_knows(window, first, last):
    run = Run(stamp(NOW), "run", NOW, 1)
    booked = _partitions(run, Request("run", window=window))
    assert list(booked.values()) == [first, last]
