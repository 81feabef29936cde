"""What goes wrong in a handshake: lost answers, refusals, kills, addresses of others."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from instances import Pair
from msgspec.structs import replace

from pipelines.cli.connect import receive
from pipelines.config.connections import Connections, PartnerConnection
from pipelines.config.partners import Partners
from pipelines.ocpi.credentials import CredentialsClient
from pipelines.ocpi.errors import BrokenConnectionError
from pipelines.receiver.registration import HandshakeFailed


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


class Killed(BaseException):
    """As far as the disk is concerned, a SIGKILL: no handler of the command sees it."""


def survives(pair: Pair, monkeypatch: pytest.MonkeyPatch, command: str, changes: int) -> bool:
    """Give a command that is killed after so many changes, again if it was; false: it ended."""
    change = Connections.change
    ours = threading.get_ident()  # the receivers answer in other threads
    left = [changes]

    def killed_after(known: Connections, *args: Any) -> Any:
        after = change(known, *args)
        left[0] -= threading.get_ident() == ours
        if left[0] < 0:
            raise Killed
        return after

    monkeypatch.setattr(Connections, "change", killed_after)
    try:
        getattr(pair.cpo, command)()
        return False
    except Killed:
        monkeypatch.setattr(Connections, "change", change)
        assert pair.cpo.doctor(), "doctor says where it stands"
        with contextlib.suppress(HandshakeFailed):  # connected: the kill came after everything
            getattr(pair.cpo, command)()
        return True
    finally:
        monkeypatch.setattr(Connections, "change", change)


@pytest.mark.parametrize("command", ["connect", "rotate"])
def test_a_command_that_is_killed_after_any_change_can_be_given_again(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    pair.register()
    for changes in itertools.count():
        if command == "connect":
            asyncio.run(pair.cpo.handshake.disconnect())
            pair.cpo.environ["OTHER"] = pair.emsp.handshake.invite()
        was_killed = survives(pair, monkeypatch, command, changes)
        assert pair.cpo.connection.state == pair.emsp.connection.state == "connected"
        assert pair.ask("GET", "versions", pair.cpo.token()).status_code == 200
        connected_before(pair)
        if not was_killed:
            break
    assert changes >= 3, "each change was the last one once"


@pytest.mark.parametrize("path", ["versions", "versions/", "/versions", "2.2.1//"])
def test_slashes_at_the_end_and_doubled_mean_nothing(pair: Pair, path: str) -> None:
    pair.register()
    assert pair.ask("GET", path, pair.cpo.token()).status_code == 200


def test_the_receiver_binds_loopback_unless_it_is_told_otherwise() -> None:
    (host,) = (option for option in receive.params if option.name == "host")
    assert host.default == "127.0.0.1"


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
