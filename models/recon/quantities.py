"""The cost of a difference in quantity, and other arithmetic that several rules share."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from models.money import to_minor_unit
from models.recon.rule_ids import RULE_THRESHOLDS

if TYPE_CHECKING:
    from models.contract import Contract

HOUR_S = 3600
NO_TIME = pl.datetime(1970, 1, 2, time_zone="UTC")


def seconds_of(hours: str) -> pl.Expr:
    """Hours as seconds, exact."""
    return pl.col(hours) * HOUR_S


def share_of(share: Decimal | pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Return a share of a quantity's size."""
    return whole.abs() * _expression(share)


def contract_threshold(contracts: Mapping[str, Contract], rule_id: str, name: str) -> pl.Expr:
    """Return a threshold of a rule under each CDR's contract.

    `contracts`: partner → terms; a partner that is not there has the default ones.
    """
    default = RULE_THRESHOLDS[rule_id][name]
    value = pl.lit(default)
    for partner, contract in contracts.items():
        own = contract.threshold(rule_id, name)
        if own != default:
            value = pl.when(pl.col("partner") == partner).then(pl.lit(own)).otherwise(value)
    return value


def charging_h() -> pl.Expr:
    """Hours in which energy could flow: the periods' own, else all but parking and reservation."""
    parking_s = pl.col("total_parking_time_h").fill_null(0) * HOUR_S
    idle_s = parking_s + pl.col("reservation_s").fill_null(0)
    rest = positive((lasted_s() - idle_s).cast(pl.Decimal(38, 9))) / HOUR_S
    return pl.coalesce(pl.col("period_time_h").cast(pl.Decimal(38, 9)), rest)


def possible_kwh(factor: Decimal | pl.Expr, allowance_kwh: Decimal | pl.Expr) -> pl.Expr:
    """Return the most energy that the connector can deliver in the charging time."""
    at_full_power = pl.col("connector_power_kw").cast(pl.Decimal(38, 9)) * charging_h()
    return at_full_power * _expression(factor) + _expression(allowance_kwh)


def most_kwh(
    car_kwh: Decimal | pl.Expr, truck_kwh: Decimal | pl.Expr, truck_power_kw: Decimal | pl.Expr
) -> pl.Expr:
    """Return the most energy that a battery takes: a truck's at connectors that charge trucks."""
    for_trucks = pl.col("connector_power_kw") >= _expression(truck_power_kw)
    return (
        pl.when(for_trucks.fill_null(value=False))
        .then(_expression(truck_kwh))
        .otherwise(_expression(car_kwh))
    )


def _expression(value: Decimal | pl.Expr) -> pl.Expr:
    return value if isinstance(value, pl.Expr) else pl.lit(value)


def positive(amount: pl.Expr) -> pl.Expr:
    """Return the amount, or zero where it is below or unknown."""
    return pl.max_horizontal(amount.fill_null(0), pl.lit(Decimal(0)))


def energy_effect(difference_kwh: pl.Expr) -> pl.Expr:
    """Return the cost of a difference in energy, at the CDR's own mean price for energy."""
    return _at_mean_price(difference_kwh, "expected_energy_cost_excl_vat", "billed_energy_kwh")


def time_effect(difference_s: pl.Expr) -> pl.Expr:
    """Return the cost of a difference in time, at the CDR's own mean price for charging time."""
    hours = difference_s.cast(pl.Decimal(38, 9)) / HOUR_S
    return _at_mean_price(hours, "expected_time_cost_excl_vat", "billed_time_h")


def _at_mean_price(quantity: pl.Expr, cost: str, billed: str) -> pl.Expr:
    # Multiplied before it is divided: the mean price itself has no end of decimals.
    effect = quantity.cast(pl.Decimal(38, 9)) * pl.col(cost) / pl.col(billed)
    priced = pl.when(pl.col(billed) > 0).then(effect)
    return positive(to_minor_unit(priced))


def has_sentinel_time() -> pl.Expr:
    """Tell where a time is the epoch, which stands for no time: rules on durations are silent."""
    return (pl.col("start_at") < NO_TIME) | (pl.col("end_at") < NO_TIME)


def ends_at() -> pl.Expr:
    """Return the later one of start and end."""
    return pl.max_horizontal("start_at", "end_at")


def lasted_s() -> pl.Expr:
    """Wall-clock seconds from start to end."""
    return (pl.col("end_at") - pl.col("start_at")).dt.total_seconds()


def made_at() -> pl.Expr:
    """Return the moment the CDR was made, or when we had it where it does not say."""
    return pl.coalesce("last_updated_at", "fetched_at")


def invoiceable_at() -> pl.Expr:
    """Return when an invoice could first list the CDR: its month is over and it is made."""
    return pl.max_horizontal(pl.col("month_closed_at"), made_at())


def off_total_time_s() -> pl.Expr:
    """total_time minus the CDR's length, with or without its reservation: the nearer one."""
    whole = seconds_of("total_time_h") - lasted_s()
    without = whole + pl.col("reservation_s").fill_null(0)
    return pl.when(whole.abs() <= without.abs()).then(whole).otherwise(without)
