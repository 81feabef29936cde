from __future__ import annotations

import json
from typing import Any

import pytest
from fake_partner import FakePartner, PagedList, Partner, Reply, envelope, objects
from ocpi_world import Puller, StillClock, connection, run

from pipelines.ocpi.client import OcpiClient
from pipelines.ocpi.connection import RetryPolicy
from pipelines.ocpi.errors import (
    HttpRefusedError,
    ModuleMissingError,
    NoCommonVersionError,
    OcpiError,
    UnreadableError,
)
from pipelines.ocpi.offer import (
    Offer,
    known_version,
    read_parties,
    sender_urls,
    version_urls,
    wanted_modules,
)

LIST = PagedList(objects(3))


@pytest.mark.parametrize(
    ("spelling", "version"),
    [
        ("2.1.1", "2.1.1"),
        ("2.2", "2.2"),
        ("2.2.0", "2.2"),
        ("2.2-d2", "2.2"),
        ("2.2.1", "2.2.1"),
        ("2.2.1-d2", "2.2.1"),
        (" V2.2.1 ", "2.2.1"),
        ("2.3", "2.3.0"),
        ("2.3.0-d2", "2.3.0"),
        ("2.0", None),
        ("2.1", None),
        ("3.0", None),
        ("latest", None),
        (None, None),
        (2.2, "2.2"),
    ],
)
def test_versions_are_known_however_spelt(spelling: object, version: str | None) -> None:
    assert known_version(spelling) == version


def test_the_plain_spelling_wins_over_a_draft_s() -> None:
    listed = [{"version": "2.2.1-d2", "url": "/draft"}, {"version": "2.2.1", "url": "/final"}]
    assert version_urls(listed) == {"2.2.1": "/final"}
    assert version_urls([{"version": "2.2.1"}, {"url": "/x"}, {"version": "2.2", "url": ""}]) == {}


def test_data_is_pulled_from_the_sender() -> None:
    endpoints: list[object] = [
        {"identifier": "tokens", "role": "RECEIVER", "url": "/receiver"},
        {"identifier": "Locations", "role": "receiver", "url": "/no"},
        {"identifier": "Locations", "role": "sender", "url": "/yes"},
        {"identifier": "cdrs", "url": "/no-role"},
        {"identifier": "credentials", "role": "RECEIVER", "url": "/cred"},
        {"identifier": "tariffs", "role": "SENDER"},
        "nonsense",
    ]
    assert sender_urls(endpoints, "2.2.1") == {
        "locations": "/yes",
        "cdrs": "/no-role",
        "credentials": "/cred",
    }


def test_2_1_1_has_no_roles_and_its_operators_list_no_tokens() -> None:
    endpoints: list[object] = [
        {"identifier": module, "url": f"/{module}"} for module in ("cdrs", "tokens", "commands")
    ]
    urls = sender_urls(endpoints, "2.1.1")
    assert wanted_modules(urls, None, "2.1.1")[0] == {"cdrs": "/cdrs"}
    assert "tokens" in wanted_modules(urls, ("tokens",), "2.1.1")[0]
    assert wanted_modules({"tokens": "/t"}, None, "2.1.1")[0] == {"tokens": "/t"}
    assert wanted_modules(urls, None, "2.2.1")[0].keys() == {"cdrs", "tokens"}


def test_parties_of_each_version() -> None:
    one, hub = read_parties(
        {"token": "t", "business_details": {"name": "X"}, "party_id": "exa", "country_code": "nl"}
    )
    assert ([party.key for party in one], hub) == ([("NL", "EXA")], None)
    assert one[0].name == "X"
    roles: list[Any] = [
        {"role": "HUB", "country_code": "DE", "party_id": "HUB"},
        {"role": "CPO", "country_code": "NL", "party_id": "VOL"},
        {"role": "CPO", "country_code": "NL"},
        None,
    ]
    many, hub = read_parties({"roles": roles})
    assert ([party.key for party in many], hub) == ([("DE", "HUB"), ("NL", "VOL")], ("DE", "HUB"))
    assert read_parties({"roles": roles[1:], "hub_party_id": "dexhb"})[1] == ("DE", "XHB")
    assert read_parties({}) == ((), None)


async def discover(server: FakePartner, still: StillClock, **settings: Any) -> Offer:
    async with OcpiClient(connection(server, **settings), clock=still.clock()) as client:
        return await client.discover()


def versions(*names: str) -> bytes:
    return envelope([{"version": name, "url": "/details"} for name in names])


@pytest.mark.parametrize("offered", [["2.0", "2.1.1"], ["2.1.1", "2.2", "9.9"], ["2.3.0", "2.2.1"]])
def test_the_highest_common_version_is_spoken(still: StillClock, offered: list[str]) -> None:
    partner = Partner({"locations": LIST}, paths={"/versions": lambda _: Reply(versions(*offered))})
    with FakePartner(partner) as server:
        offer = run(discover(server, still))
    spoken = [name for name in offered if name in ("2.1.1", "2.2", "2.2.1", "2.3.0")]
    assert offer.version == max(spoken)
    assert offer.versions == tuple(offered)


