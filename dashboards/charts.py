"""Charts: marks for frames that queries brought, in the palette's colours.

Nothing is added up here but where a bar begins. Decimals become floats for drawing only: the
figures next to a chart are exact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import altair as alt
import polars as pl
import polars.selectors as cs

from dashboards import palette
from dashboards.columns import column_title
from dashboards.format import number

_BAR_PX = 24
# What the axis, its title and a legend take of the height.
_FRAME_PX = 140
_LEGEND_PX: Final = 330
"""Room for a legend where two charts stand beside each other on 1280 pixels."""
_LETTER_PX: Final = 6
_SYMBOL_PX: Final = 30
_FEW: Final = 3
"""As many periods stand upright below bars that share a page's width with others."""
_DAY: Final = timedelta(days=1)
MANY: Final = {"embedOptions": {"renderer": "canvas"}}
"""For charts of hundreds of marks: a node for each takes the browser longer than all the rest."""

Drawing = alt.Chart | alt.LayerChart | alt.FacetChart


@dataclass(frozen=True)
class Step:
    """One step of a waterfall."""

    label: str  # what it is
    amount: Decimal  # a total, or what is added to the steps above
    kind: str  # a key of `palette.AMOUNTS`, which colours it
    total: bool = False  # whether it starts at zero again


def waterfall(steps: Sequence[Step], currency: str) -> Drawing:
    """Chart amounts that add up to a total, each bar beginning where the one above it ended.

    The axis holds zero, so that lengths can be compared; what they are taken from is often a
    hundred times as long, and belongs next to the chart.

    Args:
        steps: in order; a total begins at zero again.
        currency: ISO 4217 code of every amount.
    """
    frame = _levels(steps)
    low, high = float(frame["low"].min()), float(frame["high"].max())  # type: ignore[arg-type]
    domain, colour_range = palette.scale(palette.AMOUNTS, frame["kind"].to_list())
    # Room for the amounts, which stand behind the bars.
    scale = alt.Scale(domain=[low, high + (high - low) * 0.3], nice=False, zero=True)
    base = alt.Chart(frame).encode(
        y=alt.Y("step:N", sort=None, title=None, axis=alt.Axis(labelLimit=200))
    )
    bars = base.mark_bar(cornerRadius=2).encode(
        x=alt.X("begin:Q", title=f"{currency} excl. VAT", scale=scale),
        x2=alt.X2("end:Q"),
        color=alt.Color("kind:N", scale=alt.Scale(domain=domain, range=colour_range), legend=None),
        tooltip=[
            tip("step:N"),
            tip("amount:N", title=f"{currency} excl. VAT"),
        ],
    )
    labels = base.mark_text(align="left", dx=5, color=palette.GREY).encode(
        x=alt.X("high:Q", scale=scale), text=alt.Text("amount:N")
    )
    return alt.layer(bars, labels).properties(height=len(steps) * 34 + 60)


def _levels(steps: Sequence[Step]) -> pl.DataFrame:
    rows = []
    level = Decimal(0)
    for step in steps:
        begin = Decimal(0) if step.total else level
        level = step.amount if step.total else level + step.amount
        ends = sorted((begin, level))
        amount = number(step.amount, digits=2)
        rows.append((step.label, float(begin), float(level), *map(float, ends), amount, step.kind))
    names = ["step", "begin", "end", "low", "high", "amount", "kind"]
    return pl.DataFrame(rows, schema=names, orient="row")


