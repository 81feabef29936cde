"""Versions of tariffs against the ones before them, in basket terms (`mart.price_changes`)."""

import json
from typing import Final

import polars as pl

from models.marts.prices_baskets import (
    BASKET_ENERGY,
    BASKETS,
    UNKNOWN,
    Wanted,
    basket_prices,
    next_weekday,
    per_kwh,
)
from models.tables.mart_prices import CHANGE_KEY

_OWNER: Final = ("partner", "country_code", "party_id")
_TARIFF: Final = (*_OWNER, "id_key")
_SIDES: Final = {"before": "previous_tariff", "after": "tariff"}


def price_changes(pairs: pl.DataFrame, uses: pl.DataFrame) -> pl.DataFrame:
    """Price each version and the one before it, for the same charge.

    Args:
        pairs: `partner`, `country_code`, `party_id`, `tariff_id`, `id_key` (lower case),
            `valid_from_at`, `previous_from_at`, `currency`, `previous_currency`, `tariff`,
            `previous_tariff` (canonical JSON).
        uses: the same key with `power_class`, `zone` and `connector_count`: where the tariff is
            named now. One that nobody names is priced for every power class.

    Returns:
        Rows of `mart.price_changes`.
    """
    nobody = pairs.select(_TARIFF).unique().join(uses, on=_TARIFF, how="anti")
    everywhere = nobody.join(pl.DataFrame({"power_class": [*BASKETS]}), how="cross").with_columns(
        zone=pl.lit(UNKNOWN), connector_count=pl.lit(0, dtype=pl.Int64)
    )
    known = uses.filter(pl.col("power_class").is_in([*BASKETS]))
    used = pl.concat([known, everywhere.select(known.columns)])
    placed = pairs.join(used, on=_TARIFF).sort(*_TARIFF, "valid_from_at", "power_class", "zone")
    before, after = (_side(placed, side) for side in _SIDES)
    return (
        placed.with_columns(change=pl.int_range(pl.len(), dtype=pl.Int64))
        .join(before, on="change", maintain_order="left")
        .join(after, on=["change", "moment", "idle_min"], maintain_order="left")
        .with_columns(
            reason=pl.coalesce("reason", "reason_right"),
            delta_per_kwh_excl_vat=pl.when(pl.col("currency") == pl.col("previous_currency")).then(
                pl.col("after_per_kwh_excl_vat") - pl.col("before_per_kwh_excl_vat")
            ),
        )
        .select(
            *CHANGE_KEY,
            *("previous_from_at", "connector_count", "currency", "previous_currency"),
            *("before_per_kwh_excl_vat", "after_per_kwh_excl_vat", "delta_per_kwh_excl_vat"),
            "reason",
        )
    )


def unbounded(tariff: str) -> str:
    """Return a tariff as JSON without its own validity: its versions say which of them holds."""
    stated = json.loads(tariff, parse_float=str)  # A string of digits is as exact as a number.
    kept = {
        name: value
        for name, value in stated.items()
        if name not in ("start_date_time", "end_date_time")
    }
    return json.dumps(kept)


def _side(placed: pl.DataFrame, side: str) -> pl.DataFrame:
    """Return the basket prices of one of the two versions: one row for each change and basket."""
    stated = placed.select(_SIDES[side], "power_class", "zone", "valid_from_at").iter_rows()
    prices = basket_prices(
        [
            Wanted((unbounded(text),), power_class, zone, next_weekday(since))
            for text, power_class, zone, since in stated
        ]
    )
    energy = placed.select(pl.int_range(pl.len(), dtype=pl.Int64).alias("change"), BASKET_ENERGY)
    return (
        prices.rename({"wanted": "change"})
        .join(energy, on="change", maintain_order="left")
        .select(
            "change",
            "moment",
            "idle_min",
            "reason",
            per_kwh("cost_excl_vat").alias(f"{side}_per_kwh_excl_vat"),
        )
    )
