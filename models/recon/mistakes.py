"""Mistakes that partners make in pricing, each made in what the rating engine is fed.

A mistake is made in a case, the CDRs to be priced again and what by: other volumes, other tariffs,
another contract. step_size misapplied is OCPI mod_tariffs, PriceComponent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import polars as pl

from models.rating.numbers import number_or_none
from models.rating.result import Rated
from models.tables.kinds import QUANTITY
from models.terms import USUAL_TERMS, PriceTerms

_WATTS_IN_KW = 1000
_CLOCK_DECIMALS = 6
_STEPPED = {"ENERGY": "energy_kwh", "TIME": "time_h", "PARKING_TIME": "parking_time_h"}
#: Units of step_size in a unit of the volume: Wh in a kWh, seconds in an hour.
_STEPS_IN = {"ENERGY": 1000, "TIME": 3600, "PARKING_TIME": 3600}
_PARTS = 10**9
_LONGEST_STEP = 10**8
"""Wh or seconds beyond any charge: what a partner states above it explains no claim."""


@dataclass(frozen=True)
class Case:
    """CDRs to be priced, and what by."""

    # see `RatingTables.cdrs`; `cdr_row`, a number of its own, and `length_s` beside
    cdrs: pl.DataFrame
    periods: pl.DataFrame  # see `RatingTables.periods`, with `length_s`
    offered: pl.DataFrame  # `cdr_row`, `tariff` (JSON) and `detail`: what is said of it if it fits
    contracts: Mapping[str, PriceTerms]  # partner → terms

    def with_periods(self, change: pl.Expr, name: str) -> Case:
        """Return the same CDRs with one column of their periods changed."""
        return replace(self, periods=self.periods.with_columns(change.cast(QUANTITY).alias(name)))


#: Makes one mistake in a case; the second argument is what `component_steps` says of it.
Mistake = Callable[[Case, pl.DataFrame], Case]


def limit_ignored(case: Case, steps: pl.DataFrame) -> Case:
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


def reservation_ignored(case: Case, steps: pl.DataFrame) -> Case:
    """Reservation periods left out."""
    reserved = pl.col("reservation_time_h").fill_null(0) > 0
    return replace(case, periods=case.periods.filter(~reserved))


def wall_clock_time(case: Case, steps: pl.DataFrame) -> Case:
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


def wh_for_kwh(case: Case, steps: pl.DataFrame) -> Case:
    """Energies a thousand times as large."""
    return case.with_periods(pl.col("energy_kwh") * _WATTS_IN_KW, "energy_kwh")


def kwh_stated_in_wh(case: Case, steps: pl.DataFrame) -> Case:
    """Energies a thousand times as small."""
    return case.with_periods(pl.col("energy_kwh") / _WATTS_IN_KW, "energy_kwh")


def line_rounding(case: Case, steps: pl.DataFrame) -> Case:
    """Every line rounded."""
    return replace(
        case,
        contracts={
            partner: case.contracts.get(partner, USUAL_TERMS)._replace(stage="line")
            for partner in case.cdrs["partner"].unique().to_list()
        },
    )


def step_per_period(case: Case, steps: pl.DataFrame) -> Case:
    """Every period's volume rounded up to the step of the component that prices it."""
    own = steps.group_by("cdr_row", "period_index").agg(
        pl.col("step").filter(pl.col("dimension") == dimension).first().alias(f"step {dimension}")
        for dimension in _STEPPED
    )
    raised = [_raised(column, dimension) for dimension, column in _STEPPED.items()]
    periods = case.periods.join(
        own, on=["cdr_row", "period_index"], how="left", maintain_order="left"
    ).with_columns(raised)
    # What is rounded in every period is not rounded again at the end of the session.
    unstepped = pl.col("tariff").map_elements(_without_steps, return_dtype=pl.String)
    return replace(
        case,
        periods=periods.select(case.periods.columns),
        offered=case.offered.with_columns(unstepped),
    )


def _raised(column: str, dimension: str) -> pl.Expr:
    """Return a period's volume rounded up to the step of the component that prices it."""
    step = pl.col(f"step {dimension}")
    raised = (_units(pl.col(column), dimension) + step - 1) // step * step
    volume = pl.when(step > 1).then(volume_of(raised, dimension)).otherwise(column)
    return volume.cast(QUANTITY).alias(column)


@lru_cache(maxsize=10_000)
def _without_steps(text: str) -> str:
    tariff: dict[str, Any] = json.loads(text)
    for element in tariff.get("elements") or []:
        for component in element.get("price_components") or []:
            component["step_size"] = min(_step(component), 1)
    return json.dumps(tariff)


def step_per_dimension(case: Case, steps: pl.DataFrame) -> Case:
    """Charging time rounded up on its own, although parking is."""
    steps = steps.filter(pl.col("dimension") == "TIME")
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


def component_steps(case: Case, right: Rated) -> pl.DataFrame:
    """`cdr_row`, `period_index`, `dimension` and the step of the component that prices it.

    Args:
        case: the CDRs.
        right: the case priced rightly.
    """
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
    return min(int(number_or_none(component.get("step_size")) or 0), _LONGEST_STEP)


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
