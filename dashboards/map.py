"""The map: circles on vendored country outlines, so that nothing is fetched from anywhere.

A circle's area tells for how many EVSEs or connectors it stands, its colour what they show or cost,
and the area of its rim which share is out of service. The map tells which part of the world it
shows, once it stands still. It is ours (`assets/map.js`), as Streamlit's own tells clicks alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import log2, sqrt
from typing import Any, Final

import polars as pl
import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from dashboards import palette
from dashboards.land import land
from dashboards.map_marks import Mark

_LAND: Final = {"light": "#d6dde4", "dark": "#303c48"}
_NAME: Final = {"light": "#283038", "dark": "#e1e6eb"}
_BORDER: Final = {"light": "#ffffff", "dark": "#161e26"}
_LARGEST_PX: Final = 30
_SMALLEST_PX: Final = 6
_DIGIT_PX: Final = 7.5
_CELLS_ACROSS: Final = 14
_NO_CLUSTERS_DEG: Final = 0.02
_SINGLE_AT_MOST: Final = 100
_LARGE: Final = 60
_INK: Final = "#ffffff"
_INK_ON_LIGHT: Final = "#14181c"
_KEY: Final = "map"


@dataclass(frozen=True)
class Box:
    """A part of the world, in degrees WGS 84."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def parsed(cls, text: str | None) -> Box | None:
        """Return the box that the address states; None: none, or none that makes sense."""
        try:
            west, south, east, north = (float(part) for part in (text or "").split(","))
        except ValueError:
            return None
        inside = -180 <= west <= east <= 180 and -90 <= south <= north <= 90
        return cls(west, south, east, north) if inside else None

    def __str__(self) -> str:
        return f"{self.west:.4f},{self.south:.4f},{self.east:.4f},{self.north:.4f}"

    def wider(self, share: float = 0.08, least: float = 0.002) -> Box:
        """Return the box with a margin, so that nothing lies on its edge."""
        x = max((self.east - self.west) * share, least)
        y = max((self.north - self.south) * share, least)
        return Box(
            max(self.west - x, -180.0),
            max(self.south - y, -90.0),
            min(self.east + x, 180.0),
            min(self.north + y, 90.0),
        )


WORLD: Final = Box(-180.0, -90.0, 180.0, 90.0)


def cell_degrees(box: Box, location_count: int) -> float:
    """Return how wide a cluster is, for what is shown; 0: there are none.

    Circles of single locations part as the browser comes closer; clusters do with a click alone.
    """
    extent = max(box.east - box.west, (box.north - box.south) * 1.5)
    if extent < _NO_CLUSTERS_DEG or location_count <= _SINGLE_AT_MOST:
        return 0.0
    # Steps of two, so that clusters stay where they are while the box moves a little.
    return float(2.0 ** round(log2(extent / _CELLS_ACROSS)))


def draw(
    circles: pl.DataFrame,
    marks: Sequence[Mark],
    box: Box,
    alt: str,
    names: pl.DataFrame,
    on_view: Callable[[], None],
) -> dict[str, Any] | None:
    """Draw the circles, and return the one that is to be opened.

    Args:
        circles: `longitude`, `latitude`, `location_count`, their box, and whatever the caller wants
            back.
        marks: how each of them looks.
        box: what to show.
        alt: what the map shows, for those who cannot see it.
        names: `name`, `longitude`, `latitude` of places to name, the most important first.
        on_view: called where the map was moved, before the next run; `seen` says to where.

    Returns:
        The row of the circle; None: none was clicked that stands for one place.
    """
    theme = "dark" if st.context.theme.type == "dark" else "light"
    result = _component()(
        key=_KEY,
        data={
            "alt": alt,
            "view": str(box).split(","),
            "colours": {"land": _LAND[theme], "name": _NAME[theme], "border": _BORDER[theme]},
            # Half a screen around the box, so that a little panning finds land too.
            "land": land(*vars(box.wider(0.5, least=1.0)).values()),
            "circles": _rows(circles, marks),
            "names": names.select("name", "longitude", "latitude").rows(),
        },
        on_view_change=on_view,
        on_opened_change=_ignore,
    )
    opened = result.opened
    return circles.row(opened, named=True) if opened in range(circles.height) else None


def seen() -> Box | None:
    """Return the part of the world that the map was moved to; None: everything."""
    return Box.parsed(st.session_state[_KEY]["view"])


@cache
def _component() -> ComponentRenderer:
    html, css, js = (
        (files("dashboards") / "assets" / f"map.{kind}").read_text(encoding="utf-8")
        for kind in ("html", "css", "js")
    )
    return st.components.v2.component("roamhouse_map", html=html, css=css, js=js)


def _ignore() -> None:
    """Do nothing: what is to be opened is returned to the page."""


def _rows(circles: pl.DataFrame, marks: Sequence[Mark]) -> list[dict[str, Any]]:
    largest = max((mark.count for mark in marks), default=1)
    rows = []
    for place, mark in zip(circles.iter_rows(named=True), marks, strict=True):
        count = f"{mark.count:,}"
        radius = max(_SMALLEST_PX, _LARGEST_PX * sqrt(mark.count / max(largest, _LARGE)))
        rows.append(
            {
                "at": [round(place["longitude"], 5), round(place["latitude"], 5)],
                "box": _inside(place),
                "radius": round(radius, 1),
                "colour": mark.colour,
                **_rim(radius, mark.rim_share),
                "count": count if mark.several and len(count) * _DIGIT_PX < 2 * radius else "",
                "ink": _INK_ON_LIGHT if mark.colour in palette.LIGHT else _INK,
                "label": "" if mark.several else place["name"],
                "tip": mark.tip,
            }
        )
    return rows


def _inside(place: dict[str, Any]) -> list[float] | None:
    """Return the box of several places, which a click comes closer to; None: it opens the place."""
    west, south, east, north = box = [place[name] for name in vars(WORLD)]
    # Locations at one and the same point are no further apart from closer by.
    apart = place["location_count"] > 1 and (west, south) != (east, north)
    return box if apart else None


def _rim(radius: float, out_share: float) -> dict[str, Any]:
    """Return a dark rim whose area is the share out of service, two pixels wide at least."""
    if not out_share:
        return {"rim": 1, "rim_colour": "#ffffffdc"}
    width = radius * (1 - sqrt(1 - out_share))
    return {"rim": max(round(width, 1), 2.0), "rim_colour": palette.EVSE_STATUSES["OUTOFORDER"]}
