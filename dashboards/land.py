"""The countries under the map (Natural Earth, 1:50m from close by, 1:110m from far away)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from math import asinh, pi, radians, tan
from typing import Any, Final

_COARSE_DEG: Final = 100.0
_UNITS: Final = 1_000_000
"""Of the whole world, from west to east and from north to south; `map.js` has the same."""
_MERCATOR_ENDS: Final = 85.0


def land(west: float, south: float, east: float, north: float) -> str:
    """Return what lies, in part at least, in a box of the world, in degrees, as an SVG path.

    Returns:
        Outlines and holes of the countries' parts, in millionths of a world in web Mercator.
    """
    coarse = max(east - west, north - south) > _COARSE_DEG
    return "".join(
        outline
        for bounds, outline in _outlines("land_coarse" if coarse else "land")
        if bounds[0] <= east and bounds[2] >= west and bounds[1] <= north and bounds[3] >= south
    )


@cache
def _outlines(name: str) -> list[tuple[list[float], str]]:
    """Return the parts of countries, each with its bounds and its path."""
    text = (files("dashboards") / "assets" / f"{name}.json").read_text(encoding="utf-8")
    parts: list[dict[str, Any]] = json.loads(text)
    return [(part["bounds"], "".join(map(_path, part["rings"]))) for part in parts]


def _path(ring: Sequence[Sequence[float]]) -> str:
    places = [_place(*point) for point in ring]
    ways = (f"{x - last_x} {y - last_y}" for (last_x, last_y), (x, y) in pairwise(places))
    return f"M{places[0][0]} {places[0][1]}l{' '.join(ways)}z"


def _place(longitude: float, latitude: float) -> tuple[int, int]:
    bounded = max(-_MERCATOR_ENDS, min(_MERCATOR_ENDS, latitude))
    down = 0.5 - asinh(tan(radians(bounded))) / (2 * pi)
    return round((longitude / 360 + 0.5) * _UNITS), round(down * _UNITS)
