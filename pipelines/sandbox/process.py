"""The sandbox in a process of its own, partners that push, and the partners file that fits it."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
import msgspec
import yaml

from pipelines.sandbox.http import listen
from pipelines.sandbox.parties import EMSP, PARTNERS, Partner
from pipelines.sandbox.scenario import Options, PushBehaviour, Scenario, load
from pipelines.sandbox.server import CONTROL, App
from pipelines.sandbox.world import World, truth_lines, world_of

_SUCCESS = 1000
PUSHED = ("tariffs", "locations", "sessions", "cdrs")
"""In the order in which they are sent: what is referred to comes first."""


class Pusher:
    """Sends what changes at an app's partners to a receiver (OCPI, Client Owned Object Push).

    Some pushes are lost, as OCPI lets a sender forget, some come twice. `url`: the receiver's, what
    comes before `/2.2.1/receiver/…`.
    """

    def __init__(self, app: App, url: str, tokens: Mapping[str, str]) -> None:
        self._app, self._url, self._tokens = app, url, dict(tokens)
        self._pushing = [
            (partner, behaviour)
            for partner in app.world.options.partners
            if (behaviour := app.scenario.push.get(partner.name)) is not None
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
        method, url = "POST", f"{self._url}/{partner.version}/receiver/{module}"
        if module != "cdrs":
            one, usual = json.loads(raw), partner.parties[0].code  # 2.1.1 names no owner
            owner = one.get("country_code", usual[0]), one.get("party_id", usual[1])
            method, url = "PUT", "/".join((url, *owner, one["id"]))
        response = client.request(method, url, content=raw, headers=self._authorization(partner))
        response.raise_for_status()


STOP_TIMEOUT_S = 10


class SandboxError(RuntimeError):
    """The sandbox did not start; the message is what it said."""


@dataclass(frozen=True)
class PartnerInfo:
    """The address and token of one sandbox partner, and what a partners file says of it."""

    partner: Partner
    versions_url: str
    token: str = field(repr=False)
    window_days: int  # that a request may span; 0: any
    pushes: bool


def tokens_from(environ: Mapping[str, str]) -> dict[str, str]:
    """Return each partner's token: from its variable, or the fixed fake one."""
    return {partner.name: environ.get(partner.token_env) or partner.token for partner in PARTNERS}


def partners_at(
    port: int, tokens: Mapping[str, str], partners: Iterable[Partner], scenario: Scenario
) -> tuple[PartnerInfo, ...]:
    """Return how to reach the partners of a sandbox that listens on a port."""
    return tuple(
        PartnerInfo(
            partner,
            f"http://127.0.0.1:{port}/{partner.name}/ocpi/versions",
            tokens[partner.name],
            scenario.longest_window(partner.name),
            partner.name in scenario.push,
        )
        for partner in partners
    )


@dataclass(repr=False)
class Sandbox:
    """A running sandbox, whose standard input we hold; a context manager that stops it."""

    _process: subprocess.Popen[bytes]
    port: int
    partners: tuple[PartnerInfo, ...]

    def __post_init__(self) -> None:
        self.url = f"http://127.0.0.1:{self.port}"
        self._client = httpx.Client(trust_env=False)

    @property
    def environ(self) -> dict[str, str]:
        """The variables that hold the partners' tokens."""
        return {one.partner.token_env: one.token for one in self.partners}

    def advance(self, to: datetime) -> None:
        """Move the world on to a moment.

        Raises:
            httpx.HTTPStatusError: it stands there already, or further on.
        """
        reply = self._client.post(f"{self.url}{CONTROL}advance", params={"to": to.isoformat()})
        reply.raise_for_status()

    def stop(self) -> None:
        """End the process and wait for it; a second call does nothing."""
        self._client.close()
        with self._process as process:  # its end closes the streams, and waits
            process.terminate()
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()


