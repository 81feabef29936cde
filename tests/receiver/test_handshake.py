"""The handshake between two roamhouse instances on loopback: connect, push, pull, rotate, part."""

from __future__ import annotations

import asyncio
import socket
import stat
import time
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from instances import NOW, Instance, Pair, two_instances
from object_samples import TARIFF

from pipelines.config.home import Home
from pipelines.config.loading import load_partners
from pipelines.ingest.partner import PullRequest
from pipelines.ingest.progress import NoProgress
from pipelines.landing.journal import finished_segments, read_segment
from pipelines.orchestration.runtime import Runtime
from pipelines.receiver.registration import HandshakeFailed
from pipelines.sandbox.process import partners_yaml, start
from pipelines.sandbox.scenario import Options


@pytest.mark.parametrize("pair", ["2.1.1", "2.2.1", "2.3.0"], indirect=True)
def test_two_instances_connect_push_rotate_and_part(pair: Pair) -> None:
    token_a = pair.cpo.environ["OTHER"] = pair.emsp.handshake.invite()
    connection = pair.cpo.connect()
    assert connection.state == pair.emsp.connection.state == "connected"
    assert connection.version == pair.emsp.connection.version == pair.cpo.partner.version
    assert connection.roles[0].party == ("NL", "EMS")
    assert pair.emsp.connection.roles[0].party == ("NL", "VOL")
    version = pair.cpo.partner.version
    if version != "2.1.1":
        assert {role.party for role in connection.roles} == {("NL", "EMS"), ("DE", "EMS")}
        assert f"{'tariffs'}/RECEIVER" in connection.endpoints

    # The push, with token C; token A opens nothing any more.
    path = f"{version}/receiver/tariffs/NL/VOL/{TARIFF['id']}"
    assert pair.ask("PUT", path, pair.cpo.token(), TARIFF).status_code == 201
    assert pair.ask("GET", "versions", token_a).status_code == 401

    before = pair.cpo.token(), pair.emsp.token()
    pair.cpo.rotate()
    after = pair.cpo.token(), pair.emsp.token()
    assert before[0] != after[0]
    assert before[1] != after[1]
    assert pair.ask("GET", "versions", after[0]).status_code == 200
    assert pair.ask("GET", "versions", before[0]).status_code == 401  # the new one was used

    asyncio.run(pair.cpo.handshake.disconnect())
    assert pair.cpo.connection.state == pair.emsp.connection.state == "disconnected"
    assert pair.ask("GET", "versions", after[0]).status_code == 401
    for instance in (pair.cpo, pair.emsp):
        text = instance.connections.path.read_text(encoding="utf-8")
        assert not any(token in text for token in (*before, *after, token_a))


def test_a_hub_connects_for_its_parties(tmp_path: Path) -> None:
    with two_instances(tmp_path, "2.2.1", "NL/KAD", kinds=("hub", "ocpi")) as pair:
        pair.register()
        parties = {role.party for role in pair.emsp.connection.roles}
        assert parties == {("NL", "VOL"), ("NL", "KAD")}
        path = f"2.2.1/receiver/tariffs/NL/{{}}/{TARIFF['id']}"
        for party in ("VOL", "KAD"):
            tariff = TARIFF | {"party_id": party}
            answer = pair.ask("PUT", path.format(party), pair.cpo.token(), tariff)
            assert answer.status_code == 201, answer.text
        pair.cpo.rotate()
        assert pair.ask("GET", "versions", pair.cpo.token()).status_code == 200


