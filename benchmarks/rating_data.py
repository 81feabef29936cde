"""CDRs and tariffs for the rating benchmark: four periods each, 200 tariffs of all shapes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from models.rating.kernel import scale
from models.rating.kernel.tables import Candidate, Cdr, Period
from models.rating.run import Inputs
from models.rating.tariff import compile_tariff, tariff_set
from models.rating.zones import zone_table

TARIFFS = 200
PERIODS = 4
ZONES = ("Europe/Amsterdam", "Europe/London", "Europe/Helsinki", "Asia/Kathmandu")
T0 = datetime(2026, 7, 1, tzinfo=UTC)
DAYS = 90
HOUR_US = 3_600 * scale.SECOND_US
VAT = Decimal(21)


def component(kind: str, price: Decimal | str, step: int = 1, vat: Decimal = VAT) -> dict[str, Any]:
    return {"type": kind, "price": Decimal(price), "vat": vat, "step_size": step}


def element(*components: dict[str, Any], **restrictions: Any) -> dict[str, Any]:
    return {"price_components": list(components), "restrictions": restrictions or None}


def shapes(kwh: Decimal) -> list[list[dict[str, Any]]]:
    """Elements of each shape, by a price for a kWh."""
    low = component("ENERGY", "0.2", vat=Decimal(9))
    energy = component("ENERGY", kwh)
    return [
        [element(energy)],
        [element(component("FLAT", "0.5"), energy)],
        [element(component("TIME", "1.2", 300), component("PARKING_TIME", "2", 300), energy)],
        [element(energy, start_time="07:00", end_time="19:00"), element(low)],
        [element(energy, max_kwh=10), element(low)],
        [element(energy, day_of_week=["SATURDAY", "SUNDAY"]), element(low)],
        [element(component("PARKING_TIME", "5", 300), min_duration=7200), element(energy)],
        [element(energy, min_power=11), element(component("ENERGY", "0.2", 100))],
    ]


def tariff(index: int) -> dict[str, Any]:
    """The tariff of a number; every fifth is limited, every seventh states gross prices."""
    elements = shapes(Decimal("0.25") + Decimal(index % 50) / 100)
    found = {"country_code": "NL", "party_id": "VOL", "id": f"T{index}", "currency": "EUR"}
    stated: dict[str, Any] = {**found, "elements": elements[index % len(elements)]}
    if index % 5 == 0:
        stated["max_price"] = {"before_taxes": Decimal(50), "after_taxes": Decimal("60.5")}
    if index % 7 == 0:
        stated["tax_included"] = "YES"
    return stated


def engine_inputs(count: int, seed: int = 1) -> Inputs:
    """The kernel's tables for so many CDRs, a fixed random draw."""
    chance = np.random.default_rng(seed)
    tariffs = tariff_set([compile_tariff(tariff(index)) for index in range(TARIFFS)])
    start_s = chance.integers(0, DAYS * 86_400, count + 1)
    starts = (int(T0.timestamp()) + start_s) * scale.SECOND_US
    cdrs = np.zeros((count + 1, Cdr.COLUMNS), dtype=np.int64)
    cdrs[:, Cdr.FIRST_PERIOD] = np.arange(count + 1) * PERIODS
    cdrs[:, Cdr.FIRST_CANDIDATE] = np.arange(count + 1)
    cdrs[:, Cdr.START], cdrs[:, Cdr.END] = starts, starts + PERIODS * HOUR_US
    cdrs[:, Cdr.ZONE] = chance.integers(0, len(ZONES), count + 1)
    cdrs[:, Cdr.MINOR_UNIT] = 10_000
    for column in (Cdr.UNSTATED_ENERGY, Cdr.UNSTATED_TIME, Cdr.UNSTATED_PARKING):
        cdrs[:, column] = scale.NONE
    chosen = chance.integers(0, TARIFFS, count)
    periods = np.full((PERIODS * count, Period.COLUMNS), scale.NONE, dtype=np.int64)
    offsets = np.tile(np.arange(PERIODS), count) * HOUR_US
    periods[:, Period.START] = np.repeat(starts[:-1], PERIODS) + offsets
    periods[:, Period.TARIFF_ID] = np.repeat(chosen, PERIODS)
    periods[:, Period.ENERGY] = chance.integers(1, 20_000, PERIODS * count) * 10**6
    periods[:, Period.TIME], periods[:, Period.TIME_DECIMALS] = 10**9, 4
    last = periods[PERIODS - 1 :: PERIODS]
    last[:, Period.ENERGY] = last[:, Period.TIME] = scale.NONE
    last[:, Period.PARKING], last[:, Period.PARKING_DECIMALS] = 10**9, 4
    candidates = np.zeros((count, Candidate.COLUMNS), dtype=np.int64)
    candidates[:, Candidate.TARIFF] = candidates[:, Candidate.TARIFF_ID] = chosen
    zones = zone_table(ZONES, {2026, 2027})
    return Inputs(cdrs, periods, candidates, tariffs.rows, tariffs.elements, zones)


