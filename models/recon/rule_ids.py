"""The public ids of the reconciliation rules (`recon.findings.rule_id`), by group, with thresholds.

Only the vocabulary, with the default of each threshold, whose name ends in its unit; a contract may
set any of them. What a rule does, its default severity and its version belong to the rule.
"""

from decimal import Decimal

Thresholds = dict[str, dict[str, Decimal]]


def _of(**values: str) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in values.items()}


RULE_GROUPS: dict[str, Thresholds] = {
    "identity": {
        "CDR_DUPLICATE_ID_CHANGED": {},
        "CDR_ONE_WAY": {},
        "CDR_DUPLICATE_SESSION": {},
        "CDR_NEAR_DUPLICATE": _of(start_s="60", energy_kwh="0.1"),
        "PARTY_NOT_PARTNERS": {},
        "OVERLAP_EVSE": _of(overlap_s="60"),
        "OVERLAP_TOKEN": _of(overlap_s="60"),
        "TOKEN_IMPOSSIBLE_TRAVEL": _of(speed_km_per_h="150"),
    },
    "time": {
        "END_NOT_AFTER_START": {},
        "IN_FUTURE": _of(ahead_s="300"),
        "SENTINEL_TIME": {},
        "TOTAL_TIME_MISMATCH": _of(difference_s="60"),
        "PARKING_EXCEEDS_TOTAL": _of(difference_s="2"),
        "PERIODS_TIME_MISMATCH": _of(difference_s="60"),
        "PERIOD_OUTSIDE_CDR": {},
        "PERIODS_UNORDERED": {},
        "CDR_LATE": _of(warn_h="24", dispute_h="720"),
        "CDR_TOO_OLD": _of(age_h="2160"),
        "CDR_DATE_IMPLAUSIBLE": {},
        "DURATION_IMPLAUSIBLE": _of(shortest_s="60", ac_h="72", dc_h="6"),
    },
    "energy": {
        "PERIODS_ENERGY_MISMATCH": _of(energy_kwh="0.01", share="0.001"),
        "ENERGY_EXCEEDS_POWER": _of(factor="1.05", allowance_kwh="0.1"),
        "ENERGY_IMPLAUSIBLE": _of(car_kwh="150", truck_kwh="800", truck_power_kw="500"),
        "ENERGY_NEGATIVE": {},
        "ZERO_ENERGY_WITH_COST": _of(energy_kwh="0.1"),
        "SIGNED_DATA_MISMATCH": _of(energy_kwh="0.01", share="0.001"),
    },
    "session": {
        "SESSION_MISSING": {},
        "SESSION_INVALID": {},
        "SESSION_ENERGY_MISMATCH": _of(share="0.01"),
        "SESSION_COST_MISMATCH": _of(share="0.01"),
        "CDR_MISSING": _of(warn_h="24", dispute_h="168"),
        "SESSION_NOT_AUTHORISED": {},
        "SESSION_RESERVED_UNUSED": _of(energy_kwh="0.1"),
    },
    "references": {
        "LOCATION_UNKNOWN": {},
        "EVSE_UNKNOWN": {},
        "TOKEN_UNKNOWN": {},
        "TOKEN_BLOCKED": {},
        "AUTHORISATION_MISMATCH": {},
        "RESERVED_UNUSED": _of(energy_kwh="0.1"),
        "EVSE_NOT_OPERATIVE": _of(outage_s="300"),
    },
    "tariff": {
        "TARIFF_MISSING": {},
        "TARIFF_NOT_ACTIVE": {},
        "TARIFF_DIFFERS_FROM_PUBLISHED": {},
        "PERIOD_SPANS_PRICE_CHANGE": {},
        "RESTRICTION_UNVERIFIABLE": {},
        "TARIFF_AMBIGUOUS": {},
        "PARKING_WHILE_CHARGING": {},
    },
    "money": {
        "TOTAL_COST_MISMATCH": {},
        "ENERGY_COST_MISMATCH": {},
        "TIME_COST_MISMATCH": {},
        "PARKING_COST_MISMATCH": {},
        "FIXED_COST_MISMATCH": {},
        "RESERVATION_COST_MISMATCH": {},
        "BREAKDOWN_MISMATCH": _of(minor_units_per_part="1"),
        "VAT_RATE_MISMATCH": {},
        "VAT_ARITHMETIC": {},
        "REVERSE_CHARGE_VIOLATED": {},
        "CURRENCY_MISMATCH": {},
        "LIMIT_BREACHED": {},
        "STEP_SIZE_MISAPPLIED": {},
        "PRICE_OUTLIER": _of(deviations="3", least_share="0.5"),
        "NEGATIVE_WITHOUT_CREDIT": {},
    },
    "credit": {
        "CREDIT_ORIGINAL_MISSING": _of(wait_h="168"),
        "CREDIT_AMOUNT_MISMATCH": {},
        "CREDITED_TWICE": {},
        "CREDIT_WITHOUT_REPLACEMENT": _of(wait_h="336"),
    },
    "invoice": {
        "INVOICE_CDR_UNKNOWN": {},
        "INVOICE_CDR_TWICE": {},
        "CDR_NOT_INVOICED": _of(wait_h="720"),
        "INVOICE_TOTAL_MISMATCH": _of(absolute="0.02"),
        "INVOICE_LINE_UNKNOWN": {},
        "INVOICE_LINE_TWICE": {},
        "INVOICE_LINE_MISMATCH": {},
        "INVOICE_LINE_CONTESTED": {},
        "INVOICE_LINE_OTHER_MONTH": {},
        "INVOICE_CURRENCY_MISMATCH": {},
        "INVOICE_VAT_RATE_MISMATCH": {},
        "INVOICE_ARITHMETIC": _of(absolute="0.02"),
        "INVOICE_VAT_ARITHMETIC": _of(absolute="0.02"),
        "INVOICE_CHARGE": {},
        "INVOICE_REFERENCE_UNKNOWN": {},
        "INVOICE_INCOMPLETE": {},
        "INVOICE_RECORD_MISMATCH": {},
    },
    "batch": {
        "PAGE_COUNT_SHORT": {},
        "VOLUME_DROP": _of(share="0.5", least_cdrs="20"),
        "SEQUENCE_GAP": _of(share="0.1", least_numbers="20"),
    },
}
RULE_IDS: frozenset[str] = frozenset(name for rules in RULE_GROUPS.values() for name in rules)
RULE_THRESHOLDS: Thresholds = {
    name: values for rules in RULE_GROUPS.values() for name, values in rules.items() if values
}
"""The thresholds of the rules that have any."""
