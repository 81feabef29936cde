"""Margin: what our own customers pay, against what roaming costs us."""

from __future__ import annotations

import json
from typing import Any, Final

import streamlit as st

from dashboards import data, services
from dashboards.charts import small_bars
from dashboards.filters import one_of
from dashboards.format import ABSENT, money, number, percent, period_title
from dashboards.parts import figures, heading, report_empty, report_failure, table
from dashboards.places import CHARGE_GROUPS, places, translate_groups
from models.counts import count_label

_GROUPS: Final = {**CHARGE_GROUPS, "contract": "Contract"}
_EXAMPLE: Final = """\
currency: EUR
prices:                                     # the most particular one that fits a charge holds
  - {from: 2026-01-01, kwh: "0.59", session: "0.35"}
  - {from: 2026-01-01, power: hpc, kwh: "0.79"}
  - {from: 2026-07-01, partner: voltix, country: NLD, kwh: "0.55", minute: "0.01"}"""
_LABELS: Final = {
    "retail_excl_vat": "Customers pay",
    "cost_excl_vat": "Roaming costs",
    "margin_share": "Of the price",
    "unpriced_count": "Without a retail price",
}


def draw() -> None:
    """Draw the page."""
    st.title("Margin")
    try:
        prices = services.retail()
    except services.EXPECTED as error:
        report_failure(str(error))
        return
    if prices is None:
        report_empty(
            "There are no retail prices: put them into `retail.yaml` in the home directory."
        )
        st.code(_EXAMPLE, language="yaml")
        return
    chosen = places()
    currencies = list(dict.fromkeys(price["currency"] for price in prices))
    cells = st.columns(3)
    with cells[0]:
        currency = one_of("Currency", currencies, "currency")
    values: dict[str, data.Value] = {
        **{"places": chosen, "currency": currency, "retail": json.dumps(prices)},
    }
    rows = data.query("margin/months", **values)
    if rows.is_empty():
        report_empty(f"Nothing was charged there in {currency}. Take a filter away.")
        return
    newest_whole = int(rows.height > 1 and not rows["is_whole"][0])
    with cells[1]:
        month = one_of("Month", rows["month"].to_list(), "month", first=newest_whole)
    with cells[2]:
        by = one_of("By", list(_GROUPS), "by", shown=_GROUPS.__getitem__) or "operator"
    _figures(rows.filter(month=month).row(0, named=True), str(currency))
    heading("Month by month", "margin")
    chart = small_bars(
        rows.rename({"month": "period"}),
        y="margin_excl_vat",
        title=f"Margin, {currency} before taxes",
    )
    st.altair_chart(chart, width="stretch")
    heading(f"By {_GROUPS[by].lower()}, the smallest first", "margin")
    groups = translate_groups(data.query("margin/by_group", **values, month=month, by=by), by)
    table(
        groups,
        f"margin_by_{by}",
        empty="Nothing was charged.",
        labels={**_LABELS, "group_name": _GROUPS[by]},
        height=460,
        absent=ABSENT,
    )


def _figures(row: dict[str, Any], currency: str) -> None:
    heading(period_title(str(row["month"]), is_whole=row["is_whole"]), "margin")
    figures(
        ("Margin", money(row["margin_excl_vat"], currency), "margin", "before taxes"),
        ("Of the price", percent(row["margin_share"]), "margin", "margin ÷ what customers pay"),
        ("Customers pay", money(row["retail_excl_vat"], currency), "margin", None),
        ("Roaming costs", money(row["cost_excl_vat"], currency), "our_cost", None),
        (
            "Without a retail price",
            number(row["unpriced_count"]),
            "margin",
            f"in no sum here; {count_label(row['charge_count'], 'charge')} have one",
        ),
    )


if __name__ == "__main__":
    draw()
