"""The parts that views of places share: which EVSEs are meant, over which window, on what basis."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import polars as pl
import streamlit as st

from dashboards import data
from dashboards import map as places_map
from dashboards.filters import any_of, one_of, partners, switch, text
from dashboards.format import percent
from dashboards.map import WORLD, Box
from dashboards.navigation import go

POWER_CLASSES: Final = {
    "ac": "AC",
    "dc": "DC below 150 kW",
    "hpc": "DC from 150 kW",
    "unknown": "Power unknown",
}
CHARGE_GROUPS: Final = {
    "operator": "Operator",
    "partner": "Partner",
    "location": "Place",
    "city": "City",
    "region": "Region",
    "country": "Country",
    "power_class": "Power",
}
"""What charges are summed up by."""
WINDOWS: Final = {
    "7d": "Last 7 days",
    "30d": "Last 30 days",
    "12m": "Last 12 months",
    "year": "This calendar year",
}
DAYS: Final = {"7d": 7, "30d": 30, "12m": 365}
DOUBTS: Final = {
    "stale": "Not updated for long",
    "charging_too_long": "Charging for too long",
    "copies_disagree": "Copies disagree",
    "charged_while_out": "Charged while out of service",
    "session_not_shown": "Active session not shown",
}
_FIRST_WINDOW: Final = 1
_MORE: Final = ("power", "kw", "connector", "party", "around")
_EACH: Final = {
    "least_kw": "power in kW",
    "standard": "connector type",
    "west": "area",
    "radius_km": "area",
}
"""Filters of single EVSEs, which groups of them do not know."""
_ENOUGH: Final = Decimal("0.9")
"""The share of a window that has to be observed for a figure to stand without a warning."""

LEAST_KW: Final = ("3.7", "11", "22", "43", "50", "100", "150", "300")
AREA: Final = "area"
_NEXT_AREA: Final = "next_area"
_MORE_OPEN: Final = "more_places_open"

Places = str
"""The places that are meant, as JSON for `matching_evses`; what is left out is all of it."""


def places(*, power: bool = True) -> Places:
    """Ask for the places that are meant.

    Args:
        power: whether one can choose a power class; some views ask for it in their own way.
    """
    options = data.query("availability/options")
    cells = st.columns(5)
    chosen: dict[str, Any] = {}
    with cells[0]:
        chosen["partners"] = partners()
    with cells[1]:
        chosen["country"] = any_of("Country", _values(options, "country"), "country")
    with cells[2]:
        chosen["region"] = any_of("Region", _values(options, "region"), "region")
    with cells[3]:
        chosen["city"] = any_of("City", _values(options, "city"), "city")
    with cells[4]:
        chosen["operator"] = any_of("Operator", _values(options, "operator"), "operator")
    # A field can only be filled before it is drawn: a click on the map fills it one run later.
    if _NEXT_AREA in st.session_state:
        st.session_state[AREA] = st.session_state.pop(_NEXT_AREA)
    more = st.expander(
        "More: power, connector, party, area",
        expanded=_more_is_open(),
        key="more_places",
        on_change="rerun",
    )
    with more:
        if more.open or _is_used(*_MORE):
            chosen |= _more(options, power=power)
        # The map tells the address where it is by the field for it, open or not.
        chosen |= _area()
    return json.dumps({name: value for name, value in chosen.items() if value is not None})


def _more(options: pl.DataFrame, *, power: bool) -> dict[str, Any]:
    """Ask for what is seldom asked for: fields that nobody sees cost the browser time."""
    chosen: dict[str, Any] = {}
    cells = st.columns(4)
    if power:
        with cells[0]:
            chosen["power"] = power_or_all()
    with cells[1]:
        chosen["least_kw"] = any_of("From power", LEAST_KW, "kw", shown="{} kW".format)
    with cells[2]:
        chosen["standard"] = any_of("Connector", _values(options, "standard"), "connector")
    with cells[3]:
        chosen["party"] = any_of("Party", _values(options, "party"), "party")
    return chosen


def _is_used(*names: str) -> bool:
    """Tell whether the address or an earlier page chose a value for one of these filters."""
    return any(name in st.query_params or st.session_state.get(name) for name in names)


def choose_area(box: Box | None) -> None:
    """Choose a box as the area, or none, for the next run of the view."""
    st.session_state[_NEXT_AREA] = "" if box is None else str(box)


def follow_map() -> None:
    """Choose what the map was moved to as the area: figures and lists are of what it shows."""
    choose_area(places_map.seen())


def map_box(extent: Mapping[str, Any]) -> Box:
    """Return what the map is to show: the area that was chosen, else all that was found.

    Args:
        extent: `west`, `south`, `east` and `north` of what was found.
    """
    chosen = Box.parsed(st.session_state.get(AREA))
    return chosen or Box(*(extent[name] for name in vars(WORLD))).wider()


def is_area_chosen() -> bool:
    """Tell whether an area is chosen, which may have nothing in it."""
    return bool(st.session_state.get(AREA))


def by_evse(chosen: Places) -> list[str]:
    """Return the filters in use that single EVSEs alone can be held against, in words."""
    asked = json.loads(chosen)
    return [words for name, words in _EACH.items() if name in asked]


def unkept(chosen: Places, what: str) -> None:
    """Say which of the filters cannot be applied to figures that are kept for groups of EVSEs."""
    if names := by_evse(chosen):
        st.caption(f"{what} are not kept by {' or '.join(names)}: these show all of them.")


def _area() -> dict[str, Any]:
    """Ask for a box or a circle, in degrees and kilometres."""
    left, middle, right = st.columns([2, 2, 1], vertical_alignment="bottom")
    with left:
        area = text("Area: west, south, east, north", AREA, hint="Everywhere")
    with middle:
        around = text("Around: latitude, longitude, km", "around", hint="52.09, 5.12, 10")
    with right:
        if area and st.button("Show everything", icon=":material/zoom_out_map:"):
            choose_area(None)
            st.rerun()
    box, circle = Box.parsed(area), _circle(around)
    for stated, understood, form in (
        (area, box, "four numbers: west, south, east, north"),
        (around, circle, "three numbers: latitude, longitude, kilometres"),
    ):
        if stated and understood is None:
            st.warning(f"The place is not understood: write {form}. Nothing is shown until then.")
            st.stop()
    return {**(vars(box) if box else {}), **(circle or {})}


def _circle(stated: str) -> dict[str, float] | None:
    try:
        latitude, longitude, radius = (float(part) for part in stated.split(","))
    except ValueError:
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180 and 0 < radius <= 20_000):
        return None
    return {"latitude": latitude, "longitude": longitude, "radius_km": radius}


def _more_is_open() -> bool:
    """Tell whether the further filters are to be seen: once one of them was used, they stay.

    The area counts where the address brought it along: it changes with every move of the map, below
    which the page must not jump.
    """
    st.session_state.setdefault(_MORE_OPEN, AREA in st.query_params)
    st.session_state[_MORE_OPEN] |= any(name in st.query_params for name in _MORE)
    return bool(st.session_state[_MORE_OPEN])


def power_or_all() -> str | None:
    """Ask for the power class, or none for all."""
    return any_of("Power", list(POWER_CLASSES), "power", shown=POWER_CLASSES.__getitem__)


def power() -> str:
    """Ask for one power class that has a basket."""
    classes = [name for name in POWER_CLASSES if name != "unknown"]
    chosen = one_of("Basket", classes, "basket", shown=POWER_CLASSES.__getitem__)
    return chosen or classes[0]


def translate_power(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with their power class in words."""
    return rows.with_columns(pl.col("power_class").replace_strict(POWER_CLASSES, default=None))


