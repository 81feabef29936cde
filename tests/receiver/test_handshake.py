"""The handshake between two roamhouse instances on loopback, each the other's partner."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from msgspec.structs import replace
from object_samples import TARIFF

from pipelines.cli.doctor.connections import check_connections
from pipelines.config import Home, OcpiPartner, Partners, connected_tokens, load_partners
from pipelines.config.connections import Connections, PartnerConnection
from pipelines.ocpi.credentials import CredentialsClient
from pipelines.ocpi.errors import BrokenConnectionError
from pipelines.receiver.app import build_app
from pipelines.receiver.registration import Handshake, HandshakeFailed, handshake_with
from pipelines.receiver.service import Service

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ENTRY = """
receiver:
  url: {url}/ocpi
  roles: {roles}
partners:
  - {{name: other, kind: ocpi, versions_url: "{other}/ocpi/versions/", token_env: OTHER,
     party: {party}, version: {version}}}
"""


@dataclass
class Instance:
    """One roamhouse: a home, and a receiver that answers on loopback."""

    home: Home
    partners: Partners
    listener: socket.socket
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def connections(self) -> Connections:
        return Connections(self.home)

    @property
    def connection(self) -> PartnerConnection:
        known = self.connections.get("other")
        assert known is not None
        return known

    @property
    def partner(self) -> OcpiPartner:
        partner = self.partners["other"]
        assert isinstance(partner, OcpiPartner)
        return partner

    @property
    def handshake(self) -> Handshake:
        return handshake_with(
            self.home, self.partner, self.partners.receiver, self.environ, lambda: NOW
        )

    def connect(self) -> PartnerConnection:
        return asyncio.run(self.handshake.connect())

    def rotate(self, version: str | None = None) -> PartnerConnection:
        return asyncio.run(self.handshake.rotate(version))

    def token(self) -> str:
        return connected_tokens(self.home, self.partners, self.environ)["OTHER"]

    def doctor(self) -> list[tuple[str, str]]:
        return [(c.state, c.message) for c in check_connections(self.home, self.partners)]

    @contextlib.contextmanager
    def answering(self) -> Iterator[None]:
        ours = self.partners.receiver
        assert ours is not None
        service = Service.open(self.home, self.partners, ours, self.environ, lambda: NOW)
        server = uvicorn.Server(uvicorn.Config(build_app(service), log_config=None))
        thread = threading.Thread(target=server.run, args=([self.listener],), daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.should_exit = True
            thread.join()


@dataclass
class Pair:
    """An eMSP and an operator."""

    emsp: Instance
    cpo: Instance

    def ask(self, method: str, path: str, token: str, body: Any = None) -> httpx.Response:
        """Ask the eMSP as its partner does."""
        header = base64.b64encode(token.encode()).decode()
        url = str(self.cpo.partner.versions_url).removesuffix("versions/") + path
        return httpx.request(
            method, url, headers={"authorization": f"Token {header}"},
            content=None if body is None else json.dumps(body), trust_env=False,
        )  # fmt: skip

    def register(self) -> None:
        """The operator registers with the eMSP that invited it."""
        self.cpo.environ["OTHER"] = self.emsp.handshake.invite()
        self.cpo.connect()


def _listener() -> tuple[socket.socket, str]:
    listener = socket.create_server(("127.0.0.1", 0))
    return listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def pair(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Pair]:
    version = getattr(request, "param", "auto")
    sockets = [_listener(), _listener()]
    roles = (
        "[{role: EMSP, party: NL/EMS, name: Ems}, {role: EMSP, party: DE/EMS, name: Ems DE}]",
        "[{role: CPO, party: NL/VOL, name: Voltix}]",
    )
    made = []
    for place, party in enumerate(("NL/EMS", "NL/VOL")):
        home = Home(tmp_path / party.replace("/", "-"))
        home.create()
        text = ENTRY.format(
            url=sockets[place][1], other=sockets[1 - place][1], roles=roles[place], party=party,
            version=version,
        )  # fmt: skip
        (home.path / "partners.yaml").write_text(text, encoding="utf-8")
        made.append(Instance(home, load_partners(home.path / "partners.yaml"), sockets[place][0]))
    emsp, cpo = made
    with emsp.answering(), cpo.answering():
        yield Pair(emsp, cpo)


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


def lose_the_answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let the partner do what it is asked, and lose what it answers."""
    send = CredentialsClient.send

    async def lost(self: CredentialsClient, *args: Any) -> Any:
        await send(self, *args)
        raise BrokenConnectionError("other: the connection broke")

    monkeypatch.setattr(CredentialsClient, "send", lost)
    return lambda: monkeypatch.setattr(CredentialsClient, "send", send)


