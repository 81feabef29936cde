"""The token goes to the partner's own origin and nowhere else: no log, no error, no record."""

from __future__ import annotations

import base64
import logging
from dataclasses import replace

import pytest
from fake_partner import FakePartner, PagedList, Partner, Reply, Request, envelope, objects
from ocpi_world import TOKEN, StillClock, connection, pull_from, run

from pipelines.ocpi.client import OcpiClient
from pipelines.ocpi.errors import OriginRefusedError, RedirectError
from pipelines.ocpi.exchange import Redactor

SECRETS = (TOKEN, base64.b64encode(TOKEN.encode()).decode())
LIST = PagedList(objects(25), max_limit=10)


def spy() -> FakePartner:
    """Another origin, which would answer like the partner."""
    return FakePartner(Partner({"locations": LIST}))


def test_a_link_to_another_origin_never_sees_the_token() -> None:
    with spy() as elsewhere:
        leading_away = replace(LIST, link_base=elsewhere.url)
        with FakePartner(Partner({"locations": leading_away})) as server:
            pulled = run(pull_from(server, "locations", {}))
        assert elsewhere.requests == []
        assert elsewhere.connections == 0
    assert pulled.outcome.complete


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_origin_never_sees_the_token(status: int) -> None:
    with spy() as elsewhere:
        away = Reply(status=status, headers=[("Location", f"{elsewhere.url}/locations")])
        with FakePartner(Partner({"locations": lambda _: away})) as server:
            pulled = run(pull_from(server, "locations", {}))
        assert elsewhere.connections == 0
    assert isinstance(pulled.outcome.error, OriginRefusedError)
    assert "add it to origins" in str(pulled.outcome.error)


def test_version_details_on_another_origin_never_see_the_token(still: StillClock) -> None:
    async def discovered(server: FakePartner) -> None:
        async with OcpiClient(connection(server), clock=still.clock()) as client:
            await client.discover()

    with spy() as elsewhere:
        partner = Partner({"locations": LIST}, base=elsewhere.url)
        with FakePartner(partner) as server, pytest.raises(OriginRefusedError):
            run(discovered(server))
        assert elsewhere.connections == 0


def test_an_origin_that_the_settings_name_is_trusted() -> None:
    with spy() as elsewhere:
        partner = Partner({"locations": LIST}, base=elsewhere.url)
        with FakePartner(partner) as server:
            pulled = run(pull_from(server, "locations", {}, origins=(elsewhere.url,)))
        assert pulled.outcome.complete
        assert "/locations" in elsewhere.paths()


def test_a_redirect_within_the_origin_keeps_the_query() -> None:
    def moved(request: Request) -> Reply:
        return Reply(status=301, headers=[("Location", "/locations/")])

    partner = Partner({"locations": moved}, paths={"/locations/": LIST})
    with FakePartner(partner) as server:
        pulled = run(pull_from(server, "locations", {}, page_limit=7))
    assert pulled.outcome.complete
    assert {page.object_count for page in pulled.accepted} == {7, 4}


@pytest.mark.parametrize("location", ["/locations", ""])
def test_redirects_without_end_or_target_end(location: str) -> None:
    reply = Reply(status=302, headers=[("Location", location)])
    with FakePartner(Partner({"locations": lambda _: reply})) as server:
        pulled = run(pull_from(server, "locations", {}))
    assert isinstance(pulled.outcome.error, RedirectError)


def test_userinfo_in_a_link_does_not_replace_the_token() -> None:
    with FakePartner(lambda request: Partner({"locations": paged})(request)) as server:
        paged = replace(LIST, link_base=f"http://user:pass@127.0.0.1:{server.port}")
        pulled = run(pull_from(server, "locations", {}))
    assert pulled.outcome.complete
    assert {request.token for request in server.requests} == {SECRETS[1]}


def test_the_token_is_nowhere_to_be_seen(caplog: pytest.LogCaptureFixture) -> None:
    """An echoing partner repeats our headers wherever it can."""

    def echo(request: Request) -> Reply:
        said = f"unknown token {request.token} or {TOKEN}"
        link = f"</locations?offset=1&token={TOKEN}&access_token=theirs>; rel=next"
        headers = [("Link", link), ("X-Request-ID", request.headers["authorization"])]
        if "token" in request.query:
            return Reply(envelope(None, 2000, said), headers=headers)
        return Reply(envelope(objects(1)), headers=[*headers, ("X-Total-Count", "9")])

    caplog.set_level(logging.DEBUG)
    with FakePartner(Partner({"locations": echo})) as server:
        pulled = run(pull_from(server, "locations", {}))
        settings = connection(server)
    shown = "\n".join(
        [
            caplog.text,
            str(pulled.outcome),
            repr(pulled.outcome.error),
            repr(pulled.offer),
            repr(settings),
            *(f"{page} {page.exchange.url} {page.exchange.headers}" for page in pulled.pages),
        ]
    )
    assert len(pulled.pages) >= 2
    for secret in (*SECRETS, "=theirs"):
        assert secret not in shown


def test_credentials_are_not_recorded() -> None:
    """Their body holds a token: the one that the partner gives out."""
    heard: list[str] = []

    async def discovered(server: FakePartner) -> None:
        client = OcpiClient(connection(server), on_exchange=lambda e: heard.append(e.module))
        async with client:
            await client.discover()

    with FakePartner(Partner({"locations": LIST})) as server:
        run(discovered(server))
        assert "/credentials" in server.paths()
    assert heard == ["versions", "version_details"]


def test_redaction_knows_parameters_and_userinfo() -> None:
    redact = Redactor(["abc"])
    assert redact("https://u:p@h.example/x?a=1&api_key=k&token=t#f abc") == (
        "https://h.example/x?a=1&api_key=***&token=***#f ***"
    )
