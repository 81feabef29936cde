"""CDRs that state Wh where OCPI asks for kWh, and bill what is right for kWh.

What is wrong with them is the unit, not the money: they are held against the price of their energy
in kWh, and count with it. So no rule about energy takes the symptom for the fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from models.money import compare
from models.recon import price
from models.recon.quantities import contract_threshold, most_kwh, possible_kwh, share_of
from models.recon.variants import PRICE_COLUMNS
from models.tables.kinds import QUANTITY

if TYPE_CHECKING:
    from models.contract import Contract

#: The mistake that prices a CDR's energies as Wh (`models.recon.mistakes`).
STATES_WH = "STATES_WH"
_WATTS_IN_KW = 1000
_ENERGIES = ("total_energy_kwh", "period_energy_kwh", "least_period_energy_kwh")


def with_wh_signs(facts: pl.DataFrame, contracts: Mapping[str, Contract]) -> pl.DataFrame:
    """Add `looks_like_wh`: a thousandth of the energy is possible here, and the whole is not.

    The session decides, where it is over and states an energy; else the connector's power, else
    what a battery takes.

    `contracts`: partner → terms, for the thresholds of the rules about energy.
    """
    stated = pl.col("total_energy_kwh")
    return facts.with_columns(
        pl.coalesce(
            _agrees_in_kwh(stated, contracts),
            _fits_in_kwh(stated, possible_kwh(*_power_limits(contracts))),
            _fits_in_kwh(stated, most_kwh(*_battery_limits(contracts))),
            pl.lit(value=False),
        ).alias("looks_like_wh")
    )


def restate_in_kwh(facts: pl.DataFrame, repriced: pl.DataFrame) -> pl.DataFrame:
    """Give the CDRs that state Wh and bill kWh their energies in kWh, and their prices.

    Args:
        facts: one row for each CDR, with `looks_like_wh` (`with_wh_signs`).
        repriced: what each mistake gives (`variants.reprice`); `cdr_row` is `n`.

    Returns:
        The facts with `states_wh`, and `stated_energy_kwh`: the energy as stated.
    """
    in_kwh = repriced.filter(pl.col("cause") == STATES_WH).select(
        pl.col("cdr_row").alias("n"),
        *(pl.col(name).alias(f"{name}_in_kwh") for name in PRICE_COLUMNS),
    )
    joined = (
        facts.with_columns(pl.col("n").cast(pl.Int64))
        .join(in_kwh, on="n", how="left", maintain_order="left")
        .with_columns(_is_right_in_kwh().alias("states_wh"))
    )
    right = pl.col("states_wh")
    restated = joined.with_columns(
        pl.col("total_energy_kwh").alias("stated_energy_kwh"),
        *(
            pl.when(right).then(pl.col(name) / _WATTS_IN_KW).otherwise(name).cast(QUANTITY)
            .alias(name)
            for name in _ENERGIES
        ),
        *(
            pl.when(right).then(f"{column}_in_kwh").otherwise(name).alias(name)
            for column, name in PRICE_COLUMNS.items()
        ),
    )  # fmt: skip
    return restated.with_columns(pl.col("n").cast(facts.schema["n"])).select(
        *facts.columns, "states_wh", "stated_energy_kwh"
    )


def _is_right_in_kwh() -> pl.Expr:
    """Tell whether the claim is no placeholder and agrees with the price in kWh."""
    net = pl.col("expected_excl_vat_in_kwh").is_not_null()
    claimed = pl.when(net).then("claimed_excl_vat").otherwise("claimed_incl_vat")
    expected = pl.coalesce("expected_excl_vat_in_kwh", "expected_incl_vat_in_kwh")
    said = compare(claimed, expected, pl.col("tolerance_absolute"), pl.col("tolerance_relative"))
    right = pl.col("looks_like_wh") & said.is_in(["agreed", "tolerated"])
    return (right & ~price.is_placeholder()).fill_null(value=False)


def _agrees_in_kwh(stated: pl.Expr, contracts: Mapping[str, Contract]) -> pl.Expr:
    """Tell where the session has the energy in kWh, and not as stated; null: it does not say."""
    session = pl.col("session_energy_kwh")
    allowed = share_of(contract_threshold(contracts, "SESSION_ENERGY_MISMATCH", "share"), session)
    agrees = ((stated / _WATTS_IN_KW - session).abs() <= allowed) & (
        (stated - session).abs() > allowed
    )
    return pl.when((pl.col("session_status") == "COMPLETED") & (session > 0)).then(agrees)


def _fits_in_kwh(stated: pl.Expr, most: pl.Expr) -> pl.Expr:
    return (stated > most) & (stated / _WATTS_IN_KW <= most)


def _power_limits(contracts: Mapping[str, Contract]) -> tuple[pl.Expr, ...]:
    return tuple(
        contract_threshold(contracts, "ENERGY_EXCEEDS_POWER", name)
        for name in ("factor", "allowance_kwh")
    )


def _battery_limits(contracts: Mapping[str, Contract]) -> tuple[pl.Expr, ...]:
    return tuple(
        contract_threshold(contracts, "ENERGY_IMPLAUSIBLE", name)
        for name in ("car_kwh", "truck_kwh", "truck_power_kw")
    )
