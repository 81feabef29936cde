"""Billing errors of identity: CDRs that are not new, not ours, or in two places at once."""

from __future__ import annotations

from pipelines.sandbox.bill import Bill, phases_of
from pipelines.sandbox.chance import key_of
from pipelines.sandbox.mishap import MODERN, Mishap, Scene, both, by_energy, keep
from pipelines.sandbox.places import Evse
from pipelines.sandbox.timeline import Charge
from pipelines.sandbox.tokens import Token, token

HOUR_S = 3600
METRES_OF_A_DEGREE = 111_000
FAR_M = 180_000


def stranger(bill: Bill, scene: Scene) -> Token:
    """A token of ours that no other charge uses."""
    return token(scene.stranger + key_of(0, bill.cdr_id) % 1_000_000 // 5 * 5)


def renamed(bill: Bill, letter: str, *, own_session: bool) -> None:
    """Gives a further CDR of a session its own ids."""
    bill.cdr_id = f"{bill.cdr_id}-{letter}"
    if own_session:
        bill.session_id = f"{bill.session_id}-{letter}"


def changed_copy(bill: Bill, role: int, scene: Scene) -> None:
    """The same CDR again a day later, dearer."""
    if role:
        bill.last_updated += 20 * HOUR_S
        bill.net += 150
        bill.gross = None


def second_bill(bill: Bill, role: int, scene: Scene) -> None:
    """The session billed twice, under another id."""
    if role:
        renamed(bill, "B", own_session=False)
        bill.last_updated += 3 * HOUR_S


def near_copy(bill: Bill, role: int, scene: Scene) -> None:
    """The charge twice, as two sessions half a minute apart."""
    if role:
        renamed(bill, "N", own_session=True)
        bill.charge.start += 30
        bill.rebuild()
        bill.last_updated += 2 * HOUR_S


def foreign_party(bill: Bill, role: int, scene: Scene) -> None:
    """A CDR of a party that is not the partner's."""
    bill.party_id = "ZZZ"


def _short(bill: Bill, start: int, evse: Evse, letter: str) -> None:
    """Turns a copy into a half-hour charge of its own."""
    renamed(bill, letter, own_session=True)
    bill.evse = evse
    tariff = bill.tariffs[0]
    phases = phases_of("AC", 1800, 2400)
    bill.charge = Charge(start, 0, phases, 0, (tariff,), evse.site.zone)
    bill.rebuild()
    bill.last_updated = max(bill.end + 600, bill.last_updated + 600)


def same_connector(bill: Bill, role: int, scene: Scene) -> None:
    """Another driver on the connector before this one has left."""
    if role:
        bill.token = stranger(bill, scene)
        _short(bill, bill.end - 1200, bill.evse, "V")


def same_token(bill: Bill, role: int, scene: Scene) -> None:
    """The same card charging next door at the same time."""
    if role:
        _short(bill, bill.end - 1200, _near(bill, scene)[0], "T")


def far_away(bill: Bill, role: int, scene: Scene) -> None:
    """The same card across the country ten minutes later."""
    if role:
        _short(bill, bill.end + 600, _far(bill, scene)[0], "F")


def _distance_m(one: Evse, other: Evse) -> int:
    """Roughly, and rather too little: a degree of longitude counts half."""
    north = abs(one.site.latitude - other.site.latitude) * METRES_OF_A_DEGREE // 1_000_000
    east = abs(one.site.longitude - other.site.longitude) * METRES_OF_A_DEGREE // 2_000_000
    return max(north, east)


def _near(bill: Bill, scene: Scene) -> list[Evse]:
    near = [one for one in scene.idle if _distance_m(one, bill.evse) < 30_000]
    return _turned(bill, near)


def _far(bill: Bill, scene: Scene) -> list[Evse]:
    far = [one for one in scene.idle if _distance_m(one, bill.evse) > FAR_M]
    return _turned(bill, far)


def _turned(bill: Bill, evses: list[Evse]) -> list[Evse]:
    turn = key_of(0, "turn", bill.cdr_id) % len(evses) if evses else 0
    return evses[turn:] + evses[:turn]


def _long_ac(bill: Bill, scene: Scene) -> bool:
    return by_energy(bill, scene) and bill.evse.site.kind == "AC" and bill.total_s > HOUR_S


def _by_card(bill: Bill, scene: Scene) -> bool:
    return _long_ac(bill, scene) and bill.token.kind == "RFID"


MISHAPS = (
    Mishap(
        "changed_copy", "CDR_DUPLICATE_ID_CHANGED", changed_copy, by_energy, "rejected",
        roles=(0, 1), marked=1,
    ),
    Mishap(
        "billed_twice", "CDR_DUPLICATE_SESSION", second_bill, by_energy, "rejected",
        also=("CDR_NEAR_DUPLICATE", "OVERLAP_EVSE", "OVERLAP_TOKEN"), roles=(0, 1), marked=1,
        versions=MODERN,
    ),
    Mishap(
        "near_copy", "CDR_NEAR_DUPLICATE", near_copy, _by_card, "claim",
        also=("OVERLAP_EVSE", "OVERLAP_TOKEN"), roles=(0, 1), marked=1, own_sessions=(1,),
    ),
    Mishap(
        "foreign_party", "PARTY_NOT_PARTNERS", foreign_party, by_energy, "rejected",
        also=("TARIFF_MISSING", "SESSION_MISSING"), session="nothing", versions=MODERN,
    ),
    Mishap(
        "same_connector", "OVERLAP_EVSE", same_connector, _long_ac, "claim",
        roles=(0, 1), marked=1, own_sessions=(1,),
    ),
    Mishap(
        "same_token", "OVERLAP_TOKEN", same_token,
        both(_by_card, lambda bill, scene: bool(_near(bill, scene))), "claim",
        also=("TOKEN_IMPOSSIBLE_TRAVEL",), roles=(0, 1), marked=1, own_sessions=(1,),
    ),
    Mishap(
        "far_away", "TOKEN_IMPOSSIBLE_TRAVEL", far_away,
        both(_by_card, lambda bill, scene: bool(_far(bill, scene))),
        roles=(0, 1), marked=1, own_sessions=(1,),
    ),
    Mishap("missing_session", "SESSION_MISSING", keep, by_energy, session="nothing"),
)  # fmt: skip
