"""Locations, EVSEs and connectors, clean and as partners send them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from object_samples import (
    CONNECTOR,
    EVSE,
    LOCATION,
    TARIFF,
    changed,
    decode,
    deviations,
    kinds,
    reasons,
    row,
    rows,
)

from models.ocpi.issues import Issues
from models.ocpi.values.places import canonical_evse, power_kw

CONNECTOR_AT = "evses[0].connectors[0]"


def connector(**members: Any) -> tuple[dict[str, Any], set[tuple[str, str]]]:
    evse = changed(EVSE, connectors=[changed(CONNECTOR, **members)])
    decoded = decode("locations", changed(LOCATION, evses=[evse]))
    return row(decoded, "core.connectors"), kinds(decoded)


def test_a_clean_location_gives_its_rows_without_deviation() -> None:
    decoded = decode("locations", LOCATION)
    assert not deviations(decoded)
    location = row(decoded, "core.locations")
    assert (location["latitude"], location["longitude"]) == (52.09, 5.11)
    assert location["details"] is None
    evse = row(decoded, "core.evses")
    assert (evse["canonical_evse"], evse["status"]) == ("NLVOLE1", "AVAILABLE")
    taken = row(decoded, "core.connectors")
    assert (taken["evse_uid"], taken["tariff_ids"]) == ("E1", ["T1"])
    assert taken["power_kw"] == Decimal("22.08")


def test_2_1_1_names_for_type_voltage_and_tariff() -> None:
    old = {k: v for k, v in CONNECTOR.items() if not k.startswith(("max_", "tariff"))}
    old |= {"voltage": 230, "amperage": 16, "tariff_id": "T1"}
    sample = changed(LOCATION, publish=..., country_code=..., party_id=...)
    sample |= {"type": "ON_STREET", "evses": [changed(EVSE, connectors=[old])]}
    decoded = decode("locations", sample, version="2.1.1")
    assert not deviations(decoded)
    assert row(decoded, "core.locations")["parking_type"] == "ON_STREET"
    assert row(decoded, "core.locations")["party_id"] == "OWN"
    taken = row(decoded, "core.connectors")
    assert (taken["max_voltage_v"], taken["tariff_ids"]) == (230, ["T1"])
    assert taken["power_kw"] == Decimal("11.04")


def test_names_of_another_version_are_renamed() -> None:
    taken, found = connector(max_voltage=..., voltage=230)
    assert taken["max_voltage_v"] == 230
    assert found == {(f"{CONNECTOR_AT}.max_voltage", "renamed")}


@pytest.mark.parametrize(
    ("sent", "taken"), [(None, None), (..., None), ([], []), ("T1", ["T1"]), ([7], ["7"])]
)
def test_no_tariff_ids_are_unknown_and_an_empty_list_is_none(sent: Any, taken: Any) -> None:
    assert connector(tariff_ids=sent)[0]["tariff_ids"] == taken


@pytest.mark.parametrize(
    ("place", "north", "east", "found"),
    [
        ({"latitude": "52,09", "longitude": "5,11"}, 52.09, 5.11, "normalised"),
        ({"latitude": 52.09, "longitude": 5.11}, 52.09, 5.11, "coerced"),
        ({"latitude": "5.11", "longitude": "52.09"}, 52.09, 5.11, "normalised"),
        ({"latitude": "0", "longitude": "0.0"}, None, None, "unusable"),
        ({"latitude": "152.09", "longitude": "5.11"}, None, None, "unusable"),
        ({"latitude": "48.85", "longitude": "2.35"}, 48.85, 2.35, "unusable"),
        ({"latitude": "north", "longitude": "5.11"}, None, None, "unusable"),
        ({"latitude": "", "longitude": "5.11"}, None, None, "empty"),
        ({"latitude": "52.09"}, None, None, "absent"),
        ("52.09,5.11", None, None, "unusable"),
        ({"latitude": "52.0900000001", "longitude": "5.11"}, 52.0900000001, 5.11, "too_long"),
        ({"latitude": "1e999", "longitude": "5.11"}, None, None, "unusable"),
    ],
)
def test_coordinates(place: Any, north: float | None, east: float | None, found: str) -> None:
    decoded = decode("locations", changed(LOCATION, coordinates=place))
    location = row(decoded, "core.locations")
    assert (location["latitude"], location["longitude"]) == (north, east)
    assert found in {kind for _, kind in kinds(decoded)}


def test_coordinates_are_swapped_only_where_the_country_decides() -> None:
    nowhere = {"latitude": "5.11", "longitude": "52.09"}
    decoded = decode("locations", changed(LOCATION, coordinates=nowhere, country="KEN"))
    assert row(decoded, "core.locations")["latitude"] == 5.11
    assert not deviations(decoded)


@pytest.mark.parametrize(
    ("members", "kilowatts", "is_noted"),
    [
        ({"max_electric_power": 11000}, "11", False),
        ({"max_electric_power": 7360000}, None, True),
        ({"max_electric_power": 22}, None, True),
        ({"max_voltage": 400}, "22.170", False),
        ({"max_voltage": 480, "max_amperage": 40}, "33.255", False),
        ({"power_type": "AC_1_PHASE"}, "7.36", False),
        ({"power_type": "AC_2_PHASE", "max_voltage": 120}, "7.68", False),
        ({"power_type": "AC_2_PHASE_SPLIT", "max_voltage": 240}, "7.68", False),
        ({"power_type": "DC", "max_voltage": 1000, "max_amperage": 500}, "500", False),
        ({"power_type": "DC", "max_voltage": 1000, "max_amperage": 5000}, None, True),
        ({"power_type": "STEAM"}, None, True),
        ({"max_amperage": 0}, None, True),
        ({"max_amperage": None}, None, True),
        ({"max_voltage": "230 V"}, None, True),
        ({"max_voltage": -230}, None, True),
        ({"max_voltage": "230"}, "22.08", True),
    ],
)
def test_power(members: dict[str, Any], kilowatts: str | None, is_noted: bool) -> None:
    taken, found = connector(**members)
    expected = None if kilowatts is None else Decimal(kilowatts).quantize(Decimal("1e-9"))
    assert taken["power_kw"] == (
        None if expected is None else pytest.approx(expected, abs=Decimal("0.001"))
    )
    assert bool(found) == is_noted


def test_power_of_an_absurd_statement_is_not_computed_instead() -> None:
    issues = Issues()
    assert power_kw("AC_1_PHASE", 230, 32, 7_360_000, "", issues) is None
    assert [d.path for d in issues.deviations] == ["max_electric_power"]


@pytest.mark.parametrize(
    ("evse_id", "canonical"),
    [
        ("NL*VOL*E1*2", "NLVOLE12"),
        ("nl-vol-e12", "NLVOLE12"),
        ("NLVOLE12", "NLVOLE12"),
        ("NL VOL E12", "NLVOLE12"),
        ("+49*810*000*1", "p/NL/VOL/U1"),
        ("17", "p/NL/VOL/U1"),
        (None, "p/NL/VOL/U1"),
    ],
)
def test_copies_of_an_evse_have_one_canonical_id(evse_id: str | None, canonical: str) -> None:
    key = {"partner": "p", "country_code": "NL", "party_id": "VOL", "uid": "U1"}
    assert canonical_evse(evse_id, **key) == canonical


@pytest.mark.parametrize("bad", [changed(EVSE, uid=None), changed(EVSE, uid=""), "E1", None])
def test_a_bad_evse_is_refused_alone(bad: Any) -> None:
    decoded = decode("locations", changed(LOCATION, evses=[bad, changed(EVSE, uid="E2")]))
    assert row(decoded, "core.evses")["uid"] == "E2"
    assert row(decoded, "core.connectors")["evse_uid"] == "E2"
    (refused,) = rows(decoded, "core.quarantine")
    assert refused["object_id"].startswith("L1/")
    assert decoded.quarantined == 1


def test_a_bad_connector_is_refused_alone() -> None:
    bad = changed(CONNECTOR, id=None)
    decoded = decode(
        "locations", changed(LOCATION, evses=[changed(EVSE, connectors=[bad, CONNECTOR])])
    )
    assert row(decoded, "core.connectors")["id"] == "1"
    assert rows(decoded, "core.quarantine")[0]["object_id"] == "L1/E1/?"
    assert reasons(decoded) == [["evses[0].connectors[0].id: missing"]]


def test_an_evse_without_status_is_unknown() -> None:
    for status in (None, "", "SLEEPING"):
        evse = changed(EVSE, status=status)
        decoded = decode("locations", changed(LOCATION, evses=[evse]))
        assert row(decoded, "core.evses")["status"] == "UNKNOWN"
        assert deviations(decoded)


def test_tariffs_embedded_in_an_evse_become_tariffs_and_ids() -> None:
    bare = changed(CONNECTOR, tariff_ids=...)
    evse = changed(
        EVSE, connectors=[bare, changed(CONNECTOR, id="2")], tariffs=[TARIFF, {"id": "T2"}]
    )
    decoded = decode("locations", changed(LOCATION, evses=[evse]))
    assert row(decoded, "core.tariffs")["id"] == "T1"
    assert [c["tariff_ids"] for c in rows(decoded, "core.connectors")] == [["T1"], ["T1"]]
    assert rows(decoded, "core.quarantine")[0]["object_id"] == "T2"


def test_opening_times_are_kept_as_canonical_json() -> None:
    hours = {
        "twentyfourseven": False,
        "regular_hours": [{"weekday": "1", "period_begin": "08:00:00", "period_end": "24:00"}],
        "exceptional_openings": [],
    }
    decoded = decode("locations", changed(LOCATION, opening_times=hours))
    location = row(decoded, "core.locations")
    assert location["twentyfourseven"] is False
    assert json.loads(location["opening_times"]) == {
        "twentyfourseven": False,
        "regular_hours": [{"weekday": 1, "period_begin": "08:00", "period_end": "00:00"}],
    }
    assert {kind for _, kind in kinds(decoded)} == {"normalised", "coerced"}


def test_the_rest_of_a_location_is_kept_without_people() -> None:
    allowed = [{"uid": "04AABB", "type": "RFID"}]
    decoded = decode("locations", changed(LOCATION, publish_allowed_to=allowed, x_own={"a": 1.0}))
    details = json.loads(row(decoded, "core.locations")["details"])
    assert details == {
        "publish_allowed_to": [{"uid": "p:04AABB", "type": "RFID"}],
        "x_own": {"a": 1},
    }


@pytest.mark.parametrize("broken", [{"id": None}, {"id": ""}])
def test_a_location_without_id_is_refused_whole(broken: dict[str, Any]) -> None:
    decoded = decode("locations", changed(LOCATION, **broken))
    assert decoded.quarantined == 1
    assert decoded.frames["core.evses"].is_empty()


@pytest.mark.parametrize("evses", [None, [], {}, "E1"])
def test_a_location_without_evses_is_a_location(evses: Any) -> None:
    assert row(decode("locations", changed(LOCATION, evses=evses)), "core.locations")["id"] == "L1"
