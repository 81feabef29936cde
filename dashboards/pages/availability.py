"""Availability: where can one charge, does it work now, and has it worked?"""

from __future__ import annotations

from typing import Any, Final

import polars as pl
import streamlit as st

from dashboards import data, palette
from dashboards import map as places_map
from dashboards.filters import one_of
from dashboards.format import number, percent, timestamp
from dashboards.map_marks import (
    UPTIME_STEPS,
    status_legend,
    status_marks,
    uptime_legend,
    uptime_marks,
)
from dashboards.parts import figures, heading, report_empty, table
from dashboards.place_charts import share_line
from dashboards.places import (
    WINDOWS,
    Places,
    basis,
    by_evse,
    follow_map,
    is_area_chosen,
    map_box,
    open_location,
    places,
    window,
    with_coverage,
)

_COLOURS: Final = {"status": "Status now", "uptime": "Uptime"}


def draw() -> None:
    """Draw the page."""
    st.title("Availability")
    chosen = places()
    now = data.query("availability/now", places=chosen).row(0, named=True)
    if not now["connector_count"]:
        report_empty("No connector matches. Take a filter away, or run `roamhouse run`.")
        if is_area_chosen():
            _map(chosen)
        return
    down = data.query("availability/down", places=chosen)
    _now(chosen, now, None if down.is_empty() else down.row(0, named=True))
    span, known = _map(chosen)
    heading("Out of service now, the longest first", "outage", "basis")
    picked = table(
        down,
        "down",
        empty="Nothing is out of service.",
        labels={"down_from_at": "Down since"},
        hide=["country_code", "party_id", "location_id", "uid"],
        height=320,
        selectable=True,
    )
    if picked:
        open_location(picked)
    _uptime(chosen, span, known)


def _now(chosen: Places, now: dict[str, Any], worst: dict[str, Any] | None) -> None:
    heading("Now", "live_status", "unsure", "duplicates")
    seen = data.query("availability/seen", places=chosen).row(0, named=True)
    total = now["connector_count"]
    figures(
        (
            "Connectors",
            number(total),
            None,
            f"{number(now['evse_count'])} EVSEs at {number(now['location_count'])} locations",
        ),
        (
            "Work now",
            number(now["working_count"]),
            "live_status",
            f"{percent(now['working_count'] / total)}; {number(now['free_count'])} of them free",
        ),
        (
            "Out of service",
            number(now["out_count"]),
            "outage",
            f"{percent(now['out_count'] / total)}; blocked {number(now['blocked_count'])}, "
            f"planned or removed {number(now['left_out_count'])}",
        ),
        (
            "Not sure",
            number(now["unsure_count"]),
            "unsure",
            f"{number(now['unsure_working_count'])} of those said to work",
        ),
        (
            "Longest down",
            number(worst["down_days"], digits=1, unit="days") if worst else "none",
            "outage",
            f"since {timestamp(worst['down_from_at'])}" if worst else "nothing is out of service",
        ),
    )
    st.caption(
        f"Last looked at between {timestamp(seen['oldest_seen_at'])} and "
        f"{timestamp(seen['newest_seen_at'])}; {number(seen['duplicate_count'])} further copies of "
        "EVSEs are not counted."
    )


def _map(chosen: Places) -> tuple[str, str]:
    """Draw the map, and return the window and the basis of uptime, which it asks for."""
    heading("Map", "live_status", "uptime_strict", "coverage", "basis")
    cells = st.columns([1, 1, 2], vertical_alignment="bottom")
    with cells[0]:
        colour = one_of("Colour", list(_COLOURS), "colour", shown=_COLOURS.__getitem__)
    with cells[1]:
        span = window(list(WINDOWS))
    with cells[2]:
        known = basis()
    _circles(chosen, span, known, by_uptime=colour == "uptime")
    return span, known


def _circles(chosen: Places, span: str, known: str, *, by_uptime: bool) -> None:
    extent = data.query("availability/extent", places=chosen).row(0, named=True)
    if extent["west"] is None and not is_area_chosen():
        report_empty("None of these EVSEs has a place that could be shown.")
        return
    box = map_box(extent)
    cell_deg = places_map.cell_degrees(box, extent["location_count"])
    values: dict[str, data.Value] = {"places": chosen, "basis": known, "window": span}
    values |= {"cell_deg": cell_deg, "poor_below": UPTIME_STEPS[0]}
    circles = data.query("availability/cells", **values)
    opened = places_map.draw(
        circles,
        uptime_marks(circles) if by_uptime else status_marks(circles),
        box,
        f"Map of EVSEs: circles by place, coloured by {'uptime' if by_uptime else 'status'}",
        data.query("availability/names", places=chosen),
        follow_map,
    )
    if by_uptime:
        uptime_legend(WINDOWS[span].lower())
    else:
        status_legend(circles["status"].unique().to_list())
    if extent["unplaced_count"]:
        st.caption(f"{number(extent['unplaced_count'])} EVSEs have no usable coordinates.")
    if opened:
        open_location(opened)


def _uptime(chosen: Places, span: str, known: str) -> None:
    heading(f"Uptime, {WINDOWS[span].lower()}", "uptime_strict", "coverage", "basis")
    _figures(chosen, span, known)
    values: dict[str, data.Value] = {"places": chosen, "basis": known, "window": span}
    left, right = st.columns([2, 3], gap="medium")
    with left:
        heading("Day by day", "uptime_strict", "coverage")
        kept = "availability/daily_of_evses" if by_evse(chosen) else "availability/daily"
        days = data.query(kept, places=chosen, basis=known)
        if days.is_empty():
            report_empty("No day was observed yet.")
        else:
            _days(days)
    with right:
        heading("Worst locations", "uptime_strict", "coverage")
        picked = table(
            data.listing("availability/worst", **values),
            "worst_locations",
            empty="No location was observed in this window. A later run will have seen more.",
            labels={"out_now_count": "Out now"},
            hide=["country_code", "party_id", "location_id"],
            height=320,
            selectable=True,
        )
    if picked:
        open_location(picked)


def _days(rows: pl.DataFrame) -> None:
    """Draw uptime, and below it, on an axis of its own, how much of each day it rests on."""
    for share, title, colour, height, least in (
        ("strict_share", "Strict uptime", palette.GREEN, 200, 0.9),
        ("coverage_share", "Coverage", palette.GREY, 120, 0.0),
    ):
        chart = share_line(
            rows, share=share, title=title, colour=colour, height=height, least=least
        )
        st.altair_chart(chart, width="stretch")


def _figures(chosen: Places, span: str, known: str) -> None:
    values = {"places": chosen, "basis": known, "window": span}
    row = data.query("availability/uptime", **values).row(0, named=True)
    if not row["covered_count"]:
        report_empty(
            "Nobody has observed these EVSEs for any length of time yet: uptime is unknown until "
            "the next runs. What partners date themselves can be counted with the switch above the "
            "map."
        )
    observed = row["coverage_share"]
    figures(
        (
            "Strict",
            percent(row["strict_share"], digits=2),
            "uptime_strict",
            with_coverage("what a driver meets", observed),
        ),
        (
            "Status unknown",
            percent(row["unknown_share"], digits=2),
            "uptime_strict",
            with_coverage("share beside the strict figure", observed),
        ),
        (
            "Coverage",
            percent(observed, digits=2),
            "coverage",
            f"{number(row['covered_count'])} of {number(row['evse_count'])} EVSEs observed"
            + (f"; {percent(row['live_share'])} live" if row["live_share"] else ""),
        ),
    )


if __name__ == "__main__":
    draw()
