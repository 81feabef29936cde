"""Moments, times of day and dates as partners write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from object_samples import LOCATION, SESSION, TARIFF, changed, decode, kinds

from models.ocpi.issues import Issues
from models.ocpi.values.timestamps import read_date, read_instant, read_time

MOMENT = datetime(2026, 10, 3, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-10-03T09:00:00Z", "2026-10-03T09:00:00.000Z"])
def test_a_moment_of_the_spec_is_no_deviation(text: str) -> None:
    issues = Issues()
    assert read_instant(text, "x", issues) == MOMENT
    assert not issues.deviations


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-10-03T09:00:00", MOMENT),
        ("2026-10-03T11:00:00+02:00", MOMENT),
        ("2026-10-03T11:00:00+0200", MOMENT),
        ("2026-10-03T09:00:00+00:00", MOMENT),
        ("2026-10-03 09:00:00", MOMENT),
        ("2026-10-03t09:00:00z", MOMENT),
        ("2026-10-03T09:00Z", MOMENT),
        ("2026-10-3T9:0:0Z", MOMENT),
        ("2026-10-3", datetime(2026, 10, 3, tzinfo=UTC)),
        (" 2026-10-03T09:00:00Z ", MOMENT),
        ("2026-10-03", datetime(2026, 10, 3, tzinfo=UTC)),
        ("1970-01-01", datetime(1970, 1, 1, tzinfo=UTC)),
        ("2026-10-03T23:30:00-05:30", datetime(2026, 10, 4, 5, 0, tzinfo=UTC)),
    ],
)
def test_another_spelling_is_read_and_noted(text: str, moment: datetime) -> None:
    issues = Issues()
    assert read_instant(text, "x", issues) == moment
    assert [deviation.kind for deviation in issues.deviations] == ["timestamp"]


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "2026-13-01T00:00:00Z",
        "2026-02-30",
        "2026-10-03T25:00:00Z",
        1759482000,
        None,
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59-01:00",
        "2026-10-03T09:00:00Zjunk",
    ],
)
def test_what_is_no_moment_is_unknown(value: object) -> None:
    issues = Issues()
    assert read_instant(value, "x", issues) is None
    assert [deviation.kind for deviation in issues.deviations] == ["unusable"]


def test_a_leap_second_is_the_next_moment() -> None:
    moment = read_instant("2026-06-30T23:59:60Z", "x", Issues())
    assert moment == datetime(2026, 7, 1, tzinfo=UTC)


def test_digits_beyond_the_microsecond_are_cut() -> None:
    moment = read_instant("2026-10-03T09:00:00.123456789Z", "x", Issues())
    assert moment == MOMENT.replace(microsecond=123456)


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_written_moment_is_read_back(moment: datetime) -> None:
    issues = Issues()
    text = moment.isoformat().replace("+00:00", "Z")
    assert read_instant(text, "x", issues) == moment
    assert not issues.deviations


@pytest.mark.parametrize(
    ("text", "is_end", "time"),
    [
        ("09:30", False, "09:30"),
        ("9:30", False, "09:30"),
        ("09:30:00", False, "09:30"),
        ("24:00", True, "00:00"),
        ("23:59:59", True, "00:00"),
        ("23:59", True, "23:59"),
        ("24:00", False, None),
        ("morning", False, None),
        (930, False, None),
    ],
)
def test_times_of_day(text: object, is_end: bool, time: str | None) -> None:
    assert read_time(text, "x", Issues(), is_end=is_end) == time


def test_a_date_with_a_time_is_cut_to_its_date() -> None:
    issues = Issues()
    assert read_date("2026-10-03T00:00:00Z", "x", issues) == "2026-10-03"
    assert [deviation.kind for deviation in issues.deviations] == ["normalised"]
    assert read_date("tomorrow", "x", Issues()) is None


def test_stamp_ahead_of_its_fetching_is_a_deviation_of_the_object_that_bears_it() -> None:
    stamp = "2030-01-01T00:00:00Z"
    location = changed(LOCATION, last_updated=stamp, evses__0__last_updated=stamp)
    decoded = decode("locations", location)
    found = decoded.frames["core.deviations"].select(
        "object_id", "path", "kind", "original", "repaired"
    )
    told = ("last_updated", "timestamp", f'"{stamp}"', '"2026-11-01T00:00:00Z"')
    assert sorted(found.rows()) == [("L1", *told), ("L1/E1", *told)]


@pytest.mark.parametrize(("module", "sample"), [("tariffs", TARIFF), ("sessions", SESSION)])
def test_stamp_ahead_is_seen_whichever_way_an_object_is_decoded(
    module: str, sample: dict[str, Any]
) -> None:
    ahead = changed(sample, last_updated="2030-01-01T00:00:00Z")
    assert kinds(decode(module, ahead)) == {("last_updated", "timestamp")}


def test_seconds_ahead_are_a_clock_and_no_deviation() -> None:
    assert kinds(decode("tariffs", changed(TARIFF, last_updated="2026-11-01T00:00:30Z"))) == set()
