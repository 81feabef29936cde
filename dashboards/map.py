"""The map: circles on vendored country outlines, so that nothing is fetched from anywhere.

A circle's area tells for how many EVSEs or connectors it stands, its colour what they show or cost,
and the area of its rim which share is out of service.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, log2, radians, sqrt
from typing import Any, Final

import polars as pl
import pydeck as pdk
import streamlit as st

from dashboards import palette
from dashboards.land import land
from dashboards.map_marks import Mark

_EMPTY_STYLE: Final = (
    "data:application/json,%7B%22version%22%3A8%2C%22sources%22%3A%7B%7D%2C%22layers%22%3A%5B%5D%7D"
)
_LAND: Final = {"light": [214, 221, 228, 255], "dark": [48, 60, 72, 255]}
_NAME: Final = {"light": [40, 48, 56, 255], "dark": [225, 230, 235, 255]}
_NAMES_ACROSS: Final = 6
_BORDER: Final = {"light": [255, 255, 255, 255], "dark": [22, 30, 38, 255]}
_HEIGHT_PX: Final = 520
_WIDTH_PX: Final = 620
"""On the narrowest screen that counts, so that everything is in the picture on all of them."""
_TILE_PX: Final = 512
_LARGEST_PX: Final = 30
_SMALLEST_PX: Final = 6
_CELLS_ACROSS: Final = 14
_NO_CLUSTERS_DEG: Final = 0.02
_SINGLE_AT_MOST: Final = 400
_LARGE: Final = 60
_CLOSEST: Final = 14.0
_INK: Final = [255, 255, 255, 255]
_INK_ON_LIGHT: Final = [20, 24, 28, 255]


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

    Args:
        box: what is shown.
        location_count: how many locations are.
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
    key: str,
    alt: str,
    names: pl.DataFrame,
) -> dict[str, Any] | None:
    """Draw the circles, and say which was clicked.

    Args:
        circles: `longitude`, `latitude` and whatever the caller wants back.
        marks: how each of them looks.
        box: what to show.
        key: names the map; another key forgets the click.
        alt: what the map shows, for those who cannot see it.
        names: `name`, `longitude`, `latitude` of places to name, the most important first.

    Returns:
        The clicked row; None: nothing was clicked.
    """
    theme = "dark" if st.context.theme.type == "dark" else "light"
    deck = pdk.Deck(
        layers=[*_ground(box, theme), *_circles(_rows(circles, marks)), _names(names, box, theme)],
        initial_view_state=_view(box),
        map_style=_EMPTY_STYLE,
        tooltip={"text": "{tip}"},
    )
    event = st.pydeck_chart(
        deck,
        height=_HEIGHT_PX,
        on_select="rerun",
        selection_mode="single-object",
        key=key,
        alt=alt,
    )
    picked = event.selection.objects.get("circles") or []
    return circles.row(int(picked[0]["row"]), named=True) if picked else None


def _rows(circles: pl.DataFrame, marks: Sequence[Mark]) -> list[dict[str, Any]]:
    largest = max((mark.count for mark in marks), default=1)
    rows = []
    places = circles.select("longitude", "latitude").iter_rows()
    for number, (at, mark) in enumerate(zip(places, marks, strict=True)):
        radius = max(_SMALLEST_PX, _LARGEST_PX * sqrt(mark.count / max(largest, _LARGE)))
        rows.append(
            {
                "row": number,
                "at": list(at),
                "radius": radius,
                "colour": _rgb(mark.colour),
                **_rim(radius, mark.rim_share),
                "count": str(mark.count) if mark.several else "",
                "ink": _INK_ON_LIGHT if mark.colour in palette.LIGHT else _INK,
                "tip": mark.tip,
            }
        )
    return rows


def _rim(radius: float, out_share: float) -> dict[str, Any]:
    """Return a dark rim whose area is the share out of service, two pixels wide at least."""
    if not out_share:
        return {"rim": 1, "rim_colour": [255, 255, 255, 220]}
    width = radius * (1 - sqrt(1 - out_share))
    return {"rim": max(width, 2.0), "rim_colour": _rgb(palette.EVSE_STATUSES["OUTOFORDER"])}


def _circles(rows: list[dict[str, Any]]) -> list[pdk.Layer]:
    return [
        pdk.Layer(
            "ScatterplotLayer",
            rows,
            id="circles",
            get_radius="radius",
            get_fill_color="colour",
            get_position="at",
            get_line_color="rim_colour",
            get_line_width="rim",
            radius_units='"pixels"',
            line_width_units='"pixels"',
            stroked=True,
            pickable=True,
            auto_highlight=True,
        ),
        pdk.Layer(
            "TextLayer",
            [row for row in rows if row["count"] and row["radius"] > 9],
            id="counts",
            get_position="at",
            get_text="count",
            get_size=12,
            get_color="ink",
            font_weight=700,
        ),
    ]


def _names(names: pl.DataFrame, box: Box, theme: str) -> pdk.Layer:
    """Return the names of places that stand far enough from more important ones to be read."""
    apart = max(box.east - box.west, (box.north - box.south) * 1.5) / _NAMES_ACROSS
    shown: list[dict[str, Any]] = []
    for name, east, north in names.select("name", "longitude", "latitude").iter_rows():
        if all(abs(east - x) > apart or abs(north - y) > apart / 4 for x, y in map(_at, shown)):
            shown.append({"at": [east, north], "name": name})
    return pdk.Layer(
        "TextLayer",
        shown,
        id="names",
        get_position="at",
        get_text="name",
        get_size=13,
        get_color=_NAME[theme],
        get_pixel_offset=[0, -18],
        character_set='"auto"',
        font_weight=600,
        # A name may lie on a circle, whose colour it has to be read on.
        font_settings={"sdf": True},
        outline_width=0.5,
        outline_color=_BORDER[theme],
    )


def _at(row: dict[str, Any]) -> list[float]:
    at: list[float] = row["at"]
    return at


def _ground(box: Box, theme: str) -> list[pdk.Layer]:
    # Half a screen around the box, so that a little panning finds land too.
    ground = land(*vars(box.wider(0.5, least=1.0)).values())
    return [
        pdk.Layer(
            "SolidPolygonLayer",
            _opaque([{"rings": rings} for rings in ground.rings]),
            id="land",
            get_polygon="rings",
            get_fill_color=_LAND[theme],
        ),
        pdk.Layer(
            "LineLayer",
            _opaque([{"from": begin, "to": end} for begin, end in ground.borders]),
            id="borders",
            get_source_position="from",
            get_target_position="to",
            get_color=_BORDER[theme],
            get_width=1,
        ),
    ]


def _opaque(rows: list[dict[str, Any]]) -> str:
    """Return rows as an address that holds them: the browser then looks for no expressions."""
    text = json.dumps(rows, separators=(",", ":"))
    return "data:application/json;base64," + b64encode(text.encode()).decode()


def _view(box: Box) -> pdk.ViewState:
    latitude = (box.south + box.north) / 2
    across = max(box.east - box.west, 1e-6)
    upright = max(box.north - box.south, 1e-6) / max(cos(radians(latitude)), 0.1)
    zoom = min(
        log2(_WIDTH_PX * 360 / _TILE_PX / across), log2(_HEIGHT_PX * 360 / _TILE_PX / upright)
    )
    return pdk.ViewState(
        longitude=(box.west + box.east) / 2,
        latitude=latitude,
        zoom=max(0.0, min(zoom - 0.15, _CLOSEST)),
        min_zoom=0,
    )


def _rgb(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
