"""Prices: what does a kWh cost where, who is dear, and which prices look wrong?"""

from __future__ import annotations

from typing import Any, Final

import polars as pl
import streamlit as st

from dashboards import data
from dashboards.baskets import basket, open_tariff
from dashboards.format import number, percent, price
from dashboards.parts import figures, heading, report_empty, table
from dashboards.price_charts import bar_step, histogram, ranges

_GROUPS_AT_MOST: Final = 20


def draw() -> None:
    """Draw the page."""
    st.title("Prices")
    chosen = basket()
    if chosen["currency"] is None:
        report_empty("No connector has a price yet: run `roamhouse run`.")
        return
    money = str(chosen["currency"])
    spread = data.query("pricing/spread", **chosen).row(0, named=True)
    _figures(chosen, spread, money)
    if not spread["priced_count"]:
        report_empty(
            f"No such connector has a price in {money}. Choose another basket or currency."
        )
        return
    left, right = st.columns(2, gap="medium")
    with left:
        _distribution(chosen, spread, money)
    with right:
        rows = _ranges(chosen, money)
    _groups(rows)
    _outliers(chosen)


def _figures(chosen: dict[str, data.Value], spread: dict[str, Any], money: str) -> None:
    heading("What the basket costs for each kWh, before taxes", "basket", "unpriced")
    middle = data.query("pricing/quantiles", **chosen).row(0, named=True)
    total = spread["priced_count"] + spread["unpriced_count"]
    lowest, highest = spread["lowest_excl_vat"], spread["highest_excl_vat"]
    figures(
        (
            "Median",
            price(middle["p50_excl_vat"], money),
            "basket",
            f"{number(spread['priced_count'])} connectors",
        ),
        ("Cheapest tenth", price(middle["p10_excl_vat"], money), None, "up to this"),
        ("Dearest tenth", price(middle["p90_excl_vat"], money), None, "from this"),
        (
            f"Range, {money}",
            f"{number(lowest, digits=2)} to {number(highest, digits=2)}",
            None,
            f"{number(spread['free_count'])} connectors free",
        ),
        (
            "Without a price",
            percent(spread["unpriced_count"] / total if total else None),
            "unpriced",
            f"{number(spread['unpriced_count'])} connectors",
        ),
    )


def _distribution(chosen: dict[str, data.Value], spread: dict[str, Any], money: str) -> None:
    heading("How prices are spread")
    middle = data.query("pricing/quantiles", **chosen).row(0, named=True)
    step = bar_step(
        *(float(spread[f"{end}_excl_vat"] or 0) for end in ("lowest", "highest")),
        *(float(middle[f"{end}_excl_vat"] or 0) for end in ("p10", "p90")),
    )
    rows = data.query("pricing/distribution", **chosen, step=step)
    st.altair_chart(histogram(rows, step=float(step), currency=money), width="stretch")


def _ranges(chosen: dict[str, data.Value], money: str) -> pl.DataFrame:
    heading(f"The {_GROUPS_AT_MOST} dearest operators, from cheapest connector to dearest")
    rows = data.query("pricing/by_group", **chosen)
    st.altair_chart(ranges(_named(rows.head(_GROUPS_AT_MOST)), money), width="stretch")
    return rows


def _named(rows: pl.DataFrame) -> pl.DataFrame:
    """Return groups with names of their own: several parties may have one operator's chargers."""
    named = rows.with_columns(
        group=pl.format("{} ({}, {})", "operator", "partner", "country"),
        full=pl.format("{} ({}/{}, {})", "operator", "country_code", "party_id", "country"),
    )
    return named.with_columns(
        group=pl.when(pl.col("group").is_duplicated()).then("full").otherwise("group")
    )


def _groups(rows: pl.DataFrame) -> None:
    heading("By partner, region and operator", "basket")
    table(
        rows,
        "prices_by_operator",
        empty="No connector has such a price.",
        labels={
            "lowest_per_kwh_excl_vat": "Lowest",
            "middle_per_kwh_excl_vat": "Middle",
            "highest_per_kwh_excl_vat": "Highest",
        },
    )


def _outliers(chosen: dict[str, data.Value]) -> None:
    heading("Outliers", "outlier")
    picked = table(
        data.query("pricing/outliers", **chosen),
        "price_outliers",
        empty="No price lies far from its peers', or there are too few of them to tell.",
        labels={
            "peer_median_per_kwh_excl_vat": "Median of peers",
            "difference_per_kwh_excl_vat": "Difference",
        },
        height=320,
        selectable=True,
    )
    if picked and picked["tariff_ids"]:
        open_tariff(picked, picked["tariff_ids"][0])


if __name__ == "__main__":
    draw()
