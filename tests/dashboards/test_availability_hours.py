"""Opening hours as moments: local clocks, nights, exceptions, what cannot be read."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.marts.availability_hours import merged, open_intervals

MONDAY = datetime(2026, 10, 19, tzinfo=UTC)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def regular(*rows: tuple[int, str, str], **more: object) -> str:
    hours = [{"weekday": day, "period_begin": a, "period_end": b} for day, a, b in rows]
    return json.dumps({"regular_hours": hours, **more})


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 10, day, hour, minute, tzinfo=UTC)


def test_hours_are_local() -> None:
    found = open_intervals(
        regular((1, "08:00", "18:00")), "Europe/Amsterdam", MONDAY, MONDAY + timedelta(days=7)
    )

    assert found == [(at(19, 6), at(19, 16))]


def test_hours_follow_the_change_of_clocks() -> None:
    found = open_intervals(
        regular((6, "08:00", "09:00"), (1, "08:00", "09:00")),
        "Europe/Amsterdam",
        at(24, 0),
        at(27, 0),
    )

    assert found == [(at(24, 6), at(24, 7)), (at(26, 7), at(26, 8))]


@pytest.mark.parametrize("end", ["02:00", "00:00"])
def test_a_night_ends_on_the_next_day(end: str) -> None:
    found = open_intervals(regular((1, "20:00", end)), "UTC", MONDAY, MONDAY + timedelta(days=2))

    assert found == [(at(19, 20), at(20, int(end[:2])))]


def test_a_night_that_began_before_the_span_counts() -> None:
    found = open_intervals(regular((7, "20:00", "02:00")), "UTC", MONDAY, at(19, 12))

    assert found == [(at(19, 0), at(19, 2))]


def test_exceptions_open_and_close() -> None:
    hours = regular(
        (1, "08:00", "18:00"),
        exceptional_openings=[
            {"period_begin": "2026-10-19T20:00:00Z", "period_end": "2026-10-19T21:00:00Z"}
        ],
        exceptional_closings=[
            {"period_begin": "2026-10-19T10:00:00Z", "period_end": "2026-10-19T11:00:00Z"}
        ],
    )

    assert open_intervals(hours, "UTC", MONDAY, at(20, 0)) == [
        (at(19, 8), at(19, 10)),
        (at(19, 11), at(19, 18)),
        (at(19, 20), at(19, 21)),
    ]


@pytest.mark.parametrize(
    ("hours", "zone"),
    [
        ('{"twentyfourseven": true}', "UTC"),
        ("{}", "UTC"),
        ("[]", "UTC"),
        ("no json", "UTC"),
        (regular((1, "8 o'clock", "18:00")), "UTC"),
        (regular((1, "08:00", "18:00")), None),
        (regular((1, "08:00", "18:00")), "Mars/Olympus"),
    ],
)
def test_what_is_not_known_to_close_is_open(hours: str, zone: str | None) -> None:
    assert open_intervals(hours, zone, MONDAY, at(20, 0)) is None


def test_never_open_is_not_always_open() -> None:
    assert open_intervals(regular(), "UTC", MONDAY, at(20, 0)) == []


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 60)), max_size=12))
def test_merging_keeps_every_minute_once(spans: list[tuple[int, int]]) -> None:
    intervals = [
        (EPOCH + timedelta(minutes=begin), EPOCH + timedelta(minutes=begin + length))
        for begin, length in spans
    ]

    result = merged(intervals)

    minutes = {minute for begin, length in spans for minute in range(begin, begin + length)}
    assert sum((end - begin) // timedelta(minutes=1) for begin, end in result) == len(minutes)
    assert all(left[1] < right[0] for left, right in pairwise(result))
