"""Coverage of time by elements: shadowed ones, gaps, overlaps, missing fallbacks.

Moments are sampled where restrictions begin and end, and asked of the engine's own matching.
"""

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product

import numpy as np

from models.rating.kernel import scale
from models.rating.kernel.restrictions import NO, matches
from models.rating.kernel.tables import Element, Moment, Table, Vector
from models.rating.lint.finding import DIMENSIONS, Finding, LintElement, LintSeverity
from models.rating.restriction_rows import DAY, WEEKDAYS

_MOST_MATCHES = 2_000_000
_AXES = (
    (Moment.ENERGY, Element.MIN_KWH, Element.MAX_KWH, 1),
    (Moment.ELAPSED, Element.MIN_DURATION, Element.MAX_DURATION, 1),
    (Moment.MIN_POWER, Element.MIN_POWER, Element.MAX_POWER, 1000),
    (Moment.MIN_CURRENT, Element.MIN_CURRENT, Element.MAX_CURRENT, 1000),
)
_RANGES = (
    (Element.START_DATE, Element.END_DATE),
    (Element.MIN_KWH, Element.MAX_KWH),
    (Element.MIN_DURATION, Element.MAX_DURATION),
)
_UNCLEAR = (Element.UNKNOWN, Element.UNREADABLE, Element.WEEKDAY_UNREADABLE)
_OPTIONAL = ((Element.MIN_POWER, Element.MAX_POWER), (Element.MIN_CURRENT, Element.MAX_CURRENT))


def covering(earlier: Table, later: Sequence[int]) -> Vector:
    """Return which of the earlier `Element` rows match whenever the later one does."""
    may = earlier[:, Element.RESERVATION] == later[Element.RESERVATION]
    for unclear in _UNCLEAR:
        may &= earlier[:, unclear] == 0
    for low, high in _RANGES:
        may &= (earlier[:, low] <= later[low]) & (earlier[:, high] >= later[high])
    may &= ~earlier[:, Element.WEEKDAYS] & later[Element.WEEKDAYS] == 0
    for low, high in _OPTIONAL:
        least, most = earlier[:, low], earlier[:, high]
        may &= (least == scale.NONE) | (least <= later[low])
        bounded = later[high] != scale.NONE
        may &= (most == scale.NONE) | ((most >= later[high]) & bounded)
    found: Vector = np.flatnonzero(may)
    inner = _window(later)
    return found[[inner <= _window(earlier[place].tolist()) for place in found]]


def _is_unclear(row: Sequence[int]) -> bool:
    """Return whether nobody can tell when an element matches."""
    return any(row[unclear] for unclear in _UNCLEAR)


