"""Pushed tokens at the time of the charge, and what numbers tell of partners that only push."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from recon_world import END, START, World

from models.tables.charging import CDRS, SESSIONS
from models.tables.objects import TOKEN_STATES, TOKENS
from models.tables.operations import PULLS, PUSHES

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("states", "is_blocked"),
    [
        ([(START - DAY, False), (END, True)], True),  # let in again afterwards
        ([(START - DAY, True), (END, False)], False),
        ([(START - 2 * DAY, False), (START - DAY, True), (END, False), (END + DAY, False)], False),
        ([(START - 2 * DAY, False), (START - DAY, False)], True),
        ([(END, False)], False),  # nobody knows of before
        ([], False),
    ],
)
def test_a_token_is_judged_by_its_state_when_the_charge_began(
    states: list[tuple[Any, bool]], is_blocked: bool
) -> None:
    world = World().charge().add(SESSIONS).places()
    at, valid = states[-1] if states else (None, True)
    world.add(TOKENS, valid=valid, last_updated_at=at)
    for from_at, was_valid in states:
        world.add(TOKEN_STATES, from_at=from_at, valid=was_valid)

    fired = world.fired()

    assert ("TOKEN_BLOCKED" in fired) is is_blocked
    assert "TOKEN_UNKNOWN" not in fired


def test_a_state_that_comes_late_is_judged_in_the_next_run() -> None:
    world = World().charge().add(SESSIONS).places().add(TOKENS, last_updated_at=END)
    assert "TOKEN_BLOCKED" not in world.fired()
    world.add(TOKEN_STATES, from_at=START - DAY, valid=False, page_id="p2")
    assert "TOKEN_BLOCKED" in world.fired()


def numbered(*names: str) -> World:
    return World().add(CDRS, *({"id": name, "session_id": name} for name in names))


def gaps(world: World) -> list[dict[str, Any]]:
    world.reconcile()
    return [row for row in world.rows("recon.findings") if row["rule_id"] == "SEQUENCE_GAP"]


def test_a_number_that_is_missing_is_found_where_nothing_is_listed() -> None:
    names = [f"V-{number:04d}" for number in range(90, 115) if number not in (97, 98)]
    world = numbered(*names, "other", "9").add(PUSHES)

    (found,) = gaps(world)

    assert found["message"] == (
        "voltix pushed 23 of the 25 CDRs from V-0090 to V-0114: 2 never came, as V-0097."
    )
    assert (found["subject_id"], found["severity"], found["delta"]) == ("cdrs V-#", "warn", -2)
    assert gaps(world.add(PULLS)) == []  # a list tells better


def test_numbers_that_do_not_count_up_tell_nothing() -> None:
    sparse = numbered(*(f"V{number * 7}" for number in range(40))).add(PUSHES)
    few = numbered(*(f"V{number}" for number in (1, 2, 3, 5))).add(PUSHES)
    assert gaps(sparse) == gaps(few) == []


def test_invoice_references_count_up_too() -> None:
    rows = [
        {"id": f"c{chr(97 + number)}", "session_id": None, "invoice_reference_id": f"I{number}"}
        for number in range(24)
        if number != 5
    ]
    world = World().add(CDRS, *rows).add(PUSHES)
    (found,) = gaps(world)
    assert found["subject_id"] == "invoices I#"
