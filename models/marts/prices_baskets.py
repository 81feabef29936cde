"""Baskets: what is charged, when, and what it costs at many connectors (`mart.price_baskets`).

Connectors that name the same tariffs, in one zone and power class, pay the same; there are far
fewer of those than connectors, so that what is equal is priced once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

import polars as pl

from models.marts.prices_charge import MINUTE_S, Charge, local_start
from models.marts.prices_engine import Case, price_cases
from models.tables.kinds import MONEY, QUANTITY

IDLE_MINUTES: Final = (0, 60)
CLOCKS: Final = {"noon": time(12), "evening": time(18)}
_SATURDAY: Final = 5


@dataclass(frozen=True)
class Basket:
    """The energy of a charge, and how long that takes."""

    energy_kwh: Decimal
    charging_min: int


BASKETS: Final = {
    "ac": Basket(Decimal(22), 240),
    "dc": Basket(Decimal(30), 30),
    "hpc": Basket(Decimal(50), 25),
}
"""By power class; a connector of unknown power has none."""


def next_weekday(at: datetime) -> date:
    """Return the first day from Monday to Friday after a timestamp's (UTC)."""
    day = at.astimezone(UTC).date() + timedelta(days=1)
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    return day


def basket_charges(
    power_class: str, zone: str | None, day: date
) -> Iterator[tuple[str, int, Charge]]:
    """Yield the charges of a power class on a day: name of the time, minutes of idling, charge."""
    basket = BASKETS[power_class]
    for moment, clock in CLOCKS.items():
        start = local_start(day, clock, zone)
        for idle_min in IDLE_MINUTES:
            charge = Charge(
                start, basket.energy_kwh, basket.charging_min * MINUTE_S, idle_min * MINUTE_S
            )
            yield moment, idle_min, charge


UNKNOWN: Final = "unknown"
_NO_TARIFF: Final = {"ended": "TARIFF_ENDED", "unknown": "TARIFF_UNKNOWN"}
_BASKET: Final = ("moment", "idle_min")
_OFFERED: Final = ("partner", "country_code", "party_id", "offer")
_MOMENTS: Final = pl.DataFrame(
    [(moment, idle_min) for moment in CLOCKS for idle_min in IDLE_MINUTES],
    schema={"moment": pl.String, "idle_min": pl.Int32},
    orient="row",
)
BASKET_ENERGY: Final = (
    pl.col("power_class")
    .replace_strict(
        {power_class: basket.energy_kwh for power_class, basket in BASKETS.items()},
        default=None,
        return_dtype=QUANTITY,
    )
    .alias("energy_kwh")
)
"""The energy of the basket that a row's power class has; null: none."""


@dataclass(frozen=True)
class Wanted:
    """The circumstances that a basket's price depends on."""

    # canonical JSON of the tariffs, in the connector's order; at least one
    tariffs: tuple[str, ...]
    power_class: str  # a key of `BASKETS`
    zone: str  # IANA zone; `unknown`: not known
    day: date  # the local day of the charge


@dataclass(frozen=True)
class Named:
    """The tariff that one id of a connector leads to."""

    state: str  # known; ended: there was one; unknown: there never was
    tariff: str | None  # canonical JSON of its current version, where it is known


NamedTariffs = Mapping[tuple[str, str, str, str], Named]
"""(partner, country_code, party_id of the connector, tariff id in lower case) → tariff."""


def price_offers(offers: pl.DataFrame, named: NamedTariffs, day: date) -> pl.DataFrame:
    """Price every basket at every offer.

    Args:
        offers: `OFFER_KEY`, `offer_key`, `tariff_ids`, `connector_count`.
        named: what their tariff ids lead to; all of them.
        day: the local day of the charge.

    Returns:
        Columns of `mart.price_baskets` without those about peers, and the offers' `tariff_ids`
        replaced by those that made the price.
    """
    wanted: dict[Wanted, int] = {}
    places: list[int | None] = []
    reasons: list[str | None] = []
    for offer in offers.iter_rows(named=True):
        texts, reason = _tariffs_of(offer, named)
        key = Wanted(texts, offer["power_class"], offer["zone"], day)
        places.append(None if reason else wanted.setdefault(key, len(wanted)))
        reasons.append(reason)
    placed = offers.drop("tariff_ids").with_columns(
        pl.Series("wanted", places, dtype=pl.Int64), pl.Series("no_price", reasons, dtype=pl.String)
    )
    prices = basket_prices(list(wanted))
    return (
        placed.join(_MOMENTS, how="cross", maintain_order="left")
        .join(prices, on=["wanted", *_BASKET], how="left", maintain_order="left")
        .with_columns(BASKET_ENERGY, reason=pl.coalesce("no_price", "reason"))
        .with_columns(
            *map(per_kwh, ("cost_excl_vat", "cost_incl_vat")),
            state=pl.when(pl.col("reason").is_null())
            .then(pl.lit("priced"))
            .otherwise(pl.lit("unpriced")),
        )
        .drop("wanted", "no_price")
    )


