"""Connectors without a price: how many, whose, and why?"""

from __future__ import annotations

from typing import Any, Final

import polars as pl
import streamlit as st

from dashboards import data
from dashboards.baskets import REASONS, open_tariff
from dashboards.charts import across, series_colours
from dashboards.filters import one_of, partner
from dashboards.format import number, percent, words
from dashboards.parts import figures, heading, report_empty, table
from dashboards.places import translate_power

_AT_MOST: Final = 2000


def draw() -> None:
    """Draw the page."""
    st.title("Connectors without a price")
    left, _ = st.columns([1, 3])
    with left:
        who = partner()
    total = data.query("pricing/missing_totals", partner=who).row(0, named=True)
    if not total["connector_count"]:
        report_empty("There is no connector. Choose another partner, or run `roamhouse run`.")
        return
    _figures(total)
    reasons = data.query("pricing/missing_reasons", partner=who)
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
    _offers(who, reason or names[0])


def _figures(total: dict[str, Any]) -> None:
    missing = total["connector_count"] - total["priced_count"]
    share = percent(missing / total["connector_count"])
    figures(
        ("Connectors", number(total["connector_count"]), None, "each EVSE counted once"),
        ("With a price", number(total["priced_count"]), "basket", "for the noon basket"),
        ("Without a price", number(missing), "unpriced", share),
        (
            "After taxes only",
            number(total["gross_only_count"]),
            None,
            "the net price is not stated",
        ),
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


def _offers(who: str | None, reason: str) -> None:
    picked = table(
        translate_power(
            data.query("pricing/missing", partner=who, reason=reason, at_most=_AT_MOST)
        ),
        "unpriced",
        empty="None.",
        labels={"named_tariffs": "Tariffs named", "connector_count": "Connectors"},
        height=380,
        selectable=reason in ("NOTHING_APPLIES", "TARIFF_NOT_ACTIVE", "TARIFF_UNUSABLE"),
    )
    if picked and picked["named_tariffs"]:
        open_tariff(picked, picked["named_tariffs"][0])


if __name__ == "__main__":
    draw()
