"""One CDR by given tariffs: for the command line, the simulator and price baskets.

The same engine as for millions, run uncompiled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from models.contract import Contract
from models.rating.batch import RatingBatch, rate_batch
from models.rating.countries import only_zone
from models.rating.tariff import compile_tariff_text
from models.rating.tariff_set import tariff_set
from models.rating.zones import is_zone
from models.tables import CDRS, CHARGING_PERIODS

SOURCE = "embedded"


@dataclass(frozen=True)
class PricedCdr:
    """What one CDR should have cost.

    Args:
        total: its row of `rating.cdrs`.
        lines: its rows of `rating.lines`.
    """

    total: Mapping[str, Any]
    lines: Sequence[Mapping[str, Any]]


def price_one(
    cdr: pl.DataFrame | Mapping[str, Any],
    periods: pl.DataFrame | Sequence[Mapping[str, Any]],
    tariffs: Sequence[str],
    *,
    contract: Contract | None = None,
    time_zone: str | None = None,
) -> PricedCdr:
    """Prices one CDR.

    Args:
        cdr: one row in columns of `core.cdrs`; absent columns are unknown.
        periods: its rows in columns of `core.charging_periods`.
        tariffs: canonical 2.3.0 JSON of the tariffs there are, in order of preference.
        contract: rounding and tax terms; None: the defaults.
        time_zone: IANA zone of the location, where the CDR's own `time_zone` is to be
            overruled or is absent; without either, the country's only zone is taken.

    Returns:
        The expected totals with state, reason and notes, and the lines.
    """
    cdrs = (
        _frame(cdr, CDRS.polars_schema())
        .head(1)
        .with_columns(
            pl.col("partner").fill_null(""),
            pl.col("credit", "home_charging_compensation").fill_null(value=False),
        )
    )
    row = cdrs.row(0, named=True)
    zone, assumed = zone_of(time_zone or row["time_zone"], row["country"])
    batch = RatingBatch(
        cdrs=cdrs.with_columns(
            pl.lit(zone, dtype=pl.String).alias("zone"), pl.lit(assumed).alias("zone_assumed")
        ),
        periods=_frame(periods, CHARGING_PERIODS.polars_schema())
        .sort("period_index")
        .with_columns(pl.lit(0).alias("cdr_row")),
        tariffs=tariff_set([compile_tariff_text(text) for text in tariffs]),
        contracts={row["partner"]: contract or Contract()},
    )
    offered = pl.DataFrame(
        {"cdr_row": [0] * len(tariffs), "tariff": range(len(tariffs))}, schema=_OFFERED
    )
    rated = rate_batch(batch, {SOURCE: offered}, compiled=False)
    return PricedCdr(rated.cdrs.row(0, named=True), rated.lines.to_dicts())


_OFFERED = {"cdr_row": pl.Int64, "tariff": pl.Int64}


def zone_of(stated: str | None, country: str | None) -> tuple[str | None, bool]:
    """The zone of a location, and whether it was assumed from the country.

    Args:
        stated: what the CDR or its location says.
        country: ISO 3166-1 alpha-3 code.
    """
    if stated is not None and is_zone(stated):
        return stated, False
    zone = only_zone(country)
    return zone, zone is not None


def _frame(
    rows: pl.DataFrame | Mapping[str, Any] | Sequence[Mapping[str, Any]],
    schema: Mapping[str, pl.DataType],
) -> pl.DataFrame:
    """Rows in all columns of a table, absent ones unknown."""
    if not isinstance(rows, pl.DataFrame):
        given = [rows] if isinstance(rows, Mapping) else list(rows)
        rows = pl.DataFrame(
            {name: [row.get(name) for row in given] for name in schema}, schema=schema, strict=False
        )
    missing = [
        pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in schema.items()
        if name not in rows.columns
    ]
    return rows.with_columns(missing)
