"""The worked examples of the OCPI text, where the shared folder with them is at hand."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rating_support import price_wire, shared_folder

FOLDER = shared_folder()
PATH = None if FOLDER is None else FOLDER / "conformance" / "pricing_cases.json"
pytestmark = pytest.mark.skipif(PATH is None or not PATH.exists(), reason="no shared folder")

PARTS = ("energy", "time", "parking", "fixed", "reservation")
BILLED = ("billed_energy_kwh", "billed_time_h", "billed_parking_h", "billed_reservation_h")


def cases() -> list[Any]:
    if PATH is None or not Path(PATH).exists():
        return []
    return [pytest.param(case, id=case["name"]) for case in json.loads(PATH.read_text())]


def agrees(expected: str | None, found: Decimal | None, tolerance: Decimal) -> bool:
    if expected is None or found is None:
        return expected is None and found is None
    return abs(Decimal(expected) - found) <= tolerance


@pytest.mark.parametrize("case", cases())
def test_a_worked_example_has_its_price(case: dict[str, Any]) -> None:
    cdr = case["cdr"] or withdrawn_session(case)
    priced = price_wire(cdr, version=case["ocpi_version"], time_zone=case["time_zone"])
    expected = case["expected"]
    if case["status"] == "withdrawn":
        # The printed 7.30 only holds where durations count parking; by the text it is 10.05.
        assert priced.total["unrounded_excl_vat"] == Decimal("10.05")
        return
    tolerance = Decimal(case["abs_tolerance"])
    found = {
        "total excl": (expected["total_cost_excl_vat"], priced.total["unrounded_excl_vat"]),
        "total incl": (expected["total_cost_incl_vat"], priced.total["unrounded_incl_vat"]),
        **{name: (expected[name], priced.total[name]) for name in BILLED},
    }
    for part in PARTS:
        for side in ("excl", "incl"):
            value = priced.total[f"{part}_cost_{side}_vat"]
            found[f"{part} {side}"] = (expected[f"{part}_cost"][side], value)
    wrong = {name: pair for name, pair in found.items() if not agrees(*pair, tolerance)}
    assert priced.total["state"] == "priced"
    assert wrong == {}


def withdrawn_session(case: dict[str, Any]) -> dict[str, Any]:
    """20 kWh in an hour, then 2 h 45 of parking, split where the price changes."""
    parked = [("08:00", 2.0), ("10:00", 0.75)]
    charged = [("07:00", 1), ("07:03", 19)]
    period = "2019-05-14T{}:00Z".format
    return {
        "country_code": "DE",
        "party_id": "ALL",
        "id": case["name"],
        "start_date_time": period("07:00"),
        "end_date_time": period("10:45"),
        "currency": "EUR",
        "tariffs": [case["tariff"]],
        "charging_periods": [
            {"start_date_time": period(at), "dimensions": [{"type": kind, "volume": volume}]}
            for kind, spans in (("ENERGY", charged), ("PARKING_TIME", parked))
            for at, volume in spans
        ],
        "total_cost": {"excl_vat": 7.3},
        "total_energy": 20,
        "total_time": 3.75,
        "last_updated": period("11:00"),
    }
