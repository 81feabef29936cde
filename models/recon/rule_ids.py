"""The public ids of the reconciliation rules (`recon.findings.rule_id`), by group.

Only the names: what a rule does, its default severity and its version belong to the rule.
"""

RULE_GROUPS: dict[str, tuple[str, ...]] = {
    "identity": (
        "CDR_DUPLICATE_ID_CHANGED",
        "CDR_DUPLICATE_SESSION",
        "CDR_NEAR_DUPLICATE",
        "PARTY_NOT_PARTNERS",
        "OVERLAP_EVSE",
        "OVERLAP_TOKEN",
        "TOKEN_IMPOSSIBLE_TRAVEL",
    ),
    "time": (
        "END_NOT_AFTER_START",
        "IN_FUTURE",
        "SENTINEL_TIME",
        "TOTAL_TIME_MISMATCH",
        "PARKING_EXCEEDS_TOTAL",
        "PERIODS_TIME_MISMATCH",
        "PERIOD_OUTSIDE_CDR",
        "PERIODS_UNORDERED",
        "CDR_LATE",
        "CDR_TOO_OLD",
        "DURATION_IMPLAUSIBLE",
    ),
    "energy": (
        "PERIODS_ENERGY_MISMATCH",
        "ENERGY_EXCEEDS_POWER",
        "ENERGY_IMPLAUSIBLE",
        "ENERGY_NEGATIVE",
        "ZERO_ENERGY_WITH_COST",
        "SIGNED_DATA_MISMATCH",
    ),
    "session": (
        "SESSION_MISSING",
        "SESSION_INVALID",
        "SESSION_ENERGY_MISMATCH",
        "SESSION_COST_MISMATCH",
        "CDR_MISSING",
    ),
    "references": (
        "LOCATION_UNKNOWN",
        "EVSE_UNKNOWN",
        "TOKEN_UNKNOWN",
        "TOKEN_BLOCKED",
        "EVSE_NOT_OPERATIVE",
    ),
    "tariff": (
        "TARIFF_MISSING",
        "TARIFF_NOT_ACTIVE",
        "TARIFF_DIFFERS_FROM_PUBLISHED",
        "PERIOD_SPANS_PRICE_CHANGE",
        "RESTRICTION_UNVERIFIABLE",
        "TARIFF_AMBIGUOUS",
        "PARKING_WHILE_CHARGING",
    ),
    "money": (
        "TOTAL_COST_MISMATCH",
        "ENERGY_COST_MISMATCH",
        "TIME_COST_MISMATCH",
        "PARKING_COST_MISMATCH",
        "FIXED_COST_MISMATCH",
        "RESERVATION_COST_MISMATCH",
        "BREAKDOWN_MISMATCH",
        "VAT_RATE_MISMATCH",
        "VAT_ARITHMETIC",
        "REVERSE_CHARGE_VIOLATED",
        "CURRENCY_MISMATCH",
        "LIMIT_BREACHED",
        "STEP_SIZE_MISAPPLIED",
        "PRICE_OUTLIER",
        "NEGATIVE_WITHOUT_CREDIT",
    ),
    "credit": (
        "CREDIT_ORIGINAL_MISSING",
        "CREDIT_AMOUNT_MISMATCH",
        "CREDITED_TWICE",
        "CREDIT_WITHOUT_REPLACEMENT",
    ),
    "invoice": (
        "INVOICE_CDR_UNKNOWN",
        "INVOICE_CDR_TWICE",
        "CDR_NOT_INVOICED",
        "INVOICE_TOTAL_MISMATCH",
    ),
    "batch": (
        "PAGE_COUNT_SHORT",
        "VOLUME_DROP",
    ),
}

RULE_IDS: frozenset[str] = frozenset(name for names in RULE_GROUPS.values() for name in names)
