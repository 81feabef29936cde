"""Opening times of a location in UTC (OCPI Hours, RegularHours, ExceptionalPeriod)."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from models.ocpi.values.timestamps import is_zone

Interval = tuple[datetime, datetime]  # from, inclusive, and until, exclusive

_DAY = timedelta(days=1)


def open_intervals(
    opening_times: str, zone: str | None, since: datetime, until: datetime
) -> list[Interval] | None:
    """Return the times at which a location is open, in order, without overlap.

    Args:
        opening_times: OCPI Hours as JSON.
        zone: IANA zone of the location.
        since: start of what is asked for, in UTC.
        until: its end.

    Returns:
        The intervals in UTC, empty where it never opens; None: it never closes, or the hours
        cannot be read, so that nothing is known to be closed.
    """
    try:
        hours = json.loads(opening_times)
        if zone is None or not is_zone(zone) or hours.get("twentyfourseven"):
            return None
        opened = [*_regular(hours["regular_hours"], ZoneInfo(zone), since, until)]
        opened += _exceptional(hours.get("exceptional_openings"))
        closed = merged(_exceptional(hours.get("exceptional_closings")))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    return [*_within(_subtract(merged(opened), closed), since, until)]


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the same times in order, each once; intervals that touch become one."""
    result: list[Interval] = []
    for begin, end in sorted(intervals):
        if result and begin <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        elif begin < end:
            result.append((begin, end))
    return result


def _regular(
    rows: Iterable[Mapping[str, Any]], zone: ZoneInfo, since: datetime, until: datetime
) -> Iterator[Interval]:
    by_weekday: dict[int, list[tuple[time, time]]] = {}
    for row in rows:
        pair = (_clock(row["period_begin"]), _clock(row["period_end"]))
        by_weekday.setdefault(int(row["weekday"]), []).append(pair)
    day = since.astimezone(zone).date() - _DAY
    while day <= until.astimezone(zone).date():
        for begin, end in by_weekday.get(day.isoweekday(), ()):
            # 18:00 to 02:00 ends on the next day, and so does 08:00 to 00:00.
            last = day if begin < end else day + _DAY
            yield _at(day, begin, zone), _at(last, end, zone)
        day += _DAY


def _clock(text: str) -> time:
    return time(0) if text == "24:00" else time.fromisoformat(text)


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)


def _exceptional(rows: Iterable[Mapping[str, Any]] | None) -> list[Interval]:
    return [(_instant(row["period_begin"]), _instant(row["period_end"])) for row in rows or ()]


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _subtract(opened: Iterable[Interval], closed: list[Interval]) -> Iterator[Interval]:
    """Yield what is left of intervals without others; both in order."""
    for begin, end in opened:
        start = begin
        for shut_from, shut_until in closed:
            if shut_until <= start or shut_from >= end:
                continue
            if start < shut_from:
                yield start, shut_from
            start = shut_until
        if start < end:
            yield start, end


def _within(intervals: Iterable[Interval], since: datetime, until: datetime) -> Iterator[Interval]:
    for begin, end in intervals:
        begin, end = max(begin, since), min(end, until)
        if begin < end:
            yield begin, end
