"""Restrictions of a tariff element as columns of the element table (OCPI TariffRestrictions).

A restriction that OCPI does not have marks the element: it never matches, because without it the
element would look less restricted than it is. One whose value cannot be read (`unusable_<name>`
where decoding found that out) marks it too: where it could decide, there is no price.
"""

from collections.abc import Callable, Mapping
from typing import Any

from models.rating.kernel import scale
from models.rating.kernel.tables import Element, Use
from models.rating.numbers import parse_day, parse_second_of_day, scaled

WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
FOREVER = 2**62
DAY = 86_400
UNUSABLE = "unusable_"  # before the name of a restriction whose value decoding could not read
ALL_UNREADABLE = ("unusable_restrictions", "restrictions_list")
_EVERY_DAY = 127

_UNRESTRICTED = {
    Element.RESERVATION: Use.CHARGING,
    Element.UNKNOWN: 0,
    Element.UNREADABLE: 0,
    Element.WEEKDAY_UNREADABLE: 0,
    Element.RESTRICTED: 0,
    Element.START_TIME: 0,
    Element.END_TIME: DAY,
    Element.START_DATE: -FOREVER,
    Element.END_DATE: FOREVER,
    Element.WEEKDAYS: _EVERY_DAY,
    Element.MIN_KWH: -FOREVER,
    Element.MAX_KWH: FOREVER,
    Element.MIN_DURATION: -FOREVER,
    Element.MAX_DURATION: FOREVER,
}


def _kwh(value: object) -> int:
    billionths, _ = scaled(value, 10**9)
    return max(-FOREVER, min(billionths * scale.NANO, FOREVER))


def _duration(value: object) -> int:
    microseconds, _ = scaled(value, scale.SECOND_US)
    return max(-FOREVER, min(microseconds, FOREVER))


def _power_or_current(value: object) -> int:
    """Millionths; a threshold beyond what a period can state is as good as the largest."""
    millionths, _ = scaled(value, scale.MICRO)
    return max(-scale.MAX_PRICE - 1, min(millionths, scale.MAX_PRICE + 1))


def _weekdays(value: object) -> int:
    """Return a bit for each day that can be read."""
    if not isinstance(value, list):
        raise ValueError("day_of_week is not a list")
    if not value:
        return _EVERY_DAY
    return sum(1 << WEEKDAYS.index(day) for day in set(_days(value)) if day in WEEKDAYS)


def _days(value: list[object]) -> list[str]:
    return [str(day).strip().upper() for day in value]


def _reservation(value: object) -> int:
    if value not in (Use.RESERVATION.name, Use.RESERVATION_EXPIRES.name):
        raise ValueError(f"unknown reservation {value!r}")
    return Use[str(value)]


_READERS: dict[str, tuple[Element, Callable[[object], int]]] = {
    "start_time": (Element.START_TIME, parse_second_of_day),
    "end_time": (Element.END_TIME, parse_second_of_day),
    "start_date": (Element.START_DATE, parse_day),
    "end_date": (Element.END_DATE, parse_day),
    "min_kwh": (Element.MIN_KWH, _kwh),
    "max_kwh": (Element.MAX_KWH, _kwh),
    "min_current": (Element.MIN_CURRENT, _power_or_current),
    "max_current": (Element.MAX_CURRENT, _power_or_current),
    "min_power": (Element.MIN_POWER, _power_or_current),
    "max_power": (Element.MAX_POWER, _power_or_current),
    "min_duration": (Element.MIN_DURATION, _duration),
    "max_duration": (Element.MAX_DURATION, _duration),
    "day_of_week": (Element.WEEKDAYS, _weekdays),
    "reservation": (Element.RESERVATION, _reservation),
}

KNOWN_RESTRICTIONS = frozenset(_READERS)


def is_readable(name: str, value: Any) -> bool:
    """Return whether the value of a known restriction can be read."""
    try:
        _READERS[name][1](value)
    except ValueError:
        return False
    return name != "day_of_week" or all(day in WEEKDAYS for day in _days(value))


def write_restrictions(row: list[int], restrictions: object) -> None:
    """Write the `restrictions` of an element (None: none) into its `kernel.tables.Element` row."""
    for column, value in _UNRESTRICTED.items():
        row[column] = value
    if restrictions is None:
        return
    if not isinstance(restrictions, Mapping):
        row[Element.UNREADABLE] = row[Element.RESTRICTED] = 1
        return
    for name, value in restrictions.items():
        if value is not None:
            _write_restriction(row, name, value)
    _normalise_times(row, restrictions)


def _write_restriction(row: list[int], name: str, value: Any) -> None:
    known = name.removeprefix(UNUSABLE)
    if known not in _READERS and name not in ALL_UNREADABLE:
        row[Element.UNKNOWN] = row[Element.RESTRICTED] = 1
        return
    if known != "reservation":
        row[Element.RESTRICTED] = 1
    if name in _READERS and is_readable(name, value):
        column, read = _READERS[name]
        row[column] = read(value)
        return
    _write_unreadable(row, known, value)


def _write_unreadable(row: list[int], name: str, value: Any) -> None:
    """Mark what cannot be read; of a list of weekdays, those that can be read stay."""
    if name == "reservation":
        row[Element.RESERVATION] = Use.UNREADABLE
    elif name == "day_of_week":
        if row[Element.WEEKDAYS] == _EVERY_DAY:
            row[Element.WEEKDAYS] = _weekdays(value) if isinstance(value, list) and value else 0
        row[Element.WEEKDAY_UNREADABLE] = 1
    else:
        row[Element.UNREADABLE] = 1


def _normalise_times(row: list[int], restrictions: Mapping[str, Any]) -> None:
    """Read `end_time` 00:00 as the end of the day, equal times as the whole day.

    A window of which one end cannot be read may be any.
    """
    for name in ("start_time", "end_time"):
        stated = restrictions.get(name)
        readable = stated is None or is_readable(name, stated)
        if f"{UNUSABLE}{name}" in restrictions or not readable:
            row[Element.START_TIME], row[Element.END_TIME] = 0, DAY
            return
    both = restrictions.get("start_time") is not None and restrictions.get("end_time") is not None
    if both and row[Element.START_TIME] == row[Element.END_TIME]:
        row[Element.START_TIME], row[Element.END_TIME] = 0, DAY
    elif row[Element.END_TIME] == 0:
        row[Element.END_TIME] = DAY
