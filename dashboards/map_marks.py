"""The looks of circles on the map, by status, uptime or price, and what the colours mean."""

from __future__ import annotations

from bisect import bisect, bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import polars as pl
import streamlit as st

from dashboards import palette
from dashboards.format import money, percent
from models.counts import count_label

UPTIME_STEPS: Final = (0.9, 0.95, 0.97, 0.99)
"""The shares at which one colour of uptime ends and the next, a better one, begins."""

_CLICK: Final = (
    "Click a circle to come closer, or to open its location; figures and lists follow the map."
)


@dataclass(frozen=True)
class Mark:
    """The look of one circle."""

    count: int  # of the things it stands for
    colour: str  # of its area
    tip: str  # what is said on hover
    several: bool  # whether it stands for several locations, and shows their count
    rim_share: float = 0.0  # the share of its area that is drawn as a dark rim


def status_marks(circles: pl.DataFrame) -> list[Mark]:
    """Return circles coloured by the status most EVSEs show, with what is out of service as rim.

    Args:
        circles: `evse_count`, `out_count`, `location_count`, `status`, `name`.
    """
    return [
        Mark(
            row["evse_count"],
            palette.EVSE_STATUSES[row["status"]],
            _status_tip(row),
            row["location_count"] > 1,
            row["out_count"] / row["evse_count"],
        )
        for row in circles.iter_rows(named=True)
    ]


def uptime_marks(circles: pl.DataFrame) -> list[Mark]:
    """Return circles coloured by their pooled uptime, with the EVSEs that are poor as rim.

    Args:
        circles: `evse_count`, `judged_count`, `poor_count`, `location_count`, `strict_share` (null:
            never observed), `lowest_share`, `name`.
    """
    return [
        Mark(
            row["evse_count"],
            palette.GREY
            if row["strict_share"] is None
            else palette.PRICES[-1 - bisect(UPTIME_STEPS, row["strict_share"])],
            _uptime_tip(row),
            row["location_count"] > 1,
            row["poor_count"] / row["evse_count"],
        )
        for row in circles.iter_rows(named=True)
    ]


def price_marks(circles: pl.DataFrame, steps: Sequence[Decimal], currency: str) -> list[Mark]:
    """Return circles coloured by their middle price.

    Args:
        circles: `connector_count`, `location_count`, `lowest`, `middle` (null: unknown), `name`.
        steps: the prices at which one colour ends and the next begins.
        currency: ISO 4217 code.
    """
    return [
        Mark(
            row["connector_count"],
            palette.GREY
            if row["middle"] is None
            else palette.PRICES[bisect_left(steps, row["middle"])],
            _price_tip(row, currency),
            row["location_count"] > 1,
        )
        for row in circles.iter_rows(named=True)
    ]


def legend(words: Mapping[str, str], note: str) -> None:
    """Draw what the colours of the map mean: our own words → colour; both texts are HTML."""
    marks = "".join(
        f'<span style="white-space:nowrap;margin-right:1em"><span style="display:inline-block;'
        f"width:.75em;height:.75em;border-radius:50%;background:{colour};"
        f'margin-right:.35em"></span>{name}</span>'
        for name, colour in words.items()
    )
    st.html(
        f'<div style="font-size:.85rem">{marks}</div>'
        f'<div style="font-size:.85rem;opacity:.75">{note}</div>'
    )


def status_legend(present: list[str]) -> None:
    """Draw what the colours of statuses mean, of those that occur."""
    legend(
        {
            name.capitalize(): colour
            for name, colour in palette.EVSE_STATUSES.items()
            if name in present
        },
        "Area: number of EVSEs. Colour: what most of them show. Dark rim: share out of service. "
        + _CLICK,
    )


def uptime_legend(window: str) -> None:
    """Draw what the colours of uptime mean; `window`: what it is of, in our own words."""
    steps = [percent(step, digits=0) for step in UPTIME_STEPS]
    words = [f"below {steps[0]}", *(f"from {step}" for step in steps)]
    legend(
        dict(zip(reversed(words), palette.PRICES, strict=True)) | {"not observed": palette.GREY},
        f"Area: number of EVSEs. Colour: strict uptime of all of them together, {window}. Dark "
        f"rim: share of EVSEs below {steps[0]}. {_CLICK}",
    )


def price_legend(steps: Sequence[Decimal], currency: str) -> None:
    """Draw what the colours of prices mean."""
    amounts = [money(step, currency) for step in steps]
    words = [f"up to {amount}" for amount in amounts] + (
        [f"above {amounts[-1]}"] if amounts else ["any price"]
    )
    legend(
        dict(zip(words, palette.PRICES, strict=False)) | {"unknown": palette.GREY},
        "Area: number of connectors. Colour: what the middle one of them costs, in fifths of all "
        f"connectors shown. {_CLICK}",
    )


def _name(row: dict[str, Any]) -> str:
    several = row["location_count"] > 1
    return f"{row['location_count']} locations" if several else str(row["name"])


def _status_tip(row: dict[str, Any]) -> str:
    out = f", {row['out_count']} out of service" if row["out_count"] else ""
    return (
        f"{_name(row)}\n{count_label(row['evse_count'], 'EVSE')}{out}\n"
        f"mostly {row['status'].capitalize()}"
    )


def _uptime_tip(row: dict[str, Any]) -> str:
    counted = f"{_name(row)}\n{count_label(row['evse_count'], 'EVSE')}"
    if row["strict_share"] is None:
        return f"{counted}, none observed"
    return (
        f"{counted}, {row['judged_count']} observed\nuptime {percent(row['strict_share'])}, "
        f"lowest {percent(row['lowest_share'])}\n"
        f"{row['poor_count']} below {percent(UPTIME_STEPS[0], digits=0)}"
    )


def _price_tip(row: dict[str, Any], currency: str) -> str:
    cost = (
        "price unknown"
        if row["middle"] is None
        else f"from {money(row['lowest'], currency)}, middle {money(row['middle'], currency)}"
    )
    return f"{_name(row)}\n{count_label(row['connector_count'], 'connector')}\n{cost}"
