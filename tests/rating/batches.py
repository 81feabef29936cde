"""Charges of the property tests as one batch of the engine."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from models.rating.batch import rate_frames
from models.rating.result import Rated, unnest_lines
from models.rating.tariff import compile_tariff_text, tariff_set
from models.tables.charging import CHARGING_PERIODS
from models.tables.kinds import INSTANT
from models.terms import PriceTerms

COLUMNS = {
    "ENERGY": "energy_kwh", "TIME": "time_h", "PARKING_TIME": "parking_time_h",
    "RESERVATION_TIME": "reservation_time_h", "MIN_CURRENT": "min_current_a",
    "MAX_CURRENT": "max_current_a", "MIN_POWER": "min_power_kw", "MAX_POWER": "max_power_kw",
}  # fmt: skip
TOTALS = {
    "ENERGY": "total_energy_kwh",
    "TIME": "total_time_h",
    "PARKING_TIME": "total_parking_time_h",
}
HOURS = ("TIME", "PARKING_TIME", "RESERVATION_TIME")


def tariff_text(tariff: dict[str, Any], currency: str) -> str:
    stated = dict(tariff)
    if stated["currency"] == "EUR":
        stated["currency"] = currency
    return json.dumps(stated, default=_exact)


def _exact(value: Decimal) -> str:
    """A decimal as text: the engine reads numbers in strings exactly."""
    return str(value)


def rate(charges: Sequence[dict[str, Any]], *, compiled: bool) -> Rated:
    """Prices charges together; each is a partner of its own, with its own contract."""
    names = [str(index) for index in range(len(charges))]
    cdrs = (
        pl.DataFrame(
            {
                "partner": names,
                "country_code": "NL",
                "party_id": "TST",
                "id": names,
                "start_at": [charge["cdr"]["start"] for charge in charges],
                "end_at": [charge["cdr"]["end"] for charge in charges],
                "currency": [charge["currency"] for charge in charges],
                "period_count": [charge.get("period_count") for charge in charges],
                "credit": False,
                "home_charging_compensation": False,
                "zone": [charge["zone"] for charge in charges],
                "zone_assumed": False,
                **{
                    column: pl.Series(
                        [charge["cdr"].get(name) for charge in charges], dtype=pl.String
                    )
                    for name, column in TOTALS.items()
                },
                "total_cost_excl_vat": pl.Series(
                    [charge.get("claim") for charge in charges], dtype=pl.Decimal(18, 6)
                ),
            }
        )
        .with_columns(
            *(pl.col(column).cast(pl.Decimal(18, 9)) for column in TOTALS.values()),
            pl.col("total_cost_excl_vat").alias("total_cost_incl_vat"),
        )
        .with_columns(pl.col("start_at", "end_at").str.to_datetime(time_zone="UTC").cast(INSTANT))
    )
    texts = [tariff_text(t, charge["currency"]) for charge in charges for t in charge["tariffs"]]
    owners = [row for row, charge in enumerate(charges) for _ in charge["tariffs"]]
    offered = pl.DataFrame(
        {"cdr_row": owners, "tariff": range(len(texts))},
        schema={"cdr_row": pl.Int64, "tariff": pl.Int64},
    )
    priced = rate_frames(
        cdrs,
        period_rows(charges),
        {"embedded": offered},
        tariff_set([compile_tariff_text(text) for text in texts]),
        {name: terms_of(charge) for name, charge in zip(names, charges, strict=True)},
        compiled=compiled,
    )
    return unnest_lines(priced)


def terms_of(charge: dict[str, Any]) -> PriceTerms:
    return PriceTerms(charge["mode"], charge["stage"], charge["reverse_charge"])


def period_rows(charges: Sequence[dict[str, Any]]) -> pl.DataFrame:
    schema = {"cdr_row": pl.Int64(), **CHARGING_PERIODS.polars_schema()}
    rows = []
    for owner, charge in enumerate(charges):
        for index, period in enumerate(charge["cdr"]["periods"]):
            row: dict[str, Any] = {
                "cdr_row": owner,
                "period_index": index,
                "start": period["start"],
            }
            row["tariff_id"] = period.get("tariff_id")
            row["unknown_dimensions"] = period.get("other")
            for name, column in COLUMNS.items():
                row[column] = None if name not in period else Decimal(period[name])
            for name in HOURS:
                if name in period:
                    exponent = Decimal(period[name]).as_tuple().exponent
                    row[f"{COLUMNS[name]}_decimals"] = -int(exponent)
            rows.append(row)
    names = list(schema)
    frame = pl.DataFrame(
        {
            name: pl.Series([row.get(name) for row in rows], dtype=schema[name], strict=False)
            for name in names
            if name != "start_at"
        }
    )
    starts = pl.Series("start_at", [row["start"] for row in rows]).str.to_datetime(time_zone="UTC")
    return frame.with_columns(starts.cast(INSTANT)).select(names)