def offered_tariffs(offers: pl.DataFrame, named: NamedTariffs) -> pl.DataFrame:
    """Return rows of `mart.offers`: what each party's offers lead to, whatever the place."""
    each = offers.unique(_OFFERED, maintain_order=True)
    rows = [
        (*(offer[name] for name in _OFFERED), list(texts) or None, reason)
        for offer in each.iter_rows(named=True)
        for texts, reason in [_named_by(offer, named)]
    ]
    schema: dict[str, Any] = {
        **dict.fromkeys(_OFFERED, pl.String),
        "tariffs": pl.List(pl.String),
        "reason": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def per_kwh(cost: str) -> pl.Expr:
    """Return the column `cost` of a basket for each kWh of the `energy_kwh` beside it."""
    return for_each_kwh(cost, pl.col("energy_kwh")).alias(cost.replace("cost", "per_kwh"))


def for_each_kwh(cost: str, energy_kwh: pl.Expr) -> pl.Expr:
    """Return what a column costs for each kWh, to six decimals."""
    return (pl.col(cost) / energy_kwh).round(6).cast(MONEY)


def basket_prices(wanted: Sequence[Wanted]) -> pl.DataFrame:
    """Price every basket for what prices depend on.

    Returns:
        `wanted` (the place), `moment`, `idle_min`, `reason`, `tariff_ids`, `currency`,
        `cost_excl_vat`, `cost_incl_vat`, `notes`.
    """
    cases: list[Case] = []
    rows: list[tuple[int, str, int]] = []
    for place, one in enumerate(wanted):
        zone = None if one.zone == UNKNOWN else one.zone
        for moment, idle_min, charge in basket_charges(one.power_class, zone, one.day):
            rows.append((place, moment, idle_min))
            cases.append(Case(charge, one.tariffs, zone))
    priced = price_cases(cases).cdrs
    known = pl.col("reason").is_null()
    return pl.DataFrame(
        rows, schema={"wanted": pl.Int64, "moment": pl.String, "idle_min": pl.Int32}, orient="row"
    ).hstack(
        priced.select(
            "reason",
            "tariff_ids",
            "notes",
            "currency",
            pl.when(known).then("unrounded_excl_vat").alias("cost_excl_vat"),
            pl.when(known).then("unrounded_incl_vat").alias("cost_incl_vat"),
        )
    )


def _tariffs_of(
    offer: Mapping[str, Any], named: NamedTariffs
) -> tuple[tuple[str, ...], str | None]:
    """Return the tariffs that a basket at an offer is priced by, or why there is no price."""
    texts, reason = _named_by(offer, named)
    if texts and offer["power_class"] not in BASKETS:
        return (), "POWER_UNKNOWN"
    return texts, reason


def _named_by(offer: Mapping[str, Any], named: NamedTariffs) -> tuple[tuple[str, ...], str | None]:
    """Return the known tariffs of an offer in its order, or why there is none."""
    owner = (offer["partner"], offer["country_code"], offer["party_id"])
    found = [named[(*owner, tariff_id)] for tariff_id in offer["tariff_ids"] or ()]
    texts = tuple(tariff.tariff for tariff in found if tariff.tariff is not None)
    if texts:
        return texts, None
    if not found:
        return (), "TARIFF_NOT_STATED"
    state = "ended" if any(tariff.state == "ended" for tariff in found) else "unknown"
    return (), _NO_TARIFF[state]
