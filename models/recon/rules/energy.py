"""Energy: can so much have flowed, and do the CDR's own figures agree on how much it was?"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from models.recon.quantities import HOUR_S, energy_effect, lasted_s, positive, share_of
from models.recon.rule import FindingText, Limits, Rule, Stake
from models.recon.words import decimals, duration, kwh, money, sentence

_WATTS_IN_KW = 1000


def _exceeds(difference: pl.Expr, whole: pl.Expr, limits: Limits) -> pl.Expr:
    """Beyond an energy and beyond a share of the whole."""
    allowed = pl.max_horizontal(pl.lit(limits["energy_kwh"]), share_of(limits["share"], whole))
    return difference.abs() > allowed


def _off_periods() -> pl.Expr:
    return pl.col("total_energy_kwh") - pl.col("period_energy_kwh")


def _charging_h() -> pl.Expr:
    """Hours in which energy could flow: the periods' own, else all but parking and reservation."""
    idle = pl.col("total_parking_time_h").fill_null(0) * HOUR_S + pl.col("reservation_s").fill_null(
        0
    )
    rest = positive((lasted_s() - idle).cast(pl.Decimal(38, 9))) / HOUR_S
    return pl.coalesce(pl.col("period_time_h").cast(pl.Decimal(38, 9)), rest)


def _possible_kwh(limits: Limits) -> pl.Expr:
    at_full_power = pl.col("connector_power_kw").cast(pl.Decimal(38, 9)) * _charging_h()
    return at_full_power * pl.lit(limits["factor"]) + pl.lit(limits["allowance_kwh"])


def _most_kwh(limits: Limits) -> pl.Expr:
    for_trucks = pl.col("connector_power_kw") >= pl.lit(limits["truck_power_kw"])
    return (
        pl.when(for_trucks.fill_null(value=False))
        .then(pl.lit(limits["truck_kwh"]))
        .otherwise(pl.lit(limits["car_kwh"]))
    )


def _implausible(limits: Limits) -> pl.Expr:
    return pl.col("total_energy_kwh") > _most_kwh(limits)


def _looks_like_wh(limits: Limits) -> pl.Expr:
    """A thousandth of it would have been possible here, and the whole would not."""
    return (pl.col("total_energy_kwh") / _WATTS_IN_KW <= _possible_kwh(limits)) & (
        pl.col("total_energy_kwh") > _possible_kwh(limits)
    )


def _off_signed() -> pl.Expr:
    return pl.col("total_energy_kwh") - pl.col("signed_kwh")


PERIODS_ENERGY_MISMATCH = Rule(
    id="PERIODS_ENERGY_MISMATCH",
    version=1,
    severity="dispute",
    stake=Stake.EFFECT,
    title="the energy of its periods does not add up to total_energy",
    condition=lambda limits: _exceeds(_off_periods(), pl.col("total_energy_kwh"), limits),
    text=lambda limits: FindingText(
        message=sentence(
            "total_energy is {}, but the charging periods add up to {}.",
            kwh("total_energy_kwh"),
            kwh("period_energy_kwh"),
        ),
        observed=decimals("total_energy_kwh", 3),
        expected=decimals("period_energy_kwh", 3),
        delta=_off_periods(),
        unit="kWh",
        at_stake=energy_effect(_off_periods().abs()),
    ),
)

_POWER = {"factor": Decimal("1.05"), "allowance_kwh": Decimal("0.1")}

ENERGY_EXCEEDS_POWER = Rule(
    id="ENERGY_EXCEEDS_POWER",
    version=1,
    severity="dispute",
    stake=Stake.CLAIM,
    title="more energy than the connector can deliver in the charging time",
    condition=lambda limits: (
        (pl.col("total_energy_kwh") > _possible_kwh(limits))
        & (pl.col("end_at") > pl.col("start_at"))
    ),
    text=lambda limits: FindingText(
        message=sentence(
            "{} in {} of charging is more than a connector of {} kW can deliver ({} at most).",
            kwh("total_energy_kwh"),
            duration(_charging_h() * HOUR_S),
            decimals("connector_power_kw", 1),
            kwh(_possible_kwh(limits)),
        ),
        observed=decimals("total_energy_kwh", 3),
        expected=decimals(_possible_kwh(limits), 3),
        delta=pl.col("total_energy_kwh") - _possible_kwh(limits),
        unit="kWh",
    ),
)

