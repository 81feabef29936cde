"""The thresholds of the reconciliation rules, by rule: names with their unit, and defaults.

Only the vocabulary, as `rule_ids` is for names: a contract may set any of these for a partner.
"""

from __future__ import annotations

from decimal import Decimal

Thresholds = dict[str, dict[str, Decimal]]


def _of(**values: str) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in values.items()}


RULE_THRESHOLDS: Thresholds = {
    "CDR_NEAR_DUPLICATE": _of(start_s="60", energy_kwh="0.1"),
    "OVERLAP_EVSE": _of(overlap_s="60"),
    "OVERLAP_TOKEN": _of(overlap_s="60"),
    "TOKEN_IMPOSSIBLE_TRAVEL": _of(speed_km_per_h="150"),
    "IN_FUTURE": _of(ahead_s="300"),
    "TOTAL_TIME_MISMATCH": _of(difference_s="60"),
    "PARKING_EXCEEDS_TOTAL": _of(difference_s="2"),
    "PERIODS_TIME_MISMATCH": _of(difference_s="60"),
    "CDR_LATE": _of(warn_h="24", dispute_h="720"),
    "CDR_TOO_OLD": _of(age_h="2160"),
    "DURATION_IMPLAUSIBLE": _of(shortest_s="60", ac_h="72", dc_h="6"),
    "PERIODS_ENERGY_MISMATCH": _of(energy_kwh="0.01", share="0.001"),
    "ENERGY_EXCEEDS_POWER": _of(factor="1.05", allowance_kwh="0.1"),
    "ENERGY_IMPLAUSIBLE": _of(car_kwh="150", truck_kwh="800", truck_power_kw="500"),
    "ZERO_ENERGY_WITH_COST": _of(energy_kwh="0.1"),
    "SIGNED_DATA_MISMATCH": _of(energy_kwh="0.01", share="0.001"),
    "SESSION_ENERGY_MISMATCH": _of(share="0.01"),
    "SESSION_COST_MISMATCH": _of(share="0.01"),
    "CDR_MISSING": _of(warn_h="24", dispute_h="168"),
    "SESSION_RESERVED_UNUSED": _of(energy_kwh="0.1"),
    "EVSE_NOT_OPERATIVE": _of(outage_s="300"),
    "BREAKDOWN_MISMATCH": _of(minor_units_per_part="1"),
    "PRICE_OUTLIER": _of(deviations="3", least_share="0.5"),
    "CREDIT_ORIGINAL_MISSING": _of(wait_h="168"),
    "CREDIT_WITHOUT_REPLACEMENT": _of(wait_h="336"),
    "CDR_NOT_INVOICED": _of(wait_h="720"),
    "INVOICE_TOTAL_MISMATCH": _of(absolute="0.02"),
    "INVOICE_ARITHMETIC": _of(absolute="0.02"),
    "INVOICE_VAT_ARITHMETIC": _of(absolute="0.02"),
    "RESERVED_UNUSED": _of(energy_kwh="0.1"),
    "SEQUENCE_GAP": _of(share="0.1", least_numbers="20"),
    "VOLUME_DROP": _of(share="0.5", least_cdrs="20"),
}
