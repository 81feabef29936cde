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
from dashboards.format import count_label, number
from dashboards.parts import figures, heading, report_empty, table
from dashboards.places import power_or_all, translate_power

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
        report_empty(
            "No tariff was seen to change a price. A change shows once a later run finds another "
            "version of a tariff."
        )
        return
    _figures(rows, data.query("pricing/changed_connectors", **chosen))
    st.altair_chart(_chart(rows), width="stretch")
    st.caption("Prices are for each kWh, before taxes.")
    picked = table(
        translate_power(rows),
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
        hide=["country_code", "party_id", "direction"],
        height=420,
        selectable=True,
    )
    if picked:
        open_tariff(picked, picked["tariff_id"])


def _figures(rows: pl.DataFrame, connectors: pl.DataFrame) -> None:
    changed = dict(connectors.iter_rows())
    figures(
        *(
            (
                direction.capitalize(),
                number(rows.filter(direction=direction).height),
                "price_change",
                f"at {count_label(changed.get(direction, 0), 'connector')}",
            )
            for direction in _DIRECTIONS
        )
    )


def _chart(rows: pl.DataFrame) -> Drawing:
    """Chart each change as a circle: when, by which share, at how many connectors."""
    drawn = rows.with_columns(cs.decimal().cast(pl.Float64)).drop_nulls("delta_share")
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
