"""The engine agrees exactly with an independent reference, on edges above all."""

import os
import secrets
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import reference
from batches import rate
from hypothesis import settings
from strategies import charge

PAIRS = int(os.environ.get("REFERENCE_PAIRS", "5000"))  # `make simulate` asks for many
TOGETHER = 200
UNITS = {"EUR": "0.01", "JPY": "1", "KWD": "0.001"}
CHECKED_NOTES = {
    *("PERIOD_WITHOUT_TARIFF_ID", "RESTRICTION_UNVERIFIABLE", "LIMIT_UNVERIFIABLE"),
    *("TARIFF_AMBIGUOUS", "QUANTITY_FROM_TOTAL", "PARKING_WHILE_CHARGING"),
    *("UNKNOWN_DIMENSION", "UNKNOWN_COMPONENT", "PERIOD_SPANS_PRICE_CHANGE"),
}
BILLED = {
    "energy": "billed_energy_kwh",
    "time": "billed_time_h",
    "parking": "billed_parking_h",
    "reservation": "billed_reservation_h",
}


def arguments(charge: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    tariffs = [
        {**tariff, "currency": charge["currency"] if tariff["currency"] == "EUR" else "SEK"}
        for tariff in charge["tariffs"]
    ]
    terms = {
        "mode": charge["mode"],
        "stage": charge["stage"],
        "reverse_charge": charge["reverse_charge"],
        "unit": UNITS[charge["currency"]],
    }
    return ({**charge["cdr"], "currency": charge["currency"]}, tariffs, charge["zone"]), terms


def with_claim(charge: dict[str, Any]) -> dict[str, Any]:
    """The charge with a claim at what one of its tariffs gives, or about it, and what is right."""
    positional, terms = arguments(charge)
    offered = reference.prices_by_each(*positional, **terms)
    known = sorted(one["excl"] for one in offered if one.get("excl") is not None)
    wanted = charge["claimed_of"]
    claim: Fraction | None = None
    if known and wanted is not None:
        cent = Fraction(terms["unit"])
        middle = (known[0] + known[-1]) / 2 // cent * cent
        places = {"above": known[-1] + cent, "below": known[0] - cent, "between": middle}
        claim = places[wanted] if wanted in places else known[wanted % len(known)]
    exact = None if claim is None else Decimal(claim.numerator) / Decimal(claim.denominator)
    return {**charge, "claim": exact, "right": reference.price_by_claim(offered, claim)}


def some_charges(first: int, count: int) -> list[dict[str, Any]]:
    """Charges of consecutive seeds, other ones in every run but where runs are to be the same."""
    run = 0 if settings.default.derandomize else secrets.randbits(64)
    return [with_claim(charge(Random(f"{run}/{place}"))) for place in range(first, first + count)]


def as_fraction(value: Decimal | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def nearly(exact: Fraction | None, found: Decimal | None, unit: str) -> bool:
    """Whether a column holds an exact value rounded to its last decimal."""
    if exact is None or found is None:
        return exact is None and found is None
    return abs(exact - Fraction(found)) <= Fraction(unit) / 2


def disagreements(charge: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    wanted = charge["right"]
    if wanted["reason"] is not None:
        return (
            {}
            if row["reason"] == wanted["reason"]
            else {"reason": (wanted["reason"], row["reason"])}
        )
    found = {
        "state": row["state"] == "priced",
        "excl": wanted["excl"] == as_fraction(row["expected_excl_vat"]),
        "incl": wanted["incl"] == as_fraction(row["expected_incl_vat"]),
        "exact excl": nearly(wanted["exact_excl"], row["unrounded_excl_vat"], "0.000001"),
        "exact incl": nearly(wanted["exact_incl"], row["unrounded_incl_vat"], "0.000001"),
        "notes": wanted["notes"] == set(row["notes"]) & CHECKED_NOTES,
        **{
            part: nearly(wanted["billed"].get(part), row[column], "0.000000001")
            for part, column in BILLED.items()
        },
    }
    return {name: (wanted, row) for name, agrees in found.items() if not agrees}


def test_the_engine_agrees_with_the_reference() -> None:
    for begin in range(0, PAIRS, TOGETHER):
        claiming = some_charges(begin, TOGETHER)
        rated = rate(claiming, compiled=True)
        for one, row in zip(claiming, rated.cdrs.to_dicts(), strict=True):
            assert disagreements(one, row) == {}, one


def test_compiled_and_uncompiled_are_the_same() -> None:
    claiming = some_charges(PAIRS, 400)
    one, other = rate(claiming, compiled=True), rate(claiming, compiled=False)
    assert one.cdrs.equals(other.cdrs)
    assert one.lines.equals(other.lines)


def test_the_examples_reach_what_they_are_aimed_at() -> None:
    """Guards the generators: nearly all rules must come up often, or agreement means little."""
    rated = rate(some_charges(0, 1500), compiled=True)
    seen: Counter[str] = Counter(rated.cdrs["state"].to_list() + rated.lines["dimension"].to_list())
    for row in rated.cdrs.to_dicts():
        seen.update([*row["notes"], *([row["reason"]] if row["reason"] else [])])
    rare = {
        name: seen[name]
        for name in (
            *("ENERGY", "TIME", "PARKING_TIME", "FLAT", "RESERVATION_TIME", "LIMIT", "ROUNDING"),
            *("PERIOD_WITHOUT_TARIFF_ID", "RESTRICTION_UNVERIFIABLE", "LIMIT_UNVERIFIABLE"),
            *("TARIFF_AMBIGUOUS", "QUANTITY_FROM_TOTAL", "PARKING_WHILE_CHARGING"),
            *("UNKNOWN_DIMENSION", "UNKNOWN_COMPONENT", "RESTRICTION_UNREADABLE"),
            *(
                "PERIODS_INCOMPLETE",
                "LIMIT_APPLIED",
                "PERIOD_SPANS_PRICE_CHANGE",
                "TARIFF_MISSING",
                "TARIFF_NOT_ACTIVE",
            ),
        )
        if seen[name] < 3
    }
    assert rare == {}
    assert seen["priced"] > seen["unpriceable"]
