from __future__ import annotations

import base64

import pytest
from fake_partner import FakePartner, Handler, PagedList, Partner, Reply, Request, envelope, objects
from ocpi_world import IMPATIENT, TOKEN, connection, pull_from, run

from pipelines.ocpi.auth import Authorizer
from pipelines.ocpi.client import OcpiClient
from pipelines.ocpi.connection import Connection
from pipelines.ocpi.errors import ConfigurationError, OcpiError, TokenRejectedError

BASE64 = base64.b64encode(TOKEN.encode()).decode()
LIST = PagedList(objects(25), max_limit=10)


def guarded(
    handler: Handler, token: str, refusal: Reply, *, versions_open: bool = False
) -> Handler:
    def guard(request: Request) -> Reply:
        may_enter = request.token == token or (versions_open and request.path == "/versions")
        return handler(request) if may_enter else refusal

    return guard


def sent(server: FakePartner) -> list[str]:
    return ["base64" if request.token == BASE64 else "raw" for request in server.requests]


REFUSALS = [Reply(status=401), Reply(status=403), Reply(envelope(None, 2001, "Invalid token"))]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_raw_is_tried_once_and_remembered(refusal: Reply) -> None:
    with FakePartner(guarded(Partner({"locations": LIST}), TOKEN, refusal)) as server:
        pulled = run(pull_from(server, "locations", {}))
    assert pulled.outcome.complete
    assert sent(server) == ["base64"] + ["raw"] * 6
    assert pulled.pauses == []


def test_base64_comes_first_and_stays() -> None:
    with FakePartner(guarded(Partner({"locations": LIST}), BASE64, REFUSALS[0])) as server:
        assert run(pull_from(server, "locations", {})).outcome.complete
    assert set(sent(server)) == {"base64"}


def test_versions_open_to_all_prove_nothing() -> None:
    partner = guarded(Partner({"locations": LIST}), TOKEN, REFUSALS[0], versions_open=True)
    with FakePartner(partner) as server:
        assert run(pull_from(server, "locations", {})).outcome.complete
    assert sent(server)[:3] == ["base64", "base64", "raw"]


@pytest.mark.parametrize(("encoding", "token"), [("raw", TOKEN), ("base64", BASE64)])
def test_a_settled_encoding_is_never_changed(encoding: str, token: str) -> None:
    with FakePartner(lambda _: Reply(status=401)) as server:
        settings = connection(server, token_encoding=encoding)

        async def asked() -> None:
            async with OcpiClient(settings) as client:
                await client.discover()

        with pytest.raises(TokenRejectedError, match="voltix: HTTP 401"):
            run(asked())
        assert [request.token for request in server.requests] == [token]


def test_a_token_refused_both_ways_is_told_with_what_to_do() -> None:
    async def asked(server: FakePartner) -> None:
        async with OcpiClient(connection(server)) as client:
            for _ in range(2):
                with pytest.raises(TokenRejectedError, match="check that the token's variable"):
                    await client.discover()

    with FakePartner(lambda _: Reply(status=401)) as server:
        run(asked(server))
        assert sent(server) == ["base64", "raw", "base64"]  # the second time, once is enough


def test_an_error_behind_the_other_encoding_is_the_one_that_is_told() -> None:
    """2001 means bad parameters, too: the raw token's 401 must not hide it."""
    partner = guarded(Partner({"locations": lambda _: REFUSALS[2]}), BASE64, REFUSALS[0])
    with FakePartner(partner) as server:
        pulled = run(pull_from(server, "locations", {}, retry=IMPATIENT))
    assert "OCPI status 2001" in str(pulled.outcome.error)
    assert sent(server)[-2:] == ["base64", "raw"]


def test_ids_tell_requests_and_pulls_apart() -> None:
    with FakePartner(Partner({"locations": LIST})) as server:
        run(pull_from(server, "locations", {}))
    ids = [request.headers["x-request-id"] for request in server.requests]
    assert len(set(ids)) == len(ids) == 6
    of_the_pull = {request.headers["x-correlation-id"] for request in server.requests[3:]}
    before = {request.headers["x-correlation-id"] for request in server.requests[:3]}
    assert len(of_the_pull) == 1
    assert not of_the_pull & before


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "tökén"])
def test_a_token_that_cannot_be_one_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Connection("voltix", "https://cpo.example/versions", token)
    assert not token or token not in str(refused.value)


@pytest.mark.parametrize(
    "settings",
    [{"versions_url": "ftp://x"}, {"page_limit": 0}, {"requests_per_second": 0}, {"timeout_s": -1}],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, object]) -> None:
    good = {"name": "voltix", "versions_url": "https://cpo.example/versions", "token": "x"}
    with pytest.raises(OcpiError, match="voltix: "):
        Connection(**{**good, **settings})  # type: ignore[arg-type]


def test_an_authorizer_shows_no_token() -> None:
    assert TOKEN not in repr(Authorizer(TOKEN, "raw"))
