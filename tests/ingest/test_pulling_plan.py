from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ocpi.watermarks import Watermark
from pipelines.ingest.plan import RECHECK, Plan, plan_pull
from pipelines.ocpi.window import Window

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def plan(module: str, watermark: Watermark | None, **options: object) -> Plan:
    terms: dict[str, object] = {"now": NOW, "overlap": HOUR, "full_every": 7 * DAY} | options
    return plan_pull(module, watermark, **terms)  # type: ignore[arg-type]


def test_the_first_pull_asks_for_everything_without_dates():
    assert plan("cdrs", None) == Plan("cdrs", "full", None, None)


def test_later_pulls_begin_an_overlap_before_the_watermark():
    mark = Watermark(NOW - DAY, full_at=NOW - 2 * DAY)
    assert plan("cdrs", mark) == Plan("cdrs", "incremental", NOW - DAY - HOUR, None)


@pytest.mark.parametrize(
    ("age", "mode"), [(7 * DAY - HOUR, "incremental"), (7 * DAY, "full"), (8 * DAY, "full")]
)
def test_places_are_pulled_whole_now_and_then(age, mode):
    assert plan("locations", Watermark(NOW - HOUR, full_at=NOW - age)).mode == mode


def test_a_list_that_only_grows_is_rechecked_not_pulled_whole():
    planned = plan("cdrs", Watermark(NOW - HOUR, full_at=NOW - 30 * DAY))
    assert planned == Plan("cdrs", "incremental", NOW - RECHECK, None)


def test_a_recheck_never_leaves_a_gap_behind_an_old_watermark():
    mark = Watermark(NOW - 200 * DAY, full_at=NOW - 300 * DAY)
    assert plan("cdrs", mark).date_from == NOW - 200 * DAY - HOUR


def test_full_wins_over_the_watermark_and_a_window_over_full():
    mark = Watermark(NOW - DAY, full_at=NOW - DAY)
    assert plan("cdrs", mark, full=True).mode == "full"
    window = Window(NOW - 9 * DAY, NOW - 8 * DAY)
    assert plan("cdrs", mark, full=True, window=window) == Plan(
        "cdrs", "window", NOW - 9 * DAY, NOW - 8 * DAY
    )


def test_a_window_never_reaches_into_the_future():
    assert plan("cdrs", None, window=Window(NOW - DAY, NOW + DAY)).date_to == NOW


@given(
    st.sampled_from(["locations", "tariffs", "sessions", "cdrs"]),
    st.timedeltas(timedelta(0), timedelta(days=800)),
    st.one_of(st.none(), st.timedeltas(timedelta(0), timedelta(days=800))),
)
def test_no_change_since_the_watermark_is_ever_left_out(module, behind, since_full):
    mark = Watermark(NOW - behind, None if since_full is None else NOW - since_full)
    planned = plan(module, mark)
    assert planned.date_from is None or planned.date_from <= mark.complete_until_at - HOUR
    assert planned.date_to is None


@pytest.mark.parametrize("module", ["locations", "cdrs"])
def test_a_watermark_ahead_of_the_clock_is_not_trusted(module):
    mark = Watermark(NOW + 365 * DAY, full_at=NOW + 365 * DAY)
    assert plan(module, mark) == Plan(module, "full", None, None)


def test_clocks_that_differ_by_seconds_agree():
    mark = Watermark(NOW + timedelta(seconds=30), full_at=NOW - DAY)
    assert plan("cdrs", mark) == Plan("cdrs", "incremental", NOW - HOUR, None)


def test_a_full_pull_that_is_said_to_lie_ahead_is_due():
    assert plan("locations", Watermark(NOW - HOUR, full_at=NOW + 365 * DAY)).mode == "full"


@given(
    st.timedeltas(timedelta(days=-800), timedelta(days=800)),
    st.timedeltas(timedelta(days=-800), timedelta(days=800)),
)
def test_no_window_ever_runs_backwards(start, end):
    planned = plan("cdrs", None, window=Window(NOW + start, NOW + end))
    assert planned.date_from <= planned.date_to <= NOW
