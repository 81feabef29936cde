"""Charging and cost: how much do our drivers charge, what does it cost, what changed?"""

from __future__ import annotations

from typing import Any, Final

import polars as pl
import streamlit as st

from dashboards import data
from dashboards.charts import small_bars
from dashboards.filters import any_of, one_of
from dashboards.format import ABSENT, money, number, percent, period_title, price
from dashboards.parts import figures, heading, report_empty, table
from dashboards.places import CHARGE_GROUPS, Places, places, translate_groups
from models.counts import count_label

_GRAINS: Final = {"month": "Month", "week": "Week"}
_AGAINST: Final = {"before": "The period before", "year": "A year ago"}
_STANDINGS: Final = {"new": "New", "lost": "Lost", "not_yet": "Not yet", "kept": "In both"}
_PERIODS_SHOWN: Final = {"month": 13, "week": 53}


def draw() -> None:
    """Draw the page."""
    st.title("Charging and cost")
    chosen = places()
    currencies = data.query("charges/currencies")["currency"].to_list()
    if not currencies:
        report_empty("Our drivers charged nowhere yet: no partner sent a CDR.")
        return
    cells = st.columns(4)
    with cells[0]:
        grain = one_of("By", list(_GRAINS), "grain", shown=_GRAINS.__getitem__) or "month"
    with cells[1]:
        against = one_of("Beside", list(_AGAINST), "against", shown=_AGAINST.__getitem__)
    with cells[2]:
        currency = one_of("Currency", currencies, "currency") or currencies[0]
    values: dict[str, data.Value] = {
        **{"places": chosen, "grain": grain, "against": against, "currency": currency},
    }
    rows = data.query("charges/periods", **values)
    if rows.is_empty():
        report_empty(f"Nothing was charged there in {currency}. Take a filter away.")
        return
    names = rows["period"].to_list()
    with cells[3]:
        newest_whole = int(rows.height > 1 and not rows["is_whole"][0])
        period = one_of(_GRAINS[grain], names, "period", first=newest_whole) or names[0]
    _figures(rows.filter(period=period).row(0, named=True), against or "before", currency)
    _unbilled(chosen)
    _trend(rows.head(_PERIODS_SHOWN[grain]), currency)
    _groups(values, str(rows.filter(period=period)["begins_on"].item()), currency)
    heading(f"Every {grain}", "our_cost")
    table(
        rows.drop("begins_on"),
        "charges",
        empty="",
        labels={"is_whole": "Over", **_HEADINGS},
        height=360,
        absent=ABSENT,
    )


_HEADINGS: Final = {
    "cost_per_kwh_excl_vat": "Each kWh",
    "before_charge_count": "Charges beside",
    "before_energy_kwh": "Energy beside, kWh",
    "before_cost_excl_vat": "Cost beside",
    "before_cost_per_kwh_excl_vat": "Each kWh beside",
    "group_name": "Who or where",
    "cost_share": "Of the cost",
    "standing": "New or lost",
}


def _figures(row: dict[str, Any], against: str, currency: str) -> None:
    heading(period_title(row["period"], is_whole=row["is_whole"]), "our_cost")
    beside = _AGAINST[against].lower()

    def note(change: str, before: str) -> str:
        share = row[f"{change}_change_share"]
        return f"{beside}: {before}" + ("" if share is None else f" ({_signed(share)})")

    def known(name: str, written: str) -> str:
        return "none" if row[name] is None else written

    figures(
        (
            "Charges",
            number(row["charge_count"]),
            "our_cost",
            note("charge", known("before_charge_count", number(row["before_charge_count"]))),
        ),
        (
            "Energy",
            number(row["energy_kwh"], unit="kWh"),
            "our_cost",
            note(
                "energy",
                known("before_energy_kwh", number(row["before_energy_kwh"], unit="kWh")),
            ),
        ),
        (
            "Cost before taxes",
            money(row["cost_excl_vat"], currency),
            "our_cost",
            note(
                "cost", known("before_cost_excl_vat", money(row["before_cost_excl_vat"], currency))
            ),
        ),
        (
            "Each kWh",
            price(row["cost_per_kwh_excl_vat"], currency),
            "our_cost",
            note(
                "per_kwh",
                known(
                    "before_cost_per_kwh_excl_vat",
                    price(row["before_cost_per_kwh_excl_vat"], currency),
                ),
            ),
        ),
    )


def _signed(share: Any) -> str:
    return ("+" if share > 0 else "") + percent(share)


def _unbilled(chosen: Places) -> None:
    row = data.query("charges/unbilled", places=chosen).row(0, named=True)
    parts = []
    if row["unbilled_count"]:
        parts.append(
            f"{count_label(row['unbilled_count'], 'ended session')} "
            f"({number(row['unbilled_kwh'], unit='kWh')}) that no CDR bills yet"
        )
    if row["unstated_count"]:
        parts.append(f"the cost of {count_label(row['unstated_count'], 'CDR')} without a total")
    if parts:
        st.caption(f"Not in these figures, of all times: {'; '.join(parts)}.")
    if row["unlisted_count"]:
        st.caption(
            f"{count_label(row['unlisted_count'], 'charge')} of all times took place at EVSEs that "
            "no location lists: their operator and power are unknown."
        )


def _trend(rows: pl.DataFrame, currency: str) -> None:
    heading("Over time", "our_cost")
    for cell, (column, title) in zip(
        st.columns(3, gap="medium"),
        (
            ("cost_excl_vat", f"{currency} before taxes"),
            ("energy_kwh", "kWh"),
            ("cost_per_kwh_excl_vat", f"{currency} for each kWh"),
        ),
        strict=True,
    ):
        with cell:
            st.altair_chart(small_bars(rows, y=column, title=title), width="stretch")


def _groups(values: dict[str, data.Value], begins_on: str, currency: str) -> None:
    heading("Who and where, by what it cost", "our_cost")
    left, right, _ = st.columns([1, 1, 2])
    with left:
        by = one_of("By", list(CHARGE_GROUPS), "by", shown=CHARGE_GROUPS.__getitem__)
    with right:
        standing = any_of(
            "New and lost", list(_STANDINGS), "standing", shown=_STANDINGS.__getitem__
        )
    rows = data.query("charges/by_group", **values, begins_on=begins_on, by=by)
    rows = translate_groups(rows, by)
    if standing:
        rows = rows.filter(standing=standing)
    table(
        rows,
        f"charges_by_{by}",
        empty="There is none.",
        labels={**_HEADINGS, "group_name": CHARGE_GROUPS[by or "operator"]},
        height=420,
        absent=ABSENT,
    )


if __name__ == "__main__":
    draw()
