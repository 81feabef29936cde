"""Price changes: which tariffs changed when, by how much, at how many connectors?"""

from __future__ import annotations

from typing import Final

import altair as alt
import polars as pl
import polars.selectors as cs
import streamlit as st

from dashboards import data, palette
from dashboards.baskets import MOMENTS, idle, open_tariff
from dashboards.charts import Drawing
from dashboards.filters import one_of, partner, switch
from dashboards.format import number
from dashboards.parts import figure, heading, nothing, table
from dashboards.places import power_or_all, spelt

_DIRECTIONS: Final = {"dearer": palette.VERMILION, "cheaper": palette.BLUE, "unknown": palette.GREY}


def draw() -> None:
    """Draw the page."""
    st.title("Price changes")
    cells = st.columns(3)
    with cells[0]:
        chosen: dict[str, data.Value] = {"partner": partner()}
    with cells[1]:
        chosen["power"] = power_or_all()
    with cells[2]:
        chosen["moment"] = one_of("When", list(MOMENTS), "moment", shown=MOMENTS.__getitem__)
    left, right, _ = st.columns(3)
    with left:
        chosen["idle_min"] = idle()
    with right:
        chosen["all"] = switch("Also tariffs that no connector names", "unused")
    rows = data.query("pricing/changes", **chosen)
    heading("Of the last 12 months, in basket terms", "price_change", "basket")
    if rows.is_empty():
        nothing(
            "No tariff was seen to change a price. A change shows once a later run finds another "
            "version of a tariff."
        )
        return
    _figures(rows)
    st.altair_chart(_chart(rows), width="stretch")
    st.caption("Prices are for each kWh, before taxes.")
    picked = table(
        spelt(rows),
        "price_changes",
        empty="",
        labels={
            "valid_from_at": "Since",
            "connector_count": "Connectors",
            "delta_share": "Change",
            "before_per_kwh_excl_vat": "Before",
            "after_per_kwh_excl_vat": "After",
            "delta_per_kwh_excl_vat": "Difference",
            "reason": "Why a price is unknown",
        },
        hide=["country_code", "party_id"],
        height=420,
        selectable=True,
    )
    if picked:
        open_tariff(picked, picked["tariff_id"])


def _figures(rows: pl.DataFrame) -> None:
    change = pl.col("delta_per_kwh_excl_vat")
    shown = (
        ("Dearer", rows.filter(change > 0)),
        ("Cheaper", rows.filter(change < 0)),
        ("Unknown", rows.filter(change.is_null())),
    )
    for cell, (label, some) in zip(st.columns(3, gap="small"), shown, strict=True):
        with cell:
            connectors = number(some["connector_count"].sum())
            figure(label, number(some.height), "price_change", note=f"at {connectors} connectors")


def _chart(rows: pl.DataFrame) -> Drawing:
    """Each change as a circle: when, by which share, at how many connectors."""
    change = pl.col("delta_per_kwh_excl_vat")
    drawn = rows.with_columns(
        cs.decimal().cast(pl.Float64),
        direction=pl.when(change > 0)
        .then(pl.lit("dearer"))
        .when(change < 0)
        .then(pl.lit("cheaper"))
        .otherwise(pl.lit("unknown")),
    ).drop_nulls("delta_share")
    domain, colours = palette.scale(_DIRECTIONS, drawn["direction"].to_list())
    chart: Drawing = (
        alt.Chart(drawn)
        .mark_circle(opacity=0.75)
        .encode(
            x=alt.X("valid_from_at:T", title=None, scale=alt.Scale(type="utc")),
            y=alt.Y("delta_share:Q", title="Change", axis=alt.Axis(format="+.0%")),
            size=alt.Size("connector_count:Q", title="Connectors"),
            color=alt.Color(
                "direction:N", title=None, scale=alt.Scale(domain=domain, range=colours)
            ),
            tooltip=[
                "partner:N",
                "tariff_id:N",
                alt.Tooltip("valid_from_at:T", title="Since", format="%Y-%m-%d %H:%M"),
                alt.Tooltip("delta_share:Q", title="Change", format="+.1%"),
                alt.Tooltip("connector_count:Q", title="Connectors", format=","),
            ],
        )
        .properties(height=280)
    )
    return chart


if __name__ == "__main__":
    draw()
