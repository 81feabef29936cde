"""For each rule about CDRs: facts on which it must fire, and facts just short of that.

Facts are changes to those of a charge with nothing wrong (`recon_world.CDR`): 20 kWh in two hours
for 10.00 EUR, agreed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from recon_world import AS_OF, END, START

Facts = dict[str, Any]


class Case(NamedTuple):
    """When a rule holds and when it does not, how severe it is, and what is at stake."""

    rule_id: str
    holds: Facts
    silent: Facts
    severity: str = "dispute"
    at_stake: str = "10"
    at_stake_vat: str = "0"


def d(text: str) -> Decimal:
    return Decimal(text)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OVER = {"claimed_excl_vat": d("12"), "claimed_energy_cost_excl_vat": d("12"), "cause": "unknown"}
CREDIT = {
    "credit": True,
    "claimed_excl_vat": d("-10"),
    "last_updated_at": AS_OF - timedelta(days=8),
    "original_id": "C0",
    "original_excl_vat": d("10"),
    "credit_is_exact": True,
    "credit_is_honoured": True,
    "first_credit_id": "C1",
    "is_cancelled_pair": True,
    "expected_excl_vat": None,
    "expected_incl_vat": None,
}
ORPHAN = CREDIT | {
    "original_id": None,
    "credit_is_exact": False,
    "credit_is_honoured": False,
    "is_cancelled_pair": False,
    "first_credit_id": None,
}
PARTLY_CREDITED = {"taken_off_excl_vat": d("7"), "credited_by_id": "K1"}


def after(**delta: float) -> Facts:
    return {"last_updated_at": END + timedelta(**delta)}


def duration(start: datetime = START, **delta: float) -> Facts:
    end = start + timedelta(**delta)
    return {"start_at": start, "end_at": end, "last_updated_at": end}


def part(name: str, amount: str) -> Facts:
    total = Decimal(10) + Decimal(amount)
    return {
        "claimed_excl_vat": total,
        f"claimed_{name}_cost_excl_vat": Decimal(amount),
        f"expected_{name}_cost_excl_vat": d("0"),
        "cause": "unknown",
        "parts_stated": 2,
    }


IDENTITY = [
    Case("CDR_DUPLICATE_ID_CHANGED", {"refused_copies": 1}, {"refused_copies": 0}, "fatal", "0"),
    Case("CDR_ONE_WAY", {"came_one_way": "unlisted"}, {"came_one_way": None}, "warn", "0"),
    Case("CDR_DUPLICATE_SESSION", {"duplicate_of_id": "C0", "duplicate_of_partner": "gridlink",
          "duplicate_of_standing": "other"}, {}, "fatal"),
    Case("CDR_NEAR_DUPLICATE", {"near_duplicate_of_id": "C0"}, {}),
    Case("PARTY_NOT_PARTNERS", {"party_accepted": False}, {"party_accepted": True}, "fatal"),
    Case("OVERLAP_EVSE", {"evse_overlap_s": 61}, {"evse_overlap_s": 60}),
    Case("OVERLAP_TOKEN", {"token_overlap_s": 61}, {"token_overlap_s": 60}),
    Case("TOKEN_IMPOSSIBLE_TRAVEL", {"travel_km_per_h": 150.5, "travel_km": 90.0},
         {"travel_km_per_h": 150.0}, "warn", "0"),
]  # fmt: skip
TIME = [
    Case("END_NOT_AFTER_START", {"end_at": START}, {}, "fatal"),
    Case("IN_FUTURE", {"fetched_at": END - timedelta(seconds=301)} | after(seconds=-301),
         {"fetched_at": END - timedelta(seconds=300)} | after(seconds=-301), "fatal"),
    Case("IN_FUTURE", {"fetched_at": END - timedelta(days=30)} | after(seconds=-301),
         {"fetched_at": END - timedelta(days=30)} | after(seconds=-300), "fatal"),
    Case("IN_FUTURE", {"fetched_at": AS_OF, **duration(AS_OF, seconds=301)},
         {"fetched_at": AS_OF, **duration(AS_OF, seconds=300)}, "fatal"),
    Case("SENTINEL_TIME", {"start_at": EPOCH}, {"start_at": EPOCH + timedelta(days=1)}),
    Case("TOTAL_TIME_MISMATCH",
         {"total_time_h": d("3"), "expected_time_cost_excl_vat": d("4"), "billed_time_h": d("2")},
         {"total_time_h": d("2.016666666")}, at_stake="2"),
    Case("TOTAL_TIME_MISMATCH", {"total_time_h": d("3"), "reservation_s": 3600},
         {"total_time_h": d("1"), "reservation_s": 3600}, at_stake="0"),
    Case("PARKING_EXCEEDS_TOTAL", {"total_parking_time_h": d("2.001")},
         {"total_parking_time_h": d("2")}, "fatal"),
    Case("PERIODS_TIME_MISMATCH", {"period_time_h": d("1.9")}, {"period_time_h": d("1.99")},
         "warn", "0"),
    Case("PERIOD_OUTSIDE_CDR", {"periods_outside": 1}, {"periods_outside": 0}, "warn", "0"),
    Case("PERIODS_UNORDERED", {"periods_out_of_order": 1}, {}, "warn", "0"),
    Case("CDR_LATE", after(hours=24, seconds=1), after(hours=24), "warn", "0"),
    Case("CDR_LATE", after(days=30, seconds=1), {}),
    Case("CDR_TOO_OLD", after(days=90, seconds=1), after(days=90), "fatal"),
    Case("CDR_DATE_IMPLAUSIBLE", after(hours=-24, seconds=-1), after(hours=-24), "warn", "0"),
    Case("CDR_DATE_IMPLAUSIBLE", {"last_updated_at": AS_OF + timedelta(hours=24, seconds=1)},
         {"last_updated_at": AS_OF + timedelta(hours=24)}, "warn", "0"),
    Case("DURATION_IMPLAUSIBLE", duration(seconds=59), duration(seconds=60)),
    Case("DURATION_IMPLAUSIBLE", duration(hours=72, seconds=1), duration(hours=72)),
    Case("DURATION_IMPLAUSIBLE", duration(hours=6, seconds=1) | {"power_type": "DC"},
         duration(hours=6) | {"power_type": "DC"}),
]  # fmt: skip
ENERGY = [
    Case("PERIODS_ENERGY_MISMATCH", {"period_energy_kwh": d("19")},
         {"period_energy_kwh": d("19.98")}, at_stake="0.5"),
    Case("ENERGY_EXCEEDS_POWER", {"connector_power_kw": d("9")}, {"connector_power_kw": d("9.5")}),
    Case("ENERGY_EXCEEDS_POWER", {"total_energy_kwh": d("46.301"), "session_energy_kwh": None},
         {"total_energy_kwh": d("46.3"), "session_energy_kwh": None}),
    Case("ENERGY_IMPLAUSIBLE", {"total_energy_kwh": d("150.001")}, {"total_energy_kwh": d("150")}),
    Case("ENERGY_IMPLAUSIBLE",
         {"total_energy_kwh": d("800.001"), "connector_power_kw": d("1000")},
         {"total_energy_kwh": d("800"), "connector_power_kw": d("1000")}),
    Case("ENERGY_IMPLAUSIBLE",
         {"states_wh": True, "stated_energy_kwh": d("20000")}, {"states_wh": False}, "warn", "0"),
    Case("ENERGY_NEGATIVE", {"total_energy_kwh": d("-1")}, {"total_energy_kwh": d("0")}),
    Case("ENERGY_NEGATIVE", {"total_energy_kwh": d("-1"), "period_energy_kwh": None},
         {"total_energy_kwh": d("-1"), "period_energy_kwh": d("-1")}),
    Case("ZERO_ENERGY_WITH_COST", {"total_energy_kwh": d("0.099")},
         {"total_energy_kwh": d("0.1")}),
    Case("ZERO_ENERGY_WITH_COST", {"total_energy_kwh": d("0")},
         {"total_energy_kwh": d("0"), "expected_other_than_energy_excl_vat": d("2")}),
    Case("SIGNED_DATA_MISMATCH", {"signed_kwh": d("19")}, {"signed_kwh": d("20.02")}),
]  # fmt: skip
SESSION = [
    Case("SESSION_MISSING", {"session_match": "missing"}, {"session_match": "not_offered"},
         "warn", "0"),
    Case("SESSION_INVALID", {"session_status": "INVALID"}, {}, "fatal"),
    Case("SESSION_ENERGY_MISMATCH", {"session_energy_kwh": d("16")},
         {"session_energy_kwh": d("19.9")}, at_stake="2"),
    Case("SESSION_ENERGY_MISMATCH", {"session_energy_kwh": d("25")},
         {"session_energy_kwh": d("16"), "session_status": "ACTIVE"}, at_stake="0"),
    Case("SESSION_COST_MISMATCH", {"session_cost_excl_vat": d("8")},
         {"session_cost_excl_vat": d("9.91")}, at_stake="2"),
]  # fmt: skip
REFERENCES_DIFFER = {"authorization_reference": "A1", "session_authorization_reference": "A2"}
REFERENCES = [
    Case("LOCATION_UNKNOWN", {"location_known": False},
         {"location_known": False, "home_charging_compensation": True}, "warn", "0"),
    Case("EVSE_UNKNOWN", {"evse_known": False}, {"evse_known": False, "location_known": None},
         "warn", "0"),
    Case("TOKEN_UNKNOWN", {"token_known": False}, {"token_known": None}),
    Case("TOKEN_UNKNOWN", {"token_known": False, "token_type": "AD_HOC_USER"}, {}, "warn", "0"),
    Case("TOKEN_UNKNOWN", {"token_known": False, "token_type": "APP_USER"}, {}, "warn", "0"),
    Case("TOKEN_BLOCKED", {"token_blocked_at": START},
         {"token_blocked_at": START + timedelta(seconds=1)}, "fatal"),
    Case("AUTHORISATION_MISMATCH", {"session_token_uid": "T9"}, {"session_token_uid": "t1"},
         "warn", "0"),
    Case("AUTHORISATION_MISMATCH", REFERENCES_DIFFER, REFERENCES_DIFFER | {"booking_id": "B1"},
         "warn", "0"),
    Case("RESERVED_UNUSED", {"booking_id": "B1", "total_energy_kwh": d("0")},
         {"booking_id": "B1", "total_energy_kwh": d("0.1")}, "warn", "0"),
    Case("RESERVED_UNUSED",
         {"claimed_reservation_cost_excl_vat": d("2"), "total_energy_kwh": d("0")},
         {"total_energy_kwh": d("0")}, "warn", "0"),
    Case("RESERVED_UNUSED", {"reservation_expired": True, "total_energy_kwh": d("0")},
         {"reservation_expired": True}, "warn", "0"),
    Case("EVSE_UNKNOWN", {"evse_known": False}, {"evse_known": False, "reservation_expired": True},
         "warn", "0"),
    Case("EVSE_NOT_OPERATIVE", {"outage_s": 301}, {"outage_s": 300}, "warn", "0"),
]  # fmt: skip
UNPRICED = {
    "expected_excl_vat": None, "expected_incl_vat": None, "tariff_source": None,
    "embedded_reason": "TARIFF_MISSING", "published_reason": "TARIFF_MISSING",
}  # fmt: skip
TARIFF = [
    Case("TARIFF_MISSING", UNPRICED, UNPRICED | {"embedded_reason": "TIME_ZONE_UNKNOWN"}),
    Case("TARIFF_NOT_ACTIVE", UNPRICED | {"embedded_reason": "TARIFF_NOT_ACTIVE"}, UNPRICED),
    Case("TARIFF_DIFFERS_FROM_PUBLISHED",
         OVER | {"differing_tariff_id": "T7", "expected_embedded_excl_vat": d("12"),
                 "expected_published_excl_vat": d("10")}, {}, at_stake="2"),
    Case("PERIOD_SPANS_PRICE_CHANGE", {"notes": ["PERIOD_SPANS_PRICE_CHANGE"]}, {}, "warn", "0"),
    Case("RESTRICTION_UNVERIFIABLE", {"notes": ["RESTRICTION_UNVERIFIABLE"]}, {}, "warn", "0"),
    Case("TARIFF_AMBIGUOUS", {"notes": ["TARIFF_AMBIGUOUS"]}, {}, "warn", "0"),
    Case("PARKING_WHILE_CHARGING", {"notes": ["PARKING_WHILE_CHARGING"]}, {}, "warn", "0"),
]  # fmt: skip
OUTLIER = {"price_per_kwh": 2.0, "peers_median": 0.5, "peers_mad": 0.1}
MONEY = [
    Case("TOTAL_COST_MISMATCH", OVER, {"claimed_excl_vat": d("10.05")}, at_stake="2"),
    Case("TOTAL_COST_MISMATCH", {"claimed_excl_vat": d("8"), "cause": "unknown"}, {},
         at_stake="0"),
    Case("ENERGY_COST_MISMATCH", OVER, {"claimed_energy_cost_excl_vat": d("12")}, at_stake="2"),
    Case("TIME_COST_MISMATCH", part("time", "1"), OVER, at_stake="1"),
    Case("PARKING_COST_MISMATCH", part("parking", "1"), OVER, at_stake="1"),
    Case("FIXED_COST_MISMATCH", part("fixed", "1"), OVER, at_stake="1"),
    Case("RESERVATION_COST_MISMATCH", part("reservation", "1"), OVER, at_stake="1"),
    Case("LIMIT_BREACHED", OVER | {"cause": "LIMIT_IGNORED"}, OVER, at_stake="2"),
    Case("LIMIT_BREACHED", OVER | {"limit_excl_vat": d("-3")},
         OVER | {"limit_excl_vat": d("3")}, at_stake="2"),
    Case("STEP_SIZE_MISAPPLIED", OVER | {"cause": "STEP_PER_PERIOD"}, OVER, at_stake="2"),
    Case("PRICE_OUTLIER", OUTLIER | {"claimed_excl_vat": d("10.01")},
         OUTLIER | {"claimed_excl_vat": d("10.01"), "price_per_kwh": 0.8}, "warn", "0"),
    Case("PRICE_OUTLIER", OUTLIER | UNPRICED, OUTLIER, "warn", "0"),
]  # fmt: skip
SUMS = [
    Case("BREAKDOWN_MISMATCH", {"claimed_energy_cost_excl_vat": d("10.02")},
         {"claimed_energy_cost_excl_vat": d("10.01")}, at_stake="0"),
    Case("BREAKDOWN_MISMATCH", {"claimed_energy_cost_excl_vat": d("7")},
         {"claimed_energy_cost_excl_vat": d("7"), "limit_applied": True}, at_stake="0"),
    Case("VAT_RATE_MISMATCH", {"vat_rate_low": d("19"), "vat_rate_high": d("19")},
         {"vat_rate_low": d("21"), "vat_rate_high": d("21")}, at_stake="0"),
    Case("VAT_RATE_MISMATCH",
         {"vat_rate_low": d("25"), "vat_rate_high": d("25"), "claimed_incl_vat": d("12.5")},
         {}, at_stake="0", at_stake_vat="0.4"),
    Case("VAT_RATE_MISMATCH", {"claimed_incl_vat": d("11.9")}, {"claimed_incl_vat": d("12.1")},
         at_stake="0"),
    Case("VAT_RATE_MISMATCH", {"claimed_incl_vat": d("11.9")},
         {"claimed_incl_vat": d("11.9"), "country": "USA", "vat_standard_rate": None},
         at_stake="0"),
    Case("VAT_ARITHMETIC",
         {"vat_rate_low": d("21"), "vat_rate_high": d("21"), "claimed_incl_vat": d("12.14")},
         {"vat_rate_low": d("21"), "vat_rate_high": d("21"), "claimed_incl_vat": d("12.13")},
         at_stake="0", at_stake_vat="0.04"),
    Case("VAT_ARITHMETIC",
         {"vat_rate_low": d("19"), "vat_rate_high": d("19"), "claimed_incl_vat": d("12.14")},
         {"vat_rate_low": d("19"), "vat_rate_high": d("19"), "claimed_incl_vat": d("11.9")},
         at_stake="0", at_stake_vat="0.04"),
    Case("REVERSE_CHARGE_VIOLATED", {"reverse_charge": True},
         {"reverse_charge": True, "claimed_incl_vat": d("10")}, at_stake="0", at_stake_vat="2.1"),
    Case("CURRENCY_MISMATCH", {"contract_currency": "SEK"}, {"contract_currency": "EUR"},
         "fatal"),
    Case("CURRENCY_MISMATCH", UNPRICED | {"embedded_reason": "CURRENCY_MISMATCH"},
         {"embedded_reason": "CURRENCY_MISMATCH"}, "fatal"),
    Case("NEGATIVE_WITHOUT_CREDIT", {"claimed_excl_vat": d("-0.01")},
         {"claimed_excl_vat": d("0")}, "fatal", "0"),
    Case("NEGATIVE_WITHOUT_CREDIT", {"claimed_excl_vat": d("-2"), "expected_excl_vat": None},
         {"claimed_excl_vat": d("-2"), "expected_excl_vat": d("-1")}, "fatal", "0"),
]  # fmt: skip
CREDITS = [
    Case("CREDIT_ORIGINAL_MISSING", ORPHAN,
         ORPHAN | {"last_updated_at": AS_OF - timedelta(days=6)}, at_stake="0"),
    Case("CREDIT_AMOUNT_MISMATCH",
         CREDIT | {"credit_is_exact": False, "is_cancelled_pair": False}, CREDIT, at_stake="0"),
    Case("CREDIT_AMOUNT_MISMATCH", PARTLY_CREDITED | {"replaced_by_id": "C3"}, PARTLY_CREDITED,
         at_stake="3"),
    Case("CREDITED_TWICE",
         CREDIT | {"first_credit_id": "C2", "credit_is_honoured": False,
                   "is_cancelled_pair": False},
         CREDIT, "fatal", "0"),
    Case("CREDIT_WITHOUT_REPLACEMENT", CREDIT | {"last_updated_at": AS_OF - timedelta(days=14)},
         CREDIT, "warn", "0"),
    Case("CREDIT_WITHOUT_REPLACEMENT", CREDIT | {"last_updated_at": AS_OF - timedelta(days=14)},
         CREDIT | {"last_updated_at": AS_OF - timedelta(days=14), "replaced_by_id": "C3"},
         "warn", "0"),
]  # fmt: skip
LISTED = {"invoices_offered": True, "month_closed_at": AS_OF - timedelta(days=30),
          "last_updated_at": AS_OF - timedelta(days=40)}  # fmt: skip
INVOICE = [
    Case("CDR_NOT_INVOICED", LISTED, LISTED | {"invoice_id": "I1"}, at_stake="0"),
    Case("CDR_NOT_INVOICED", LISTED, LISTED | {"month_closed_at": AS_OF - timedelta(days=29)},
         at_stake="0"),
    Case("CDR_NOT_INVOICED", LISTED, LISTED | {"billing": "reverse"}, at_stake="0"),
]  # fmt: skip
CASES = (
    *IDENTITY, *TIME, *ENERGY, *SESSION, *REFERENCES, *TARIFF, *MONEY, *SUMS, *CREDITS, *INVOICE
)  # fmt: skip
