from __future__ import annotations

from decimal import Decimal

from recon_world import World

from models.tables.charging import SESSIONS
from models.tables.objects import TOKENS


def test_a_charge_with_nothing_wrong_is_agreed() -> None:
    world = World().charge().add(SESSIONS).places().add(TOKENS)

    assert world.fired() == {}
    verdict = world.verdict()
    assert verdict["verdict"] == "agreed"
    assert verdict["payable_excl_vat"] == Decimal(10)
    assert verdict["session_match"] == "matched"
    assert verdict["tariff_source"] == "published"


def test_an_empty_warehouse_has_nothing_to_say() -> None:
    world = World()

    assert world.reconcile().cdrs == 0
