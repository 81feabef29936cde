"""Restrictions that never match, contradict themselves, have run out, or cannot be read."""

from collections.abc import Iterator, Mapping
from typing import Any

from models.rating.kernel.tables import Element
from models.rating.lint.finding import Finding, LintElement
from models.rating.numbers import parse_day, parse_instant, scaled
from models.rating.restriction_rows import ALL_UNREADABLE, KNOWN_RESTRICTIONS, UNUSABLE, is_readable

_RANGES = ("kwh", "current", "power", "duration")


def unreadable(element: LintElement) -> Iterator[Finding]:
    """Yield restrictions that OCPI does not know, or whose value cannot be read."""
    for name, value in element.restrictions.items():
        stated = name.removeprefix(UNUSABLE)
        path = f"{element.path}.restrictions.{stated}"
        if name in ALL_UNREADABLE:
            yield _cannot_be_read(f"{element.path}.restrictions", value)
        elif stated != name and stated in KNOWN_RESTRICTIONS:
            yield _cannot_be_read(path, value)
        elif name not in KNOWN_RESTRICTIONS:
            yield Finding(
                "RESTRICTION_UNKNOWN", "error", path,
                f"OCPI has no restriction {name}; the element is taken never to match",
                "use a restriction of OCPI, or leave the element out",
            )  # fmt: skip
        elif not is_readable(name, value):
            yield _cannot_be_read(path, value)


def _cannot_be_read(path: str, value: object) -> Finding:
    return Finding(
        "RESTRICTION_UNREADABLE", "error", path,
        f"{value!r} cannot be read; where it could decide, a CDR has no price",
        "state it as OCPI's TariffRestrictions says",
    )  # fmt: skip


def zero_maxima(element: LintElement) -> Iterator[Finding]:
    """Yield a maximum of zero: it is exclusive, and nothing is below zero."""
    for name in (f"max_{measure}" for measure in _RANGES):
        stated = element.restrictions.get(name)
        if stated is not None and is_readable(name, stated) and scaled(stated, 10**9)[0] <= 0:
            yield Finding(
                "RESTRICTION_NEVER_MATCHES", "error", f"{element.path}.restrictions.{name}",
                f"{name} {stated} is exclusive and nothing is below it: the element never matches",
                "leave it out where no maximum is meant",
            )  # fmt: skip


def empty_ranges(element: LintElement) -> Iterator[Finding]:
    """Yield a minimum that is not below its maximum: no period lies between."""
    for name in _RANGES:
        low, high = element.restrictions.get(f"min_{name}"), element.restrictions.get(f"max_{name}")
        if (
            low is None
            or high is None
            or not (is_readable(f"min_{name}", low) and is_readable(f"max_{name}", high))
        ):
            continue
        if scaled(low, 10**9)[0] >= scaled(high, 10**9)[0]:
            yield Finding(
                "RESTRICTION_NEVER_MATCHES", "error", f"{element.path}.restrictions.min_{name}",
                f"min_{name} {low} is not below max_{name} {high}: the element never matches",
                f"swap them, or leave out one (max_{name} is exclusive)",
            )  # fmt: skip


def dates(element: LintElement) -> Iterator[Finding]:
    """Yield calendar days that are none: `end_date` is exclusive."""
    start, end = element.restrictions.get("start_date"), element.restrictions.get("end_date")
    if start is None or end is None or _is_unclear(element):
        return
    path = f"{element.path}.restrictions.end_date"
    if start == end:
        yield Finding(
            "DATES_EQUAL", "error", path,
            f"start_date and end_date are both {start}: end_date is exclusive, so it never matches",
            "set end_date to the day after",
        )  # fmt: skip
    elif parse_day(start) > parse_day(end):
        yield Finding(
            "RESTRICTION_NEVER_MATCHES", "error", path,
            f"end_date {end} is before start_date {start}: the element never matches",
            "swap them",
        )  # fmt: skip


def _is_unclear(element: LintElement) -> bool:
    return bool(element.row[Element.UNKNOWN] or element.row[Element.UNREADABLE])


def times(element: LintElement) -> Iterator[Finding]:
    """Yield windows that miss the last minute, such as `00:00`-`23:59`, and equal times."""
    start, end = element.restrictions.get("start_time"), element.restrictions.get("end_time")
    path = f"{element.path}.restrictions.end_time"
    if end is not None and str(end)[:5] == "23:59":
        yield Finding(
            "LAST_MINUTE_UNPRICED", "warning", path,
            "end_time is exclusive: from 23:59 to midnight the element does not apply",
            "end at 00:00, which is the end of the day",
        )  # fmt: skip
    if start is not None and start == end and str(start)[:5] != "00:00":
        yield Finding(
            "TIMES_EQUAL", "warning", path,
            f"start_time and end_time are both {start}: that is the whole day, not a moment",
            "leave both out, or state the window that is meant",
        )  # fmt: skip


def reservations(element: LintElement) -> Iterator[Finding]:
    """Yield components that a reservation cannot have."""
    if "reservation" not in element.restrictions:
        return
    for place, component in enumerate(element.components):
        if component.get("type") in ("ENERGY", "PARKING_TIME"):
            yield Finding(
                "RESERVATION_DIMENSION", "error", f"{element.path}.price_components[{place}].type",
                f"a reservation has FLAT and TIME only; {component['type']} here never applies",
                "move it to an element without `reservation`",
            )  # fmt: skip


def expired_element(element: LintElement, today: int) -> Iterator[Finding]:
    """Yield an element whose days are over (`today` in days since 1970)."""
    if element.row[Element.END_DATE] <= today:
        yield Finding(
            "ELEMENT_EXPIRED", "warning", f"{element.path}.restrictions.end_date",
            f"the element ended before {element.restrictions.get('end_date')}",
            "leave it out",
        )  # fmt: skip


def expired_tariff(tariff: Mapping[str, Any], now: int) -> Iterator[Finding]:
    """Yield a tariff that is over, or never begins (`now` in microseconds since 1970)."""
    start, end = tariff.get("start_date_time"), tariff.get("end_date_time")
    if end is not None and parse_instant(end) <= now:
        yield Finding(
            "TARIFF_EXPIRED",
            "warning",
            "end_date_time",
            f"the tariff ended at {end}",
            "withdraw it",
        )
    if start is not None and end is not None and parse_instant(start) >= parse_instant(end):
        yield Finding(
            "TARIFF_NEVER_ACTIVE", "error", "end_date_time",
            f"the tariff ends at {end}, not after it starts at {start}", "swap them",
        )  # fmt: skip
