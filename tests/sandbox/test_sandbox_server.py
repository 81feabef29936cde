"""The sandbox as a client meets it: a process, sockets, tokens, paging."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from pipelines.sandbox import process as sandbox
from pipelines.sandbox.http import Reply, listen
from pipelines.sandbox.scenario import Options

NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)
PARTNERS = ("voltix", "lumen", "borealis", "gridlink")


@pytest.fixture(scope="module")
def running() -> Iterator[sandbox.Sandbox]:
    options = Options(now=NOW, cdrs=600, scenario="clean", errors_permille=0)
    with sandbox.start(options) as handle:
        yield handle


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=30) as client:
        yield client


def headers(handle: sandbox.Sandbox, name: str) -> dict[str, str]:
    token = next(p.token for p in handle.partners if p.partner.name == name)
    if name != "lumen":
        token = base64.b64encode(token.encode()).decode()
    return {"Authorization": f"Token {token}"}


def endpoints(handle: sandbox.Sandbox, client: httpx.Client, name: str) -> dict[str, str]:
    url = next(p.versions_url for p in handle.partners if p.partner.name == name)
    versions = client.get(url, headers=headers(handle, name)).json()["data"]
    details = client.get(versions[-1]["url"], headers=headers(handle, name)).json()["data"]
    return {endpoint["identifier"]: endpoint["url"] for endpoint in details["endpoints"]}


def crawl(
    handle: sandbox.Sandbox, client: httpx.Client, name: str, module: str, **query: Any
) -> list[dict[str, Any]]:
    url = str(httpx.URL(endpoints(handle, client, name)[module], params=query))
    objects: list[dict[str, Any]] = []
    while url:
        response = client.get(url, headers=headers(handle, name))
        assert response.status_code == 200
        objects += response.json()["data"]
        url = response.links.get("next", {}).get("url", "")
    assert len(objects) == int(response.headers["X-Total-Count"])
    return objects


def test_all_partners_together_have_exactly_the_cdrs_that_were_asked_for(
    running: sandbox.Sandbox, client: httpx.Client
) -> None:
    assert sum(len(crawl(running, client, name, "cdrs")) for name in PARTNERS) == 600


@pytest.mark.parametrize("name", PARTNERS)
def test_small_pages_give_the_same_objects_as_large_ones(
    running: sandbox.Sandbox, client: httpx.Client, name: str
) -> None:
    for module in endpoints(running, client, name).keys() - {"credentials"}:
        whole = crawl(running, client, name, module)
        assert whole
        assert crawl(running, client, name, module, limit=37) == whole


@pytest.mark.parametrize("name", PARTNERS)
def test_a_window_holds_what_changed_in_it(
    running: sandbox.Sandbox, client: httpx.Client, name: str
) -> None:
    low, high = "2026-10-01T00:00:00Z", "2026-10-08T00:00:00Z"
    inside = crawl(running, client, name, "cdrs", date_from=low, date_to=high)
    every = crawl(running, client, name, "cdrs")
    assert inside == [cdr for cdr in every if low <= cdr["last_updated"] < high]
    assert 0 < len(inside) < len(every)


@pytest.mark.parametrize("name", PARTNERS)
@pytest.mark.parametrize("sent", ["", "Token nobody", "Bearer x"])
def test_a_wrong_token_is_refused(
    running: sandbox.Sandbox, client: httpx.Client, name: str, sent: str
) -> None:
    url = next(p.versions_url for p in running.partners if p.partner.name == name)
    response = client.get(url, headers={"Authorization": sent} if sent else {})
    assert (response.status_code, response.json()["status_code"]) == (401, 2001)


def test_a_hub_gives_one_partys_objects_when_asked(
    running: sandbox.Sandbox, client: httpx.Client
) -> None:
    url = endpoints(running, client, "gridlink")["cdrs"]
    routed = {"OCPI-to-country-code": "PT", "OCPI-to-party-id": "SOL"}
    response = client.get(url, headers=headers(running, "gridlink") | routed)
    assert {cdr["party_id"] for cdr in response.json()["data"]} == {"SOL"}
    routed["OCPI-to-party-id"] = "NIL"
    unknown = client.get(url, headers=headers(running, "gridlink") | routed)
    assert unknown.json()["status_code"] == 4001


def test_request_ids_come_back(running: sandbox.Sandbox, client: httpx.Client) -> None:
    url = next(p.versions_url for p in running.partners if p.partner.name == "voltix")
    sent = headers(running, "voltix") | {"X-Request-ID": "r-1", "X-Correlation-ID": "c-1"}
    response = client.get(url, headers=sent)
    assert response.headers["X-Request-ID"] == "r-1"
    assert response.headers["X-Correlation-ID"] == "c-1"


def test_every_answer_says_when_it_was_sent(running: sandbox.Sandbox, client: httpx.Client) -> None:
    for partner in running.partners:
        answer = client.get(partner.versions_url)  # even one that refuses us
        assert parsedate_to_datetime(answer.headers["date"]).tzinfo is not None


def test_tokens_are_in_no_repr(running: sandbox.Sandbox) -> None:
    assert "not-a-secret" not in repr(running.partners)


def test_requests_are_read_as_http_has_them() -> None:
    async def echo(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        query = dict(request.query_params)
        seen = [request.method, request.url.path, query, request.headers["x-y"]]
        await Reply(json.dumps(seen).encode())(scope, receive, send)

    async def asked() -> bytes:
        listener = await listen(echo, 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(
            b"GET /a?b=c%20d&e HTTP/1.1\r\nX-Y:  z\r\nHost: h\r\nConnection: close\r\n\r\n"
        )
        answer = await reader.read()
        writer.close()
        await listener.close()
        return answer

    assert asyncio.run(asked()).endswith(b'["GET", "/a", {"b": "c d", "e": ""}, "z"]')


def test_closing_ends_what_is_under_way_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    async def drip(scope: Scope, receive: Receive, send: Send) -> None:
        await Reply(b"x" * 10_000, drip_s=0.01)(scope, receive, send)

    async def close_midway() -> bytes:
        listener = await listen(drip, 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        said = await reader.readline()
        await listener.close()
        writer.close()
        return said

    assert asyncio.run(close_midway()).startswith(b"HTTP/1.1 200")
    assert not caplog.records
