"""step_size misapplied (OCPI mod_tariffs, PriceComponent): volumes rounded up too often."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from typing import Any

import polars as pl

from models.rating.result import Rated
from models.recon.case import Case
from models.tables.kinds import QUANTITY

_STEPPED = {"ENERGY": "energy_kwh", "TIME": "time_h", "PARKING_TIME": "parking_time_h"}
#: Units of step_size in a unit of the volume: Wh in a kWh, seconds in an hour.
_STEPS_IN = {"ENERGY": 1000, "TIME": 3600, "PARKING_TIME": 3600}
_PARTS = 10**9
_LONGEST_STEP = 10**8
"""Wh or seconds beyond any charge: what a partner states above it explains no claim."""


def step_per_period(case: Case, right: Rated) -> Case:
    """Every period's volume rounded up to the step of the component that prices it."""
    steps = _steps(case, right)
    changed = case
    for dimension, column in _STEPPED.items():
        own = steps.filter(pl.col("dimension") == dimension).select(
            "cdr_row", "period_index", pl.col("step")
        )
        periods = changed.periods.join(
            own, on=["cdr_row", "period_index"], how="left", maintain_order="left"
        )
        units = _units(pl.col(column), dimension)
        step = pl.col("step")
        raised = (units + step - 1) // step * step
        volume = pl.when(step > 1).then(volume_of(raised, dimension)).otherwise(column)
        changed = replace(
            changed, periods=periods.with_columns(volume.cast(QUANTITY).alias(column)).drop("step")
        )
    # What is rounded in every period is not rounded again at the end of the session.
    unstepped = pl.col("tariff").map_elements(_without_steps, return_dtype=pl.String)
    return replace(changed, offered=changed.offered.with_columns(unstepped))


@lru_cache(maxsize=10_000)
def _without_steps(text: str) -> str:
    tariff: dict[str, Any] = json.loads(text)
    for element in tariff.get("elements") or []:
        for component in element.get("price_components") or []:
            component["step_size"] = min(_step(component), 1)
    return json.dumps(tariff)


def step_per_dimension(case: Case, right: Rated) -> Case:
    """Charging time rounded up on its own, although parking is."""
    steps = _steps(case, right).filter(pl.col("dimension") == "TIME")
    last = steps.group_by("cdr_row").agg(
        pl.col("period_index").max(), pl.col("step").sort_by("period_index").last()
    )
    priced = case.periods.join(
        steps.select("cdr_row", "period_index"), on=["cdr_row", "period_index"]
    )
    total = priced.group_by("cdr_row").agg(_units(pl.col("time_h"), "TIME").sum().alias("total"))
    surplus = last.join(total, on="cdr_row").select(
        "cdr_row",
        "period_index",
        pl.when(pl.col("step") > 1)
        .then((pl.col("step") - pl.col("total") % pl.col("step")) % pl.col("step"))
        .otherwise(0)
        .alias("surplus"),
    )
    periods = case.periods.join(
        surplus, on=["cdr_row", "period_index"], how="left", maintain_order="left"
    )
    raised = volume_of(_units(pl.col("time_h"), "TIME") + pl.col("surplus"), "TIME")
    volume = pl.when(pl.col("surplus") > 0).then(raised).otherwise("time_h")
    return replace(
        case, periods=periods.with_columns(volume.cast(QUANTITY).alias("time_h")).drop("surplus")
    )


def _units(volume: pl.Expr, dimension: str) -> pl.Expr:
    """Return a volume in units of step_size; hours with few decimals are the seconds meant.

    Energies are rounded up: a part of a Wh begins a step.
    """
    units = volume.cast(pl.Decimal(38, 9)) * _STEPS_IN[dimension]
    return (units.ceil() if dimension == "ENERGY" else _seconds(units)).cast(pl.Int64)


def _seconds(units: pl.Expr) -> pl.Expr:
    length = pl.col("length_s").cast(pl.Decimal(38, 9))
    return pl.when((units - length).abs() <= 2).then(length).otherwise(units.round(0))


def volume_of(units: pl.Expr, dimension: str) -> pl.Expr:
    """Whole units of step_size as a volume, rounded up at its last decimal.

    A half cent must stay one.

    Args:
        units: Wh or seconds.
        dimension: ENERGY, TIME or PARKING_TIME.

    Returns:
        kWh or hours.
    """
    parts = units * _PARTS
    whole = _STEPS_IN[dimension]
    rounded_up = parts // whole + (parts % whole > 0).cast(pl.Int64)
    return rounded_up.cast(pl.Decimal(38, 9)) / _PARTS


def _steps(case: Case, right: Rated) -> pl.DataFrame:
    """`cdr_row`, `period_index`, `dimension` and the step of the component that prices it."""
    texts = case.offered.select("cdr_row", "tariff").unique()
    known = pl.DataFrame(
        [row for text in texts["tariff"].unique() for row in _component_steps(text)],
        schema={
            "tariff": pl.String,
            "tariff_id": pl.String,
            "element_index": pl.Int32,
            "dimension": pl.String,
            "step": pl.Int64,
        },
        orient="row",
    )
    return (
        right.lines.filter(pl.col("dimension").is_in(list(_STEPPED)))
        .select(
            pl.col("cdr_id").cast(pl.Int64).alias("cdr_row"),
            "period_index",
            "dimension",
            "tariff_id",
            "element_index",
        )
        .drop_nulls()
        .join(texts, on="cdr_row")
        .join(known, on=["tariff", "tariff_id", "element_index", "dimension"])
        .unique(["cdr_row", "period_index", "dimension"])
        .select("cdr_row", "period_index", "dimension", "step")
    )


@lru_cache(maxsize=10_000)
def _component_steps(text: str) -> list[tuple[str, str, int, str, int]]:
    tariff: dict[str, Any] = json.loads(text)
    return [
        (text, tariff["id"], index, component["type"], _step(component))
        for index, element in enumerate(tariff.get("elements") or [])
        for component in element.get("price_components") or []
    ]


def _step(component: dict[str, Any]) -> int:
    return min(int(component.get("step_size") or 0), _LONGEST_STEP)