def translate_groups(rows: pl.DataFrame, by: str | None) -> pl.DataFrame:
    """Return rows by one of `CHARGE_GROUPS`, with that group's names as people read them."""
    if by != "power_class":
        return rows
    return rows.with_columns(pl.col("group_name").replace_strict(POWER_CLASSES))


def window(among: list[str]) -> str:
    """Ask for the window of time."""
    chosen = one_of("Window", among, "window", first=_FIRST_WINDOW, shown=WINDOWS.__getitem__)
    return chosen or among[_FIRST_WINDOW]


def basis() -> str:
    """Ask whether the time before our first look counts as the partner dates it."""
    trusting = switch("Trust partners' own dates", "stated")
    return "stated" if trusting else "observed"


def with_coverage(note: str, share: Decimal | float | None, of: str = "window") -> str:
    """Add to a figure's note how little was observed, where that is below nine tenths.

    Args:
        note: what else is to be said of the figure.
        share: of its window, that was observed; None: there is no window.
        of: what the window is called.
    """
    if share is None or share >= _ENOUGH:
        return note
    # Rounded down: 89.999 % is not 90.00 %.
    observed = percent(math.floor(share * 10_000) / 10_000, digits=2)
    return f"{note}; only {observed} of the {of} observed"


def open_location(row: dict[str, Any]) -> None:
    """Leave for the view of a row's location."""
    owner = {name: row[name] for name in ("partner", "country_code", "party_id")}
    go("location", **owner, id=row["location_id"])


def _values(options: pl.DataFrame, kind: str) -> list[str]:
    return options.filter(pl.col("kind") == kind)["value"].to_list()