def test_a_version_may_be_asked_for(still: StillClock) -> None:
    body = versions("2.1.1", "2.2.1")
    partner = Partner({"locations": LIST}, paths={"/versions": lambda _: Reply(body)})
    with FakePartner(partner) as server:
        assert run(discover(server, still, version="2.1.1")).version == "2.1.1"
        with pytest.raises(NoCommonVersionError, match=r"offers 2\.1\.1, 2\.2\.1, we want 2\.3\.0"):
            run(discover(server, still, version="2.3.0"))


def test_an_offer_knows_parties_and_what_is_missing(still: StillClock) -> None:
    roles = [{"role": "CPO", "country_code": "NL", "party_id": "VOL"}]
    with FakePartner(Partner({"locations": LIST, "cdrs": LIST}, roles=roles)) as server:
        offer = run(discover(server, still, modules=("cdrs", "tariffs")))
    assert offer.missing == ("tariffs",)
    assert list(offer.endpoints) == ["cdrs"]
    assert [party.key for party in offer.parties] == [("NL", "VOL")]
    with pytest.raises(ModuleMissingError, match=r"tariffs is not offered .* only cdrs"):
        offer.endpoint("tariffs")


@pytest.mark.parametrize("status", [401, 404, 405, 500])
def test_a_partner_may_hide_its_credentials(still: StillClock, status: int) -> None:
    partner = Partner({"locations": LIST}, paths={"/credentials": lambda _: Reply(status=status)})
    with FakePartner(partner) as server:
        offer = run(discover(server, still, retry=RetryPolicy(attempts=1)))
    assert offer.parties == ()
    assert any("parties are unknown" in note for note in offer.notes)


def test_endpoints_in_a_bare_answer_are_read(still: StillClock) -> None:
    details = [{"identifier": "locations", "role": "SENDER", "url": "/locations"}]
    paths = {
        "/versions": lambda _: Reply(b'[{"version": "2.2.1", "url": "details"}]'),
        "/details": lambda _: Reply(json.dumps({"endpoints": details}).encode()),
    }
    with FakePartner(Partner({"locations": LIST}, paths=paths)) as server:
        assert list(run(discover(server, still)).endpoints) == ["locations"]


@pytest.mark.parametrize(
    ("path", "reply", "error", "says"),
    [
        ("/versions", Reply(status=404), HttpRefusedError, "check versions_url"),
        ("/versions", Reply(b"<html>Welcome</html>"), UnreadableError, "web page"),
        ("/versions", Reply(envelope([])), NoCommonVersionError, "the partner offers none"),
        ("/versions", Reply(versions("2.0")), NoCommonVersionError, "the partner offers 2.0"),
        ("/details", Reply(envelope({"endpoints": []})), ModuleMissingError, "only nothing"),
        ("/details", Reply(envelope(None, 3000)), OcpiError, "OCPI status 3000"),
    ],
)
def test_each_failure_says_what_to_do(
    still: StillClock, path: str, reply: Reply, error: type[OcpiError], says: str
) -> None:
    with (
        FakePartner(Partner({"locations": LIST}, paths={path: lambda _: reply})) as server,
        pytest.raises(error, match=says) as raised,
    ):
        run(discover(server, still))
    assert str(raised.value).startswith("voltix: ")
    assert "\n" not in str(raised.value)


def test_pulling_comes_after_discovering() -> None:
    async def hasty() -> None:
        with FakePartner(Partner({})) as server:
            async with OcpiClient(connection(server)) as client:
                client.pull("cdrs")

    with pytest.raises(RuntimeError, match="discover"):
        run(hasty())


HUB_ROLES = [{"role": "HUB", "country_code": "DE", "party_id": "HUB"}]
FROM = {"ocpi-from-country-code": "NL", "ocpi-from-party-id": "EMS"}


def routing(pull: Puller, **given: Any) -> dict[str, str]:
    lists = {given.get("module", "cdrs"): LIST}
    partner = Partner(lists, version=given.pop("speaks", "2.2.1"), roles=HUB_ROLES)
    seen: list[dict[str, str]] = []

    def listening(request: Any) -> Reply:
        seen.append(request.headers)
        return LIST(request)

    module = given.pop("module", "cdrs")
    partner.paths[f"/{module}"] = listening
    pull(partner, module=module, **{"own_party": ("NL", "EMS"), "is_hub": True, **given})
    return {name: value for name, value in seen[0].items() if name.startswith("ocpi-")}


def test_a_hub_is_asked_for_everything_in_its_own_name(pull: Puller) -> None:
    assert routing(pull) == {**FROM, "ocpi-to-country-code": "DE", "ocpi-to-party-id": "HUB"}


@pytest.mark.parametrize(
    "given",
    [{"module": "hubclientinfo"}, {"speaks": "2.1.1"}, {"is_hub": False}, {"own_party": None}],
)
def test_what_is_not_routed_has_no_routing_headers(pull: Puller, given: dict[str, Any]) -> None:
    assert routing(pull, **given) == {}
