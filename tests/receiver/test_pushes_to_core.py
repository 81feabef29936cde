"""From a push over HTTP, through the journal and the landing, into core."""

from __future__ import annotations

from typing import Any

import pytest
from object_samples import CDR, SESSION, TARIFF
from receiver_home import Caller, ReceiverHome

LOCATION: dict[str, Any] = {
    "country_code": "NL",
    "party_id": "VOL",
    "id": "L1",
    "publish": True,
    "name": "Kade",
    "address": "Kade 1",
    "city": "Delft",
    "country": "NLD",
    "coordinates": {"latitude": "52.01", "longitude": "4.36"},
    "time_zone": "Europe/Amsterdam",
    "evses": [
        {
            "uid": uid,
            "evse_id": f"NL*VOL*{uid}",
            "status": "AVAILABLE",
            "connectors": [
                {
                    "id": "1",
                    "standard": "IEC_62196_T2",
                    "format": "SOCKET",
                    "power_type": "AC_3_PHASE",
                    "max_voltage": 230,
                    "max_amperage": 32,
                    "tariff_ids": ["T1"],
                    "last_updated": "2026-11-01T10:00:00Z",
                }
            ],
            "last_updated": "2026-11-01T10:00:00Z",
        }
        for uid in ("E1", "E2")
    ],
    "last_updated": "2026-11-01T10:00:00Z",
}
STATUS = (
    "select evse_uid, status, from_at::varchar, to_at::varchar from core.evse_status order by 1, 3"
)


def at(clock: str) -> str:
    return f"2026-11-01T{clock}Z"


def codes(response: Any) -> tuple[int, int]:
    return response.status_code, response.json()["status_code"]


async def put_location(caller: Caller) -> Any:
    return await caller("PUT", "locations/NL/VOL/L1", LOCATION)


def test_every_change_of_status_is_an_interval_to_the_second(house: ReceiverHome) -> None:
    async def talk(caller: Caller) -> None:
        assert codes(await put_location(caller)) == (201, 1000)
        for clock, status in (
            ("10:05:07", "CHARGING"),
            ("10:05:07", "CHARGING"),  # repeated
            ("10:31:40", "AVAILABLE"),
            ("10:20:00", "OUTOFORDER"),  # came late, and yet happened in between
            ("11:00:01", "CHARGING"),
        ):
            change = {"status": status, "last_updated": at(clock)}
            assert codes(await caller("PATCH", "locations/NL/VOL/L1/E1", change)) == (200, 1000)

    house.talk(talk)
    house.load()
    day = "2026-11-01 {}+00"
    expected = [
        ("E1", "AVAILABLE", day.format("10:00:00"), day.format("10:05:07")),
        ("E1", "CHARGING", day.format("10:05:07"), day.format("10:20:00")),
        ("E1", "OUTOFORDER", day.format("10:20:00"), day.format("10:31:40")),
        ("E1", "AVAILABLE", day.format("10:31:40"), day.format("11:00:01")),
        ("E1", "CHARGING", day.format("11:00:01"), None),
        ("E2", "AVAILABLE", day.format("10:00:00"), None),
    ]
    assert house.rows(STATUS) == expected
    assert house.reloaded("locations", STATUS) == expected
    assert house.rows("select uid, status, evse_id from core.evses order by uid") == [
        ("E1", "CHARGING", "NL*VOL*E1"),
        ("E2", "AVAILABLE", "NL*VOL*E2"),
    ]
    assert house.rows("select last_updated_at::varchar from core.locations") == [
        (day.format("11:00:01"),)
    ]


def test_a_patch_builds_on_what_an_earlier_load_left(house: ReceiverHome) -> None:
    house.talk(put_location)
    house.load()
    house.publish()

    async def patch(caller: Caller) -> None:
        for path, change in (
            ("locations/NL/VOL/L1", {"name": "Quay", "last_updated": at("11:00:00")}),
            ("locations/NL/VOL/L1/E1/1", {"tariff_ids": ["T2"], "last_updated": at("11:01:00")}),
            ("locations/nl/vol/l1/e1/1", {"max_amperage": 16, "last_updated": at("11:02:00")}),
        ):
            assert codes(await caller("PATCH", path, change)) == (200, 1000)

    house.talk(patch)
    house.load()

    async def patch_again(caller: Caller) -> None:
        change = {"max_amperage": 63, "last_updated": at("11:03:00")}
        assert codes(await caller("PATCH", "locations/NL/VOL/L1/E1/1", change)) == (200, 1000)
        gone = {"status": "REMOVED", "last_updated": at("11:04:00")}
        assert codes(await caller("PATCH", "locations/NL/VOL/L1/E2", gone)) == (200, 1000)

    house.talk(patch_again)
    house.load()
    connectors = (
        "select evse_uid, tariff_ids, max_amperage_a, standard from core.connectors order by 1"
    )
    expected = [("E1", ["T2"], 63, "IEC_62196_T2"), ("E2", ["T1"], 32, "IEC_62196_T2")]
    assert house.rows(connectors) == expected
    assert house.rows("select name, city from core.locations") == [("Quay", "Delft")]
    assert house.rows("select status from core.evses where uid = 'E2'") == [("REMOVED",)]
    assert house.rows("select count(*) from core.quarantine") == [(0,)]
    assert house.reloaded("locations", connectors) == expected


