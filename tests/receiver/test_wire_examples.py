"""The requests that OCPI's text gives as examples, in three versions, against the receiver.

The facts (methods, URLs, ids, which members an object has) are those of the specification's
examples; where an example does not keep the rules of its own text, what it gets is here, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from receiver_home import Caller, ReceiverHome

VERSIONS = ("2.1.1", "2.2.1", "2.3.0")
PARTIES = (("CPO", "NL", "TNM"), ("CPO", "BE", "BEC"), ("CPO", "NL", "STK"), ("CPO", "DE", "ALL"))
CREATED, TAKEN, INVALID = (201, 1000), (200, 1000), (200, 2001)
STAMP = "2019-06-24T12:39:09Z"


class Example(NamedTuple):
    """One request, and the HTTP and OCPI status that it gets."""

    method: str
    path: str
    body: Any
    expected: tuple[int, int] = TAKEN


def owned(version: str, country: str, party: str) -> dict[str, str]:
    """Name the owner as versions since 2.2 do."""
    return {} if version == "2.1.1" else {"country_code": country, "party_id": party}


def connector(version: str, identity: str, tariff: str) -> dict[str, Any]:
    old = {"voltage": 220, "amperage": 16, "tariff_id": tariff}
    new = {"max_voltage": 220, "max_amperage": 16, "tariff_ids": [tariff]}
    return {
        "id": identity, "standard": "IEC_62196_T2", "format": "SOCKET",
        "power_type": "AC_3_PHASE", "last_updated": "2015-06-29T20:39:09Z",
        **(old if version == "2.1.1" else new),
    }  # fmt: skip


def location(version: str, identity: str, *uids: str) -> dict[str, Any]:
    kinds = {"2.1.1": {"type": "ON_STREET"}, "2.2.1": {"parking_type": "ON_STREET"}}
    evse = {
        "status": "AVAILABLE", "capabilities": ["RESERVABLE"], "physical_reference": "1",
        "floor_level": "-1", "last_updated": "2015-06-28T08:12:01Z",
        "connectors": [connector(version, "1", "11"), connector(version, "2", "13")],
    }  # fmt: skip
    return {
        "id": identity, "name": "Gent Zuid", "address": "F.Rooseveltlaan 3A", "city": "Gent",
        "postal_code": "9000", "country": "BEL", "publish": True, "time_zone": "Europe/Brussels",
        "coordinates": {"latitude": "51.047599", "longitude": "3.729944"},
        "evses": [{"uid": uid, "evse_id": f"BE*BEC*E04150{uid}", **evse} for uid in uids],
        "operator": {"name": "BeCharged"}, "last_updated": "2015-06-29T20:39:09Z",
        **kinds.get(version, {"parking_type": "PARKING_GARAGE"}),
    }  # fmt: skip


def price(version: str, net: float, gross: float) -> Any:
    if version == "2.1.1":
        return net
    if version == "2.2.1":
        return {"excl_vat": net, "incl_vat": gross}
    return {"before_taxes": net, "taxes": [{"name": "VAT", "amount": round(gross - net, 2)}]}


def session(version: str) -> dict[str, Any]:
    head = {
        "id": "101", "kwh": 0.0, "auth_method": "WHITELIST", "currency": "EUR",
        "status": "PENDING", "total_cost": price(version, 2.5, 2.5),
    }  # fmt: skip
    if version == "2.1.1":
        return head | {
            "start_datetime": "2015-06-29T22:39:09Z", "auth_id": "DE8ACC12E46L89",
            "location": location(version, "LOC1", "3256") | {"country": "BE"},
            "last_updated": "2015-06-29T22:39:09Z",
        }  # fmt: skip
    token = {
        "country_code": "NL", "party_id": "TST", "uid": "123abc", "type": "RFID",
        "contract_id": "NL-TST-C12345678-S",
    }  # fmt: skip
    return head | {
        **owned(version, "NL", "STK"), "start_date_time": "2019-06-23T08:00:00Z",
        "cdr_token": token, "location_id": "LOC1", "evse_uid": "3256", "connector_id": "1",
        "last_updated": "2019-06-23T08:00:00Z",
    }  # fmt: skip


def tariff(version: str, amount: Any = 2.0) -> dict[str, Any]:
    taxed = {"vat": 10.0} if version != "2.1.1" else {}
    component = {"type": "TIME", "price": amount, "step_size": 300, **taxed}
    stated = {"tax_included": "NO"} if version == "2.3.0" else {}
    return {
        "id": "12", "currency": "EUR", "elements": [{"price_components": [component]}], **stated,
    }  # fmt: skip


def cdr(version: str) -> dict[str, Any]:
    owner = owned(version, "BE", "BEC")
    day = "2024-12-05" if version == "2.3.0" else "2015-06-29"
    times = (f"{day}T17:39:09Z", f"{day}T19:37:32Z")
    period = {
        "start_date_time": times[0], "dimensions": [{"type": "TIME", "volume": 1.973}],
    }  # fmt: skip
    head = {
        **owner, "id": "12345", "start_date_time": times[0], "auth_method": "WHITELIST",
        "currency": "EUR", "charging_periods": [period], "total_energy": 15.342,
        "tariffs": [owner | tariff(version) | {"last_updated": "2015-02-02T14:15:01Z"}],
        "total_time": 1.973, "total_cost": price(version, 4.0, 4.4),
        "last_updated": f"{day}T20:02:13Z",
    }  # fmt: skip
    if version == "2.1.1":
        place = location(version, "LOC1", "3256") | {"country": "BE"}
        old = {"stop_date_time": times[1], "auth_id": "DE8ACC12E46L89", "location": place}
        return head | old
    token = {
        "country_code": "DE", "party_id": "TNM", "uid": "012345678", "type": "RFID",
        "contract_id": "DE8ACC12E46L89",
    }  # fmt: skip
    place = {
        "id": "LOC1", "name": "Gent Zuid", "address": "F.Rooseveltlaan 3A", "city": "Gent",
        "postal_code": "9000", "country": "BEL", "evse_uid": "3256",
        "evse_id": "BE*BEC*E041503003", "connector_id": "1", "connector_format": "SOCKET",
        "connector_standard": "IEC_62196_T2", "connector_power_type": "AC_1_PHASE",
        "coordinates": {"latitude": "3.729944", "longitude": "51.047599"},
    }  # fmt: skip
    total = price(version, 4.0, 4.4)
    new = {"end_date_time": times[1], "cdr_token": token, "cdr_location": place}
    return head | new | {"total_time_cost": total}


def token(version: str) -> dict[str, Any]:
    contract = "auth_id" if version == "2.1.1" else "contract_id"
    return {
        **owned(version, "NL", "TNM"), "uid": "012345678", "type": "RFID",
        contract: "NL8ACC12E46L89", "visual_number": "DF000-2001-8999-1",
        "issuer": "TheNewMotion", "valid": True, "whitelist": "ALWAYS",
        "last_updated": "2015-06-29T22:39:09Z",
    }  # fmt: skip


def examples(version: str) -> Iterator[Example]:
    old = version == "2.1.1"
    stamp = {} if old else {"last_updated": STAMP}  # 2.1.1: a PATCH need not say when
    changed = {"tariff_id": "15"} if old else {"tariff_ids": ["15"]}
    place = owned(version, "NL", "TNM") | location(version, "1012", "3255")
    yield Example("PUT", "locations/NL/TNM/1012", place, CREATED)
    belgian = owned(version, "BE", "BEC") | location(version, "LOC1", "3256", "3257")
    if not old:
        yield Example("PUT", "locations/BE/BEC/LOC1", belgian, CREATED)
    # The text's EVSE lacks what connectors need and has numbers for strings: it comes nevertheless.
    small = {"id": "1", "standard": "IEC_62196_T2", "format": "SOCKET"}
    evse = {
        "uid": "3256", "evse_id": "BE*BEC*E041503003", "status": "AVAILABLE",
        "capabilities": ["RESERVABLE"], "floor": -1, "physical_reference": 3, **stamp,
        "connectors": [small | ({"tariff_id": "14"} if old else {"tariff_ids": ["14"]})],
    }  # fmt: skip
    yield Example("PUT", "locations/NL/TNM/1012/3256", evse, CREATED)
    yield Example("PATCH", "locations/NL/TNM/1012/3255", {"status": "CHARGING", **stamp})
    yield Example("PATCH", "locations/NL/TNM/1012", {"name": "Interparking Gent Zuid", **stamp})
    yield Example("PATCH", "locations/NL/TNM/1012/3255/2", {**changed, **stamp})
    yield Example("PATCH", "locations/NL/TNM/1012/3256", {"status": "REMOVED", **stamp})
    path = "sessions/NL/TNM/101" if old else "sessions/NL/STK/101"
    yield Example("PUT", path, session(version), CREATED)
    if old:
        yield Example("PATCH", path, {"total_cost": 0.6})
    else:
        cost = {"total_cost": price(version, 0.6, 0.66), "last_updated": "2019-06-23T08:11:00Z"}
        yield Example("PATCH", path, cost)
        period = {
            "start_date_time": "2019-06-23T08:16:02Z",
            "dimensions": [{"type": "ENERGY", "volume": 2200}],
        }
        more = {
            "kwh": 15.0, "charging_periods": [period], "last_updated": "2019-06-23T08:16:02Z",
            "total_cost": price(version, 0.8, 0.88),
        }  # fmt: skip
        yield Example("PATCH", path, more)
        yield Example("PATCH", path, {"kwh": 16}, INVALID)  # no last_updated
    yield Example("POST", "cdrs", cdr(version), CREATED)
    yield Example("POST", "cdrs", cdr(version), TAKEN)
    # The text has the URL of one party and the body of another.
    said = owned(version, "DE", "ALL") | tariff(version)
    yield Example("PUT", "tariffs/NL/TNM/12", said, CREATED if old else INVALID)
    if not old:
        yield Example("PUT", "tariffs/DE/ALL/12", said, CREATED)
        yield Example("DELETE", "tariffs/DE/ALL/12", None, TAKEN)
    if old:  # shown as a PUT that is meant as a PATCH: it names no id
        dearer = {"elements": tariff(version, 2.5)["elements"]}
        yield Example("PUT", "tariffs/NL/TNM/12", dearer, INVALID)
        yield Example("PATCH", "tariffs/NL/TNM/12", dearer, TAKEN)
        yield Example("DELETE", "tariffs/NL/TNM/12", None, TAKEN)
    yield Example("PUT", "tokens/NL/TNM/012345678", token(version), CREATED)
    invalid = {"valid": False} | ({} if old else {"last_updated": "2019-06-19T02:11:11Z"})
    yield Example("PATCH", "tokens/NL/TNM/012345678", invalid)
    yield Example("PUT", "locations/FR/ZZZ/1012", belgian, (404, 2001))  # none of its parties
    yield Example("PATCH", "locations/NL/TNM/4711/1", {"status": "CHARGING", **stamp}, (404, 2003))
    if version == "2.3.0":
        record = {
            "country_code": "NL", "party_id": "TNM", "id": "R1", "invoice_id": "2024-03",
            "cdrs": ["12345"], "last_updated": "2024-12-06T00:00:00Z",
        }  # fmt: skip
        yield Example("POST", "invoicereconciliation", record, CREATED)
        later = record | {"cdrs": ["12345", "6"], "last_updated": "2024-12-07T00:00:00Z"}
        yield Example("PUT", "invoicereconciliation/NL/TNM/R1", later, TAKEN)
        yield Example("DELETE", "invoicereconciliation/NL/TNM/R1", None, TAKEN)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_examples_of_the_text_are_answered_as_it_says(
    house: ReceiverHome, version: str
) -> None:
    house.version = version
    # A platform of 2.1.1 is one party, as its credentials are; its objects name no owner.
    parties = PARTIES[:1] if version == "2.1.1" else PARTIES
    house.connect("voltix", "token-of-voltix", *parties)

    async def talk(caller: Caller) -> None:
        for method, path, body, expected in examples(version):
            content = None if body is None else json.dumps(body).encode()
            response = await caller(method, path, content=content)
            envelope = response.json()
            found = response.status_code, envelope["status_code"]
            assert found == expected, (method, path, envelope)
            assert envelope["timestamp"].endswith("Z")
            if path == "cdrs":
                where = response.headers["location"].removeprefix("https://roam.example")
                assert (await caller("GET", where)).json()["data"]["id"] == "12345"

    house.talk(talk)
    house.load()
    assert house.rows("select name from core.locations where id = '1012'") == [
        ("Interparking Gent Zuid",)
    ]
    assert house.rows(
        "select uid, status from core.evses where location_id = '1012' order by 1"
    ) == [("3255", "CHARGING"), ("3256", "REMOVED")]
    tariffs = "select tariff_ids from core.connectors where evse_uid = '3255' order by id"
    assert house.rows(tariffs) == [(["11"],), (["15"],)]
    total, energy = house.rows("select total_cost_excl_vat, energy_kwh from core.sessions")[0]
    assert (float(total), float(energy)) == ((0.6, 0) if version == "2.1.1" else (0.8, 15))
    (cost,) = house.rows("select total_cost_excl_vat, auth_method from core.cdrs")
    assert (float(cost[0]), cost[1]) == (4.0, "WHITELIST")
    assert house.rows("select valid from core.tokens") == [(False,)]
    assert house.rows("select valid from core.token_states order by from_at") == [(True,), (False,)]
    assert house.rows("select count(*) from ops.pushes where state = 'unusable'") == [(0,)]


@pytest.mark.parametrize(
    "text",
    [
        b'{"id": "12345", "tariffs": [{"elements": [{"step_size": 300}],}]}',
        b'{"country_code": "NL", "party_id": "ALL", "role": "CPO", "status": "PLANNED",}',
    ],
)
def test_examples_that_are_no_json_are_refused(house: ReceiverHome, text: bytes) -> None:
    """A CDR of 2.1.1 and a ClientInfo of 2.2.1 are printed with a comma too many."""
    house.connect("hubby", "hub-token", ("HUB", "NL", "HUB"))
    for path, token_text in (("cdrs", "token-of-voltix"), ("hubclientinfo/NL/ALL", "hub-token")):
        method = "POST" if path == "cdrs" else "PUT"
        response = house.ask(method, path, content=text, token=token_text)
        assert (response.status_code, response.json()["status_code"]) == (400, 2000)
    whole = {"country_code": "NL", "party_id": "ALL", "role": "CPO", "status": "PLANNED"}
    answer = house.ask("PUT", "hubclientinfo/NL/ALL", whole, token="hub-token")
    assert (answer.status_code, answer.json()["status_code"]) == (201, 1000)
