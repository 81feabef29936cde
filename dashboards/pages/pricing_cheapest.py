"""Cheapest for a charge: who is cheapest for this very charge, here, then?"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Final

import polars as pl
import streamlit as st

from dashboards import data, palette
from dashboards import map as places_map
from dashboards.baskets import REASONS, open_tariff
from dashboards.filters import amount, clock, day, one_of, some_of
from dashboards.format import money, number, price, words
from dashboards.map_marks import price_legend, price_marks
from dashboards.parts import figures, heading, report_empty, table
from dashboards.places import Places, follow_map, map_box, open_location, places
from dashboards.price_lines import price_lines
from models.counts import count_label
from models.marts.prices_compare import (
    OFFER,
    Wish,
    charge_at,
    charge_prices,
    even_power_kw,
    price_cells,
    price_steps,
    rank,
)
from models.marts.prices_simulation import simulate

_SIDES: Final = {"incl_vat": "Including VAT", "excl_vat": "Before VAT"}
_BESIDE: Final = 2


def draw() -> None:
    """Draw the page."""
    st.title("Cheapest for a charge")
    chosen = places()
    wish, car_kw, side = _wish()
    needed = even_power_kw(wish)
    power: dict[str, data.Value] = {"car_kw": str(needed or car_kw), "needed_kw": str(needed)}
    values = {"places": chosen, **power}
    connectors = data.query("pricing/charge_places", **values).join(
        _prices(data.shown(), tuple(power.items()), wish),
        on=OFFER,
        how="left",
        maintain_order="left",
    )
    if connectors.is_empty():
        report_empty("No connector here can make this charge. Take a filter away, or ask for less.")
        return
    currency = _currency(connectors)
    if currency is None:
        _unpriced(connectors, values)
        report_empty("No connector here has a price for this charge.")
        return
    # What has no price has no currency either, and stays to be counted.
    connectors = connectors.filter(pl.col("currency").is_null() | (pl.col("currency") == currency))
    cost = f"cost_{side}"
    operators = rank(connectors, ("operator",), cost, wish.energy_kwh).with_columns(
        currency=pl.lit(currency)
    )
    _figures(operators, side, currency)
    _unpriced(connectors, values)
    _ranking(operators, side)
    _map(chosen, connectors, cost, currency)
    _side_by_side(connectors, operators, wish, side, currency)
    _tariffs(connectors, wish, side, currency)


def _wish() -> tuple[Wish, Decimal, str]:
    """Ask for the charge, what the car takes, and which price counts."""
    as_of: datetime = data.query("snapshot").item()
    cells = st.columns(7)
    with cells[0]:
        energy = amount("kWh", "kwh", 30.0, 0.1, 2000.0, 5.0)
    with cells[1]:
        car = amount("Car takes, kW", "car", 50.0, 0.5, 5000.0, 10.0)
    with cells[2]:
        minutes = amount("Minutes; 0: as it goes", "minutes", 0, 0, 20_000, 15)
    with cells[3]:
        idle = amount("Idle, minutes", "idle", 0, 0, 20_000, 15)
    with cells[4]:
        starts_on = day("Day", "day", (as_of + timedelta(days=1)).date())
    with cells[5]:
        starts_at = clock("Start", "start", time(12))
    with cells[6]:
        side = one_of("Price", list(_SIDES), "price", shown=_SIDES.__getitem__)
    return (
        Wish(_exact(energy), starts_on, starts_at, minutes or None, idle),
        _exact(car),
        side or "incl_vat",
    )


def _exact(value: float) -> Decimal:
    return Decimal(str(round(value, 3)))


# Of all offers, wherever they are asked for, so that a filter prices none again. And told apart by
# what was asked for: a digest of thousands of offers takes as long as to price them.
@st.cache_resource(show_spinner="Pricing the charge …", max_entries=50)
def _prices(snapshot: str, power: tuple[tuple[str, data.Value], ...], wish: Wish) -> pl.DataFrame:
    return charge_prices(data.query("pricing/charge_offers", **dict(power)), wish)


def _currency(connectors: pl.DataFrame) -> str | None:
    names = (
        connectors.drop_nulls("currency")
        .group_by("currency")
        .agg(pl.col("connector_count").sum())
        .sort("connector_count", "currency", descending=[True, False])["currency"]
        .to_list()
    )
    if len(names) < _BESIDE:
        return next(iter(names), None)
    left, _ = st.columns([1, 4])
    with left:
        return one_of("Currency", names, "currency")


def _figures(operators: pl.DataFrame, side: str, currency: str) -> None:
    best = operators.row(0, named=True)
    cheapest = operators.sort(f"lowest_{side}", nulls_last=True).row(0, named=True)
    dearest = operators.sort(f"highest_{side}", descending=True, nulls_last=True).row(0, named=True)
    heading("The answer", "my_charge", "unpriced")
    figures(
        (
            "Cheapest connector",
            money(lowest := cheapest[f"lowest_{side}"], currency),
            "my_charge",
            "free: its tariff says so" if lowest == 0 else _SIDES[side],
        ),
        (
            "Cheapest operator's middle",
            money(best[f"middle_{side}"], currency),
            "my_charge",
            f"{price(best[f'middle_per_kwh_{side}'], currency)} for each kWh",
        ),
        ("Dearest connector", money(dearest[f"highest_{side}"], currency), "my_charge", None),
        (
            "With a price",
            number(operators["connector_count"].sum()),
            None,
            count_label(operators.filter(pl.col("connector_count") > 0).height, "operator"),
        ),
    )
    st.text(f"Cheapest connector: {cheapest['operator']}. Cheapest operator: {best['operator']}.")


def _unpriced(connectors: pl.DataFrame, values: dict[str, data.Value]) -> None:
    """Say for how many connectors nobody can tell, and why."""
    lacking = connectors.filter(pl.col("reason").is_not_null())
    reasons = (
        lacking.group_by("reason")
        .agg(pl.col("connector_count").sum())
        .sort("connector_count", "reason", descending=[True, False])
    )
    parts = [f"{words(reason.lower())}: {count:,}" for reason, count in reasons.iter_rows()]
    vat = connectors.filter(
        pl.col("reason").is_null() & pl.col("cost_incl_vat").is_null(),
    )["connector_count"].sum()
    if vat:
        parts.append(f"VAT not stated: {vat:,}")
    left_out = data.query(
        "pricing/charge_left_out", places=values["places"], needed_kw=values["needed_kw"]
    ).row(0, named=True)
    for name, what in (("power_unknown", "power unknown"), ("too_weak", "too weak")):
        if left_out[f"{name}_count"]:
            parts.append(f"{what}: {left_out[f'{name}_count']:,}")
    if parts:
        why = [REASONS[reason] for reason in reasons["reason"] if reason in REASONS]
        st.caption(
            f"Connectors without such a price, which rank nowhere: {'; '.join(parts)}. "
            + " ".join(dict.fromkeys(why))
        )


def _ranking(operators: pl.DataFrame, side: str) -> None:
    heading("Operators, the cheapest first", "my_charge")
    few = pl.col("connector_count") < pl.col("unpriced_count")
    if operators.filter(few & (pl.col("connector_count") > 0)).height:
        st.caption("Those with a price for fewer connectors than not come last, however cheap.")
    shown = ("operator", f"middle_{side}", f"middle_per_kwh_{side}", f"lowest_{side}")
    table(
        operators.select(
            *shown, f"highest_{side}", "connector_count", "unpriced_count", "currency"
        ),
        "cheapest",
        empty="No operator has a price.",
        labels={
            "unpriced_count": "Without a price",
            f"middle_per_kwh_{side}": "Middle, each kWh",
            f"lowest_{side}": "Lowest",
            f"middle_{side}": "Middle",
            f"highest_{side}": "Highest",
        },
        height=320,
    )


def _map(chosen: Places, connectors: pl.DataFrame, cost: str, currency: str) -> None:
    heading("Map by price")
    placed = connectors.drop_nulls(("longitude", "latitude"))
    if placed.is_empty():
        report_empty("None of these connectors has a place that could be shown.")
        return
    edges = placed.select(
        west=pl.col("longitude").min(),
        south=pl.col("latitude").min(),
        east=pl.col("longitude").max(),
        north=pl.col("latitude").max(),
    ).row(0, named=True)
    box = map_box(edges)
    steps = price_steps(placed, cost, len(palette.PRICES))
    sites = placed.select("partner", "country_code", "party_id", "location_id").n_unique()
    circles = price_cells(placed, cost, places_map.cell_degrees(box, sites))
    opened = places_map.draw(
        circles,
        price_marks(circles, steps, currency),
        box,
        "Map of connectors: circles by place, coloured by price",
        data.query("availability/names", places=chosen),
        follow_map,
    )
    price_legend(steps, currency)
    if opened:
        open_location(opened)


def _side_by_side(
    connectors: pl.DataFrame, operators: pl.DataFrame, wish: Wish, side: str, currency: str
) -> None:
    heading("Two side by side", "my_charge")
    names = operators.filter(pl.col("connector_count") > 0)["operator"].to_list()
    chosen = some_of("Operators", names, "beside", every="Choose two")
    if not chosen:
        st.caption("Choose two operators to see what each of them charges for, line by line.")
        return
    for cell, name in zip(st.columns(max(len(chosen), 1), gap="medium"), chosen, strict=True):
        with cell:
            row = operators.filter(operator=name).row(0, named=True)
            st.text(name)
            figures(
                ("Lowest", money(row[f"lowest_{side}"], currency), None, None),
                ("Middle", money(row[f"middle_{side}"], currency), None, None),
                ("Highest", money(row[f"highest_{side}"], currency), None, None),
            )
            _lines(connectors.filter(operator=name), wish, name)


def _lines(connectors: pl.DataFrame, wish: Wish, name: str) -> None:
    """Draw the price lines of the offer that most of an operator's connectors have."""
    commonest = (
        connectors.filter(pl.col("reason").is_null())
        .group_by(OFFER)
        .agg(pl.col("connector_count").sum(), pl.col("tariff_ids").first())
        .sort("connector_count", *OFFER, descending=[True, *(False for _ in OFFER)])
        .row(0, named=True)
    )
    owner = {key: commonest[key] for key in ("partner", "country_code", "party_id", "offer")}
    tariffs = data.query("pricing/offer", **owner).item()
    zone = None if commonest["zone"] == "unknown" else commonest["zone"]
    charge = charge_at(wish, zone, commonest["kw"])
    st.caption(f"Most of its connectors ({commonest['connector_count']:,}) charge this:")
    table(
        price_lines(simulate(charge, tuple(tariffs), zone).lines, zone),
        f"lines_{name}",
        empty="Nothing is charged for.",
        labels={"start": "From, local", "tariff_id": "Tariff"},
    )


def _tariffs(connectors: pl.DataFrame, wish: Wish, side: str, currency: str) -> None:
    heading("Tariffs behind it, the cheapest first", "my_charge")
    by = ("operator", "partner", "country_code", "party_id", "tariff_ids", "kw")
    rows = rank(
        connectors.filter(pl.col("reason").is_null()), by, f"cost_{side}", wish.energy_kwh
    ).with_columns(currency=pl.lit(currency))
    picked = table(
        rows.select(
            *("operator", f"middle_{side}", f"middle_per_kwh_{side}", "currency"),
            *("connector_count", "kw", "tariff_ids", "partner", "country_code", "party_id"),
        ),
        "cheapest_tariffs",
        empty="No connector has a price.",
        labels={
            "kw": "At a power of, kW",
            "tariff_ids": "Tariffs",
            f"middle_{side}": "Cost",
            f"middle_per_kwh_{side}": "Each kWh",
        },
        hide=["country_code", "party_id"],
        height=380,
        selectable=True,
    )
    if picked and picked["tariff_ids"]:
        open_tariff(picked, picked["tariff_ids"][0])


if __name__ == "__main__":
    draw()
