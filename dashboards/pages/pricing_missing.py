"""Connectors without a price: how many, whose, and why?"""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import streamlit as st

from dashboards import data
from dashboards.baskets import REASONS, open_tariff
from dashboards.charts import across, series_colours
from dashboards.filters import one_of
from dashboards.format import number, percent, words
from dashboards.parts import figures, heading, report_empty, table
from dashboards.places import places, translate_power


def draw() -> None:
    """Draw the page."""
    st.title("Connectors without a price")
    chosen = places()
    # The class that is asked for is the connector's own, not that of its EVSE's strongest one.
    asked = json.loads(chosen)
    power = asked.pop("power", None)
    values: dict[str, data.Value] = {"places": json.dumps(asked), "power": power}
    total = data.query("pricing/missing_totals", **values).row(0, named=True)
    if not total["connector_count"]:
        report_empty("There is no connector. Take a filter away, or run `roamhouse run`.")
        return
    _figures(total)
    reasons = data.query("pricing/missing_reasons", **values)
    if reasons.is_empty():
        st.success("Every connector has a price.", icon=":material/check:")
        return
    _reasons(reasons)
    names = reasons["reason"].unique(maintain_order=True).to_list()
    heading("Which they are", "unpriced")
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    with left:
        reason = one_of("Reason", names, "reason", shown=words)
    with right:
        st.text(REASONS.get(reason or "", ""))
    _offers(values, reason or names[0])


def _figures(total: dict[str, Any]) -> None:
    every = total["connector_count"]
    missing = every - total["priced_count"]
    figures(
        ("Connectors", number(every), None, "each EVSE counted once"),
        (
            "Tariff known",
            percent(total["resolved_count"] / every),
            "tariff_coverage",
            f"{number(total['resolved_count'])} connectors",
        ),
        (
            "With a price",
            number(total["priced_count"]),
            "basket",
            f"for the noon basket; {number(total['gross_only_count'])} after taxes only",
        ),
        ("Without a price", number(missing), "unpriced", percent(missing / every)),
    )


def _reasons(reasons: pl.DataFrame) -> None:
    heading("Why", "unpriced", "tariff_coverage")
    partners = reasons["partner"].unique().sort().to_list()
    drawn = reasons.with_columns(
        pl.col("reason").map_elements(words, return_dtype=pl.String),
    )
    chart = across(
        drawn,
        category="reason",
        value="connector_count",
        title="Connectors",
        part="partner",
        order=partners,
        colours=series_colours(partners),
    )
    st.altair_chart(chart, width="stretch")


def _offers(values: dict[str, data.Value], reason: str) -> None:
    picked = table(
        translate_power(data.query("pricing/missing", **values, reason=reason)),
        "unpriced",
        empty="None.",
        labels={"named_tariffs": "Tariffs named"},
        height=380,
        selectable=reason in ("NOTHING_APPLIES", "TARIFF_NOT_ACTIVE", "TARIFF_UNUSABLE"),
    )
    if picked and picked["named_tariffs"]:
        open_tariff(picked, picked["named_tariffs"][0])


if __name__ == "__main__":
    draw()
