"""Charts of places: shares by day, a week as a grid of hours, statuses on a line of time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import altair as alt
import polars as pl
import polars.selectors as cs

from dashboards import palette
from dashboards.charts import MANY, Drawing, colour_by, days, tip

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def share_line(
    rows: pl.DataFrame,
    *,
    share: str,
    title: str,
    colour: str,
    height: int,
    least: float = 0.0,
    tips: Sequence[alt.Tooltip] = (),
) -> Drawing:
    """Chart a share as a line, by `day_on`, up to all of it.

    Args:
        rows: `day_on` and the share; what is unknown is left out.
        share: its column.
        title: the vertical axis.
        colour: of the line.
        height: in pixels.
        least: where the axis begins, where no share is below it; closer, all labels were the same.
        tips: what to tell on hover; else the day and the share.
    """
    drawn = rows.drop_nulls(share).with_columns(cs.decimal().cast(pl.Float64))
    lowest = min([least, *drawn[share]])
    chart: Drawing = (
        alt.Chart(drawn)
        .mark_line(color=colour, point=alt.OverlayMarkDef(color=colour, size=24))
        .encode(
            x=alt.X("day_on:T", title=None, axis=days()),
            y=alt.Y(
                f"{share}:Q",
                title=title,
                axis=alt.Axis(format=".0%", tickCount=height // 40),
                scale=alt.Scale(domain=[math.floor(lowest * 20) / 20, 1]),
            ),
            tooltip=list(tips) or [tip("day_on:T"), tip(f"{share}:Q", format=".2%")],
        )
        .properties(height=height, usermeta=MANY)
    )
    return chart


def week_grid(rows: pl.DataFrame, *, value: str, title: str, number: str) -> Drawing:
    """Chart weekdays down, hours across, a colour for each hour of the week.

    Args:
        rows: `weekday` (1: Monday), `hour` and the value.
        value: its column.
        title: of the scale, with the unit.
        number: how d3 writes it, as `.1%`.
    """
    drawn = rows.select(
        pl.col("weekday").map_elements(lambda day: WEEKDAYS[day - 1], return_dtype=pl.String),
        "hour",
        pl.col(value).cast(pl.Float64).alias("value"),
    )
    chart: Drawing = (
        alt.Chart(drawn)
        .mark_rect()
        .encode(
            x=alt.X(
                "hour:O",
                title="Hour, local time",
                axis=alt.Axis(labelAngle=0),
                scale=alt.Scale(domain=list(range(24))),
            ),
            y=alt.Y("weekday:N", title=None, scale=alt.Scale(domain=list(WEEKDAYS))),
            color=alt.Color(
                "value:Q",
                title=title,
                scale=alt.Scale(scheme="viridis"),
                legend=alt.Legend(orient="top", format=number, gradientLength=240, titleLimit=400),
            ),
            tooltip=[
                alt.Tooltip("weekday:N", title="Day"),
                alt.Tooltip("hour:O", title="Hour"),
                alt.Tooltip("value:Q", title=title, format=number),
            ],
        )
        .properties(height=alt.Step(28), usermeta=MANY)
    )
    return chart


def status_lines(rows: pl.DataFrame, order: Sequence[str]) -> Drawing:
    """Chart a line of statuses for each EVSE; what only the partner says is paler.

    Args:
        rows: `evse_uid`, `status`, `basis`, `start_at`, `end_at`.
        order: the EVSEs, first at the top.
    """
    domain, colours = palette.scale(palette.EVSE_STATUSES, rows["status"].to_list())
    chart: Drawing = (
        alt.Chart(rows)
        .mark_bar(height=16)
        .encode(
            x=alt.X("start_at:T", title="UTC", scale=alt.Scale(type="utc")),
            x2=alt.X2("end_at:T"),
            y=alt.Y("evse_uid:N", title=None, sort=list(order), axis=alt.Axis(labelLimit=220)),
            color=colour_by("status", domain, colours),
            opacity=alt.Opacity(
                "basis:N",
                legend=None,
                scale=alt.Scale(domain=["observed", "stated by the partner"], range=[1.0, 0.45]),
            ),
            tooltip=[
                alt.Tooltip("evse_uid:N", title="EVSE"),
                alt.Tooltip("status:N", title="Status"),
                alt.Tooltip("basis:N", title="Known from"),
                alt.Tooltip("start_at:T", title="From", format="%Y-%m-%d %H:%M"),
                alt.Tooltip("end_at:T", title="Until", format="%Y-%m-%d %H:%M"),
            ],
        )
        .properties(height=alt.Step(28))
    )
    return chart
