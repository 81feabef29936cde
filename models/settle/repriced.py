"""Which CDRs a statement's repriced total is of: those whose claim it can be held against.

A price from energy or times that are disproved says nothing: one CDR in Wh for kWh would be most
of a month. Credited and rejected CDRs are left out too, as what they claim is not owed.
"""

from __future__ import annotations

VERDICTS = ("agreed", "tolerated", "underclaimed", "overclaimed", "disputed")
"""Verdicts of CDRs whose price counts."""

DISPROVED = (
    "WH_FOR_KWH",
    "DURATION_IMPLAUSIBLE",
    "END_NOT_AFTER_START",
    "ENERGY_EXCEEDS_POWER",
    "ENERGY_IMPLAUSIBLE",
    "ENERGY_NEGATIVE",
    "IN_FUTURE",
    "PARKING_EXCEEDS_TOTAL",
    "SENTINEL_TIME",
    "SIGNED_DATA_MISMATCH",
)
"""Root causes and rules that disprove the quantities a price is made from."""
