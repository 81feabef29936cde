"""Mistakes that partners make in pricing, each made in what the rating engine is fed."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from typing import Any

import polars as pl

from models.contract import Contract, Rounding
from models.rating.result import Rated
from models.recon.case import Case, Mistake
from models.recon.steps import step_per_dimension, step_per_period, volume_of
from models.tables.kinds import QUANTITY

_WATTS_IN_KW = 1000
_CLOCK_DECIMALS = 6


def limit_ignored(case: Case, right: Rated) -> Case:
    """Tariffs without their minimum and maximum price."""
    return replace(
        case,
        offered=case.offered.with_columns(
            pl.col("tariff").map_elements(_without_limits, return_dtype=pl.String)
        ),
    )


@lru_cache(maxsize=10_000)
def _without_limits(text: str) -> str:
    tariff: dict[str, Any] = json.loads(text)
    return json.dumps(
        {name: tariff[name] for name in tariff if name not in ("min_price", "max_price")}
    )


def reservation_ignored(case: Case, right: Rated) -> Case:
    """Reservation periods left out."""
    reserved = pl.col("reservation_time_h").fill_null(0) > 0
    return replace(case, periods=case.periods.filter(~reserved))


def wall_clock_time(case: Case, right: Rated) -> Case:
    """Parking counted as charging time, too."""
    parking = (pl.col("parking_time_h") > 0) & (pl.col("time_h").fill_null(0) == 0)
    hours = volume_of(pl.col("length_s"), "TIME").round(_CLOCK_DECIMALS)
    stated = pl.when(parking).then(_CLOCK_DECIMALS).otherwise("time_h_decimals")
    return replace(
        case,
        periods=case.periods.with_columns(
            pl.when(parking).then(hours).otherwise("time_h").cast(QUANTITY).alias("time_h"),
            stated.cast(pl.Int32).alias("time_h_decimals"),
        ),
    )


def wh_for_kwh(case: Case, right: Rated) -> Case:
    """Energies a thousand times as large."""
    return case.with_periods(pl.col("energy_kwh") * _WATTS_IN_KW, "energy_kwh")


def kwh_stated_in_wh(case: Case, right: Rated) -> Case:
    """Energies a thousand times as small."""
    return case.with_periods(pl.col("energy_kwh") / _WATTS_IN_KW, "energy_kwh")


def line_rounding(case: Case, right: Rated) -> Case:
    """Every line rounded."""
    return replace(
        case,
        contracts={
            partner: contract.model_copy(
                update={"rounding": Rounding(mode=contract.rounding.mode, stage="line")}
            )
            for partner, contract in _contracts(case).items()
        },
    )


def _contracts(case: Case) -> dict[str, Contract]:
    partners = case.cdrs["partner"].unique().to_list()
    return {partner: case.contracts.get(partner, Contract()) for partner in partners}


MISTAKES: tuple[tuple[str, Mistake], ...] = (
    ("LIMIT_IGNORED", limit_ignored),
    ("RESERVATION_IGNORED", reservation_ignored),
    ("STEP_PER_DIMENSION", step_per_dimension),
    ("STEP_PER_PERIOD", step_per_period),
    ("WALL_CLOCK_TIME", wall_clock_time),
    ("WH_FOR_KWH", wh_for_kwh),
    ("STATES_WH", kwh_stated_in_wh),
    ("LINE_ROUNDING", line_rounding),
)
