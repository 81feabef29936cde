"""Partners that push: what changes as the world moves on is sent to a receiver, not always well.

OCPI, Client Owned Object Push: PUT to the object's own URL, POST of CDRs. Some are lost on the way,
as OCPI lets a sender forget, some are sent twice; tokens are renewed now and then (credentials).
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator, Mapping

import httpx
import msgspec

from pipelines.sandbox.parties import Partner
from pipelines.sandbox.scenario import PushBehaviour
from pipelines.sandbox.server import App

_SUCCESS = 1000
PUSHED = ("tariffs", "locations", "sessions", "cdrs")
"""In the order in which they are sent: what is referred to comes first."""


class _Identity(msgspec.Struct):
    id: str
    country_code: str = ""
    party_id: str = ""


_IDENTITY = msgspec.json.Decoder(_Identity)


class Pusher:
    """Sends what changes to a receiver.

    Args:
        app: the partners, what changes at them, and how badly each pushes.
        url: the receiver's: what comes before `/2.2.1/receiver/…`.
        tokens: the token that each partner sends, by name.
    """

    def __init__(self, app: App, url: str, tokens: Mapping[str, str]) -> None:
        self._app, self._url, self._tokens = app, url, dict(tokens)
        self._pushing = [
            (partner, behaviour)
            for partner in app.world.options.partners
            if (behaviour := app.scenario.push_of(partner.name)) is not None
        ]
        self._moves = 0
        self._count = 0

    def push(self, before: int, moment: int) -> None:
        """Send what changed after a moment and until another, of every partner that pushes.

        Raises:
            httpx.HTTPError: the receiver does not answer.
        """
        with httpx.Client(trust_env=False) as client:
            for partner, behaviour in self._pushing:
                for module in (m for m in PUSHED if m in partner.modules):
                    for raw in self._app.changes(partner, module, before, moment):
                        for _ in range(self._times(behaviour)):
                            self._send(client, partner, module, raw)
        self._moves += 1
        for partner, behaviour in self._pushing:
            if behaviour.rotate and self._moves % behaviour.rotate == 0:
                # The receiver calls back before it answers: whoever moved the world goes on first.
                threading.Thread(target=self.renew, args=(partner,)).start()

    def renew(self, partner: Partner) -> None:
        """Renew both tokens of a partner (credentials, PUT); without success the old ones stay."""
        ours = self._app.credentials(partner, f"{partner.token}-{self._moves}")
        url = f"{self._url}/{partner.version}/credentials"
        header = self._authorization(partner)
        try:
            answer = httpx.put(url, json=ours, headers=header, timeout=60, trust_env=False)
            answered = answer.json()
        except (httpx.HTTPError, ValueError):
            return
        if answered.get("status_code") == _SUCCESS:
            self._tokens[partner.name] = answered["data"]["token"]

    def _authorization(self, partner: Partner) -> dict[str, str]:
        token = base64.b64encode(self._tokens[partner.name].encode()).decode()
        return {"authorization": f"Token {token}"}

    def _times(self, behaviour: PushBehaviour) -> int:
        self._count += 1
        if behaviour.lose and self._count % behaviour.lose == 0:
            return 0
        return 2 if behaviour.repeat and self._count % behaviour.repeat == 0 else 1

    def _send(self, client: httpx.Client, partner: Partner, module: str, raw: bytes) -> None:
        endpoint = f"{self._url}/{partner.version}/receiver/{module}"
        method, url = "POST", endpoint
        if module != "cdrs":
            method, url = "PUT", "/".join([endpoint, *_path(partner, raw)])
        response = client.request(method, url, content=raw, headers=self._authorization(partner))
        response.raise_for_status()


def _path(partner: Partner, raw: bytes) -> Iterator[str]:
    """Yield owner and id of an object; 2.1.1 names no owner."""
    identity = _IDENTITY.decode(raw)
    country_code, party_id = partner.parties[0].code
    yield identity.country_code or country_code
    yield identity.party_id or party_id
    yield identity.id
