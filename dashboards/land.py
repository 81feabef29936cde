"""The countries under the map (Natural Earth, 1:50m from close by, 1:110m from far away).

Only borders between countries are drawn as lines: a browser without a graphics processor takes
longer for the outlines of all coasts than for the rest of the map.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Final

Point = tuple[float, float]
"""Degrees east and north."""
Segment = tuple[Point, Point]

_COARSE_DEG: Final = 60.0


@dataclass(frozen=True)
class Land:
    """Outlines that lie, in part at least, in a box of the world."""

    rings: list[list[list[Point]]]  # of each part of a country, its outline and its holes
    borders: list[Segment]  # the pieces of outline that two parts share


def land(west: float, south: float, east: float, north: float) -> Land:
    """Return the land in a box, in degrees."""
    coarse = max(east - west, north - south) > _COARSE_DEG
    name = "land_coarse" if coarse else "land"
    return Land(
        [
            part["rings"]
            for part in _parts(name)
            if part["bounds"][0] <= east
            and part["bounds"][2] >= west
            and part["bounds"][1] <= north
            and part["bounds"][3] >= south
        ],
        [(a, b) for a, b in _borders(name) if west <= a[0] <= east and south <= a[1] <= north],
    )


@cache
def _borders(name: str) -> list[Segment]:
    counts = Counter(segment for part in _parts(name) for segment in _segments(part))
    return [segment for segment, times in counts.items() if times > 1]


def _segments(part: dict[str, Any]) -> Iterator[Segment]:
    """Yield pieces of outline, the same from whichever side they are seen."""
    for ring in part["rings"]:
        for a, b in pairwise(map(tuple, ring)):
            yield (a, b) if a < b else (b, a)


@cache
def _parts(name: str) -> list[dict[str, Any]]:
    """Yield countries in parts, each with its bounds and rings."""
    text = (files("dashboards") / "assets" / f"{name}.json").read_text(encoding="utf-8")
    parts: list[dict[str, Any]] = json.loads(text)
    return parts
