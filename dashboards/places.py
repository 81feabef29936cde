"""The parts that views of places share: which EVSEs are meant, over which window, on what basis."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any, Final

import polars as pl
import streamlit as st

from dashboards import data
from dashboards.filters import any_of, forget_stale, one_of, partner, switch
from dashboards.format import percent
from dashboards.navigation import go

POWER_CLASSES: Final = {
    "ac": "AC",
    "dc": "DC below 150 kW",
    "hpc": "DC from 150 kW",
    "unknown": "Power unknown",
}
WINDOWS: Final = {
    "7d": "Last 7 days",
    "30d": "Last 30 days",
    "12m": "Last 12 months",
    "year": "This calendar year",
}
DAYS: Final = {"7d": 7, "30d": 30, "12m": 365}
_FIRST_WINDOW: Final = 1
_ENOUGH: Final = Decimal("0.9")
"""The share of a window that has to be observed for a figure to stand without a warning."""

Places = dict[str, data.Value]
"""The places that are meant, under the names of the queries' parameters; None: all of it."""


def places(*, connectors: bool) -> Places:
    """Ask for the places that are meant.

    Args:
        connectors: whether one can also choose by connector type.
    """
    options = data.query("availability/options")
    cells = st.columns(6 if connectors else 5)
    with cells[0]:
        chosen: Places = {"partner": partner()}
    with cells[1]:
        chosen["country"] = any_of("Country", _values(options, "country"), "country")
    with cells[2]:
        chosen["party"] = any_of("Party", _values(options, "party"), "party")
    with cells[3]:
        chosen["operator"] = any_of("Operator", _values(options, "operator"), "operator")
    with cells[4]:
        chosen["power"] = power_or_all()
    if connectors:
        with cells[5]:
            chosen["standard"] = any_of("Connector", _values(options, "standard"), "connector")
    return chosen


def power_or_all() -> str | None:
    """Ask for the power class, or none for all."""
    forget_stale("power", list(POWER_CLASSES))
    return st.selectbox(
        "Power",
        list(POWER_CLASSES),
        index=None,
        placeholder="All",
        format_func=POWER_CLASSES.__getitem__,
        key="power",
        bind="query-params",
    )


def power() -> str:
    """Ask for one power class that has a basket."""
    classes = [name for name in POWER_CLASSES if name != "unknown"]
    chosen = one_of("Basket", classes, "power", shown=POWER_CLASSES.__getitem__)
    return chosen or classes[0]


def translate_power(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with their power class in words."""
    return rows.with_columns(pl.col("power_class").replace_strict(POWER_CLASSES, default=None))


def window(among: list[str]) -> str:
    """Ask for the window of time."""
    chosen = one_of("Window", among, "window", first=_FIRST_WINDOW, shown=WINDOWS.__getitem__)
    return chosen or among[_FIRST_WINDOW]


def basis() -> str:
    """Ask whether the time before our first look counts as the partner dates it."""
    trusting = switch("Count what partners date themselves", "stated")
    return "stated" if trusting else "observed"


def with_coverage(note: str, share: Decimal | float | None) -> str:
    """Add to a figure's note how little was observed, where that is below nine tenths.

    Args:
        note: what else is to be said of the figure.
        share: of its window, that was observed; None: there is no window.
    """
    if share is None or share >= _ENOUGH:
        return note
    # Rounded down: 89.999 % is not 90.00 %.
    observed = percent(math.floor(share * 10_000) / 10_000, digits=2)
    return f"{note}; only {observed} of the window observed"


def open_location(row: dict[str, Any]) -> None:
    """Leave for the view of a row's location."""
    owner = {name: row[name] for name in ("partner", "country_code", "party_id")}
    go("location", **owner, id=row["location_id"])


def _values(options: pl.DataFrame, kind: str) -> list[str]:
    return options.filter(pl.col("kind") == kind)["value"].to_list()
