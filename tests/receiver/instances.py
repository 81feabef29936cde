"""Two roamhouse instances on loopback, each the other's partner."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from pipelines.cli.doctor.partners import check_connections
from pipelines.config.connections import Connections, PartnerConnection, connected_tokens
from pipelines.config.home import Home
from pipelines.config.loading import load_partners
from pipelines.config.partners import OcpiPartner, Partners
from pipelines.receiver.app import build_app
from pipelines.receiver.registration import Handshake, handshake_with
from pipelines.receiver.service import Service

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
TOKENS = [
    {
        "country_code": "NL", "party_id": "EMS", "uid": f"04{number}", "type": "RFID",
        "contract_id": f"NL-EMS-C{number}", "issuer": "Ems", "valid": True,
        "whitelist": "ALLOWED", "last_updated": f"2026-10-0{number}T00:00:00Z",
    }
    for number in range(1, 6)
]  # fmt: skip
ENTRY = """
receiver:
  url: {url}/ocpi
  roles: {roles}
  tokens: tokens.json
partners:
  - {{name: other, kind: {kind}, versions_url: "{other}/ocpi/versions/", token_env: OTHER,
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
        ticks = itertools.count()
        clock = lambda: NOW + timedelta(milliseconds=next(ticks))  # noqa: E731
        service = Service.open(self.home, self.partners, ours, self.environ, clock)
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


@contextlib.contextmanager
def two_instances(
    folder: Path, version: str, *others: str, kinds: tuple[str, str] = ("ocpi", "ocpi")
) -> Iterator[Pair]:
    """Run an eMSP and an operator (and `others`, for whom it speaks) that have not met yet."""
    sockets = [_listener(), _listener()]
    parties = ("NL/VOL", *others)
    operators = ", ".join(f"{{role: CPO, party: {party}, name: Voltix}}" for party in parties)
    roles = (
        "[{role: EMSP, party: NL/EMS, name: Ems}, {role: EMSP, party: DE/EMS, name: Ems DE}]",
        f"[{operators}]",
    )
    made = []
    for place, party in enumerate(("NL/EMS", "NL/VOL")):
        home = Home(folder / party.replace("/", "-"))
        home.create()
        text = ENTRY.format(
            url=sockets[place][1], other=sockets[1 - place][1], roles=roles[place], party=party,
            version=version, kind=kinds[place],
        )  # fmt: skip
        (home.path / "tokens.json").write_text(json.dumps(TOKENS), encoding="utf-8")
        (home.path / "partners.yaml").write_text(text, encoding="utf-8")
        made.append(Instance(home, load_partners(home.path / "partners.yaml"), sockets[place][0]))
    emsp, cpo = made
    with emsp.answering(), cpo.answering():
        yield Pair(emsp, cpo)