@lru_cache(maxsize=1024)
def _minutes(start_time: int, end_time: int) -> frozenset[int]:
    """Return the minutes of a day in a time window (seconds)."""
    start, end = start_time // 60, -(-end_time // 60)
    if end < start:
        return frozenset(range(start, DAY // 60)) | frozenset(range(end))
    return frozenset(range(start, end))


def _window(row: Sequence[int]) -> frozenset[int]:
    """Return the minutes of a day in an element's time window."""
    return _minutes(row[Element.START_TIME], row[Element.END_TIME])


def shadowed(elements: Sequence[LintElement]) -> Iterator[Finding]:
    """Yield components that an earlier element always comes before."""
    for dimension in DIMENSIONS:
        # Of elements that match alike the first is before all others: tariffs of thousands of
        # elements have few that differ.
        first_alike: dict[tuple[int, ...], LintElement] = {}
        for element in elements:
            if element.prices(dimension):
                first_alike.setdefault(element.row, element)
        distinct = list(first_alike.values())
        table = _table(distinct)
        places = {row: place for place, row in enumerate(first_alike)}
        covers: dict[tuple[int, ...], LintElement | None] = {}
        for later in elements:
            if not later.prices(dimension):
                continue
            if later.row not in covers:
                before = covering(table[: places[later.row]], later.row)
                covers[later.row] = distinct[before[0]] if len(before) else None
            first, alike = covers[later.row], first_alike[later.row]
            if first is None and alike is not later and not _is_unclear(later.row):
                first = alike
            if first is not None:
                yield Finding(
                    "ELEMENT_SHADOWED", "warning", later.path,
                    f"its {dimension} price never applies: {first.path} matches before it",
                    f"move it before {first.path}, or leave it out",
                )  # fmt: skip


def uncovered(elements: Sequence[LintElement]) -> Iterator[Finding]:
    """Yield dimensions that are priced at some moments and free at others."""
    charging = [e for e in elements if e.row[Element.RESERVATION] == 0 and not e.is_dated]
    dated = [e for e in elements if e.row[Element.RESERVATION] == 0 and e.is_dated]
    for dimension in DIMENSIONS:
        pricing = [element for element in charging if element.prices(dimension)]
        if not pricing:
            if any(element.prices(dimension) for element in dated):
                yield _no_fallback(dimension, "on other days")
            continue
        if any(element.row[Element.RESTRICTED] == 0 for element in pricing):
            continue
        moment = _first_uncovered(pricing)
        if moment is None:
            continue
        yield _no_fallback(dimension, f"for example {_words(moment)}")
        if any("start_time" in e.restrictions or "end_time" in e.restrictions for e in pricing):
            yield Finding(
                "TIME_GAP", _severity(dimension), "elements",
                f"the time windows for {dimension} leave a gap, for example {_words(moment)}",
                "let the windows meet (end_time is exclusive), or add a fallback",
            )  # fmt: skip


def _no_fallback(dimension: str, when: str) -> Finding:
    return Finding(
        "NO_FALLBACK", _severity(dimension), "elements",
        f"{dimension} has a price, but none applies {when}: then it is free",
        f"end with an unrestricted element that prices {dimension} (0.00 if free is meant)",
    )  # fmt: skip


def _severity(dimension: str) -> LintSeverity:
    """Free parking at times is usual; free energy is not."""
    return "warning" if dimension == "ENERGY" else "info"


def _table(elements: Sequence[LintElement]) -> Table:
    rows = [element.row for element in elements]
    return np.array(rows, dtype=np.int64).reshape(-1, int(Element.COLUMNS))


def _first_uncovered(elements: Sequence[LintElement]) -> Vector | None:
    elements = list({element.row: element for element in elements}.values())
    table = _table(elements)
    for moment in _moments(elements):
        if all(matches(table, e, moment) == NO for e in range(len(table))):
            return moment
    return None


def _moments(elements: Sequence[LintElement]) -> Iterator[Vector]:
    """Moments at which any restriction of the elements begins or ends; none if too many."""
    rows = [element.row for element in elements]
    seconds = sorted(
        {0} | {row[c] % DAY for row in rows for c in (Element.START_TIME, Element.END_TIME)}
    )
    days = range(7) if any(row[Element.WEEKDAYS] != 127 for row in rows) else range(1)
    axes = [_samples(rows, low, high, factor) for _, low, high, factor in _AXES]
    moments = len(seconds) * len(days) * math.prod(map(len, axes))
    if moments * len(rows) > _MOST_MATCHES:
        return
    for day, second, *values in product(days, seconds, *axes):
        moment = np.zeros(Moment.COLUMNS, dtype=np.int64)
        moment[Moment.WEEKDAY], moment[Moment.SECOND] = day, second
        for (column, _, _, _), value in zip(_AXES, values, strict=True):
            moment[column] = value
        moment[Moment.MAX_POWER], moment[Moment.MAX_CURRENT] = (
            moment[Moment.MIN_POWER],
            moment[Moment.MIN_CURRENT],
        )
        yield moment


def _samples(rows: Sequence[Sequence[int]], low: int, high: int, factor: int) -> list[int]:
    """0 and every bound of a range that lies above it."""
    bounds = {
        row[column] * factor for row in rows for column in (low, high) if 0 < row[column] < 2**61
    }
    return sorted({0} | bounds)


def _words(moment: Vector) -> str:
    """Return a moment as a reader says it."""
    clock = f"{moment[Moment.SECOND] // 3600:02}:{moment[Moment.SECOND] // 60 % 60:02}"
    words = [f"on {WEEKDAYS[moment[Moment.WEEKDAY]].title()} at {clock}"]
    if moment[Moment.ENERGY]:
        words.append(f"after {moment[Moment.ENERGY] / scale.UNIT:g} kWh")
    if moment[Moment.ELAPSED]:
        words.append(f"after {moment[Moment.ELAPSED] // scale.SECOND_US} s")
    if moment[Moment.MIN_POWER]:
        words.append(f"at {moment[Moment.MIN_POWER] / 10**9:g} kW")
    if moment[Moment.MIN_CURRENT]:
        words.append(f"at {moment[Moment.MIN_CURRENT] / 10**9:g} A")
    return ", ".join(words)


def overlapping(elements: Sequence[LintElement]) -> Iterator[Finding]:
    """Yield time windows of one dimension that overlap in part: the first wins there."""
    # Only windows on the same days, else equal, are held against one another, each kind of
    # window once.
    windows: dict[tuple[object, ...], dict[frozenset[int], LintElement]] = {}
    for later in elements:
        if {"start_time", "end_time"}.isdisjoint(later.restrictions):
            continue
        own, told = _window(later.row), set[int]()
        for dimension in filter(later.prices, DIMENSIONS):
            alike = windows.setdefault((dimension, *_without_times(later)), {})
            for window, earlier in alike.items():
                if earlier.index not in told and window & own and not own <= window:
                    told.add(earlier.index)
                    yield Finding(
                        "TIME_OVERLAP", "info", later.path,
                        f"its time window overlaps that of {earlier.path}, whose {dimension} price "
                        "wins",
                        "let one window end where the other starts",
                    )  # fmt: skip
            alike.setdefault(own, later)


def _without_times(element: LintElement) -> list[tuple[str, str]]:
    return sorted(
        (k, str(v)) for k, v in element.restrictions.items() if k not in ("start_time", "end_time")
    )
