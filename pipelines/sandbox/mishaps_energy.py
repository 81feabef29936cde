"""Billing errors of energy, and CDRs at odds with their session, place or token."""

from __future__ import annotations

from pipelines.sandbox.bill import Bill, phases_of
from pipelines.sandbox.chance import key_of
from pipelines.sandbox.mishap import (
    MODERN,
    Fits,
    Mishap,
    Scene,
    both,
    by_energy,
    keep,
    older,
)
from pipelines.sandbox.places import Evse
from pipelines.sandbox.standing import spare_standing
from pipelines.sandbox.tokens import RETIRED, Token, retired

MISSING_DAYS = 8
TRIFLE_WH = 80


def more_than_periods(bill: Bill, role: int, scene: Scene) -> None:
    """Two kWh more in total than in the periods; the cost is that of the periods."""
    bill.wh += 2000


def beyond_power(bill: Bill, role: int, scene: Scene) -> None:
    """Twice what the connector can give in the time."""
    charging = bill.charge.charging_s
    wh = bill.plug.watt * charging // 3600 * 2
    bill.charge.phases = phases_of(bill.evse.site.kind, charging, wh)
    bill.rebuild()


def truckload(bill: Bill, role: int, scene: Scene) -> None:
    """More than any car's battery holds, over a time in which it could have flowed."""
    wh = 190_000
    charging = wh * 3600 // (bill.plug.watt * 8 // 10)
    bill.charge.phases = phases_of("DC", charging, wh)
    bill.charge.idle_s = 0
    bill.rebuild()
    bill.last_updated = bill.end + 300


def in_wh(bill: Bill, role: int, scene: Scene) -> None:
    """Every energy in Wh where kWh belong; the cost is right."""
    bill.kwh_scale = 1000


def negative(bill: Bill, role: int, scene: Scene) -> None:
    """A total below zero, which its periods do not have."""
    bill.wh = -bill.wh


def trifle(bill: Bill, role: int, scene: Scene) -> None:
    """Next to no energy, billed to the cent."""
    bill.charge.phases = phases_of("AC", 300, TRIFLE_WH)
    bill.charge.idle_s = 0
    bill.rebuild()


def other_meter(bill: Bill, role: int, scene: Scene) -> None:
    """Signed meter readings of four kWh less than billed."""
    bill.signed_wh = bill.wh - 4000


def session_invalid(bill: Bill, role: int, scene: Scene) -> None:
    """A session that never became one."""
    bill.session_status = "INVALID"


def session_energy(bill: Bill, role: int, scene: Scene) -> None:
    """A session with a fifth less energy than its CDR."""
    bill.session_wh = bill.wh * 8 // 10


def session_cost(bill: Bill, role: int, scene: Scene) -> None:
    """A session that cost a fifth less than its CDR."""
    bill.session_net = bill.net * 8 // 10


def unknown_location(bill: Bill, role: int, scene: Scene) -> None:
    """A location that was never published."""
    bill.location_id, bill.evse_uid = "NOWHERE-1", "NOWHERE-1-1"


def unknown_evse(bill: Bill, role: int, scene: Scene) -> None:
    """An EVSE that its location does not have."""
    bill.evse_uid = f"{bill.party_id}-999999"


def unknown_token(bill: Bill, role: int, scene: Scene) -> None:
    """A token that we never issued."""
    drawn = key_of(0, "unknown", bill.cdr_id) % 0xFFFFFFFF
    bill.token = Token(f"0BAD{drawn:010X}", "RFID", f"NL-EMS-U{drawn % 10_000_000:07d}-Z")


def blocked_token(bill: Bill, role: int, scene: Scene) -> None:
    """A token that was no longer valid."""
    bill.token = retired(key_of(0, "retired", bill.cdr_id) % RETIRED)


def broken_evse(bill: Bill, role: int, scene: Scene) -> None:
    """A charge at an EVSE that was out of order."""
    broken = _broken_by_then(bill, scene)
    bill.evse = broken[key_of(0, "broken", bill.cdr_id) % len(broken)]
    bill.charge.zone = bill.evse.site.zone
    bill.rebuild()


def _possible_wh(low: int, high: int) -> Fits:
    """Fits charges whose connector could have given about so much in the time."""
    return lambda bill, scene: low < bill.plug.watt * bill.charge.charging_s // 3600 < high


def _strong(bill: Bill, scene: Scene) -> bool:
    return by_energy(bill, scene) and bill.evse.site.kind == "DC" and bill.plug.watt >= 150_000


def _broken_by_then(bill: Bill, scene: Scene) -> list[Evse]:
    """The EVSEs that were out of order when the charge began."""
    alike = (
        (evse, spare_standing(evse, scene.now, scene.now))
        for evse in scene.broken
        if evse.site.kind == bill.evse.site.kind and evse.plugs[0].watt >= bill.plug.watt
    )
    return [evse for evse, standing in alike if standing and standing.since < bill.start]


def _in_vain(bill: Bill, scene: Scene) -> bool:
    return by_energy(bill, scene) and bill.total_s > 900 and bool(_broken_by_then(bill, scene))


def _weighty(bill: Bill, scene: Scene) -> bool:
    return by_energy(bill, scene) and bill.wh > 8000


MISHAPS = (
    Mishap("more_than_periods", "PERIODS_ENERGY_MISMATCH", more_than_periods, _weighty, "effect",
           session="the truth", also=("SESSION_ENERGY_MISMATCH",)),
    Mishap("beyond_power", "ENERGY_EXCEEDS_POWER", beyond_power,
           both(by_energy, _possible_wh(2000, 70_000)), "claim"),
    Mishap("truckload", "ENERGY_IMPLAUSIBLE", truckload, _strong, "claim"),
    Mishap("in_wh", "ENERGY_IMPLAUSIBLE", in_wh, _weighty, cause="WH_FOR_KWH",
           session="the truth"),
    Mishap("negative_energy", "ENERGY_NEGATIVE", negative, by_energy, "claim",
           also=("SESSION_ENERGY_MISMATCH", "PERIODS_ENERGY_MISMATCH", "ZERO_ENERGY_WITH_COST"),
           session="the truth"),
    Mishap("trifle", "ZERO_ENERGY_WITH_COST", trifle, by_energy, "claim", also=("PRICE_OUTLIER",)),
    Mishap("other_meter", "SIGNED_DATA_MISMATCH", other_meter, _weighty, "claim", versions=MODERN),
    Mishap("session_invalid", "SESSION_INVALID", session_invalid, by_energy, "rejected"),
    Mishap("session_energy", "SESSION_ENERGY_MISMATCH", session_energy, _weighty, "effect"),
    Mishap("session_cost", "SESSION_COST_MISMATCH", session_cost, _weighty, "effect"),
    Mishap("never_billed", "CDR_MISSING", keep, both(by_energy, older(MISSING_DAYS)),
           roles=(), marked=None),
    Mishap("unknown_location", "LOCATION_UNKNOWN", unknown_location, by_energy,
           also=("EVSE_UNKNOWN",), session="the truth", versions=MODERN),
    Mishap("unknown_evse", "EVSE_UNKNOWN", unknown_evse, by_energy, session="the truth",
           versions=MODERN),
    Mishap("unknown_token", "TOKEN_UNKNOWN", unknown_token, by_energy, "claim"),
    Mishap("blocked_token", "TOKEN_BLOCKED", blocked_token, by_energy, "rejected"),
    Mishap("broken_evse", "EVSE_NOT_OPERATIVE", broken_evse, _in_vain),
)  # fmt: skip