def test_a_session_grows_by_its_patches(house: ReceiverHome) -> None:
    session = {
        **SESSION,
        "status": "ACTIVE",
        "kwh": 1.5,
        "charging_periods": [
            {"start_date_time": at("10:00:00"), "dimensions": [{"type": "ENERGY", "volume": 1.5}]}
        ],
        "last_updated": at("10:00:00"),
    }
    more = {"start_date_time": at("10:10:00"), "dimensions": [{"type": "ENERGY", "volume": 2.50}]}
    path = f"sessions/NL/VOL/{session['id']}"

    async def talk(caller: Caller) -> None:
        assert codes(await caller("PUT", path, session)) == (201, 1000)
        change = {"kwh": 4.00, "charging_periods": [more], "last_updated": at("10:10:00")}
        assert codes(await caller("PATCH", path, change)) == (200, 1000)
        assert codes(await caller("PATCH", path, change)) == (200, 1000)  # repeated

    house.talk(talk)
    house.load()
    house.publish()
    done = {"status": "COMPLETED", "last_updated": at("10:20:00")}
    house.ask("PATCH", path, done)
    house.load()
    query = (
        "select status, energy_kwh::varchar, json_array_length(charging_periods), token_uid "
        "from core.sessions"
    )
    ((status, energy, periods, uid),) = house.rows(query)
    assert (status, energy, periods) == ("COMPLETED", "4.000000000", 2)
    assert uid != session["cdr_token"]["uid"]  # people are not data
    assert house.reloaded("sessions", query) == [(status, energy, periods, uid)]


def test_a_deleted_tariff_ends_and_may_come_back(house: ReceiverHome) -> None:
    path = f"tariffs/NL/VOL/{TARIFF['id']}"

    async def talk(caller: Caller) -> None:
        assert codes(await caller("PUT", path, TARIFF)) == (201, 1000)
        assert codes(await caller("DELETE", path)) == (200, 1000)
        assert codes(await caller("GET", path)) == (404, 2000)
        assert codes(await caller("PUT", path, TARIFF)) == (201, 1000)

    house.talk(talk)
    house.load()
    query = (
        "select valid_from_at < '2026-10-01', valid_to_at is null from core.tariffs order by 1 desc"
    )
    assert house.rows(query) == [(True, False), (False, True)]
    assert house.reloaded("tariffs", query) == [(True, False), (False, True)]


def test_a_cdr_is_found_where_its_location_header_says(house: ReceiverHome) -> None:
    async def talk(caller: Caller) -> None:
        response = await caller("POST", "cdrs", CDR)
        assert codes(response) == (201, 1000)
        where = response.headers["location"].removeprefix("https://roam.example")
        assert (await caller("GET", where)).json()["data"] == CDR
        again = await caller("POST", "cdrs/", CDR)
        assert (codes(again), again.headers["location"]) == (
            (200, 1000),
            response.headers["location"],
        )

    house.talk(talk)
    house.load()
    house.publish()
    found = house.ask("GET", f"cdrs/NL/VOL/{CDR['id']}")
    assert found.json()["data"] == CDR  # of the snapshot, and the landing
    assert house.rows("select count(*) from core.cdrs") == [(1,)]
    assert house.rows("select count(*) from core.cdr_conflicts") == [(0,)]


def test_what_was_pushed_is_shown_as_it_is_now(house: ReceiverHome) -> None:
    async def talk(caller: Caller) -> None:
        await put_location(caller)
        await caller(
            "PATCH", "locations/NL/VOL/L1/E1", {"status": "BLOCKED", "last_updated": at("11:00:00")}
        )
        shown = (await caller("GET", "locations/NL/VOL/L1")).json()["data"]
        assert [evse["status"] for evse in shown["evses"]] == ["BLOCKED", "AVAILABLE"]
        assert shown["evses"][1]["connectors"] == LOCATION["evses"][1]["connectors"]
        evse = (await caller("GET", "locations/NL/VOL/L1/E1")).json()["data"]
        assert (evse["status"], len(evse["connectors"])) == ("BLOCKED", 1)

    house.talk(talk)
    house.load()
    house.publish()
    stored = house.ask("GET", "locations/NL/VOL/L1/E1").json()["data"]
    assert (stored["status"], stored["connectors"][0]["id"]) == ("BLOCKED", "1")


