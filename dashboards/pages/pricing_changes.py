"""Changes since a day: prices up and down, places opened and gone, statuses?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import altair as alt
import polars as pl
import polars.selectors as cs
import streamlit as st

from dashboards import data, palette
from dashboards.baskets import MOMENTS, idle, open_tariff
from dashboards.charts import MANY, Drawing, days, tip
from dashboards.filters import day, one_of
from dashboards.format import number
from dashboards.parts import Figure, figures, heading, report_empty, table
from dashboards.places import Places, open_location, places, translate_power
from models.counts import count_label

_SIGNED: Final = "datum.value ? format(datum.value, '+.0%') : '0%'"
_DIRECTIONS: Final = {"dearer": palette.VERMILION, "cheaper": palette.BLUE, "unknown": palette.GREY}
_USUAL: Final = timedelta(days=30)
_LONGEST: Final = timedelta(days=365)


def draw() -> None:
    """Draw the page."""
    st.title("What changed")
    chosen = places()
    as_of: datetime = data.query("snapshot").item()
    left, middle, right = st.columns([1, 1, 2], vertical_alignment="bottom")
    with left:
        earliest = (as_of - _LONGEST).date()
        since = day("Since", "since", (as_of - _USUAL).date(), earliest, as_of.date())
    with middle:
        moment = one_of("Prices at", list(MOMENTS), "moment", shown=MOMENTS.__getitem__)
    with right:
        idle_min = idle()
    at = f"{since.isoformat()}T00:00:00Z"
    _prices({"places": chosen, "since": at, "moment": moment, "idle_min": idle_min})
    _places(chosen, at)
    _statuses(chosen, at)


def _prices(values: dict[str, data.Value]) -> None:
    heading("Prices, in basket terms", "price_change", "basket")
    rows = data.query("changes/prices", **values)
    if rows.is_empty():
        report_empty(
            "No connector's tariff is known to have changed a price since then. A change shows "
            "once a later run finds another version of a tariff."
        )
        return
    of_direction = {row["direction"]: row for row in rows.iter_rows(named=True)}
    figures(*(_direction(name, of_direction.get(name)) for name in _DIRECTIONS))
    rows = rows.drop("direction_tariff_count", "direction_connector_count")
    st.altair_chart(_chart(rows), width="stretch")
    st.caption(
        "A connector that was given another tariff is not "
        "among them: which one it named before is not kept."
    )
    picked = table(
        translate_power(rows),
        "price_changes",
        empty="",
        labels={
            "valid_from_at": "Since",
            "delta_share": "Change",
            "before_per_kwh_excl_vat": "Before",
            "after_per_kwh_excl_vat": "Now",
            "delta_per_kwh_excl_vat": "Difference",
            "reason": "Why a price is unknown",
        },
        hide=["country_code", "party_id", "direction"],
        height=380,
        selectable=True,
    )
    if picked:
        open_tariff(picked, picked["tariff_id"])


def _direction(name: str, row: dict[str, Any] | None) -> Figure:
    connectors, tariffs = (
        row[f"direction_{what}_count"] if row else 0 for what in ("connector", "tariff")
    )
    note = f"connectors, by {count_label(tariffs, 'tariff')}"
    return name.capitalize(), number(connectors), "price_change", note


def _places(chosen: Places, since: str) -> None:
    heading("Places", "opened")
    counts = ("opened_count", "gone_count", "all_came_count", "all_went_count")
    rows = data.listing("changes/places", *counts, places=chosen, since=since)
    opened, gone, came, went = (number(rows.of_all[name]) for name in counts)
    figures(
        ("Opened", opened, "opened", "locations"),
        ("Gone", gone, "opened", "locations"),
        ("EVSEs that came", came, "opened", None),
        ("EVSEs that went", went, "opened", None),
    )
    picked = table(
        rows,
        "changed_places",
        empty="No place opened, went, grew or shrank since then.",
        labels={"came_count": "EVSEs came", "went_count": "EVSEs went", "changed_at": "When"},
        hide=["country_code", "party_id", "location_id"],
        height=320,
        selectable=True,
    )
    if picked:
        open_location(picked)


def _statuses(chosen: Places, since: str) -> None:
    heading("Statuses, then and now", "live_status")
    rows = data.query("changes/statuses", places=chosen, since=since)
    count = dict(rows.group_by("what").agg(pl.col("evse_count").sum()).iter_rows())
    names = ("went out", "came back", "still out", "not known then")
    figures(
        *((name.capitalize(), number(count.get(name, 0)), "live_status", "EVSEs") for name in names)
    )
    table(
        rows,
        "changed_statuses",
        empty="No EVSE matches.",
        height=320,
    )


def _chart(rows: pl.DataFrame) -> Drawing:
    """Chart each change as a circle: when, by which share, at how many connectors."""
    drawn = rows.with_columns(cs.decimal().cast(pl.Float64)).drop_nulls("delta_share")
    domain, colours = palette.scale(_DIRECTIONS, drawn["direction"].to_list())
    chart: Drawing = (
        alt.Chart(drawn)
        .mark_circle(opacity=0.75)
        .encode(
            x=alt.X("valid_from_at:T", title=None, axis=days(), scale=alt.Scale(type="utc")),
            y=alt.Y("delta_share:Q", title="Change", axis=alt.Axis(labelExpr=_SIGNED)),
            # The usual black symbols are not seen on dark ground.
            size=alt.Size(
                "connector_count:Q",
                title="Connectors",
                legend=alt.Legend(symbolFillColor=palette.GREY, symbolStrokeWidth=0),
            ),
            color=alt.Color(
                "direction:N", title=None, scale=alt.Scale(domain=domain, range=colours)
            ),
            tooltip=[
                tip("partner:N"),
                tip("tariff_id:N"),
                alt.Tooltip("valid_from_at:T", title="Since", format="%Y-%m-%d %H:%M"),
                alt.Tooltip("delta_share:Q", title="Change", format="+.1%"),
                alt.Tooltip("connector_count:Q", title="Connectors", format=","),
            ],
        )
        .properties(height=240, usermeta=MANY)
    )
    return chart


if __name__ == "__main__":
    draw()
