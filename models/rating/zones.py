"""Local time: the offsets of time zones as a table the kernel can search.

OCPI Location `time_zone`. The offsets come from the IANA database (`zoneinfo`, tzdata).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from models.rating.countries import ONLY_ZONES
from models.rating.kernel.tables import Table
from models.rating.numbers import microseconds

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@cache
def is_zone(name: str) -> bool:
    """Return whether the IANA database knows a zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def zone_of(stated: str | None, country: str | None) -> tuple[str | None, bool]:
    """Return the zone of a location, and whether it was assumed from the country.

    Args:
        stated: what the CDR or its location says.
        country: ISO 3166-1 alpha-3 code; of a country with several zones none is assumed.
    """
    if stated is not None and is_zone(stated):
        return stated, False
    zone = ONLY_ZONES.get(country or "")
    return zone, zone is not None


def _first_change(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """Return the first second after `low` at which the offset is that of `high`."""
    target = high.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == target:
            high = middle
        else:
            low = middle
    return high


@cache
def offsets_in_year(name: str, year: int) -> tuple[tuple[int, int], ...]:
    """Return the offsets of a zone in a UTC year: (since instant, offset), both in microseconds.

    The first row holds from the start of the year. Of two changes on one day, which no zone
    of the present has, only the later is seen.
    """
    zone = ZoneInfo(name)
    at = datetime(year, 1, 1, tzinfo=UTC)
    end = datetime(year, 12, 31, tzinfo=UTC) + _DAY - _HOUR
    rows: list[tuple[int, int]] = []
    since = at
    while True:
        offset = since.astimezone(zone).utcoffset()
        if offset is None:
            raise ValueError(f"{name} has no offset in {year}")
        rows.append((microseconds(since), offset // timedelta(microseconds=1)))
        while at < end and at.astimezone(zone).utcoffset() == offset:
            at = min(at + _DAY, end)
        if at.astimezone(zone).utcoffset() == offset:
            return tuple(rows)
        since = at = _first_change(zone, max(at - _DAY, since), at)


def zone_table(names: Sequence[str], years: Iterable[int]) -> Table:
    """Return the zone table of a batch.

    Args:
        names: IANA zones; row i of the table belongs to names[i].
        years: the UTC years in which local times are asked for.

    Returns:
        For each zone a row (first, end) of the range of its rows; those are (since, offset).
    """
    wanted = sorted({min(max(year, 1900), 2200) for year in years})
    ranges: list[tuple[int, int]] = []
    rows: list[tuple[int, int]] = []
    for name in names:
        first = len(names) + len(rows)
        for year in wanted:
            rows.extend(offsets_in_year(name, year))
        ranges.append((first, len(names) + len(rows)))
    return np.array([*ranges, *rows], dtype=np.int64).reshape(-1, 2)