def stacked(
    frame: pl.DataFrame,
    *,
    x: str,
    parts: Mapping[str, str],
    title: str,
    colours: Mapping[str, str],
) -> Drawing:
    """Chart one bar for each value of `x`, its parts on top of each other.

    Args:
        frame: one row for each value of `x`.
        x: the column along the axis.
        parts: column → its word in the legend; a key of `colours`.
        title: the vertical axis, with its unit.
        colours: word → colour.
    """
    long = (
        _drawn(frame)
        .select(x, *(pl.col(column).alias(word) for column, word in parts.items()))
        .unpivot(index=x, variable_name="part", value_name="value")
    )
    domain, colour_range = palette.scale(dict(colours), list(parts.values()))
    chart: Drawing = (
        alt.Chart(long)
        .mark_bar(cornerRadius=2)
        .encode(
            x=alt.X(f"{x}:N", title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("value:Q", title=title),
            color=colour_by("part", domain, colour_range),
            tooltip=[tip(x), tip("part"), tip("value:Q", format=",.2f", title=title)],
        )
        .properties(height=320)
    )
    return chart


def across(
    frame: pl.DataFrame,
    *,
    category: str,
    value: str,
    title: str,
    part: str | None = None,
    order: Sequence[str] = (),
    colours: Sequence[str] = (palette.VERMILION,),
    hover: Sequence[str] = (),
) -> Drawing:
    """Chart horizontal bars, the frame's order kept, so that long names can be read.

    Args:
        frame: the rows.
        category: the column that names a bar.
        value: its length.
        title: the horizontal axis, with its unit.
        part: the column that splits a bar, if any.
        order: the values of `part`, in order.
        colours: one for each of them.
        hover: further columns to tell on hover.
    """
    drawn = _drawn(frame)
    bars = drawn[category].n_unique()
    colour: alt.Color | alt.Value[str] = alt.value(colours[0])
    if part is not None:
        colour = colour_by(part, order, colours).sort(list(order))
    told = [category, *hover, *([part] if part else [])]
    chart: Drawing = (
        alt.Chart(drawn)
        .mark_bar(cornerRadius=2)
        .encode(
            y=alt.Y(
                f"{category}:N",
                sort=None,
                title=None,
                axis=alt.Axis(labelLimit=260, labelOverlap=False),
            ),
            x=alt.X(f"{value}:Q", title=title, axis=alt.Axis(tickCount=10)),
            color=colour,
            tooltip=[*map(tip, told), tip(f"{value}:Q", format=",.2f", title=title)],
        )
        .properties(height=bars * _BAR_PX + _FRAME_PX)
    )
    return chart


def against_usual(
    frame: pl.DataFrame, *, actual: str, usual: str, title: str, today: date
) -> Drawing:
    """Chart bars of what was, and a stepped line of what is usual, by `day_on`.

    Args:
        frame: one row for each day.
        actual: the column of the bars.
        usual: the column of the line.
        title: the vertical axis.
        today: which is not over: its bar is paler.
    """
    drawn = _drawn(frame).with_columns(is_whole=pl.col("day_on") < today)
    base = alt.Chart(drawn).encode(x=alt.X("day_on:T", title=None, axis=days()))
    tips = [tip("day_on:T"), tip(f"{actual}:Q"), tip(f"{usual}:Q", format=",.1f")]
    bars = base.mark_bar(color=palette.SKY).encode(
        y=alt.Y(f"{actual}:Q", title=title), opacity=_paler_until_over(), tooltip=tips
    )
    line = base.mark_line(color=palette.VERMILION, interpolate="step", strokeWidth=1.5).encode(
        y=alt.Y(f"{usual}:Q"), tooltip=tips
    )
    return alt.layer(bars, line).properties(height=220, usermeta=MANY)


def trend(frame: pl.DataFrame, *, y: str, series: str, title: str) -> Drawing:
    """Chart a line with points for each series, by `day_on`."""
    drawn = _drawn(frame)
    names = drawn[series].unique().sort().to_list()
    chart: Drawing = (
        alt.Chart(drawn)
        .mark_line(point=True)
        .encode(
            x=alt.X("day_on:T", title=None, axis=days()),
            y=alt.Y(f"{y}:Q", title=title),
            color=colour_by(series, names, series_colours(names)),
            tooltip=[tip("day_on:T"), tip(f"{series}:N"), tip(f"{y}:Q", format=",.2f")],
        )
        .properties(height=280, usermeta=MANY)
    )
    return chart


def small_bars(frame: pl.DataFrame, *, y: str, title: str) -> Drawing:
    """Chart a bar for each `period`, from zero; those that are not over (`is_whole`) are paler."""
    drawn = _drawn(frame)
    chart: Drawing = (
        alt.Chart(drawn)
        .mark_bar(cornerRadius=2, color=palette.BLUE)
        .encode(
            x=alt.X(
                "period:N",
                sort=None,
                title=None,
                axis=alt.Axis(labelAngle=0 if drawn.height <= _FEW else -60),
                scale=alt.Scale(reverse=True),
            ),
            y=alt.Y(f"{y}:Q", title=title, scale=alt.Scale(zero=True)),
            opacity=_paler_until_over(),
            tooltip=[tip("period:N"), tip(f"{y}:Q", format=",.4~f", title=title)],
        )
        .properties(height=200)
    )
    return chart


def _paler_until_over() -> Any:
    return alt.condition("datum.is_whole", alt.value(1.0), alt.value(0.45))


def spans(
    frame: pl.DataFrame, *, row: str, colour: str, colours: Mapping[str, str], tips: Sequence[str]
) -> Drawing:
    """Chart intervals from `start_at` to `end_at` on a common axis of time in UTC.

    Args:
        frame: one row for each interval.
        row: the column that names the line an interval lies on.
        colour: the column that colours it; a key of `colours`.
        colours: value → colour.
        tips: columns to show on hover.
    """
    drawn = _drawn(frame)
    domain, colour_range = palette.scale(dict(colours), drawn[colour].to_list())
    (is_short,) = drawn.select(pl.col("end_at").max() - pl.col("start_at").min() < _DAY).row(0)
    # Of a stay over days, an hour alone says little; and its labels need more room.
    axis = (
        alt.Axis(format="%H:%M", labelFlush=True)
        if is_short
        else alt.Axis(format="%d %b %H:%M", labelFlush=True, tickCount=8)
    )
    chart: Drawing = (
        alt.Chart(drawn)
        .mark_bar(cornerRadius=2, height=18)
        .encode(
            x=alt.X("start_at:T", title="UTC", axis=axis, scale=alt.Scale(type="utc")),
            x2=alt.X2("end_at:T"),
            y=alt.Y(f"{row}:N", sort=None, title=None),
            color=colour_by(colour, domain, colour_range),
            tooltip=[*map(tip, tips)],
        )
        .properties(height=drawn[row].n_unique() * 46 + _FRAME_PX)
    )
    return chart


def days() -> alt.Axis:
    """Return an axis of days, each label with its month; the browser writes some without."""
    return alt.Axis(format="%d %b", tickMinStep=86_400_000, labelFlush=True)


def colour_by(field: str, domain: Sequence[str], colours: Sequence[str]) -> alt.Color:
    """Colour marks by a nominal column, with the legend on top, in as many lines as it needs."""
    scale = alt.Scale(domain=list(domain), range=list(colours))
    legend = alt.Legend(orient="top", columns=_legend_columns(domain))
    return alt.Color(f"{field}:N", title=None, scale=scale, legend=legend)


def _legend_columns(words: Sequence[str]) -> int:
    """Return how many words stand beside each other, so that the narrowest chart cuts none."""
    longest = max(map(len, words), default=0)
    return max(1, _LEGEND_PX // (longest * _LETTER_PX + _SYMBOL_PX))


def tip(field: str, **options: Any) -> alt.Tooltip:
    """Tell a field on hover, by its name as people read it.

    A field that is left to Altair as a bare text costs it 3 ms, and this 10 µs.

    Args:
        field: a column, and its type where it does not say it, as `day_on:T`.
        options: how the value is written; another title.
    """
    options.setdefault("title", column_title(field.partition(":")[0]))
    return alt.Tooltip(field, **options)


def series_colours(names: Sequence[str]) -> list[str]:
    """Return a colour for each series; they repeat after the last."""
    return [palette.SERIES[i % len(palette.SERIES)] for i in range(len(names))]


def _drawn(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(cs.decimal().cast(pl.Float64))
