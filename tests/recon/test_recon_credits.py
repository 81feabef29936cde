"""Credits: whole, partial, too many, replaced; what of a pair is payable and what is contested."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from recon_world import END, World, d, per_vat

from models.tables.charging import SESSIONS

MINUTE = timedelta(minutes=1)
LATER = {"last_updated_at": END + timedelta(hours=1)}


def credit(world: World, cdr_id: str, amount: str = "-10", **changes: object) -> World:
    """A credit CDR for C1."""
    return world.charge(
        **{
            "id": cdr_id,
            "credit": True,
            "credit_reference_id": "C1",
            **per_vat("total_cost", amount, None),
            **LATER,
            **changes,
        }
    )


def test_a_credited_cdr_and_its_replacement_are_no_duplicates() -> None:
    world = credit(World().charge(), "K1").charge(id="C2", last_updated_at=END + timedelta(hours=2))

    assert world.fired("C2") == {}
    assert world.verdict("C1")["verdict"] == world.verdict("K1")["verdict"] == "credited"
    assert world.verdict("C1")["replaced_by_id"] == "C2"
    assert world.verdict("K1")["credits_id"] == "C1"
    assert world.verdict("C2")["verdict"] == "agreed"


def split(world: World, *cdr_ids: str) -> tuple[Decimal, Decimal, Decimal]:
    """What is payable, disputed and rejected of some CDRs together."""
    rows = [world.verdict(cdr_id) for cdr_id in cdr_ids]
    payable, disputed, rejected = (
        sum((row[f"{name}_excl_vat"] for row in rows), Decimal())
        for name in ("payable", "disputed", "rejected")
    )
    return payable, disputed, rejected


@pytest.mark.parametrize("amount", ["-9", "-2", "-12"])
def test_of_a_pair_never_more_is_payable_than_the_net_that_is_claimed(amount: str) -> None:
    world = credit(World().charge(), "K1", amount)

    assert world.fired("K1")["CREDIT_AMOUNT_MISMATCH"]["severity"] == "dispute"
    assert world.verdict("K1")["verdict"] == "credited"
    assert world.verdict("K1")["credits_id"] == "C1"
    assert world.verdict("C1")["credited_by_id"] == "K1"
    assert split(world, "C1", "K1") == (10 + Decimal(amount), 0, 0)


@pytest.mark.parametrize(("amount", "parts"), [("-5", (5, 0, 0)), ("-1", (8, 1, 0))])
def test_of_a_pair_never_more_is_payable_than_the_originals_price(
    amount: str, parts: tuple[int, int, int]
) -> None:
    expected = {"price": per_vat("expected", "8", "9.68")}
    world = credit(World().charge(**expected), "K1", amount)
    world.reconcile()

    assert split(world, "C1", "K1") == parts


def test_a_fatal_finding_rejects_what_no_credit_took_off() -> None:
    world = credit(World().charge().add(SESSIONS, status="INVALID"), "K1", "-3")
    world.reconcile()

    assert split(world, "C1", "K1") == (0, 0, 7)


def test_an_unpriceable_claim_holds_what_no_credit_took_off() -> None:
    unknown = {"state": "unpriceable", "expected_excl_vat": None, "expected_incl_vat": None}
    world = credit(World().charge(price=unknown), "K1", "-3")
    world.reconcile()

    assert split(world, "C1", "K1") == (0, 7, 0)


def test_a_replacement_is_paid_and_what_it_bills_again_is_disputed() -> None:
    world = credit(World().charge(), "K1", "-9").charge(
        id="C2", last_updated_at=END + timedelta(hours=2)
    )

    again = world.fired("C1")["CREDIT_AMOUNT_MISMATCH"]
    assert again["at_stake_excl_vat"] == 1
    assert "C2" in again["message"]
    assert set(world.fired("C2")) == set()
    assert world.verdict("C1")["verdict"] == "disputed"
    assert split(world, "C1", "K1") == (0, 1, 0)
    assert split(world, "C2") == (10, 0, 0)


def test_partial_credits_count_while_they_come_to_no_more_than_the_original() -> None:
    world = World().charge()
    for name, amount, hours in (("K1", "-4", 1), ("K2", "-6", 2), ("K3", "-1", 3)):
        credit(world, name, amount, last_updated_at=END + timedelta(hours=hours))

    assert "CREDITED_TWICE" in world.fired("K3")
    assert world.verdict("K3")["verdict"] == "rejected"
    assert split(world, "C1", "K1", "K2") == (0, 0, 0)


@pytest.mark.parametrize("changes", [{"currency": "SEK"}, per_vat("total_cost", "3", None)])
def test_what_takes_nothing_off_is_no_credit(changes: dict[str, object]) -> None:
    world = credit(World().charge(), "K1", **changes)

    assert "CREDIT_AMOUNT_MISMATCH" in world.fired("K1")
    assert world.verdict("K1")["verdict"] == "unpriceable"
    assert world.verdict("C1")["verdict"] == "agreed"


def test_a_partly_credited_charge_is_still_set_against_others() -> None:
    world = credit(World().charge(), "K1", "-1").charge(
        id="C2", session_id="S2", token_uid="T3", start_at=END - 2 * MINUTE,
        end_at=END + 60 * MINUTE, last_updated_at=END + 61 * MINUTE,
    )  # fmt: skip

    assert "OVERLAP_EVSE" in world.fired("C2")


def test_nothing_is_at_stake_on_a_cancelled_pair() -> None:
    world = credit(World().charge().add(SESSIONS, energy_kwh=d("2")), "K1")

    assert world.fired("C1")["SESSION_ENERGY_MISMATCH"]["at_stake_excl_vat"] == 0
    assert world.verdict("C1")["at_stake_excl_vat"] == 0


@pytest.mark.parametrize("stated", ["20", "-20"])
def test_a_credit_takes_its_energy_off(stated: str) -> None:
    world = credit(World().charge(), "K1", total_energy_kwh=d(stated))
    world.reconcile()

    assert world.verdict("C1")["energy_kwh"] == 20
    assert world.verdict("K1")["energy_kwh"] == -20


def test_credits_together_take_back_no_more_energy_than_there_was() -> None:
    world = credit(World().charge(), "K1", "-4", total_energy_kwh=d("15"))
    credit(world, "K2", "-5", last_updated_at=END + timedelta(hours=2))
    world.reconcile()

    energies = [world.verdict(name)["energy_kwh"] for name in ("C1", "K1", "K2")]
    assert energies == [20, -15, -5]


def test_only_the_first_exact_credit_cancels() -> None:
    world = credit(credit(World().charge(), "K2"), "K1")

    assert "CREDITED_TWICE" in world.fired("K2")
    assert world.verdict("K1")["verdict"] == "credited"
    assert world.verdict("K2")["verdict"] == "rejected"


def test_a_credit_waits_a_week_for_its_original_and_is_then_rejected() -> None:
    world = credit(World(), "K1", credit_reference_id="NEVER")

    world.reconcile(END + timedelta(days=5))
    waiting = world.verdict("K1")
    assert (waiting["verdict"], waiting["reason"]) == ("unpriceable", "CREDIT_WITHOUT_ORIGINAL")
    assert waiting["recheck_at"] == END + timedelta(days=7, hours=1)

    world.reconcile(END + timedelta(days=7, hours=1))
    assert world.verdict("K1")["verdict"] == "rejected"


def test_a_credit_of_a_negative_claim_is_positive() -> None:
    price = per_vat("expected", "-10", None)
    world = World().charge(**per_vat("total_cost", "-10", None), price=price)
    credit(world, "K1", "10")

    assert set(world.fired("K1")) <= {"CREDIT_WITHOUT_REPLACEMENT"}
    assert world.verdict("C1")["verdict"] == world.verdict("K1")["verdict"] == "credited"
    assert split(world, "C1", "K1") == (0, 0, 0)
