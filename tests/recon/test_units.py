"""A CDR that states Wh and bills kWh: the unit is wrong, the money is not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from recon_world import World, d, per_vat

from models.contract import Contract
from models.tables.charging import EMBEDDED_TARIFFS, SESSIONS

TARIFF = (
    '{"id":"T7","country_code":"NL","party_id":"VOL","currency":"EUR","elements":'
    '[{"price_components":[{"type":"ENERGY","price":0.5,"step_size":1,"vat":21}]}]}'
)
WH_PRICE = {
    "source": "embedded",
    **per_vat("expected", "10000", "12100"),
    **per_vat("energy_cost", "10000", "12100"),
    "billed_energy_kwh": d("20000"),
}


def in_wh(contract: Contract | None = None, **changes: Any) -> World:
    """A charge of 20 kWh for 10.00, stated as 20,000."""
    world = World({"voltix": contract or Contract()})
    world.charge(
        price=WH_PRICE, tariff_hashes=["t1"], **{"total_energy_kwh": d("20000"), **changes}
    )
    world.con.execute("update core.charging_periods set energy_kwh = 20000")
    return world.places().add(EMBEDDED_TARIFFS, tariff=TARIFF)


def test_it_is_agreed_with_a_warning_and_counts_in_kwh() -> None:
    world = in_wh().add(SESSIONS)

    (finding,) = world.fired().values()
    assert (finding["rule_id"], finding["severity"]) == ("ENERGY_IMPLAUSIBLE", "warn")
    assert (finding["cause"], finding["at_stake_excl_vat"]) == ("WH_FOR_KWH", 0)
    verdict = world.verdict()
    assert (verdict["verdict"], verdict["payable_excl_vat"]) == ("agreed", 10)
    assert (verdict["expected_excl_vat"], verdict["energy_kwh"]) == (10, 20)


def test_a_claim_within_tolerance_is_tolerated() -> None:
    world = in_wh(
        **per_vat("total_cost", "10.02", None), **per_vat("total_energy_cost", "10", None)
    )
    world.reconcile()

    assert world.verdict()["verdict"] == "tolerated"


@pytest.mark.parametrize(
    "changes", [per_vat("total_cost", "12", None), per_vat("total_cost", "0", None)]
)
def test_another_claim_is_judged_as_stated(changes: dict[str, Any]) -> None:
    world = in_wh(**changes)
    world.reconcile()

    assert world.verdict()["verdict"] != "agreed"
    assert world.verdict()["energy_kwh"] == 20_000


def test_a_session_with_another_energy_is_heard() -> None:
    world = in_wh().add(SESSIONS, energy_kwh=d("15"))

    assert world.fired()["SESSION_ENERGY_MISMATCH"]["severity"] == "dispute"
    assert world.verdict()["energy_kwh"] == 20_000


def test_thresholds_of_the_contract_say_what_is_possible() -> None:
    generous = Contract.model_validate({"thresholds": {"ENERGY_EXCEEDS_POWER": {"factor": "1000"}}})
    strict = Contract.model_validate({"thresholds": {"ENERGY_EXCEEDS_POWER": {"factor": "0.1"}}})
    for contract, counted in ((Contract(), 20), (generous, 20_000), (strict, 20_000)):
        world = in_wh(contract)
        world.reconcile()
        assert world.verdict()["energy_kwh"] == Decimal(counted)
