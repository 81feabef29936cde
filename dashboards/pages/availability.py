"""Availability: where can one charge, does it work now, and has it worked?"""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from dashboards import data
from dashboards import map as places_map
from dashboards.filters import text
from dashboards.format import number, percent, timestamp, words
from dashboards.map import WORLD, Box
from dashboards.parts import figures, heading, report_empty, table
from dashboards.place_charts import daily_shares
from dashboards.places import WINDOWS, Places, basis, open_location, places, window, with_coverage

_AT_MOST: Final = 200
_AREA: Final = "area"
_NEXT_AREA: Final = "next_area"
_OUT: Final = ("INOPERATIVE", "OUTOFORDER")


def draw() -> None:
    """Draw the page."""
    st.title("Availability")
    chosen = places(connectors=True)
    seen = data.query("availability/seen", **chosen).row(0, named=True)
    if not seen["evse_count"]:
        report_empty("No EVSE matches. Take a filter away, or run `roamhouse run`.")
        return
    _live(chosen, seen)
    _map(chosen)
    _uptime(chosen)


def _live(chosen: Places, seen: dict[str, Any]) -> None:
    heading("Now", "live_status", "duplicates")
    rows = data.query("availability/live", **chosen)
    count = dict(rows.iter_rows())
    out = sum(count.get(status, 0) for status in _OUT)
    available, charging = (count.get(status, 0) for status in ("AVAILABLE", "CHARGING"))
    total = seen["evse_count"]
    figures(
        (
            "EVSEs",
            number(total),
            None,
            f"{number(seen['location_count'])} locations, "
            f"{number(seen['duplicate_count'])} further copies not counted",
        ),
        ("Available", number(available), None, percent(available / total)),
        ("Charging", number(charging), None, percent(charging / total)),
        ("Out of service", number(out), None, percent(out / total)),
        ("Anything else", number(total - available - charging - out), None, _others(count)),
    )
    st.caption(
        f"Last looked at between {timestamp(seen['oldest_seen_at'])} and "
        f"{timestamp(seen['newest_seen_at'])}."
    )


def _others(count: dict[str, int]) -> str:
    shown = ("AVAILABLE", "CHARGING", *_OUT)
    rest = [f"{words(name.lower())} {n:,}" for name, n in count.items() if name not in shown]
    return ", ".join(rest) or "none"


def _map(chosen: Places) -> None:
    heading("Map")
    area = _area()
    within = area or WORLD
    limits: Places = {**chosen, **vars(within)}
    extent = data.query("availability/extent", **limits).row(0, named=True)
    if extent["west"] is None:
        report_empty("None of these EVSEs has a place that could be shown.")
        return
    box = Box(*(extent[name] for name in ("west", "south", "east", "north")))
    cell_deg = places_map.cell_degrees(box)
    circles = data.query("availability/cells", **limits, cell_deg=cell_deg)
    clicked = places_map.draw(circles, box.wider(), key=f"map_{area}")
    places_map.legend(circles["status"].unique().to_list())
    if extent["unplaced_count"]:
        st.caption(f"{number(extent['unplaced_count'])} EVSEs have no usable coordinates.")
    if clicked:
        _follow(clicked)


def _area() -> Box | None:
    """Ask for the part of the world that is shown, as the address states it; None: all of it."""
    # A field can only be filled before it is drawn: a click on the map fills it one run later.
    if _NEXT_AREA in st.session_state:
        st.session_state[_AREA] = st.session_state.pop(_NEXT_AREA)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        stated = text("Area: west, south, east, north", _AREA, hint="Everywhere")
    with right:
        if stated and st.button("Show everything", icon=":material/zoom_out_map:"):
            _show("")
    return Box.parsed(stated)


def _show(area: str) -> None:
    st.session_state[_NEXT_AREA] = area
    st.rerun()


def _follow(clicked: dict[str, Any]) -> None:
    """Come closer to a cluster, open a location."""
    if clicked["location_count"] == 1:
        open_location(clicked)
        return
    box = Box(*(clicked[name] for name in ("west", "south", "east", "north")))
    # Locations at one and the same point are no further apart from closer by.
    if box.west == box.east and box.south == box.north:
        open_location(clicked)
        return
    _show(str(box.wider()))


def _uptime(chosen: Places) -> None:
    heading("Uptime", "uptime_us", "reliability_uk", "uptime_strict", "coverage", "basis")
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    with left:
        span = window(list(WINDOWS))
    with right:
        known = basis()
    _definitions(chosen, span, known)
    rows = data.query("availability/worst", **chosen, basis=known, window=span, at_most=_AT_MOST)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        heading("Day by day", "uptime_strict", "coverage")
        by_group = {name: value for name, value in chosen.items() if name != "standard"}
        days = data.query("availability/daily", **by_group, basis=known)
        if days.is_empty():
            report_empty("No day was observed yet.")
        else:
            st.altair_chart(daily_shares(days), width="stretch")
        if chosen["standard"]:
            st.caption("Days are not kept by connector type: this chart shows all of them.")
    with right:
        heading("Worst locations", "uptime_strict", "coverage")
        picked = table(
            rows,
            "worst_locations",
            empty="No location was observed in this window. A later run will have seen more.",
            labels={"evse_count": "EVSEs", "out_now_count": "Out now", "strict_share": "Strict"},
            hide=["country_code", "party_id", "location_id"],
            height=320,
            selectable=True,
        )
    if picked:
        open_location(picked)


def _definitions(chosen: Places, span: str, known: str) -> None:
    row = data.query("availability/uptime", **chosen, basis=known, window=span).row(0, named=True)
    if not row["covered_count"]:
        report_empty(
            "Nobody has observed these EVSEs for any length of time yet: uptime is unknown until "
            "the next runs. What partners date themselves can be counted with the switch above."
        )
    year = "" if span == "12m" else " (shorter than the 12 months of the rule)"
    calendar = "" if span == "year" else " (not the calendar year of the rule)"
    observed = row["coverage_share"]
    figures(
        (
            "US, NEVI",
            percent(row["us_share"], digits=2),
            "uptime_us",
            with_coverage(f"per port; target over 97 %{year}", observed),
        ),
        (
            "UK, rapid",
            percent(row["uk_share"], digits=2),
            "reliability_uk",
            with_coverage(
                f"{number(row['rapid_count'])} EVSEs from 50 kW; target 99 %{calendar}",
                row["uk_coverage_share"],
            ),
        ),
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