def core_frames(first: int, count: int) -> dict[str, pl.DataFrame]:
    """Rows of `core.cdrs` and `core.charging_periods` for some CDRs; other columns are null."""
    chance = np.random.default_rng(first + 7)
    chosen = pl.Series(chance.integers(0, TARIFFS, count))
    start_us = int(T0.timestamp()) * scale.SECOND_US
    starts = start_us + chance.integers(0, DAYS * 86_400, count) * scale.SECOND_US
    owner = {"partner": "voltix", "country_code": "NL", "party_id": "VOL"}
    key = [pl.lit(value).alias(name) for name, value in owner.items()]
    ids = pl.format("CDR{}-{}", pl.col("i").hash(3) % 2**32, pl.col("i"))
    rows = pl.DataFrame({"i": np.arange(first, first + count), "chosen": chosen, "start": starts})
    cdrs = rows.select(
        *key,
        ids.alias("id"),
        pl.from_epoch("start", "us").dt.replace_time_zone("UTC").alias("start_at"),
        pl.from_epoch(pl.col("start") + PERIODS * HOUR_US, "us")
        .dt.replace_time_zone("UTC")
        .alias("end_at"),
        pl.lit("NLD").alias("country"),
        pl.lit("EUR").alias("currency"),
        pl.concat_list(pl.format("e{}", "chosen")).alias("tariff_hashes"),
        pl.lit(PERIODS).alias("period_count"),
        pl.lit(value=False).alias("credit"),
        pl.lit(value=False).alias("home_charging_compensation"),
        ids.hash().cast(pl.String).alias("content_hash"),
        pl.lit(T0).alias("fetched_at"),
        pl.lit("p").alias("page_id"),
    )
    volumes = pl.Series(chance.integers(1, 20_000, PERIODS * count)) * 10**6
    charging = pl.col("period_index") < PERIODS - 1
    periods = (
        rows.with_columns(ids.alias("cdr_id"))
        .select(pl.all().repeat_by(PERIODS).explode())
        .with_columns(
            volumes.alias("wh"), pl.Series("period_index", np.tile(range(PERIODS), count))
        )
        .select(
            *key,
            "cdr_id",
            pl.col("period_index").cast(pl.Int32),
            pl.from_epoch(pl.col("start") + pl.col("period_index") * HOUR_US, "us")
            .dt.replace_time_zone("UTC")
            .alias("start_at"),
            pl.format("T{}", "chosen").alias("tariff_id"),
            pl.when(charging)
            .then(pl.col("wh").cast(pl.Decimal(18, 0)) / 10**9)
            .cast(pl.Decimal(18, 9))
            .alias("energy_kwh"),
            pl.when(charging).then(pl.lit(Decimal(1))).cast(pl.Decimal(18, 9)).alias("time_h"),
            pl.when(charging).then(4).cast(pl.Int32).alias("time_h_decimals"),
            pl.when(~charging)
            .then(pl.lit(Decimal(1)))
            .cast(pl.Decimal(18, 9))
            .alias("parking_time_h"),
            pl.when(~charging).then(4).cast(pl.Int32).alias("parking_time_h_decimals"),
        )
    )
    return {"core.cdrs": cdrs, "core.charging_periods": periods}
