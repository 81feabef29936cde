"""Every object the sandbox lists has what its version of OCPI requires, and only known values."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from pipelines.sandbox import listings
from pipelines.sandbox.parties import PARTNERS
from pipelines.sandbox.scenario import Options
from pipelines.sandbox.world import World, world_of

NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)
VERSION = {partner.name: partner.version for partner in PARTNERS}
OLD, NEW = "2.1.1", "2.2.1"
LOCATION = "id address city country coordinates last_updated"
SESSION = "id kwh auth_method currency status last_updated"
CDR = (
    "id start_date_time auth_method currency charging_periods total_cost total_energy total_time"
    " last_updated"
)
REQUIRED = {
    ("locations", OLD): f"{LOCATION} type",
    ("locations", NEW): f"{LOCATION} country_code party_id publish time_zone",
    ("sessions", OLD): f"{SESSION} start_datetime auth_id location",
    ("sessions", NEW): f"{SESSION} country_code party_id start_date_time cdr_token location_id"
    " evse_uid connector_id",
    ("tariffs", OLD): "id currency elements last_updated",
    ("tariffs", NEW): "country_code party_id id currency elements last_updated",
    ("tariffs", "2.3.0"): "country_code party_id id currency elements tax_included last_updated",
    ("cdrs", OLD): f"{CDR} stop_date_time auth_id location",
    ("cdrs", NEW): f"{CDR} country_code party_id end_date_time cdr_token cdr_location",
}
CONNECTOR = "id standard format power_type last_updated"
DIMENSIONS = {
    "ENERGY", "TIME", "PARKING_TIME", "RESERVATION_TIME", "FLAT", "MIN_POWER", "MAX_POWER",
}  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(Options(now=NOW, cdrs=1500, errors_permille=0))


def listed(world: World, module: str, name: str) -> list[dict[str, Any]]:
    now = world.options.epoch
    found = []
    for realm in world.realms[name]:
        made = {
            "locations": lambda realm=realm: listings.locations(realm, now),
            "tariffs": lambda realm=realm: listings.tariffs(realm, now),
            "sessions": lambda realm=realm: listings.sessions(realm, now),
            "cdrs": lambda realm=realm: listings.cdrs(realm, now),
        }[module]()
        found += [json.loads(text) for text in made.render(slice(0, None))]
    return found


@pytest.mark.parametrize("module", ["locations", "tariffs", "sessions", "cdrs"])
@pytest.mark.parametrize("name", sorted(VERSION))
def test_required_fields_are_there(world: World, module: str, name: str) -> None:
    version = VERSION[name]
    required = REQUIRED.get((module, version)) or REQUIRED[module, NEW]
    objects = listed(world, module, name)
    assert objects
    for one in objects:
        missing = [field for field in required.split() if one.get(field) in (None, "")]
        assert not missing, (one["id"], missing)
        assert len(one["id"]) <= 36
        datetime.fromisoformat(one["last_updated"])
        assert one["last_updated"].endswith("Z")


@pytest.mark.parametrize("name", sorted(VERSION))
def test_places_are_where_they_say(world: World, name: str) -> None:
    boxes = {
        "NLD": (50.7, 53.6, 3.3, 7.3), "GBR": (49.9, 59, -6, 2), "FIN": (59.8, 70.1, 20.5, 31.6),
        "PRT": (36.9, 42.2, -9.6, -6.1), "CAN": (41.7, 50, -83, -70),
    }  # fmt: skip
    for one in listed(world, "locations", name):
        low, high, west, east = boxes[one["country"]]
        assert low < float(one["coordinates"]["latitude"]) < high
        assert west < float(one["coordinates"]["longitude"]) < east
        for evse in one["evses"]:
            assert evse["uid"]
            for connector in evse["connectors"]:
                assert all(connector[field] for field in CONNECTOR.split())
                stated = "tariff_id" if VERSION[name] == OLD else "tariff_ids"
                assert connector[stated]


@pytest.mark.parametrize("name", sorted(VERSION))
def test_cdrs_lead_to_what_is_published(world: World, name: str) -> None:
    sites = {(one.get("party_id"), one["id"]) for one in listed(world, "locations", name)}
    sessions = {one["id"]: one for one in listed(world, "sessions", name)}
    tariffs = {(one.get("party_id"), one["id"]) for one in listed(world, "tariffs", name)}
    dangling = 0
    for one in listed(world, "cdrs", name):
        place = one["location"] if VERSION[name] == OLD else one["cdr_location"]
        assert (one.get("party_id"), place["id"]) in sites
        dangling += (one.get("party_id"), one["tariffs"][0]["id"]) not in tariffs
        if VERSION[name] != OLD:
            session = sessions[one["session_id"]]
            assert session["kwh"] == one["total_energy"]
            assert session["total_cost"] == one["total_cost"]
        used = {d["type"] for p in one["charging_periods"] for d in p["dimensions"]}
        assert used <= DIMENSIONS
    assert dangling


def test_2_3_0_prices_list_their_taxes(world: World) -> None:
    names = set()
    for one in listed(world, "cdrs", "borealis"):
        assert "before_taxes" in one["total_cost"]
        names |= {tax["name"] for tax in one["total_cost"].get("taxes", [])}
    assert names == {"HST", "GST", "QST", "VAT"}


def test_a_hub_under_reverse_charge_states_no_tax(world: World) -> None:
    for one in listed(world, "cdrs", "gridlink"):
        assert one["total_cost"].get("incl_vat", 0) == 0


def test_every_cdr_of_a_closed_month_is_on_one_invoice(world: World) -> None:
    for realm in world.realms["borealis"]:
        records = [record for _, record in realm.ledger.invoices(world.options.epoch)]
        on_invoices = [cdr for record in records for cdr in record.cdrs]
        closed = [
            bill.cdr_id
            for bill in realm.ledger.bills(realm.ledger.rows)
            if bill.end < datetime(2026, 10, 1, tzinfo=UTC).timestamp()
        ]
        assert sorted(on_invoices) == sorted(closed)
        assert all(len(record.id) <= 36 for record in records)


def test_our_tokens_are_all_known(world: World) -> None:
    tokens = [json.loads(text) for text in listings.tokens(world, 0).render(slice(0, None))]
    valid = {token["uid"] for token in tokens if token["valid"]}
    assert len(tokens) == len({token["uid"] for token in tokens}) > len(valid)
    for name in VERSION:
        for one in listed(world, "cdrs", name):
            uid = one["auth_id"] if VERSION[name] == OLD else one["cdr_token"]["uid"]
            assert uid in valid
