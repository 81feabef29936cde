"""Charges that several connections bring: a hub, the party itself, one under another name."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from recon_world import AS_OF, END, World

from models.tables.charging import SESSIONS

MINUTE = timedelta(minutes=1)
LATER = {"last_updated_at": END + timedelta(hours=1)}


def test_a_session_billed_directly_and_through_a_hub_is_billed_once() -> None:
    world = World().charge().charge(partner="gridlink", id="HUB-1", **LATER)

    found = world.fired("HUB-1")["CDR_DUPLICATE_SESSION"]
    assert found["related_id"] == "C1"
    assert "voltix" in found["message"]
    assert world.verdict("C1")["payable_excl_vat"] == Decimal(10)
    assert world.verdict("HUB-1", "gridlink")["payable_excl_vat"] == 0


@pytest.mark.parametrize("hub", ["gridlink", "zenlink"])
def test_of_copies_the_partys_own_connection_comes_before_a_hub(hub: str) -> None:
    world = World(hubs=frozenset({hub})).charge(fetched_at=AS_OF + MINUTE)
    world.charge(partner=hub, id="c1")

    assert "own connection" in world.fired("c1")["CDR_DUPLICATE_SESSION"]["message"]
    assert world.verdict("C1")["payable_excl_vat"] == Decimal(10)
    world.hubs = frozenset()  # two connections of one kind
    assert "from there first" in world.fired("C1")["CDR_DUPLICATE_SESSION"]["message"]
    assert world.verdict("c1", hub)["payable_excl_vat"] == Decimal(10)


@pytest.mark.parametrize("credited", ["10", "3"])
@pytest.mark.parametrize("other", [{}, {"session_id": "S9"}], ids=["same session", "other session"])
def test_what_the_party_took_back_itself_a_hubs_copy_claims_no_more(
    credited: str, other: dict[str, str]
) -> None:
    world = World(hubs=frozenset({"gridlink"})).charge().charge(partner="gridlink", **other)
    world.charge(
        id="K1",
        credit=True,
        credit_reference_id="C1",
        total_cost_excl_vat=-Decimal(credited),
        total_cost_incl_vat=None,
        **LATER,
    )
    world.reconcile()
    assert world.verdict("C1", "gridlink")["verdict"] == "rejected"
    world.charge(id="C2", last_updated_at=END + timedelta(hours=2))
    world.reconcile()

    assert world.verdict("C2")["payable_excl_vat"] == Decimal(10)  # it bills the session again
    assert world.verdict("C1", "gridlink")["payable_excl_vat"] == 0


def test_what_somebody_else_takes_back_in_its_name_the_party_still_claims() -> None:
    world = World(parties={"voltix": {("NL", "VOL")}, "gridlink": {("NL", "GRD")}})
    world.charge(fetched_at=AS_OF + MINUTE).charge(partner="gridlink")
    taken_back = {"total_cost_excl_vat": Decimal(-10), "total_cost_incl_vat": None}
    world.charge(
        partner="gridlink", id="K1", credit=True, credit_reference_id="C1", **taken_back, **LATER
    )

    world.reconcile()
    assert world.verdict()["payable_excl_vat"] == Decimal(10)


def test_of_copies_under_other_sessions_a_hubs_is_the_copy() -> None:
    world = World(hubs=frozenset({"gridlink"})).charge()
    world.charge(partner="gridlink", session_id="S9")
    world.reconcile()

    assert world.verdict("C1")["payable_excl_vat"] == Decimal(10)
    assert world.verdict("C1", "gridlink")["payable_excl_vat"] == 0


@pytest.mark.parametrize("name", ["alias", "zoltix"])
def test_a_renamed_partner_does_not_meet_its_own_cdrs(name: str) -> None:
    world = World().charge().charge(partner=name)

    def verdicts() -> set[str]:
        world.reconcile()
        return {world.verdict("C1", each)["verdict"] for each in ("voltix", name)}

    assert verdicts() == {"agreed", "rejected"}  # two connections bring it
    world.left = frozenset({"voltix"})
    assert verdicts() == {"agreed"}
    world.left = frozenset({"voltix", name})
    assert verdicts() == {"agreed"}


def test_parties_that_a_partner_does_not_act_for_are_refused() -> None:
    world = World(parties={"voltix": {("NL", "OTH")}}).charge()

    assert "PARTY_NOT_PARTNERS" in world.fired()
    assert world.verdict()["verdict"] == "rejected"


@pytest.mark.parametrize("other", [{}, {"session_id": "S9"}], ids=["same session", "a copy"])
def test_claims_in_the_name_of_a_party_that_it_does_not_act_for_touch_no_other(
    other: dict[str, str],
) -> None:
    parties = {"voltix": {("NL", "VOL")}, "gridlink": {("NL", "GRD")}}
    world = World(parties=parties).charge(**LATER)
    world.charge(partner="gridlink", id="C0", **other)

    assert world.fired() == {}
    assert world.verdict()["payable_excl_vat"] == Decimal(10)
    assert world.verdict("C0", "gridlink")["verdict"] == "rejected"


def test_claims_in_the_name_of_a_party_that_it_does_not_act_for_bill_no_session() -> None:
    world = World(parties={"voltix": {("NL", "VOL")}, "gridlink": {("NL", "GRD")}})
    world.add(SESSIONS).charge(partner="gridlink", id="C0")
    assert "CDR_MISSING" in world.fired("S1")
    world.charge()
    assert "CDR_MISSING" not in world.fired("S1")
