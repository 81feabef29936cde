"""What a difference in quantity costs, and other arithmetic that several rules share."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from models.money import to_minor_unit

HOUR_S = 3600
NO_TIME = pl.datetime(1970, 1, 2, time_zone="UTC")


def seconds_of(hours: str) -> pl.Expr:
    """Hours as seconds, exact."""
    return pl.col(hours) * HOUR_S


def share_of(share: Decimal, whole: pl.Expr) -> pl.Expr:
    """A share of a quantity's size."""
    return whole.abs() * pl.lit(share)


def positive(amount: pl.Expr) -> pl.Expr:
    """The amount, or zero where it is below or unknown."""
    return pl.max_horizontal(amount.fill_null(0), pl.lit(Decimal(0)))


def energy_effect(difference_kwh: pl.Expr) -> pl.Expr:
    """What a difference in energy costs, at the CDR's own mean price for energy."""
    return _at_mean_price(difference_kwh, "expected_energy_cost_excl_vat", "billed_energy_kwh")


def time_effect(difference_s: pl.Expr) -> pl.Expr:
    """What a difference in time costs, at the CDR's own mean price for charging time."""
    hours = difference_s.cast(pl.Decimal(38, 9)) / HOUR_S
    return _at_mean_price(hours, "expected_time_cost_excl_vat", "billed_time_h")


def _at_mean_price(quantity: pl.Expr, cost: str, billed: str) -> pl.Expr:
    # Multiplied before it is divided: the mean price itself has no end of decimals.
    effect = quantity.cast(pl.Decimal(38, 9)) * pl.col(cost) / pl.col(billed)
    priced = pl.when(pl.col(billed) > 0).then(effect)
    return positive(to_minor_unit(priced))


def has_sentinel_time() -> pl.Expr:
    """Whether a time is the epoch, which stands for no time: rules on durations are silent."""
    return (pl.col("start_at") < NO_TIME) | (pl.col("end_at") < NO_TIME)


def lasted_s() -> pl.Expr:
    """Wall-clock seconds from start to end."""
    return (pl.col("end_at") - pl.col("start_at")).dt.total_seconds()


def made_at() -> pl.Expr:
    """When the CDR was made, or when we had it where it does not say."""
    return pl.coalesce("last_updated_at", "fetched_at")


def invoiceable_at() -> pl.Expr:
    """From when an invoice could list the CDR: its month is over and it is made."""
    return pl.max_horizontal(pl.col("month_closed_at"), made_at())


def off_total_time_s() -> pl.Expr:
    """total_time minus the CDR's length, with or without its reservation: the nearer one."""
    whole = seconds_of("total_time_h") - lasted_s()
    without = whole + pl.col("reservation_s").fill_null(0)
    return pl.when(whole.abs() <= without.abs()).then(whole).otherwise(without)
