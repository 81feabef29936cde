"""Readings of malformed CDRs and tariffs: each a claim beside what `roamhouse price` must say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from command_support import CDR, run, write_file

from pipelines.cli.price import price

ENERGY = {"type": "ENERGY", "price": 0.25, "step_size": 1}
DEARER = {"type": "ENERGY", "price": 0.5, "step_size": 1}
PERIOD: dict[str, Any] = {"start_date_time": CDR["start_date_time"], "tariff_id": "T"}
FROM_100_KWH = {"min_kwh": 100}


class Reading(NamedTuple):
    """What a CDR says, and what it must come to.

    Args:
        elements: of its only tariff.
        dimensions: of its only period.
        claim: what it claims.
        expected: the price; None: there is none.
        notes: what the price says about itself.
    """

    elements: list[Any]
    dimensions: list[dict[str, Any]]
    claim: float
    expected: str | None
    notes: tuple[str, ...] = ()


def cdrs_priced(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(price, path, "--json").output)["cdrs"]
    return found


def energy(**members: Any) -> list[dict[str, Any]]:
    return [{"type": "ENERGY", **members}]


def restricted(**members: Any) -> list[dict[str, Any]]:
    """An element that would cost 0.50 a kWh but for what restricts it, and one of 0.25 behind."""
    return [{"price_components": [DEARER], **members}, {"price_components": [ENERGY]}]


TEN = energy(volume=10)
PLAIN = [{"price_components": [ENERGY]}]
FROM_TOTAL = ("QUANTITY_FROM_TOTAL",)
READINGS = {
    # A volume that is not there is no zero: the total is priced where one price holds.
    "energy without a volume": Reading(PLAIN, energy(), 2.5, "2.50", FROM_TOTAL),
    "energy of null": Reading(PLAIN, energy(volume=None), 2.5, "2.50", FROM_TOTAL),
    "energy of no text": Reading(PLAIN, energy(volume=""), 2.5, "2.50", FROM_TOTAL),
    "energy that cannot be read": Reading(PLAIN, energy(volume="ten"), 2.5, None),
    "energy beyond all measure": Reading(PLAIN, energy(volume=10**30), 2.5, None),
    "two prices for it": Reading(restricted(restrictions={"max_kwh": 5}), energy(), 2.5, None),
    # Nor is it a matter where nothing is priced by it.
    "time that nothing prices": Reading(PLAIN, [*TEN, {"type": "TIME"}], 2.5, "2.50"),
    "current that decides nothing": Reading(PLAIN, [*TEN, {"type": "MAX_CURRENT"}], 2.5, "2.50"),
    "a volume of nobody knows what": Reading(PLAIN, [*TEN, {"volume": 3}], 2.5, None),
    "nothing at all": Reading(PLAIN, [*TEN, {}], 2.5, "2.50"),
    "a fee alone": Reading(
        [{"price_components": [{"type": "FLAT", "price": 2.5}]}], energy(), 2.5, "2.50"
    ),
    "a vendor's volume of zero": Reading(
        [{"price_components": [ENERGY, {"type": "SOLAR", "price": 9}]}],
        [*TEN, {"type": "SOLAR", "volume": 0}],
        2.5,
        "2.50",
    ),
    # Nothing is priced by what is left of a tariff.
    "an element that is none": Reading(["0.25 a kWh", *PLAIN], TEN, 2.5, None),
    "a component that is none": Reading([{"price_components": ["?", ENERGY]}], TEN, 2.5, None),
    "a step that cannot be read": Reading(
        [{"price_components": [{**ENERGY, "step_size": "kWh"}]}], TEN, 2.5, None
    ),
    # Whatever the member is called, an element is never unrestricted by a slip of the pen.
    "Restrictions": Reading(restricted(Restrictions=FROM_100_KWH), TEN, 2.5, "2.50"),
    "tariffRestrictions": Reading(restricted(tariffRestrictions=FROM_100_KWH), TEN, 2.5, "2.50"),
    "beside its components": Reading(restricted(minKwh=100), TEN, 2.5, "2.50"),
    "here and there": Reading(restricted(maxKwh=200, restriction=FROM_100_KWH), TEN, 2.5, "2.50"),
    "twice and differently": Reading(
        restricted(Restrictions={"min_kwh": 0}, restriction=FROM_100_KWH), TEN, 2.5, None
    ),
    "a list of two": Reading(
        restricted(restrictions=[FROM_100_KWH, {"max_kwh": 200}]), TEN, 2.5, None
    ),
    # 08:00 UTC is 10:00 in the Netherlands.
    "until 09:59:59": Reading(restricted(restrictions={"end_time": "09:59:59"}), TEN, 2.5, "2.50"),
    "until 10:00:01": Reading(restricted(restrictions={"end_time": "10:00:01"}), TEN, 5, "5.00"),
    "until 10:59:59": Reading(
        restricted(restrictions={"start_time": "09:00", "end_time": "10:59:59"}), TEN, 5, "5.00"
    ),
}


def wire(name: str, reading: Reading) -> dict[str, Any]:
    tariff = {"id": "T", "currency": "EUR", "elements": reading.elements,
              "last_updated": "2026-01-01T00:00:00Z"}  # fmt: skip
    return {
        **CDR,
        "id": name,
        "tariffs": [tariff],
        "charging_periods": [{**PERIOD, "dimensions": reading.dimensions}],
        "total_energy": 10,
        "total_cost": {"excl_vat": reading.claim},
    }


@pytest.fixture(scope="module")
def priced(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    cdrs = [wire(name, reading) for name, reading in READINGS.items()]
    path = write_file(tmp_path_factory.mktemp("readings"), "cdrs.json", json.dumps(cdrs))
    return {one["id"]: one for one in cdrs_priced(path)}


@pytest.mark.parametrize("name", READINGS)
def test_a_malformed_cdr_is_read_as_meant_or_has_no_price(
    name: str, priced: dict[str, dict[str, Any]]
) -> None:
    reading, found = READINGS[name], priced[name]
    assert found["expected_excl_vat"] == reading.expected
    assert found["verdict"] == ("unpriceable" if reading.expected is None else "agreed")
    assert set(reading.notes) <= set(found["notes"])


def test_of_several_tariffs_the_own_connectors_comes_first(tmp_path: Path) -> None:
    tariffs = [
        {"id": name, "currency": "EUR", "elements": [{"price_components": [component]}],
         "last_updated": "2026-01-01T00:00:00Z"}
        for name, component in (("A", ENERGY), ("Own", DEARER))
    ]  # fmt: skip
    evse = {"uid": "E", "connectors": [{"id": "1", "tariff_id": "OWN"}]}
    cdr = {
        "id": "C",
        "start_date_time": CDR["start_date_time"],
        "stop_date_time": CDR["end_date_time"],
        "auth_id": "A",
        "location": {"id": "L", "country": "NLD", "evses": [evse]},
        "currency": "EUR",
        "tariffs": tariffs,
        "charging_periods": [{**PERIOD, "tariff_id": None, "dimensions": TEN}],
        "total_energy": 10,
        "total_cost": 2.5,
        "last_updated": CDR["end_date_time"],
    }
    (found,) = cdrs_priced(write_file(tmp_path, "cdr.json", cdr))
    assert found["expected_excl_vat"] == "5.00"
    assert (found["verdict"], "TARIFF_AMBIGUOUS" in found["notes"]) == ("underclaimed", False)


def test_of_two_tariffs_with_one_id_neither_can_be_called_wrong(tmp_path: Path) -> None:
    cdrs = [wire(str(claim), Reading(PLAIN, TEN, claim, None)) for claim in (2.5, 5, 6)]
    for cdr in cdrs:
        (own,) = cdr["tariffs"]
        other = {**own, "party_id": "YYY", "elements": [{"price_components": [DEARER]}]}
        cdr["tariffs"] = [own, other]
    found = cdrs_priced(write_file(tmp_path, "cdrs.json", cdrs))
    assert [one["verdict"] for one in found] == ["agreed", "agreed", "overclaimed"]
    assert found[2]["expected_excl_vat"] == "5.00"
    assert all("TARIFF_AMBIGUOUS" in one["notes"] for one in found)


@pytest.mark.parametrize("limit", ["a euro", {"excl_vat": "a euro"}])
def test_a_limit_that_cannot_be_read_leaves_no_price(tmp_path: Path, limit: Any) -> None:
    cdr = wire("limit", Reading(PLAIN, TEN, 2.5, None))
    cdr["tariffs"][0]["min_price"] = limit
    (found,) = cdrs_priced(write_file(tmp_path, "cdr.json", cdr))
    assert (found["verdict"], found["reason"]) == ("unpriceable", "TARIFF_UNUSABLE")


def test_a_claim_that_is_right_in_kwh_says_that_the_cdr_is_in_wh(tmp_path: Path) -> None:
    cdr = {**wire("Wh", Reading(PLAIN, energy(volume=10_000), 2.5, None)), "total_energy": 10_000}
    (found,) = cdrs_priced(write_file(tmp_path, "cdr.json", cdr))
    assert (found["verdict"], found["cause"]) == ("agreed", "WH_FOR_KWH")
