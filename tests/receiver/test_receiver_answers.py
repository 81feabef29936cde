"""What the receiver answers: HTTP and OCPI status, headers, and why something is refused."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest
from object_samples import CDR, TARIFF
from receiver_home import NOW, TOKEN, Caller, ReceiverHome

from pipelines.config.connections import Connections, PartnerConnection, token_hash
from pipelines.receiver.interfaces import VERSIONS

TARIFF_URL = f"tariffs/NL/VOL/{TARIFF['id']}"


def codes(response: Any) -> tuple[int, int]:
    return response.status_code, response.json()["status_code"]


def encoded(token: str) -> str:
    return base64.b64encode(token.encode()).decode()


@pytest.mark.parametrize(
    "header",
    [
        encoded(TOKEN),
        TOKEN,  # bare, as many 2.1.1 and 2.2 implementations send it
        encoded(f"{TOKEN}\n"),  # as in the example of the specification
    ],
)
def test_a_token_is_known_however_it_is_written(house: ReceiverHome, header: str) -> None:
    assert codes(house.ask("GET", "/ocpi/versions", token=header)) == (200, 1000)


def test_a_token_that_is_base64_itself_is_known_either_way(house: ReceiverHome) -> None:
    house.connect("voltix", "dG9rZW4=", ("CPO", "NL", "VOL"))
    for header in ("dG9rZW4=", encoded("dG9rZW4=")):
        assert house.ask("GET", "/ocpi/versions", token=header).status_code == 200
    assert house.ask("GET", "/ocpi/versions", token="token").status_code == 401


@pytest.mark.parametrize("token", [None, "", "other", encoded("other"), "\N{PILCROW SIGN}"])
def test_who_is_not_known_gets_401_and_leaves_nothing(house: ReceiverHome, token: str) -> None:
    headers = {} if token is None else {"authorization": f"Token {token}".encode()}

    async def talk(caller: Caller) -> None:
        for path in ("/ocpi/versions", "/ocpi/2.2.1", "/ocpi/2.2.1/credentials"):
            assert codes(await caller("GET", path, token=None, headers=headers)) == (401, 2000)
        put = await caller("PUT", TARIFF_URL, TARIFF, token=None, headers=headers)
        assert codes(put) == (401, 2000)

    house.talk(talk)
    house.load()
    assert house.rows("select count(*) from ops.pushes") == [(0,)]


def test_token_a_opens_versions_and_credentials_only(house: ReceiverHome) -> None:
    invited = PartnerConnection(
        state="invited", changed_at=NOW, accepts={token_hash(TOKEN): "invitation"}
    )
    Connections(house.home).change("voltix", lambda _: invited)

    async def talk(caller: Caller) -> None:
        assert codes(await caller("GET", "/ocpi/versions")) == (200, 1000)
        assert codes(await caller("GET", "/ocpi/2.3.0/credentials")) == (200, 1000)
        assert codes(await caller("PUT", TARIFF_URL, TARIFF)) == (401, 2000)
        assert codes(await caller("GET", TARIFF_URL)) == (401, 2000)

    house.talk(talk)


def test_the_versions_lead_to_every_endpoint(house: ReceiverHome) -> None:
    async def talk(caller: Caller) -> dict[str, Any]:
        listed = (await caller("GET", "/ocpi/versions/")).json()["data"]
        urls = {one["version"]: one["url"].removeprefix("https://roam.example") for one in listed}
        return {
            v: (await caller("GET", url)).json()["data"]["endpoints"] for v, url in urls.items()
        }

    endpoints = house.talk(talk)
    assert tuple(endpoints) == VERSIONS
    modules = {v: sorted(e["identifier"] for e in listed) for v, listed in endpoints.items()}
    common = ["cdrs", "credentials", "locations", "sessions", "tariffs", "tokens"]
    assert modules == {
        "2.1.1": common,
        "2.2.1": common,
        "2.3.0": sorted([*common, "invoicereconciliation"]),
    }
    assert all("role" not in e for e in endpoints["2.1.1"])
    (cdrs,) = (e for e in endpoints["2.2.1"] if e["identifier"] == "cdrs")
    url = "https://roam.example/ocpi/2.2.1/receiver/cdrs"
    assert cdrs == {"identifier": "cdrs", "role": "RECEIVER", "url": url}


@pytest.mark.parametrize(
    ("method", "path", "body", "expected", "says"),
    [
        ("PUT", TARIFF_URL, b"{", (400, 2000), "the body is no JSON"),
        ("PUT", TARIFF_URL, b"\xff\xfe{}", (400, 2000), "the body is no JSON"),
        ("PUT", TARIFF_URL, b"[" * 5000, (400, 2000), "the body is no JSON"),
        ("PUT", TARIFF_URL, b"", (400, 2000), "the body is no JSON"),
        ("PUT", TARIFF_URL, b"[]", (200, 2001), "the body is JSON, but no object"),
        ("PUT", TARIFF_URL, b" " * (65 << 10), (413, 2000), "the body is larger than 65,536 bytes"),
        ("PUT", TARIFF_URL, b'{"currency": "EUR"}', (200, 2001), "missing required field: id"),
        (
            "PUT", TARIFF_URL, b'{"id": "other"}', (200, 2001),
            "id is 'other' in the body and 'T1' in the URL",
        ),
        (
            "PUT", TARIFF_URL, b'{"id": "t1", "party_id": "ZZZ"}', (200, 2001),
            "party_id is 'ZZZ' in the body and 'VOL' in the URL",
        ),
        ("PUT", "tariffs/NL/ZZZ/1", b'{"id": "1"}', (404, 2001), "NL/ZZZ is none of your parties"),
        ("PUT", "tariffs/NL/VOL", b"{}", (404, 2000), "the URL of tariffs is"),
        ("PUT", "tariffs/NL/VOL/a/b", b"{}", (404, 2000), "the URL of tariffs is"),
        ("GET", "locations/NL/VOL", b"", (404, 2000), "the URL of locations is"),
        ("GET", "tokens/NL/VOL", b"", (404, 2000), "the URL of tokens is"),
        ("GET", "tokens/NL/VOL/a/b", b"", (404, 2000), "the URL of tokens is"),
        ("GET", "sessions/NL/VOL/1/2/3/4", b"", (404, 2000), "the URL of sessions is"),
        ("GET", "cdrs", b"", (404, 2000), "the URL of cdrs is"),
        ("PUT", f"tariffs/NL/VOL/{'x' * 300}", b"{}", (404, 2000), "an id in the URL is longer"),
        ("PATCH", TARIFF_URL, b"{}", (405, 2000), "tariffs has no PATCH"),
        ("POST", "sessions", b"{}", (405, 2000), "sessions has no POST"),
        ("POST", "cdrs/NL/VOL/1", b"{}", (404, 2000), "a POST goes to the endpoint itself"),
        ("POST", "cdrs", b"{}", (200, 2001), "missing required field: id"),
        ("PATCH", "sessions/NL/VOL/1", b'{"kwh": 1}', (200, 2001), "missing required field: last"),
        (
            "PATCH", "sessions/NL/VOL/1", b'{"last_updated": "2026-11-01T00:00:00Z"}',
            (404, 2000), "not known here; PUT it whole",
        ),
        (
            "PUT", "locations/NL/VOL/L9/E1", b'{"uid": "E1"}', (404, 2003),
            "its location is not known here",
        ),
        ("PUT", "chargingprofiles/1", b"{}", (404, 2000), "there is nothing at"),
        ("PUT", "invoicereconciliation/NL/VOL/1", b"{}", (404, 2000), "there is nothing at"),
        ("PUT", "/ocpi/2.0/receiver/tariffs", b"{}", (404, 3002), "no version '2.0' here"),
        ("PUT", "/elsewhere", b"{}", (404, 2000), "there is nothing here"),
        ("PUT", "/ocpi/versions", b"{}", (405, 2000), "versions has GET only"),
    ],
)  # fmt: skip
def test_what_is_refused_is_told_why(
    house: ReceiverHome, method: str, path: str, body: bytes, expected: tuple[int, int], says: str
) -> None:
    response = house.ask(method, path, content=body)
    assert codes(response) == expected
    assert response.json()["status_message"].startswith(says)
    assert "data" not in response.json()


def test_an_allow_header_comes_with_405(house: ReceiverHome) -> None:
    assert house.ask("POST", TARIFF_URL, {}).headers["allow"] == "DELETE, GET, PUT"


def test_the_ids_of_a_request_come_back(house: ReceiverHome) -> None:
    ids = {"x-request-id": "r-1", "x-correlation-id": "c-1"}
    response = house.ask("PUT", TARIFF_URL, TARIFF, headers=ids)
    assert {name: response.headers[name] for name in ids} == ids
    assert response.json()["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    ("to", "sender", "expected"),
    [
        (None, None, (201, 1000)),
        (("NL", "EMS"), ("nl", "vol"), (201, 1000)),
        (("NL", "XYZ"), ("NL", "VOL"), (200, 2001)),
        (("NL", "EMS"), ("NL", "XYZ"), (200, 2001)),
    ],
)
def test_routing_headers_have_to_fit(
    house: ReceiverHome,
    to: tuple[str, str] | None,
    sender: tuple[str, str] | None,
    expected: tuple[int, int],
) -> None:
    headers: dict[str, str] = {}
    for name, party in (("to", to), ("from", sender)):
        if party is not None:
            headers |= {f"OCPI-{name}-country-code": party[0], f"OCPI-{name}-party-id": party[1]}
    assert codes(house.ask("PUT", TARIFF_URL, TARIFF, headers=headers)) == expected


@pytest.mark.parametrize(
    ("to", "path", "ours"),
    [
        (("NL", "EMC"), "tariffs/NL/VOL/T1", "NL/EMC"),
        (None, "tariffs/NL/VOL/T1", "NL/EMS"),  # an open routing request: it found us
        (("NL", "XYZ"), "tariffs/NL/VOL/T1", "NL/EMS"),  # refused, and by whom
        (("NL", "EMS"), "/ocpi/versions", None),  # platform to platform: never routed
    ],
)
def test_an_answer_goes_back_the_way_its_request_came(
    house: ReceiverHome, to: tuple[str, str] | None, path: str, ours: str | None
) -> None:
    headers = {"OCPI-from-country-code": "NL", "OCPI-from-party-id": "VOL"}
    if to is not None:
        headers |= {"OCPI-to-country-code": to[0], "OCPI-to-party-id": to[1]}
    answer = house.ask("GET", path, headers=headers).headers
    found = [
        "/".join(answer.get(f"ocpi-{side}-{name}", "") for name in ("country-code", "party-id"))
        for side in ("from", "to")
    ]
    assert found == ([ours, "NL/VOL"] if ours else ["/", "/"])


@pytest.mark.parametrize("path", ["tokens/NL/VOL/04AA", "hubclientinfo/NL/VOL"])
def test_what_is_not_offered_is_not_taken(house: ReceiverHome, path: str) -> None:
    """Tokens are for operators, client info comes from hubs: version details name neither."""
    assert house.partners.receiver is not None
    roles = [role for role in house.partners.receiver.roles if role.role != "CPO"]
    receiver = house.partners.receiver.model_copy(update={"roles": roles})
    house.partners = replace(house.partners, receiver=receiver)
    assert codes(house.ask("PUT", path, {"uid": "04AA"})) == (404, 2000)


def test_a_hub_sends_for_its_parties_and_broadcasts(house: ReceiverHome) -> None:
    house.connect("hubby", "hub-token", ("HUB", "NL", "HUB"))
    broadcast = {
        "OCPI-from-country-code": "NL", "OCPI-from-party-id": "HUB",
        "OCPI-to-country-code": "NL", "OCPI-to-party-id": "HUB",
    }  # fmt: skip
    response = house.ask("PUT", TARIFF_URL, TARIFF, token="hub-token", headers=broadcast)
    assert codes(response) == (201, 1000)


def test_a_compressed_body_is_refused(house: ReceiverHome) -> None:
    response = house.ask("POST", "cdrs", CDR, headers={"content-encoding": "gzip"})
    assert codes(response) == (415, 2000)


def test_a_disk_that_is_full_is_no_success(
    house: ReceiverHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipelines.landing.journal.os.fdatasync", full)
    assert codes(house.ask("PUT", TARIFF_URL, TARIFF)) == (500, 3000)
    monkeypatch.undo()
    house.load()
    assert house.rows("select count(*) from core.tariffs") == [(0,)]
