"""Drivers' attempts: does a charge work at the first attempt, and where does it not?"""

from __future__ import annotations

from typing import Any, Final

import polars as pl
import streamlit as st

from dashboards import data, palette
from dashboards.charts import Drawing, tip
from dashboards.filters import one_of
from dashboards.format import number, percent
from dashboards.parts import figures, heading, report_empty, table
from dashboards.place_charts import share_line
from dashboards.places import CHARGE_GROUPS, places, translate_groups

_SPANS: Final = {"28": "Last 28 days", "91": "Last 13 weeks", "365": "Last 12 months"}
_LEAST_SHOWN: Final = 0.9
_LABELS: Final = {
    "failed_count": "Failed",
    "repeat_count": "Repeated",
    "short_count": "Under 2 minutes",
    "no_energy_count": "No energy",
    "invalid_count": "INVALID",
}


def draw() -> None:
    """Draw the page."""
    st.title("How drivers fare")
    chosen = places()
    left, middle, _ = st.columns([1, 1, 2])
    with left:
        days = one_of("Span", list(_SPANS), "days", first=1, shown=_SPANS.__getitem__)
    with middle:
        by = one_of("By", list(CHARGE_GROUPS), "by", shown=CHARGE_GROUPS.__getitem__) or "operator"
    values: dict[str, data.Value] = {"places": chosen, "days": days}
    row = data.query("drivers/figures", **values).row(0, named=True)
    if not row["attempt_count"]:
        report_empty("Our drivers tried to charge nowhere there in that time. Take a filter away.")
        return
    st.caption(
        "A proxy, from CDRs, ended sessions that none bills, and repeated attempts: nobody says "
        "why a charge was short, and what never became a session is seen by nobody."
    )
    _figures(row)
    heading("First-time success, week by week", "first_time")
    st.altair_chart(_weekly(data.query("drivers/weekly", **values)), width="stretch")
    heading(f"By {CHARGE_GROUPS[by].lower()}, most failures first", "first_time", "repeat")
    rows = translate_groups(data.query("drivers/by_group", **values, by=by), by)
    table(
        rows,
        f"drivers_by_{by}",
        empty="",
        labels={**_LABELS, "group_name": CHARGE_GROUPS[by]},
        height=460,
    )


def _figures(row: dict[str, Any]) -> None:
    heading("Attempts", "first_time", "repeat", "success_proxy")
    total = row["attempt_count"]
    figures(
        (
            "Worked at the first attempt",
            percent(row["first_time_share"]),
            "first_time",
            f"of {number(row['first_count'])} first attempts",
        ),
        (
            "Attempts",
            number(total),
            "success_proxy",
            f"{percent(row['success_share'])} of them worked",
        ),
        (
            "Failed",
            number(row["failed_count"]),
            "success_proxy",
            f"no energy {number(row['no_energy_count'])}, INVALID {number(row['invalid_count'])}",
        ),
        (
            "Under 2 minutes",
            number(row["short_count"]),
            "success_proxy",
            percent(row["short_count"] / total),
        ),
        (
            "Repeated",
            number(row["repeat_count"]),
            "repeat",
            "after a failure at the same place",
        ),
    )


def _weekly(rows: pl.DataFrame) -> Drawing:
    return share_line(
        rows,
        share="first_time_share",
        title="Worked at the first attempt",
        colour=palette.GREEN,
        height=220,
        least=_LEAST_SHOWN,
        tips=[
            tip("day_on:T", title="Week from"),
            tip("first_time_share:Q", title="First time", format=".1%"),
            tip("attempt_count:Q", title="Attempts", format=","),
        ],
    )


if __name__ == "__main__":
    draw()
