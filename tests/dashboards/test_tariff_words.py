"""A tariff in words: every restriction, steps, and what cannot be read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from models.marts.prices_words import element_words, tariff_words


def conditions(**restrictions: Any) -> tuple[str, ...]:
    element = {"price_components": [], "restrictions": restrictions}
    return element_words({"currency": "EUR", "elements": [element]})[0].conditions


def sentence(**component: Any) -> str:
    element = {"price_components": [component]}
    return element_words({"currency": "EUR", "elements": [element]})[0].prices[0]


@pytest.mark.parametrize(
    ("restrictions", "words"),
    [
        ({"start_time": "08:00", "end_time": "18:00"}, "from 08:00 to 18:00 local time"),
        ({"end_time": "07:00"}, "from 00:00 to 07:00 local time"),
        ({"start_date": "2026-01-01"}, "from 2026-01-01"),
        ({"end_date": "2026-02-01"}, "until the day before 2026-02-01"),
        ({"min_kwh": 10}, "after the first 10 kWh"),
        ({"max_kwh": Decimal("7.5")}, "for the first 7.5 kWh"),
        ({"min_kwh": 10, "max_kwh": 20}, "after 10 and up to 20 kWh"),
        ({"min_duration": 7200}, "after 2 h"),
        ({"max_duration": 900}, "for the first 15 min"),
        ({"max_power": 11}, "at a power below 11 kW"),
        ({"min_power": 11, "max_power": 50}, "at a power of 11 up to 50 kW"),
        ({"min_current": 16}, "at a current of 16 A or more"),
        (
            {"day_of_week": ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"]},
            "from Monday to Friday",
        ),
        ({"day_of_week": ["SUNDAY", "SATURDAY"]}, "on Saturday and Sunday"),
        ({"day_of_week": ["FRIDAY", "MONDAY"]}, "on Monday, Friday"),
        ({"day_of_week": ["SOMEDAY"]}, "on days that cannot be read: it never applies"),
        ({"reservation": "RESERVATION"}, "for reserved time"),
        ({"moon": "full"}, "under moon, which OCPI does not know: it never applies"),
    ],
)
def test_each_restriction_has_its_words(restrictions: dict[str, Any], words: str) -> None:
    assert conditions(**restrictions) == (words,)


def test_an_unrestricted_element_always_applies() -> None:
    assert conditions() == ()
    assert conditions(min_kwh=None) == ()


@pytest.mark.parametrize(
    ("component", "words"),
    [
        ({"type": "ENERGY", "price": Decimal("0.40"), "step_size": 1}, "EUR 0.40 for each kWh"),
        (
            {"type": "ENERGY", "price": 1, "vat": 21, "step_size": 1000},
            "EUR 1 for each kWh, VAT 21 %, billed in steps of 1 kWh",
        ),
        (
            {"type": "PARKING_TIME", "price": 6, "step_size": 900},
            "EUR 6 for each hour of parking, billed in steps of 15 min",
        ),
        (
            {"type": "TIME", "price": 6, "step_size": 90},
            "EUR 6 for each hour of charging, billed in steps of 90 s",
        ),
        ({"type": "FLAT", "price": 1, "step_size": 300}, "EUR 1 once for the session"),
        ({"type": "WATER", "price": 1}, "EUR 1 for WATER, which OCPI does not know"),
    ],
)
def test_each_component_has_its_words(component: dict[str, Any], words: str) -> None:
    assert sentence(**component) == words


def test_limits_and_validity_are_said() -> None:
    words = tariff_words(
        {
            "currency": "EUR",
            "tax_included": "YES",
            "min_price": {"before_taxes": 1},
            "max_price": {"before_taxes": 10, "after_taxes": Decimal("12.1")},
            "start_date_time": "2026-01-01T00:00:00Z",
        }
    )

    assert words == [
        "Prices are in EUR, including taxes.",
        "A session costs at least EUR 1 before taxes.",
        "A session costs at most EUR 10 before taxes and EUR 12.1 after taxes.",
        "Active from 2026-01-01T00:00:00Z.",
    ]


@pytest.mark.parametrize("tariff", [{}, {"elements": None}, {"elements": ["x"]}])
def test_what_is_no_tariff_has_no_elements(tariff: dict[str, Any]) -> None:
    assert element_words(tariff) == []
