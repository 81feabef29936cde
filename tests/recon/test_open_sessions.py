"""Sessions that no CDR bills yet: what is found about them, and makes way for the CDR's own."""

from __future__ import annotations

from typing import Any

import pytest
from recon_world import END, START, World, d

from models.tables.charging import SESSIONS
from models.tables.objects import TOKENS


def test_a_charge_by_a_blocked_token_is_found_before_its_cdr_and_once_it_came() -> None:
    world = World().add(SESSIONS).add(TOKENS, valid=False, last_updated_at=START)

    found = world.fired("S1")["SESSION_NOT_AUTHORISED"]
    assert (found["severity"], found["at_stake_excl_vat"]) == ("warn", 0)
    assert "blocked on 3 Oct 2026" in found["message"]

    world.charge()
    assert "SESSION_NOT_AUTHORISED" not in world.fired("S1")
    assert "TOKEN_BLOCKED" in world.fired("C1")


@pytest.mark.parametrize(
    ("session", "token", "fires"),
    [
        ({"status": "ACTIVE", "end_at": None}, {"uid": "T9"}, True),  # somebody else's token
        ({}, {"uid": "T9"}, True),
        ({"token_type": "APP_USER"}, {"uid": "T9"}, False),
        ({"token_uid": None}, {"uid": "T9"}, False),
        ({"status": "INVALID"}, {"uid": "T9"}, False),
        ({}, {"valid": False, "last_updated_at": END}, False),  # blocked since
        ({}, {}, False),
    ],
)
def test_a_session_without_a_cdr_was_authorised_by_a_token_of_ours(
    session: dict[str, Any], token: dict[str, Any], fires: bool
) -> None:
    world = World().add(SESSIONS, **session).add(TOKENS, **token)
    assert ("SESSION_NOT_AUTHORISED" in world.fired("S1")) is fires


@pytest.mark.parametrize("dimension", ["RESERVATION_TIME", "RESERVATION_EXPIRES", "TIME", None])
@pytest.mark.parametrize("evse_uid", ["#NA", "E1"])
def test_a_session_that_was_reserved_and_costs_and_charged_nothing_is_found(
    dimension: str | None, evse_uid: str
) -> None:
    periods = f'[{{"dimensions":[{{"type":"{dimension}","volume":0.5}}]}}]' if dimension else None
    session = {"energy_kwh": d("0"), "evse_uid": evse_uid, "charging_periods": periods}
    is_reserved = evse_uid == "#NA" or "RESERVATION" in (dimension or "")

    found = World().add(SESSIONS, **session).fired("S1")

    assert ("SESSION_RESERVED_UNUSED" in found) is is_reserved
    used = World().add(SESSIONS, **session | {"energy_kwh": d("8")})
    assert "SESSION_RESERVED_UNUSED" not in used.fired("S1")


def test_reservations_without_an_evse_occupy_none() -> None:
    nowhere = {"evse_uid": "#NA", "evse_id": "#NA", "connector_id": "#NA", "token_uid": None}
    unused = {"total_energy_kwh": d("0"), **nowhere}
    world = World().charge(**unused).charge(id="C2", session_id="S2", **unused).places()

    for name in ("C1", "C2"):
        fired = world.fired(name)
        assert "RESERVED_UNUSED" in fired
        assert not fired.keys() & {"OVERLAP_EVSE", "EVSE_UNKNOWN"}
