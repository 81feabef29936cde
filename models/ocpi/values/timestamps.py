"""Moments, times of day and time zones as OCPI writes them, and as partners do."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from models.ocpi.issues import Issues

_MOMENT = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[Tt ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d+))?)?)?"
    r"\s?([Zz]|[+-]\d\d(?::?\d\d)?)?"
)
_CLEAN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_TIME = re.compile(r"(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?")
_DATE_PARTS = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DAY_S = 86_400


def read_instant(value: Any, path: str, issues: Issues) -> datetime | None:
    """Return a moment in UTC (OCPI DateTime); digits beyond the microsecond are cut.

    A moment without a zone is UTC (the spec says so, but a partner that leaves the zone out may
    mean its own: noted), a date alone is its first moment.
    """
    is_clean = isinstance(value, str) and _CLEAN.fullmatch(value)
    moment = (is_clean and _clean_instant(value)) or as_instant(value)
    if moment is None:
        issues.add_deviation(path, "unusable", value)
    elif not is_clean:
        issues.add_deviation(path, "timestamp", value, _as_text(moment))
    return moment


def _clean_instant(text: str) -> datetime | None:
    """Return the moment as the standard library reads it, ten times as fast; None: it cannot."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # a leap second, or no such day
        return None


def as_instant(value: Any) -> datetime | None:
    """Return the moment in a JSON value; None: there is none."""
    match = _MOMENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    seconds = int(second or 0)
    leap = seconds == 60
    micros = int((fraction or "0")[:6].ljust(6, "0"))
    try:
        local = datetime(
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            seconds - leap,
            micros,
            tzinfo=UTC,
        )
        return local - _offset(zone) + timedelta(seconds=int(leap))
    except (ValueError, OverflowError):
        return None


def read_time(value: Any, path: str, issues: Issues, *, is_end: bool = False) -> str | None:
    """Return a time of day as HH:MM, or HH:MM:SS; None where it is none (noted by the caller).

    Of the end of a window 19:59:59 is 20:00, and 24:00 the end of the day.
    """
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if minute > 59 or second > 59:
        return None
    seconds = (hour * 60 + minute) * 60 + second
    if is_end and second == 59:
        seconds += 1
    if is_end and seconds == _DAY_S:
        seconds = 0
    if seconds >= _DAY_S:
        return None
    time = f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
    if seconds % 60:
        time += f":{seconds % 60:02}"
    if time != value:
        issues.add_deviation(path, "normalised", value, time)
    return time


def read_date(value: Any, path: str, issues: Issues) -> str | None:
    """Return a date as YYYY-MM-DD; None where it is none (noted by the caller)."""
    moment = as_instant(value)
    if moment is None:
        return None
    match = _DATE_PARTS.match(value.strip())
    if match is None:
        return None
    date = f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}"
    if not _DATE.fullmatch(value):
        issues.add_deviation(path, "normalised", value, date)
    return date


@lru_cache(maxsize=4096)
def is_zone(name: str) -> bool:
    """Tell whether tzdata, which is reference data like any table here, has the zone."""
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        return False
    return True


def _offset(zone: str | None) -> timedelta:
    if zone is None or zone in "Zz":
        return timedelta()
    digits = zone[1:].replace(":", "").ljust(4, "0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -size if zone[0] == "-" else size


def _as_text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
