"""The parts that pricing views share: which basket is meant, and where a price leads to."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from dashboards import data
from dashboards.filters import one_of, switch
from dashboards.navigation import go
from dashboards.places import places, power

MOMENTS: Final = {"noon": "Noon", "evening": "Evening, 18:00"}
IDLE_MIN: Final = 60
REASONS: Final = {
    "POWER_UNKNOWN": "The connector's power is unknown, so no basket fits it.",
    "TARIFF_NOT_STATED": "The connector names no tariff.",
    "TARIFF_UNKNOWN": "It names tariffs that the partner never published.",
    "TARIFF_ENDED": "The tariffs it names were withdrawn.",
    "NOTHING_APPLIES": "No element of its tariff applies, so it says nothing about the price.",
    "TARIFF_NOT_ACTIVE": "Its tariff is not active on the day of the basket.",
    "TARIFF_UNUSABLE": "Its tariff cannot be read.",
    "CURRENCY_MISMATCH": "Its tariffs are in several currencies.",
    "TIME_ZONE_UNKNOWN": "Its tariff depends on local time, and the time zone is unknown.",
    "OUT_OF_RANGE": "The price is too large to be one.",
}
"""Reasons for a lacking price, and what each means."""


def basket() -> dict[str, data.Value]:
    """Ask for the basket, and whose connectors it is priced at."""
    chosen: dict[str, data.Value] = {"places": places(power=False)}
    cells = st.columns([1, 1, 2, 1], vertical_alignment="bottom")
    with cells[0]:
        chosen["power"] = power()
    with cells[1]:
        chosen["moment"] = one_of("When", list(MOMENTS), "moment", shown=MOMENTS.__getitem__)
    with cells[2]:
        chosen["idle_min"] = idle()
    with cells[3]:
        chosen["currency"] = currency()
    return chosen


def idle() -> int:
    """Ask for the minutes that the car stays connected after charging."""
    return IDLE_MIN if switch("60 minutes idle after charging", "idle") else 0


def currency() -> str | None:
    """Ask for the currency: prices in several are never added up."""
    return one_of("Currency", data.query("pricing/currencies")["currency"].to_list(), "currency")


def open_tariff(row: dict[str, Any], tariff_id: str) -> None:
    """Leave for a tariff's page."""
    owner = {name: row[name] for name in ("partner", "country_code", "party_id")}
    go("tariff", **owner, id=tariff_id)