def test_a_registration_whose_answer_is_lost_can_be_repeated(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers_come = lose_the_answer(monkeypatch)
    with pytest.raises(HandshakeFailed, match="the connection broke"):
        pair.register()
    assert pair.emsp.connection.state == "connected"
    assert [state for state, _ in pair.cpo.doctor()] == ["warn"]
    answers_come()
    pair.cpo.connect()
    assert pair.ask("GET", "versions", pair.cpo.token()).status_code == 200
    assert len(pair.emsp.connection.accepts) == 1


def test_a_renewal_whose_answer_is_lost_loses_no_token(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.register()
    before = pair.cpo.token()
    answers_come = lose_the_answer(monkeypatch)
    with pytest.raises(HandshakeFailed, match="old and new token are good"):
        pair.cpo.rotate()
    assert pair.cpo.token() == before
    assert pair.ask("GET", "versions", before).status_code == 200
    assert len(pair.cpo.connection.accepts) == 2  # the partner may use either
    answers_come()
    pair.cpo.rotate()
    assert pair.cpo.connection.state == "connected"
    assert pair.ask("GET", "versions", pair.cpo.token()).status_code == 200


def test_a_renewal_that_the_partner_refuses_is_rolled_back(pair: Pair) -> None:
    pair.register()
    before = pair.cpo.connection
    with_typo = replace(before, versions_url="http://127.0.0.1:1/ocpi/versions")
    # The partner cannot call us back: it answers 3001 and keeps what it had.
    pair.cpo.partners = replace_url(pair.cpo.partners, "http://127.0.0.1:1/ocpi")
    with pytest.raises(HandshakeFailed, match="not renewed, the tokens are as before"):
        pair.cpo.rotate()
    after = pair.cpo.connection
    assert (after.state, after.token, after.accepts) == ("connected", before.token, before.accepts)
    assert "3001" in (after.note or "")
    assert pair.emsp.connection.token == connected_before(pair)
    assert with_typo.versions_url != after.versions_url


def connected_before(pair: Pair) -> str | None:
    """The eMSP's token still opens the operator's door."""
    token = pair.emsp.connection.token
    assert token is not None
    header = base64.b64encode(token.encode()).decode()
    url = str(pair.emsp.partner.versions_url)
    headers = {"authorization": f"Token {header}"}
    assert httpx.get(url, headers=headers, trust_env=False).status_code == 200
    return token


def replace_url(partners: Partners, url: str) -> Partners:
    assert partners.receiver is not None
    receiver = partners.receiver.model_copy(update={"url": url})
    return Partners(partners.path, partners.partners, partners.only, receiver)


def test_a_command_that_was_killed_before_the_proof_goes_on(pair: Pair) -> None:
    pair.register()
    token = pair.cpo.token()

    def unproved(known: PartnerConnection | None) -> PartnerConnection:
        assert known is not None
        return replace(known, state="rotating", token="lost", next_token=token)

    pair.cpo.connections.change("other", unproved)
    assert "not proved" in str(pair.cpo.doctor())
    pair.cpo.rotate()
    assert (pair.cpo.token(), pair.cpo.connection.state) == (token, "connected")


def test_a_token_that_its_giver_refuses_does_not_replace_the_one_that_works(pair: Pair) -> None:
    pair.register()
    token = pair.cpo.token()

    def badly_given(known: PartnerConnection | None) -> PartnerConnection:
        assert known is not None
        return replace(known, state="rotating", next_token="never-valid")

    pair.cpo.connections.change("other", badly_given)
    with pytest.raises(HandshakeFailed, match="the earlier one works on"):
        pair.cpo.rotate()
    assert (pair.cpo.token(), pair.cpo.connection.state) == (token, "connected")


def test_nobody_is_called_back_elsewhere_than_at_home(pair: Pair) -> None:
    token = pair.emsp.handshake.invite()
    theirs = {"token": "t", "url": "http://127.0.0.1:9/ocpi/versions", "roles": []}
    answer = pair.ask("POST", "2.2.1/credentials", token, theirs)
    assert (answer.status_code, answer.json()["status_code"]) == (200, 3001)
    assert "origins" in answer.json()["status_message"]
    assert pair.emsp.connection.state == "invited"


@pytest.mark.parametrize("theirs", [{}, {"token": "a b", "url": "http://x"}, {"token": "t"}])
def test_credentials_that_cannot_be_used_change_nothing(pair: Pair, theirs: dict[str, str]) -> None:
    token = pair.emsp.handshake.invite()
    answer = pair.ask("POST", "2.2.1/credentials", token, theirs)
    assert answer.json()["status_code"] == 3001
    assert pair.emsp.connection.state == "invited"
    assert pair.ask("GET", "versions", token).status_code == 200