ENERGY_IMPLAUSIBLE = Rule(
    id="ENERGY_IMPLAUSIBLE",
    version=1,
    severity="dispute",
    stake=Stake.CLAIM,
    title="more energy than a battery takes; it may be Wh",
    condition=_implausible,
    text=lambda limits: FindingText(
        message=pl.when(_looks_like_wh(_POWER).fill_null(value=False))
        .then(
            sentence(
                "{} is more than any battery takes: it looks like Wh stated as kWh, {} would fit.",
                kwh("total_energy_kwh"),
                kwh(pl.col("total_energy_kwh") / _WATTS_IN_KW),
            )
        )
        .otherwise(
            sentence(
                "{} is more than any battery takes (limit {}).",
                kwh("total_energy_kwh"),
                kwh(_most_kwh(limits)),
            )
        ),
        observed=decimals("total_energy_kwh", 3),
        expected=_most_kwh(limits),
        delta=pl.col("total_energy_kwh") - _most_kwh(limits),
        unit="kWh",
        cause=pl.when(_looks_like_wh(_POWER).fill_null(value=False)).then(pl.lit("WH_FOR_KWH")),
    ),
)

ENERGY_NEGATIVE = Rule(
    id="ENERGY_NEGATIVE",
    version=2,
    severity="dispute",
    stake=Stake.CLAIM,
    title="a total energy below zero that the charging periods do not state",
    condition=lambda limits: (
        (pl.col("total_energy_kwh") < 0) & ~(pl.col("period_energy_kwh") < 0).fill_null(value=False)
    ),
    text=lambda limits: FindingText(
        message=sentence(
            "{} are stated in total, although the charging periods tell of no energy fed back.",
            kwh("total_energy_kwh"),
        ),
        observed=decimals("total_energy_kwh", 3),
        expected=pl.lit(0),
        unit="kWh",
    ),
)

ZERO_ENERGY_WITH_COST = Rule(
    id="ZERO_ENERGY_WITH_COST",
    version=1,
    severity="dispute",
    stake=Stake.CLAIM,
    title="next to no energy, yet a cost, and the tariff asks nothing for time or by the session",
    condition=lambda limits: (
        (pl.col("total_energy_kwh") < pl.lit(limits["energy_kwh"]))
        & (pl.col("total_energy_kwh") >= 0)
        & (pl.col("claimed_excl_vat") > 0)
        & pl.col("expected_excl_vat").is_not_null()
        & ~pl.col("limit_applied")
        & (pl.col("expected_other_than_energy_excl_vat") == 0)
    ),
    text=lambda limits: FindingText(
        message=sentence(
            "{} are claimed for {}, and the tariff has no price for time or for the session.",
            money("claimed_excl_vat"),
            kwh("total_energy_kwh"),
        ),
        observed=pl.col("claimed_excl_vat"),
        expected=pl.col("expected_excl_vat"),
        delta=pl.col("claimed_excl_vat") - pl.col("expected_excl_vat"),
        unit=pl.col("currency"),
    ),
)

SIGNED_DATA_MISMATCH = Rule(
    id="SIGNED_DATA_MISMATCH",
    version=1,
    severity="dispute",
    stake=Stake.CLAIM,
    title="the meter's signed readings (OCMF) say another energy than total_energy",
    condition=lambda limits: _exceeds(_off_signed(), pl.col("signed_kwh"), limits),
    text=lambda limits: FindingText(
        message=sentence(
            "The meter signed {}, the CDR claims {}.",
            kwh("signed_kwh"),
            kwh("total_energy_kwh"),
        ),
        observed=decimals("total_energy_kwh", 3),
        expected=decimals("signed_kwh", 3),
        delta=_off_signed(),
        unit="kWh",
    ),
)

RULES = (
    PERIODS_ENERGY_MISMATCH,
    ENERGY_EXCEEDS_POWER,
    ENERGY_IMPLAUSIBLE,
    ENERGY_NEGATIVE,
    ZERO_ENERGY_WITH_COST,
    SIGNED_DATA_MISMATCH,
)
