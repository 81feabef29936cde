"""Prices CDRs again with one mistake at a time, to see which of them gives the claim.

A mistake is made in what the rating engine is fed, never in the engine: other volumes, other
tariffs, another contract.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import polars as pl

from models.contract import Contract, Rounding
from models.rating.batch import RatingBatch, rate_batch
from models.rating.result import Rated
from models.rating.tariff import CompiledTariff, compile_tariff_text
from models.rating.tariff_set import tariff_set
from models.tables.kinds import MONEY, QUANTITY

SOURCE = "embedded"
_WATTS_IN_KW = 1000
_HOUR_S = 3600
_PARTS = 10**9
_CLOCK_DECIMALS = 6
_STEPPED = {"ENERGY": "energy_kwh", "TIME": "time_h", "PARKING_TIME": "parking_time_h"}
#: Units of step_size in a unit of the volume: Wh in a kWh, seconds in an hour.
_STEPS_IN = {"ENERGY": _WATTS_IN_KW, "TIME": _HOUR_S, "PARKING_TIME": _HOUR_S}
REPRICED: dict[str, pl.DataType] = {
    "cdr_row": pl.Int64(),
    "cause": pl.String(),
    "detail": pl.String(),
    "excl_vat": MONEY,
    "incl_vat": MONEY,
}


@dataclass(frozen=True)
class Case:
    """CDRs to be priced, and what by.

    Args:
        cdrs: see `RatingBatch.cdrs`; `cdr_row`, a number of its own, and `length_s` beside.
        periods: see `RatingBatch.periods`, with `length_s`.
        offered: `cdr_row`, `tariff` (JSON) and `detail`: what is said of it if it fits.
        contracts: partner → terms.
    """

    cdrs: pl.DataFrame
    periods: pl.DataFrame
    offered: pl.DataFrame
    contracts: Mapping[str, Contract]

    def with_periods(self, change: pl.Expr, name: str) -> Case:
        """The same CDRs with one column of their periods changed."""
        return replace(self, periods=self.periods.with_columns(change.cast(QUANTITY).alias(name)))


Mistake = Callable[[Case, Rated], Case]


def repriced(own: Case, others: Mapping[str, Case]) -> pl.DataFrame:
    """What each mistake gives.

    Args:
        own: the CDRs, and the tariffs that they should be priced by.
        others: cause → the same CDRs and other tariffs: each priced alone, whatever the periods
            say, so that a CDR may stand there several times.

    Returns:
        Rows of `REPRICED`; only where there is a price.
    """
    right = _rated(own)
    made = [_totals(_rated(mistake(own, right)), own, cause) for cause, mistake in MISTAKES]
    for cause, case in others.items():
        made += [_totals(_rated(alone), alone, cause) for alone in _one_by_one(case)]
    return pl.concat(made) if made else pl.DataFrame(schema=REPRICED)


def _one_by_one(case: Case) -> Iterator[Case]:
    """The case with the first tariff of each CDR, then with the second, and so on."""
    numbered = case.offered.with_columns(pl.int_range(pl.len()).over("cdr_row").alias("turn"))
    unnamed = case.periods.with_columns(pl.lit(None, dtype=pl.String).alias("tariff_id"))
    for turn in numbered["turn"].unique().sort().to_list():
        offered = numbered.filter(pl.col("turn") == turn).drop("turn")
        rows = offered["cdr_row"].unique().to_list()
        yield replace(
            case,
            cdrs=case.cdrs.filter(pl.col("cdr_row").is_in(rows)),
            periods=unnamed.filter(pl.col("cdr_row").is_in(rows)),
            offered=offered,
        )


def _rated(case: Case) -> Rated:
    """The case priced; `cdr_id` of the result is the `cdr_row` as text."""
    texts = case.offered["tariff"].unique(maintain_order=True)
    place = pl.DataFrame(
        {"tariff": texts, "place": range(len(texts))}, schema_overrides={"place": pl.Int64}
    )
    rows = case.cdrs.select("cdr_row").with_columns(pl.int_range(pl.len()).alias("at"))
    offered = (
        case.offered.join(rows, on="cdr_row", maintain_order="left")
        .join(place, on="tariff", maintain_order="left")
        .select(pl.col("at").alias("cdr_row"), pl.col("place").alias("tariff"))
        .sort("cdr_row", maintain_order=True)
    )
    periods = (
        case.periods.join(rows, on="cdr_row", maintain_order="left")
        .drop("cdr_row")
        .rename({"at": "cdr_row"})
        .sort("cdr_row", "period_index")
    )
    counts = case.periods.group_by("cdr_row").agg(pl.len().cast(pl.Int64).alias("period_count"))
    cdrs = case.cdrs.join(counts, on="cdr_row", how="left", maintain_order="left").with_columns(
        pl.col("cdr_row").cast(pl.String).alias("id"), pl.col("period_count").fill_null(0)
    )
    batch = RatingBatch(
        cdrs=cdrs,
        periods=periods,
        tariffs=tariff_set([_compiled(text) for text in texts]),
        contracts=case.contracts,
    )
    return rate_batch(batch, {SOURCE: offered})


def _totals(rated: Rated, case: Case, cause: str) -> pl.DataFrame:
    details = case.offered.group_by("cdr_row", maintain_order=True).agg(pl.col("detail").first())
    return (
        rated.cdrs.filter(pl.col("state") == "priced")
        .select(
            pl.col("cdr_id").cast(pl.Int64).alias("cdr_row"),
            pl.lit(cause).alias("cause"),
            pl.col("expected_excl_vat").alias("excl_vat"),
            pl.col("expected_incl_vat").alias("incl_vat"),
        )
        .join(details, on="cdr_row", how="left", maintain_order="left")
        .select(pl.col(name).cast(dtype) for name, dtype in REPRICED.items())
    )


@lru_cache(maxsize=10_000)
def _compiled(text: str) -> CompiledTariff:
    return compile_tariff_text(text)


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
    hours = _volume(pl.col("length_s"), "TIME").round(_CLOCK_DECIMALS)
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
        volume = pl.when(step > 1).then(_volume(raised, dimension)).otherwise(column)
        changed = replace(
            changed, periods=periods.with_columns(volume.cast(QUANTITY).alias(column)).drop("step")
        )
    return changed


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
    raised = _volume(_units(pl.col("time_h"), "TIME") + pl.col("surplus"), "TIME")
    volume = pl.when(pl.col("surplus") > 0).then(raised).otherwise("time_h")
    return replace(
        case, periods=periods.with_columns(volume.cast(QUANTITY).alias("time_h")).drop("surplus")
    )


def _units(volume: pl.Expr, dimension: str) -> pl.Expr:
    """A volume in whole units of step_size; hours stated with few decimals are the seconds meant.

    Energies are rounded up: a part of a Wh begins a step.
    """
    units = volume.cast(pl.Decimal(38, 9)) * _STEPS_IN[dimension]
    return (units.ceil() if dimension == "ENERGY" else _seconds(units)).cast(pl.Int64)


def _seconds(units: pl.Expr) -> pl.Expr:
    length = pl.col("length_s").cast(pl.Decimal(38, 9))
    return pl.when((units - length).abs() <= 2).then(length).otherwise(units.round(0))


def _volume(units: pl.Expr, dimension: str) -> pl.Expr:
    """Whole units as a volume, at its last decimal rounded up: a half cent must stay one."""
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
        (text, tariff["id"], index, component["type"], int(component.get("step_size") or 0))
        for index, element in enumerate(tariff.get("elements") or [])
        for component in element.get("price_components") or []
    ]


MISTAKES: tuple[tuple[str, Mistake], ...] = (
    ("LIMIT_IGNORED", limit_ignored),
    ("RESERVATION_IGNORED", reservation_ignored),
    ("STEP_PER_DIMENSION", step_per_dimension),
    ("STEP_PER_PERIOD", step_per_period),
    ("WALL_CLOCK_TIME", wall_clock_time),
    ("WH_FOR_KWH", wh_for_kwh),
    ("WH_FOR_KWH", kwh_stated_in_wh),
    ("LINE_ROUNDING", line_rounding),
)
