"""Energy: can so much have flowed, and do the CDR's own figures agree on how much it was?"""

import polars as pl

from models.recon.quantities import (
    HOUR_S,
    charging_h,
    energy_effect,
    most_kwh,
    possible_kwh,
    share_of,
)
from models.recon.rule import CURRENCY, Limits, Rule, Stake, compared
from models.recon.words import decimals, either, sentence

_WATTS_IN_KW = 1000


def _exceeds(difference: pl.Expr, whole: pl.Expr, limits: Limits) -> pl.Expr:
    """Beyond an energy and beyond a share of the whole."""
    allowed = pl.max_horizontal(pl.lit(limits["energy_kwh"]), share_of(limits["share"], whole))
    return difference.abs() > allowed


def _off_periods() -> pl.Expr:
    return pl.col("total_energy_kwh") - pl.col("period_energy_kwh")


def _possible_kwh(limits: Limits) -> pl.Expr:
    return possible_kwh(limits["factor"], limits["allowance_kwh"])


def _most_kwh(limits: Limits) -> pl.Expr:
    return most_kwh(limits["car_kwh"], limits["truck_kwh"], limits["truck_power_kw"])


def _off_signed() -> pl.Expr:
    return pl.col("total_energy_kwh") - pl.col("signed_kwh")


PERIODS_ENERGY_MISMATCH = Rule(
    id="PERIODS_ENERGY_MISMATCH",
    severity="dispute",
    stake=Stake.EFFECT,
    title="the energy of its periods does not add up to total_energy",
    condition=lambda limits: _exceeds(_off_periods(), pl.col("total_energy_kwh"), limits),
    message="total_energy is {total_energy_kwh:kwh}, but the charging periods add up to "
    "{period_energy_kwh:kwh}.",
    **compared("total_energy_kwh", "period_energy_kwh", "kWh", _off_periods(), places=3),
    at_stake=energy_effect(_off_periods().abs()),
)

ENERGY_EXCEEDS_POWER = Rule(
    id="ENERGY_EXCEEDS_POWER",
    severity="dispute",
    stake=Stake.CLAIM,
    title="more energy than the connector can deliver in the charging time",
    condition=lambda limits: (
        (pl.col("total_energy_kwh") > _possible_kwh(limits))
        & (pl.col("end_at") > pl.col("start_at"))
    ),
    message=lambda limits: sentence(
        "{total_energy_kwh:kwh} in {charging:duration} of charging is more than a connector of "
        "{connector_power_kw:1} kW can deliver ({possible:kwh} at most).",
        charging=charging_h() * HOUR_S,
        possible=_possible_kwh(limits),
    ),
    observed=decimals("total_energy_kwh", 3),
    expected=lambda limits: decimals(_possible_kwh(limits), 3),
    delta=lambda limits: pl.col("total_energy_kwh") - _possible_kwh(limits),
    unit="kWh",
)

ENERGY_IMPLAUSIBLE = Rule(
    id="ENERGY_IMPLAUSIBLE",
    version=2,
    severity="dispute",
    stake=Stake.CLAIM,
    title="more energy than a battery takes; a warning where it is Wh and kWh are billed",
    condition=lambda limits: (pl.col("total_energy_kwh") > _most_kwh(limits)) | pl.col("states_wh"),
    message=lambda limits: (
        pl.when("states_wh")
        .then(
            sentence(
                "The CDR states {stated_energy_kwh:0} Wh as if they were kWh; what it bills is "
                "right for {total_energy_kwh:kwh}, which count."
            )
        )
        .when("looks_like_wh")
        .then(
            sentence(
                "{total_energy_kwh:kwh} is more than any battery takes: it looks like Wh stated "
                "as kWh, {fitting:kwh} would fit.",
                fitting=pl.col("total_energy_kwh") / _WATTS_IN_KW,
            )
        )
        .otherwise(
            sentence(
                "{total_energy_kwh:kwh} is more than any battery takes (limit {limit:kwh}).",
                limit=_most_kwh(limits),
            )
        )
    ),
    observed=decimals("stated_energy_kwh", 3),
    expected=lambda limits: (
        pl.when("states_wh")
        .then(decimals("total_energy_kwh", 3))
        .otherwise(decimals(_most_kwh(limits), 3))
    ),
    delta=lambda limits: (
        pl.col("stated_energy_kwh")
        - pl.when("states_wh").then("total_energy_kwh").otherwise(_most_kwh(limits))
    ),
    unit="kWh",
    cause=pl.when(pl.col("looks_like_wh")).then(pl.lit("WH_FOR_KWH")),
    severity_of=either(pl.col("states_wh"), "warn", "dispute"),
)

ENERGY_NEGATIVE = Rule(
    id="ENERGY_NEGATIVE",
    version=2,
    severity="dispute",
    stake=Stake.CLAIM,
    title="total_energy below zero, and its periods do not say that energy was fed back",
    condition=((pl.col("total_energy_kwh") < 0) & (pl.col("period_energy_kwh").fill_null(0) >= 0)),
    message="total_energy is {total_energy_kwh:kwh}, but the charging periods add up to "
    "{period_energy_kwh:kwh}.",
    observed=decimals("total_energy_kwh", 3),
    expected=decimals("period_energy_kwh", 3),
    unit="kWh",
)

ZERO_ENERGY_WITH_COST = Rule(
    id="ZERO_ENERGY_WITH_COST",
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
    message="{claimed_excl_vat:money} are claimed for {total_energy_kwh:kwh}, and the tariff has "
    "no price for time or for the session.",
    **compared("claimed_excl_vat", "expected_excl_vat", CURRENCY),
)

SIGNED_DATA_MISMATCH = Rule(
    id="SIGNED_DATA_MISMATCH",
    severity="dispute",
    stake=Stake.CLAIM,
    title="the meter's signed readings (OCMF) say another energy than total_energy",
    condition=lambda limits: _exceeds(_off_signed(), pl.col("signed_kwh"), limits),
    message="The meter signed {signed_kwh:kwh}, the CDR claims {total_energy_kwh:kwh}.",
    **compared("total_energy_kwh", "signed_kwh", "kWh", _off_signed(), places=3),
)
