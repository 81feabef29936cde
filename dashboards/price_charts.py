"""Charts of prices: how they are spread over connectors, and from cheapest to dearest."""

from __future__ import annotations

from typing import Final

import altair as alt
import polars as pl
import polars.selectors as cs

from dashboards import palette
from dashboards.charts import Drawing, colour_by, series_colours

_ROW_PX: Final = 26
_FRAME_PX: Final = 60
_BARS: Final = 24
_MOST_BARS: Final = 120
_USUAL_SPREADS: Final = 4
"""Times the distance from the cheapest tenth to the dearest: what lies wider is odd."""
_STEPS: Final = ("0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1", "2", "5", "10", "50")


def bar_step(lowest: float, highest: float, tenth: float, ninth: float) -> str:
    """Return how wide a bar of prices is, so that odd ones do not press all others into two bars.

    Args:
        lowest: of all prices.
        highest: of all prices.
        tenth: up to which the cheapest tenth lies.
        ninth: from which the dearest tenth lies.
    """
    extent = highest - lowest
    width = max(
        min(extent, _USUAL_SPREADS * (ninth - tenth)) / _BARS,
        extent / _MOST_BARS,
    )
    return next((step for step in _STEPS if float(step) >= width), _STEPS[-1])


def histogram(rows: pl.DataFrame, *, step: float, currency: str) -> Drawing:
    """Chart connectors by price for each kWh, a colour for each partner.

    Args:
        rows: `partner`, `step_number`, `connector_count`.
        step: the width of a bar, in the currency for each kWh.
        currency: ISO 4217 code.
    """
    drawn = rows.select(
        "partner",
        "connector_count",
        (pl.col("step_number") * step).alias("low"),
        ((pl.col("step_number") + 1) * step).alias("high"),
    ).with_columns(cs.decimal().cast(pl.Float64))
    partners = drawn["partner"].unique().sort().to_list()
    colours = series_colours(partners)
    chart: Drawing = (
        alt.Chart(drawn)
        .mark_bar()
        .encode(
            x=alt.X("low:Q", bin="binned", title=f"{currency} for each kWh, excl. VAT"),
            x2=alt.X2("high:Q"),
            y=alt.Y("connector_count:Q", title="Connectors"),
            color=colour_by("partner", partners, colours),
            tooltip=[
                alt.Tooltip("partner:N", title="Partner"),
                alt.Tooltip("low:Q", title="From", format=".2f"),
                alt.Tooltip("high:Q", title="Below", format=".2f"),
                alt.Tooltip("connector_count:Q", title="Connectors", format=","),
            ],
        )
        .properties(height=280)
    )
    return chart


def ranges(rows: pl.DataFrame, currency: str) -> Drawing:
    """Chart prices from the cheapest connector to the dearest, with a tick in the middle.

    Args:
        rows: `group` and `lowest_…`, `middle_…`, `highest_per_kwh_excl_vat`.
        currency: ISO 4217 code.
    """
    drawn = rows.with_columns(cs.decimal().cast(pl.Float64))
    tips = [
        alt.Tooltip("group:N", title="Operator"),
        *(
            alt.Tooltip(f"{name}_per_kwh_excl_vat:Q", title=name.capitalize(), format=".4f")
            for name in ("lowest", "middle", "highest")
        ),
        alt.Tooltip("connector_count:Q", title="Connectors", format=","),
    ]
    base = alt.Chart(drawn).encode(
        y=alt.Y("group:N", sort=None, title=None, axis=alt.Axis(labelLimit=260)), tooltip=tips
    )
    bars = base.mark_bar(height=8, cornerRadius=4, color=palette.SKY, minBandSize=2).encode(
        x=alt.X("lowest_per_kwh_excl_vat:Q", title=f"{currency} for each kWh, excl. VAT"),
        x2=alt.X2("highest_per_kwh_excl_vat:Q"),
    )
    middles = base.mark_tick(thickness=4, size=18, color=palette.VERMILION, opacity=1).encode(
        x=alt.X("middle_per_kwh_excl_vat:Q")
    )
    # In pixels: with a step for each row the axis would be as wide as the page, and its end cut.
    return alt.layer(bars, middles).properties(height=drawn.height * _ROW_PX + _FRAME_PX)