def test_each_push_has_a_row_with_its_state(house: ReceiverHome) -> None:
    async def talk(caller: Caller) -> None:
        await put_location(caller)
        assert codes(await caller("PUT", "tariffs/DE/ZZZ/1", TARIFF)) == (404, 2001)

    house.talk(talk)
    house.load()
    query = (
        "select module, method, country_code, object_id, state, reason, last_updated_at::varchar "
        "from ops.pushes order by push_id"
    )
    expected = [
        ("locations", "PUT", "NL", "L1", "loaded", None, "2026-11-01 10:00:00+00"),
        ("tariffs", "PUT", "DE", "1", "refused", "DE/ZZZ is none of your parties", None),
    ]
    assert house.rows(query) == expected
    assert house.rows("select mode, status, objects from ops.pulls order by module") == [
        ("push", "complete", 1),
        ("push", "complete", 1),
    ]
    assert house.rows("select count(*) from ops.watermarks") == [(0,)]


@pytest.mark.parametrize("version", ["2.1.1", "2.3.0"])
def test_other_versions_are_taken_alike(house: ReceiverHome, version: str) -> None:
    location = LOCATION
    if version == "2.1.1":
        ours = {"country_code", "party_id", "publish", "time_zone"}
        location = {name: value for name, value in LOCATION.items() if name not in ours}
    house.version = version

    async def talk(caller: Caller) -> None:
        assert codes(await caller("PUT", "locations/NL/VOL/L1/", location)) == (201, 1000)
        change = {"status": "CHARGING"} | (
            {} if version == "2.1.1" else {"last_updated": at("11:00:00")}
        )
        assert codes(await caller("PATCH", "locations/NL/VOL/L1/E2", change)) == (200, 1000)

    house.talk(talk)
    house.load()
    assert house.rows("select party_id, uid, status from core.evses order by uid") == [
        ("VOL", "E1", "AVAILABLE"),
        ("VOL", "E2", "CHARGING"),
    ]


def test_tokens_and_invoices_and_clients_of_a_hub(house: ReceiverHome) -> None:
    house.connect("hubby", "hub-token", ("HUB", "NL", "HUB"))
    house.connect("voltix", "token-of-voltix", ("CPO", "NL", "VOL"), ("EMSP", "NL", "VOE"))
    token = {
        "country_code": "NL", "party_id": "VOE", "uid": "0411", "type": "RFID", "issuer": "Voe",
        "contract_id": "NL-VOE-C1", "valid": True, "whitelist": "ALLOWED",
        "last_updated": at("10:00:00"),
    }  # fmt: skip
    invoice = {
        "country_code": "NL", "party_id": "VOL", "id": "R1", "invoice_id": "I-10", "cdrs": ["C1"],
        "last_updated": at("10:00:00"),
    }  # fmt: skip
    client = {
        "country_code": "NL", "party_id": "ABC", "role": "CPO", "status": "CONNECTED",
        "last_updated": at("10:00:00"),
    }  # fmt: skip

    async def talk(caller: Caller) -> None:
        assert codes(await caller("PUT", "tokens/NL/VOE/0411", token)) == (201, 1000)
        invalid = {"valid": False, "last_updated": at("11:00:00")}
        assert codes(await caller("PATCH", "tokens/NL/VOE/0411?type=RFID", invalid)) == (200, 1000)
        other = await caller("PATCH", "tokens/NL/VOE/0411?type=OTHER", invalid)
        assert codes(other) == (404, 2004)
        posted = await caller("POST", "invoicereconciliation", invoice, version="2.3.0")
        assert codes(posted) == (201, 1000)
        put = await caller("PUT", "hubclientinfo/NL/ABC", client, token="hub-token")
        assert codes(put) == (201, 1000)

    house.talk(talk)
    house.load()
    assert house.rows("select valid, type from core.tokens") == [(False, "RFID")]
    assert house.rows("select invoice_id, cdr_ids from core.invoices") == [("I-10", ["C1"])]
    assert house.rows("select party_id, status from core.hub_clients") == [("ABC", "CONNECTED")]
    change = {"valid": True, "last_updated": at("12:00:00")}
    house.publish()
    assert codes(house.ask("PATCH", "tokens/NL/VOE/0411", change)) == (200, 1000)
    house.load()
    assert house.rows("select valid from core.tokens") == [(True,)]
    assert "0411" not in str(house.rows("select object_id from ops.pushes"))
