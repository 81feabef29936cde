"""A receiver or a handshake that is killed: what was answered is there, and no token is lost.

`make faults` kills each command of the handshake, at a third of its points; else one is killed.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from children import Ended, give
from instances import Pair
from object_samples import TARIFF

from pipelines.config.home import Home
from pipelines.config.loading import load_partners
from pipelines.ingest.progress import NoProgress
from pipelines.orchestration.pushes import take_pushes
from pipelines.orchestration.runtime import Runtime
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.snapshot import current

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
NAMES = ("anode", "bolt", "cell")
ENTRY = (
    '  - {{name: {name}, kind: ocpi, versions_url: "https://{name}.example/versions", token_env: T,'
    " push_token_env: PUSH_{upper}, parties: [NL/VOL]}}\n"
)
KILLS = int(os.environ.get("KILL_POINTS", "0")) // 3
POINTS = {"connect": 24, "rotate": 24, "disconnect": 12}
ENOUGH = 60
"""Answers to wait for before the kill."""


def partners_text() -> str:
    head = (
        "receiver: {url: https://roam.example/ocpi, "
        "roles: [{role: EMSP, party: NL/EMS, name: Ems}]}\npartners:\n"
    )
    return head + "".join(ENTRY.format(name=name, upper=name.upper()) for name in NAMES)


def test_each_answered_push_survives_a_kill(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.create()
    (home.path / "partners.yaml").write_text(partners_text(), encoding="utf-8")
    environ = {**os.environ, **{f"PUSH_{name.upper()}": f"token-{name}" for name in NAMES}}
    process = subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli.main", "receive", "--home", home.path, "--port", "0"],
        env=environ, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    url = process.stdout.readline().split()[2].rstrip(";")
    answered: list[str] = []
    enough = threading.Event()

    def push(name: str) -> None:
        with httpx.Client(base_url=url, trust_env=False) as http:
            for number in range(1000):
                identity = f"{name}-{number}"
                try:
                    response = http.put(
                        f"/ocpi/2.2.1/receiver/tariffs/NL/VOL/{identity}",
                        content=json.dumps(TARIFF | {"id": identity}),
                        headers={"authorization": f"Token token-{name}"},
                    )
                except httpx.HTTPError:
                    return
                if response.status_code == 201:
                    answered.append(identity)
                if len(answered) >= ENOUGH:
                    enough.set()

    threads = [threading.Thread(target=push, args=(name,)) for name in NAMES]
    for thread in threads:
        thread.start()
    enough.wait()
    while current(home.serving) is None:  # shown by the process beside it
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    for thread in threads:
        thread.join()

    partners = load_partners(home.path / "partners.yaml")
    runtime = Runtime(home, partners, environ, lambda: NOW, NoProgress())
    with Warehouse(home.warehouse, threads=1) as warehouse:
        take_pushes(warehouse, runtime)
        with warehouse.reader() as con:
            rows = con.execute("select partner, id from core.tariffs").fetchall()
    assert set(answered) <= {identity for _, identity in rows}
    assert {partner for partner, _ in rows} == set(NAMES)
    assert all(identity.startswith(partner) for partner, identity in rows)


@pytest.mark.withstands(
    "a command of the handshake is killed at any moment",
    "given again it ends where it would have ended, and each side's token opens the other's door",
)
@pytest.mark.parametrize(
    ("command", "number"),
    [(command, number) for command in POINTS for number in range(KILLS)] or [("rotate", 0)],
)
def test_killed_handshake_heals_when_its_command_is_given_again(
    pair: Pair, command: str, number: int
) -> None:
    if command == "connect":
        pair.cpo.environ["OTHER"] = pair.emsp.handshake.invite()
    else:
        pair.register()
    first = random.Random(command).randint(0, 60)
    point = (first + number) % POINTS[command] + 1
    assert hand(pair, command, point=point).code in (-9, 0)
    again = hand(pair, command)
    assert again.code in (0, 1), again.output
    assert "Traceback" not in again.output
    if command == "disconnect":
        assert pair.cpo.connection.state == pair.emsp.connection.state == "disconnected"
        return
    assert pair.cpo.connection.state == pair.emsp.connection.state == "connected"
    assert pair.ask("GET", "versions", pair.cpo.token()).status_code == 200
    assert hand(pair, "rotate").code == 0  # each side calls the other in it


def hand(pair: Pair, command: str, *, point: int = 0) -> Ended:
    """Give a command of the operator's handshake."""
    return give(
        pair.cpo.home.path, command, "--partner", "other", point=point, environ=pair.cpo.environ
    )