def start(options: Options, environ: Mapping[str, str] = os.environ) -> Sandbox:
    """Start a sandbox in a process of its own and waits until it listens.

    `environ`: where tokens of our choice may stand (`VOLTIX_TOKEN` …).

    Raises:
        ScenarioError: there is no such scenario, or it says what no switch understands.
        SandboxError: it did not come up; its own words are on standard error.
    """
    scenario = load(options.scenario)
    stated = replace(options, truth=options.truth and options.truth.absolute())
    encoded = msgspec.json.encode(stated, enc_hook=str).decode()
    process = subprocess.Popen(  # noqa: S603  our own module, no shell
        [sys.executable, "-m", "pipelines.sandbox.process", encoded],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **environ},
        cwd=Path(__file__).parents[2],
    )
    line = process.stdout.readline() if process.stdout else b""
    if not line:
        raise SandboxError(f"The sandbox ended with code {process.wait()} before it listened")
    port = int(line)
    tokens = tokens_from(environ)
    return Sandbox(process, port, partners_at(port, tokens, options.partners, scenario))


def _main(encoded: str) -> None:
    """Serve in a process of our own, as `start` runs it: say on standard output where."""

    def report_started(partners: tuple[PartnerInfo, ...]) -> None:
        sys.stdout.write(f"{urlsplit(partners[0].versions_url).port}\n")
        sys.stdout.flush()

    options = msgspec.json.decode(encoded, type=Options, dec_hook=lambda kind, value: kind(value))
    asyncio.run(serve(options, tokens_from(os.environ), report_started, watch_stdin=True))


async def serve(
    options: Options,
    tokens: Mapping[str, str],
    report_started: Callable[[tuple[PartnerInfo, ...]], None],
    *,
    watch_stdin: bool = False,
) -> None:
    """Serve until SIGTERM or SIGINT, or until the process that started us ends.

    `report_started` is called with the partners once they can be reached; with `watch_stdin` we end
    when standard input does: the process that started us holds it.
    """
    scenario = load(options.scenario)
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    if watch_stdin:
        loop.add_reader(sys.stdin.fileno(), over.set)
    app = App(world_of(options), scenario, tokens)
    if path := options.truth:
        app.on_move = partial(_write_truth, path, app.world)
        app.on_move(app.moment)
    if options.warm:
        app.warm(options.warm)
    listener = await listen(app, options.port)
    app.base = f"http://127.0.0.1:{listener.port}"
    if options.push_to:
        app.on_change = Pusher(app, options.push_to.rstrip("/"), tokens).push
    report_started(partners_at(listener.port, tokens, options.partners, scenario))
    await over.wait()
    await listener.close()


def _write_truth(path: Path, world: World, moment: int) -> None:
    text = "".join(f"{line}\n" for line in truth_lines(world, moment))
    path.write_text(text, encoding="utf-8")


def partners_yaml(partners: Iterable[PartnerInfo], push_to: str = "") -> str:
    """Return the partners file for these partners; tokens by the names of their variables.

    `push_to`: our receiver's address; empty: they do not push.
    """
    role = {"role": "EMSP", "party": "/".join(EMSP), "name": "Our drivers"}
    receiver = {"receiver": {"url": push_to, "roles": [role]}} if push_to else {}
    written = {**receiver, "partners": [_entry(partner) for partner in partners]}
    head = "# The sandbox partners: generated, all names are fictional.\n"
    return head + yaml.safe_dump(written, sort_keys=False, allow_unicode=True)


def _entry(info: PartnerInfo) -> dict[str, Any]:
    partner = info.partner
    currencies = {party.country.currency for party in partner.parties}
    zones = {party.country.time_zone for party in partner.parties}
    return {
        "name": partner.name,
        "kind": "hub" if partner.hub_party else "ocpi",
        "versions_url": info.versions_url,
        "token_env": partner.token_env,
        "party": "/".join(EMSP),
        "parties": ["/".join(party.code) for party in partner.parties],
        **({"window_days": info.window_days} if info.window_days else {}),
        **({"push_token_env": partner.token_env} if info.pushes else {}),
        "contract": {
            "billing": "direct",
            "reverse_charge": partner.hub_party is not None,
            "tariff_source": "published",
            "month_basis": "session_end",
            "time_zone": zones.pop() if len(zones) == 1 else "UTC",
            "tolerance": {"absolute": "0.02", "relative": "0.005"},
            **({"currency": currencies.pop()} if len(currencies) == 1 else {}),
        },
    }


if __name__ == "__main__":
    _main(sys.argv[1])
