"""Which of Dagster's days a window that is pulled again is booked under."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from pipelines.ingest.landing_writer import LandingWriter, PartnerSession
from pipelines.ingest.plan import Plan
from pipelines.landing.landing import Landing
from pipelines.landing.manifests import stamp
from pipelines.ocpi.window import Window
from pipelines.orchestration.definitions import build_defs
from pipelines.orchestration.landing_assets import REGULAR, REGULAR_TAG, landing_key
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


class Incomplete:
    """Partners of whose lists a page stays broken."""

    def fetch(self, partner, request):
        plan = Plan(request.modules[0], "window", None)
        session = PartnerSession("run", partner.name, "2.2.1", ("NL", "LUM"))
        with tempfile.TemporaryDirectory() as folder:
            writer = LandingWriter(Landing(Path(folder)), session, plan, NOW)
            return [writer.end(finished_at=NOW, error="page 2 is broken", pages=1)]


@pytest.mark.withstands(
    "days that are pulled again come incompletely", "they do not count as done, and can be retried"
)
@pytest.mark.parametrize("tags", [{}, {REGULAR_TAG: REGULAR}], ids=["asked for", "what is due"])
def test_days_that_were_asked_for_and_came_incompletely_are_not_done(make_runtime, tags):
    """Of what is due the next pull asks again: the watermark did not move."""
    key, days = landing_key("lumen", "cdrs"), {"2026-10-28"}
    job = build_defs(make_runtime().with_fetcher(Incomplete(), "run")).resolve_job_def("pull_lumen")
    with dg.instance_for_test() as instance:
        ended = job.execute_in_process(
            **{"partition_key": min(days), "tags": tags, "asset_selection": [key]},
            **{"instance": instance, "raise_on_error": False},
        )
        done = instance.get_materialized_partitions(key)
    assert (ended.success, done) == (bool(tags), days if tags else set())
