"""Outages and doubts: what is broken, how long does mending take, which statuses are wrong?"""

from __future__ import annotations

from typing import Final

import polars as pl
import streamlit as st

from dashboards import data
from dashboards.format import ABSENT, number
from dashboards.parts import figures, heading, report_empty, table
from dashboards.places import (
    DAYS,
    DOUBTS,
    Places,
    basis,
    open_location,
    places,
    window,
    with_coverage,
)

_HIDDEN: Final = ("country_code", "party_id", "location_id", "uid")


def draw() -> None:
    """Draw the page."""
    st.title("Outages and doubtful statuses")
    chosen = places()
    _outages(chosen)
    _doubts(chosen)


def _outages(chosen: Places) -> None:
    heading("Outages", "outage", "mttr", "mtbf", "basis")
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    with left:
        span = window(list(DAYS))
    with right:
        known = basis()
    values: dict[str, data.Value] = {"places": chosen, "basis": known, "days": DAYS[span]}
    row = data.query("availability/outage_figures", **values, window=span).row(0, named=True)
    figures(
        ("Outages", number(row["outage_count"]), "outage", f"{row['begun_count']:,} began in it"),
        (
            "Still lasting",
            number(row["lasting_count"]),
            "outage",
            f"for {number(row['lasting_mean_h'], digits=1, unit='h')} on average"
            if row["lasting_count"]
            else "all ended",
        ),
        (
            "MTTR",
            ABSENT if row["mttr_h"] is None else number(row["mttr_h"], digits=1, unit="h"),
            "mttr",
            "none ended" if row["mttr_h"] is None else "of those that ended",
        ),
        (
            "MTBF",
            ABSENT if row["mtbf_h"] is None else number(row["mtbf_h"], digits=0, unit="h"),
            "mtbf",
            with_coverage(
                "none began" if row["mtbf_h"] is None else "between those that began",
                row["coverage_share"],
            ),
        ),
    )
    picked = table(
        data.listing("availability/outages", **values),
        "outages",
        empty="No outage began after our first look. Those that were there already are counted "
        "with the switch above."
        if known == "observed"
        else "No EVSE was out of service in this window.",
        labels={"until": "Until (UTC)"},
        hide=_HIDDEN,
        height=320,
        selectable=True,
    )
    if picked:
        open_location(picked)


def _doubts(chosen: Places) -> None:
    heading("Stale and contradicting statuses", "stale", "contradicting")
    kinds = data.query("availability/doubt_kinds", places=chosen)
    if kinds.is_empty():
        report_empty("No status is stale, and nothing contradicts any.")
        return
    left, right = st.columns([1, 2], gap="medium")
    with left:
        kind = table(
            kinds.select(pl.col("kind").replace_strict(DOUBTS).alias("what"), pl.all()),
            "doubt_kinds",
            empty="",
            labels={"evse_share": "Of all"},
            hide=["kind"],
            selectable=True,
            first=True,
        )
    with right:
        if kind is None:
            return
        st.caption(f"{kind['what']}: choose a row for its location.")
        picked = table(
            data.listing("availability/doubts", places=chosen, kind=kind["kind"]),
            "doubts",
            empty="None.",
            hide=("kind", *_HIDDEN),
            height=320,
            selectable=True,
        )
    if picked:
        open_location(picked)


if __name__ == "__main__":
    draw()