def test_the_operator_pulls_our_tokens_page_by_page(pair: Pair) -> None:
    pair.register()
    entry = pair.cpo.partner.model_copy(update={"page_limit": 2, "modules": ("tokens",)})
    runtime = Runtime(pair.cpo.home, pair.cpo.partners, {}, lambda: NOW, NoProgress())
    request = PullRequest("run", ("tokens",), True, None, {})
    (pull,) = asyncio.run(runtime.fetch_context.pull(entry, request))
    assert (pull.status, pull.objects, pull.pages) == ("complete", 5, 3)
    since = "2.2.1/sender/tokens?date_from=2026-10-03T00:00:00Z&date_to=2026-10-05"
    page = pair.ask("GET", since, pair.cpo.token())
    assert [token["uid"] for token in page.json()["data"]] == ["043", "044"]
    old = pair.ask("GET", "2.1.1/sender/tokens?limit=1", pair.cpo.token()).json()["data"]
    assert (old[0]["auth_id"], "country_code" in old[0]) == ("NL-EMS-C1", False)


def test_tokens_lie_in_a_file_of_mode_0600_and_nowhere_else(pair: Pair) -> None:
    pair.register()
    path = pair.cpo.connections.path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    token = pair.cpo.token()
    for home in (pair.cpo.home, pair.emsp.home):
        for file in home.path.rglob("*"):
            if file.is_file() and file != path:
                assert token.encode() not in file.read_bytes()
    assert token not in repr(pair.cpo.connection)
    assert ("ok", "connected since 2026-11-01 12:00, OCPI 2.3.0") in pair.cpo.doctor()


def test_a_connection_moves_to_another_version(pair: Pair) -> None:
    pair.register()
    assert pair.cpo.connection.version == "2.3.0"
    pair.cpo.rotate("2.2.1")
    assert pair.cpo.connection.version == pair.emsp.connection.version == "2.2.1"
    assert all("2.2.1" in url for url in pair.emsp.connection.endpoints.values())


def test_who_is_registered_gets_405_for_post_and_who_is_not_for_put(pair: Pair) -> None:
    token = pair.emsp.handshake.invite()
    for method in ("PUT", "DELETE"):
        assert pair.ask(method, "2.2.1/credentials", token, {}).status_code == 405
    pair.cpo.environ["OTHER"] = token
    pair.cpo.connect()
    assert pair.ask("POST", "2.2.1/credentials", pair.cpo.token(), {}).status_code == 405
    with pytest.raises(HandshakeFailed, match="connected since"):
        pair.cpo.connect()


def test_credentials_show_the_token_that_asks(pair: Pair) -> None:
    pair.register()
    shown = pair.ask("GET", "2.2.1/credentials", pair.cpo.token()).json()["data"]
    assert shown["token"] == pair.cpo.token()
    assert shown["url"] == str(pair.cpo.partner.versions_url).rstrip("/")


def test_a_sandbox_partner_renews_its_tokens_and_pushes_on(tmp_path: Path) -> None:
    """It began with a token by letter, which is good until then and no longer."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/ocpi"
    scenario = tmp_path / "rotating.yaml"
    scenario.write_text("voltix: {push: {rotate: 1}}", encoding="utf-8")
    begin = NOW - timedelta(days=2)
    options = Options(
        NOW, cdrs=100, only=("voltix",), scenario=str(scenario), push_to=url, begin=begin
    )
    home = Home(tmp_path / "home")
    home.create()
    with start(options, {}) as sandbox:
        home.partners.write_text(partners_yaml(sandbox.partners, url), encoding="utf-8")
        operator = Instance(home, load_partners(home.partners), listener, sandbox.environ)
        with operator.answering():
            renewed = None
            for days in (1, 2):
                before = renewed
                sandbox.advance(begin + timedelta(days=days, seconds=-1))
                while renewed == before:  # it renews once what it pushed is answered
                    time.sleep(0.02)
                    known = operator.connections.get("voltix")
                    renewed = known.token if known is not None else None
            letter = {"authorization": f"Token {sandbox.environ['VOLTIX_TOKEN']}"}
            refused = httpx.get(f"{url}/versions", headers=letter, trust_env=False)
    assert (renewed or "").startswith(sandbox.environ["VOLTIX_TOKEN"])
    assert refused.status_code == 401
    pushes = [push for path in finished_segments(home.landing) for push in read_segment(path)]
    assert {push.module for push in pushes} >= {"cdrs", "sessions"}
    assert not [push.refusal for push in pushes if push.refusal]
