"""Local time of the sandbox's places, in whole epoch seconds."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

QUARTER_S = 900
DAY_S = 86_400


def iso(moment: int) -> str:
    """An epoch second as OCPI writes it: UTC, with Z."""
    return _day(moment // DAY_S) + _time(moment % DAY_S)


@lru_cache(maxsize=4096)
def _day(day: int) -> str:
    return datetime.fromtimestamp(day * DAY_S, UTC).strftime("%Y-%m-%dT")


def _time(second: int) -> str:
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z"


@lru_cache(maxsize=200_000)
def _offset_of_quarter(zone: str, quarter: int) -> int:
    local = datetime.fromtimestamp(quarter * QUARTER_S, ZoneInfo(zone))
    offset = local.utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def offset(zone: str, moment: int) -> int:
    """Seconds that local time is ahead of UTC; zones change at whole quarter hours of UTC."""
    return _offset_of_quarter(zone, moment // QUARTER_S)


@lru_cache(maxsize=4096)
def date_of(day: int) -> str:
    """The date of a day counted from 1970-01-01."""
    return datetime.fromtimestamp(day * DAY_S, UTC).strftime("%Y-%m-%d")


def weekday_of(day: int) -> int:
    """The weekday of a day counted from 1970-01-01 (a Thursday); Monday is 0."""
    return (day + 3) % 7


def transition(zone: str, start: int, end: int) -> int | None:
    """When local time jumps within [start, end); None: it does not."""
    before = offset(zone, start)
    if before == offset(zone, end):
        return None
    low, high = start // QUARTER_S, -(-end // QUARTER_S)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset_of_quarter(zone, middle) == before:
            low = middle
        else:
            high = middle
    moment = high * QUARTER_S
    return moment if start < moment < end else None


def clock_moments(zone: str, start: int, end: int, minutes: tuple[int, ...]) -> list[int]:
    """When the local clock shows one of the minutes of the day, or jumps, within (start, end)."""
    jump = transition(zone, start, end)
    if jump is not None:
        halves = (start, jump), (jump, end)
        return [jump, *(m for low, high in halves for m in clock_moments(zone, low, high, minutes))]
    ahead = offset(zone, start)
    first, last = (start + ahead) // DAY_S, (end + ahead) // DAY_S
    moments = (
        day * DAY_S + minute * 60 - ahead for day in range(first, last + 1) for minute in minutes
    )
    return [moment for moment in moments if start < moment < end]
