"""The price of one charge at many connectors, so that they can be ranked and put on a map."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

import polars as pl

from models.marts.prices_baskets import for_each_kwh
from models.marts.prices_charge import HOUR_S, MINUTE_S, Charge, local_start
from models.marts.prices_engine import Case, price_cases
from models.tables.kinds import QUANTITY

_PRICED: Final = {
    "cost_excl_vat": "expected_excl_vat",
    "cost_incl_vat": "expected_incl_vat",
    "currency": "currency",
    "reason": "reason",
    "tariff_ids": "tariff_ids",
}
OFFER: Final = ("partner", "country_code", "party_id", "offer", "zone", "kw")
"""What the price of a charge depends on: the tariffs, the time zone, the power it is made at."""
_TERMS: Final = ("terms", "zone", "kw")
_NAMES: Final = r'"(?:id|last_updated)":"(?:[^"\\]|\\.)*"'
"""What a tariff's text states that no price depends on; many differ in that alone."""


@dataclass(frozen=True)
class Wish:
    """The charge that somebody wants to compare connectors by."""

    energy_kwh: Decimal  # energy, above zero
    day: date  # local day of the start
    clock: time  # local time of the start
    # how long energy flows; None: as long as it takes at the connector's power
    charging_min: int | None = None
    idle_min: int = 0  # minutes connected after that


def charge_at(wish: Wish, zone: str | None, kw: Decimal) -> Charge:
    """Return the charge at one connector.

    Args:
        wish: what is wanted.
        zone: IANA zone of the place; where it is not known, times are taken as UTC.
        kw: the power at which the connector and the car would charge, above zero.
    """
    start = local_start(wish.day, wish.clock, zone)
    if wish.charging_min is not None:
        seconds = wish.charging_min * MINUTE_S
    else:
        seconds = int((wish.energy_kwh * HOUR_S / kw).to_integral(ROUND_HALF_UP))
    return Charge(start, wish.energy_kwh, max(seconds, 1), wish.idle_min * MINUTE_S)


def even_power_kw(wish: Wish) -> Decimal:
    """Return the power that energy and minutes ask for; 0: they ask for none."""
    if wish.charging_min is None:
        return Decimal(0)
    power = wish.energy_kwh * HOUR_S / (wish.charging_min * MINUTE_S)
    return power.quantize(Decimal("1e-9"), ROUND_HALF_UP)


def charge_prices(offers: pl.DataFrame, wish: Wish) -> pl.DataFrame:
    """Price a charge at every offer, rounded once to the currency's minor unit.

    Args:
        offers: `OFFER`, each once, with `tariffs` (canonical JSON, in order; null: none is known)
            and `reason` (why none is).
        wish: what is wanted.

    Returns:
        `OFFER`, `cost_excl_vat`, `cost_incl_vat` (null: unknown), `currency`, `reason`,
        `tariff_ids`.
    """
    terms = pl.col("tariffs").list.join("\n").str.replace_all(_NAMES, "")
    named = offers.with_columns(
        terms=pl.when(pl.col("tariffs").list.len() > 0).then(terms),
        names=pl.col("tariffs").list.eval(pl.element().str.json_path_match("$.id").fill_null("")),
    )
    cases = (
        named.filter(pl.col("terms").is_not_null())
        .group_by(*_TERMS, maintain_order=True)
        .agg(pl.col("tariffs", "names").first())
    )
    priced = pl.concat([cases.select(_TERMS), _price(wish, cases)], how="horizontal")
    return (
        named.join(priced, on=_TERMS, how="left", maintain_order="left", suffix="_priced")
        .with_columns(
            reason=pl.coalesce("reason", "reason_priced"),
            tariff_ids=pl.col("names").list.gather(pl.col("used")),
        )
        .select(*OFFER, *_PRICED)
    )


def _price(wish: Wish, cases: pl.DataFrame) -> pl.DataFrame:
    stated = [
        (tuple(tariffs), None if zone == "unknown" else zone, kw)
        for tariffs, zone, kw in cases.select("tariffs", "zone", "kw").iter_rows()
    ]
    rated = price_cases(
        [Case(charge_at(wish, zone, kw), tariffs, zone) for tariffs, zone, kw in stated]
    ).cdrs
    known = pl.col("reason").is_null()
    used = [
        ids and [names.index(name) for name in ids]
        for names, ids in zip(cases["names"].to_list(), rated["tariff_ids"].to_list(), strict=True)
    ]
    return rated.select(
        pl.when(known).then(column).alias(name) if name.startswith("cost") else pl.col(column)
        for name, column in _PRICED.items()
        if name != "tariff_ids"
    ).with_columns(pl.Series("used", used, dtype=pl.List(pl.UInt32)))


