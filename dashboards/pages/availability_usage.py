"""Utilisation: how busy are EVSEs with our drivers, at which hours, and do charges succeed?"""

from __future__ import annotations

import streamlit as st

from dashboards import data
from dashboards.filters import one_of
from dashboards.format import number, percent
from dashboards.parts import figures, heading, report_empty, table
from dashboards.place_charts import week_grid
from dashboards.places import Places, places, translate_power, unkept
from models.counts import count_label

_MEASURES = {"charging_share": "Charging", "connected_share": "Connected, charging or not"}


def draw() -> None:
    """Draw the page."""
    st.title("Utilisation")
    st.caption(
        "By the CDRs and sessions of our own drivers in the last 28 days: others charge there too."
    )
    chosen = places()
    row = data.query("availability/usage", places=chosen).row(0, named=True)
    if not row["charge_count"]:
        report_empty("Nobody charged there in the last 28 days. Take a filter away.")
        return
    figures(
        (
            "Charges",
            number(row["charge_count"]),
            None,
            number(row["energy_kwh"], digits=0, unit="kWh"),
        ),
        ("Of the time", percent(row["time_share"], digits=2), "utilisation", "charging ÷ open"),
        (
            "Of the energy",
            percent(row["energy_share"], digits=2),
            "utilisation",
            "kWh ÷ rated kW for all open hours",
        ),
        (
            "Idle",
            percent(row["idle_share"]),
            "idle_share",
            f"parking is stated for {percent(row['idle_known_share'])} of the time",
        ),
        ("Success, a proxy", percent(row["success_share"]), "success_proxy", "of all charges"),
    )
    _unplaced(chosen)
    unkept(chosen, "Hours and energy")
    _weeks(chosen)
    heading("By operator and power", "utilisation", "idle_share", "success_proxy")
    table(
        translate_power(data.query("availability/usage_by", places=chosen)),
        "usage",
        empty="Nobody charged there.",
        labels={"time_share": "Of the time", "energy_share": "Of the energy"},
        hide=("country_code", "party_id"),
    )


def _weeks(chosen: Places) -> None:
    """Draw how busy hours are with our drivers, and with everybody as statuses show it."""
    heading("By weekday and hour", "utilisation", "everybody")
    left, right = st.columns(2, gap="medium")
    with left:
        measure = one_of("Our drivers", list(_MEASURES), "measure", shown=_MEASURES.__getitem__)
        name = measure or "charging_share"
        chart = week_grid(
            data.query("availability/week", places=chosen),
            value=name,
            title=f"{_MEASURES[name]}, share of open time",
            number=".2%",
        )
        st.altair_chart(chart, width="stretch")
    with right:
        st.text("Everybody, as statuses show it")
        rows = data.query("availability/week_of_all", places=chosen)
        if rows.is_empty():
            report_empty("No full hour of these EVSEs was observed in the last 28 days.")
            return
        # As high as the field on the left: hours stand beside hours.
        st.caption(f"{number(rows.height)} of 168 hours of the week were observed.")
        chart = week_grid(
            rows,
            value="everybody_share",
            title="CHARGING, share of observed time",
            number=".1%",
        )
        st.altair_chart(chart, width="stretch")


def _unplaced(chosen: Places) -> None:
    """Say which charges are in none of the figures, because no EVSE stands for them."""
    row = data.query("availability/unplaced", places=chosen).row(0, named=True)
    parts = [
        f"{count_label(row[f'{place}_count'], 'charge')} of "
        f"{number(row[f'{place}_kwh'], digits=0, unit='kWh')} at EVSEs that {words}"
        for place, words in (("unlisted", "no location lists"), ("gone", "are not there any more"))
        if row[f"{place}_count"]
    ]
    if parts:
        st.caption(f"Not in these figures: {', and '.join(parts)}.")


if __name__ == "__main__":
    draw()
