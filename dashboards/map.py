"""The map: circles on vendored country outlines, so that nothing is fetched from anywhere.

A circle's area tells how many EVSEs it stands for, its colour the status most of them show, and
the area of its rim which share is out of service.
"""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from math import cos, log2, radians, sqrt
from typing import Any, Final

import polars as pl
import pydeck as pdk
import streamlit as st

from dashboards import palette
from dashboards.land import land

_EMPTY_STYLE: Final = (
    "data:application/json,%7B%22version%22%3A8%2C%22sources%22%3A%7B%7D%2C%22layers%22%3A%5B%5D%7D"
)
_LAND: Final = {"light": [214, 221, 228, 255], "dark": [48, 60, 72, 255]}
_BORDER: Final = {"light": [255, 255, 255, 255], "dark": [22, 30, 38, 255]}
_HEIGHT_PX: Final = 520
_WIDTH_PX: Final = 900
_TILE_PX: Final = 512
_LARGEST_PX: Final = 30
_SMALLEST_PX: Final = 6
_CELLS_ACROSS: Final = 14
_NO_CLUSTERS_DEG: Final = 0.02
_LARGE: Final = 60
_CLOSEST: Final = 14.0


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


def cell_degrees(box: Box) -> float:
    """Return how wide a cluster is, for what is shown; 0: from so close by there are none."""
    extent = max(box.east - box.west, (box.north - box.south) * 1.5)
    if extent < _NO_CLUSTERS_DEG:
        return 0.0
    # Steps of two, so that clusters stay where they are while the box moves a little.
    return float(2.0 ** round(log2(extent / _CELLS_ACROSS)))


def draw(circles: pl.DataFrame, box: Box, key: str) -> dict[str, Any] | None:
    """Draw the circles, and say which was clicked.

    Args:
        circles: `longitude`, `latitude`, `evse_count`, `out_count`, `location_count`, `status`,
            `name` and whatever the caller wants back.
        box: what to show.
        key: names the map; another key forgets the click.

    Returns:
        The clicked row; None: nothing was clicked.
    """
    theme = "dark" if st.context.theme.type == "dark" else "light"
    rows = _rows(circles)
    deck = pdk.Deck(
        layers=[*_ground(box, theme), *_circles(rows)],
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
        alt="Map of EVSEs: circles by place, coloured by status",
    )
    picked = event.selection.objects.get("circles") or []
    return circles.row(int(picked[0]["row"]), named=True) if picked else None


def legend(present: list[str]) -> None:
    """Draw what the colours of the map mean."""
    names = [name for name in palette.EVSE_STATUSES if name in present]
    marks = "".join(
        f'<span style="white-space:nowrap;margin-right:1em"><span style="display:inline-block;'
        f"width:.75em;height:.75em;border-radius:50%;background:{palette.EVSE_STATUSES[name]};"
        f'margin-right:.35em"></span>{name.capitalize()}</span>'
        for name in names
    )
    st.html(
        f'<div style="font-size:.85rem">{marks}</div><div style="font-size:.85rem;opacity:.75">'
        "Area: number of EVSEs. Colour: what most of them show. Dark rim: share out of service. "
        "Click a circle to come closer, or to open its location.</div>"
    )


def _rows(circles: pl.DataFrame) -> list[dict[str, Any]]:
    largest = max(circles["evse_count"].to_list(), default=1)
    rows = []
    for place, row in enumerate(circles.iter_rows(named=True)):
        radius = max(_SMALLEST_PX, _LARGEST_PX * sqrt(row["evse_count"] / max(largest, _LARGE)))
        rows.append(
            {
                "row": place,
                "at": [row["longitude"], row["latitude"]],
                "radius": radius,
                "colour": _rgb(palette.EVSE_STATUSES[row["status"]]),
                **_rim(radius, row["out_count"] / row["evse_count"]),
                "count": str(row["evse_count"]) if row["location_count"] > 1 else "",
                "tip": _tip(row),
            }
        )
    return rows


def _rim(radius: float, out_share: float) -> dict[str, Any]:
    """Return a dark rim whose area is the share out of service, two pixels wide at least."""
    if not out_share:
        return {"rim": 1, "rim_colour": [255, 255, 255, 220]}
    width = radius * (1 - sqrt(1 - out_share))
    return {"rim": max(width, 2.0), "rim_colour": _rgb(palette.EVSE_STATUSES["OUTOFORDER"])}


def _tip(row: dict[str, Any]) -> str:
    many = row["location_count"] > 1
    name = f"{row['location_count']} locations" if many else str(row["name"])
    plural = "s" if row["evse_count"] > 1 else ""
    out = f", {row['out_count']} out of service" if row["out_count"] else ""
    return f"{name}\n{row['evse_count']} EVSE{plural}{out}\nmostly {row['status'].capitalize()}"


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
            get_color=[255, 255, 255, 255],
            font_weight=700,
        ),
    ]


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