def rank(
    connectors: pl.DataFrame, by: tuple[str, ...], cost: str, energy_kwh: Decimal
) -> pl.DataFrame:
    """Rank groups of connectors by what their middle one costs, the cheapest first.

    Args:
        connectors: `by`, the cost and `connector_count`, how many connectors cost that.
        by: the columns that name a group.
        cost: column of the cost; null: unknown.
        energy_kwh: of the charge.

    Returns:
        `by`, `connector_count` (with a price), `unpriced_count`, `lowest_…`, `middle_…` and
        `highest_` with the cost's name, `middle_per_kwh_…`. Groups of which fewer connectors have
        a price than have none come last: nobody can tell what their middle one costs.
    """
    weight = pl.col("connector_count")
    known = pl.col(cost).is_not_null()
    side = cost.removeprefix("cost_")
    return (
        connectors.sort(cost)
        .group_by(by, maintain_order=True)
        .agg(
            weight.filter(known).sum().alias("connector_count"),
            weight.filter(~known).sum().alias("unpriced_count"),
            pl.col(cost).min().alias(f"lowest_{side}"),
            _middle(cost).alias(f"middle_{side}"),
            pl.col(cost).max().alias(f"highest_{side}"),
        )
        .with_columns(
            for_each_kwh(f"middle_{side}", pl.lit(energy_kwh, dtype=QUANTITY)).alias(
                f"middle_per_kwh_{side}"
            )
        )
        .sort(
            pl.col("connector_count") < pl.col("unpriced_count"),
            f"middle_{side}",
            f"lowest_{side}",
            *by,
            nulls_last=True,
        )
    )


def _middle(cost: str) -> pl.Expr:
    """Return what the middle connector costs, of rows in the order of their cost."""
    known = pl.col(cost).is_not_null()
    weight = pl.col("connector_count").filter(known)
    return pl.col(cost).filter(known).filter(weight.cum_sum() * 2 >= weight.sum()).first()


def price_steps(connectors: pl.DataFrame, cost: str, steps: int) -> list[Decimal]:
    """Return the prices that split connectors into equal parts, from cheap to dear, each once.

    Args:
        connectors: the cost and `connector_count`.
        cost: column of the cost; null: unknown.
        steps: how many parts.
    """
    ordered = connectors.filter(pl.col(cost).is_not_null()).sort(cost)
    until = ordered["connector_count"].cum_sum()
    total = ordered["connector_count"].sum()
    found = [
        ordered[cost].filter(until * steps >= total * part).first() for part in range(1, steps)
    ]
    return sorted({price for price in found if isinstance(price, Decimal)})


def price_cells(connectors: pl.DataFrame, cost: str, cell_deg: float) -> pl.DataFrame:
    """Put connectors into cells of the map, each with its cheapest and its middle price.

    Args:
        connectors: `longitude`, `latitude`, the key of a location, `name`, `connector_count` and
            the cost.
        cost: column of the cost; null: unknown.
        cell_deg: how wide a cell is, in degrees; 0: one for each point.
    """
    at: Mapping[str, pl.Expr] = {
        name: (pl.col(name) / cell_deg).floor() if cell_deg else pl.col(name)
        for name in ("longitude", "latitude")
    }
    key = ("partner", "country_code", "party_id", "location_id")
    weight, known = pl.col("connector_count"), pl.col(cost).is_not_null()
    aggregates: list[Any] = [
        pl.col("longitude").mean().alias("longitude"),
        pl.col("latitude").mean().alias("latitude"),
        pl.col("longitude").min().alias("west"),
        pl.col("longitude").max().alias("east"),
        pl.col("latitude").min().alias("south"),
        pl.col("latitude").max().alias("north"),
        weight.sum().alias("connector_count"),
        weight.filter(~known).sum().alias("unpriced_count"),
        pl.struct(key).n_unique().alias("location_count"),
        pl.col(cost).min().alias("lowest"),
        _middle(cost).alias("middle"),
        *(pl.col(name).first() for name in (*key, "name")),
    ]
    return (
        connectors.drop_nulls(("longitude", "latitude"))
        .sort(cost, nulls_last=True)
        .group_by(at["longitude"].alias("cell_x"), at["latitude"].alias("cell_y"))
        .agg(aggregates)
        .drop("cell_x", "cell_y")
        .sort("connector_count", "longitude", "latitude", descending=[True, False, False])
    )
