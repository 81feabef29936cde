"""Watermarks: the time at which a complete pull began, whatever our clock said."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from models.ocpi.watermarks import (
    Reach,
    Watermark,
    earliest_witness,
    moved_watermark,
    read_http_date,
)

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOUR, YEAR = timedelta(hours=1), timedelta(days=365)
FULL = Reach("p2", "full", True, None, None, NOW)
SINCE = Reach("p2", "incremental", True, NOW - 2 * HOUR, None, NOW)
KNOWN = Watermark(NOW - HOUR, NOW - 9 * HOUR, "p1")
WRONG = Watermark(NOW + YEAR, NOW + YEAR, "p1")


def test_a_complete_pull_moves_it_to_its_own_beginning() -> None:
    assert moved_watermark(None, FULL) == Watermark(NOW, NOW, "p2")
    assert moved_watermark(KNOWN, SINCE) == Watermark(NOW, KNOWN.full_at, "p2")


@pytest.mark.parametrize("pull", [replace(FULL, is_complete=False), replace(FULL, mode="window")])
def test_neither_failure_nor_window_moves_it(pull: Reach) -> None:
    assert moved_watermark(KNOWN, pull) is None


def test_a_gap_is_not_jumped() -> None:
    assert moved_watermark(KNOWN, replace(SINCE, date_from_at=NOW)) is None
    assert moved_watermark(None, SINCE) is None


def test_one_ahead_of_a_full_pull_is_put_back() -> None:
    assert moved_watermark(WRONG, FULL) == Watermark(NOW, NOW, "p2")


def test_nothing_is_built_on_one_that_is_ahead() -> None:
    assert moved_watermark(WRONG, SINCE) is None
    assert moved_watermark(WRONG, replace(SINCE, date_from_at=NOW + YEAR - HOUR)) is None


def test_a_clock_a_year_ahead_is_bounded_by_every_other_witness() -> None:
    ahead = NOW + YEAR
    served = read_http_date("Sun, 01 Nov 2026 12:00:00 GMT")
    assert earliest_witness(ahead, [ahead, served, None]) == NOW
    assert earliest_witness(ahead, []) == ahead
    assert earliest_witness(ahead, [NOW, None]) == NOW


@pytest.mark.parametrize(
    "header", [None, "", "yesterday", "Thu, 01 Jan 1970 00:00:00 GMT", "Sun, 01 Nov 2026 12:00:00"]
)
def test_a_server_without_a_clock_tells_nothing(header: str | None) -> None:
    assert earliest_witness(NOW, [read_http_date(header)]) == NOW
