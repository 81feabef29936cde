"""How many pushes a second the receiver takes, and how long each waits for its answer.

    python benchmarks/receive.py [--seconds 10] [--partners 4] [--connections 4]

A receiver runs in a process of its own; each partner keeps connections open and pushes EVSE
statuses, sessions and CDRs as fast as it is answered. Then everything is loaded and counted: each
answer must be a row. Client and server share the machine's cores.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipelines.config.home import Home
from pipelines.config.loading import load_partners
from pipelines.ingest.progress import NoProgress
from pipelines.orchestration.pushes import take_pushes
from pipelines.orchestration.runtime import Runtime
from pipelines.warehouse.connection import Warehouse

START = datetime(2026, 11, 1, tzinfo=UTC)
EVSES = 50


def location(number: int) -> dict[str, Any]:
    stamp = f"{START:%Y-%m-%dT%H:%M:%SZ}"
    connector = {
        "id": "1", "standard": "IEC_62196_T2", "format": "SOCKET", "power_type": "AC_3_PHASE",
        "max_voltage": 230, "max_amperage": 32, "last_updated": stamp,
    }  # fmt: skip
    return {
        "country_code": "NL", "party_id": "VOL", "id": f"L{number}", "publish": True,
        "address": "Kade 1", "city": "Delft", "country": "NLD", "time_zone": "Europe/Amsterdam",
        "coordinates": {"latitude": "52.01", "longitude": "4.36"}, "last_updated": stamp,
        "evses": [
            {"uid": "E1", "status": "AVAILABLE", "connectors": [connector], "last_updated": stamp}
        ],
    }  # fmt: skip


def session(identity: str, at: str) -> dict[str, Any]:
    return {
        "country_code": "NL", "party_id": "VOL", "id": identity, "start_date_time": at, "kwh": 1.5,
        "cdr_token": {
            "country_code": "NL", "party_id": "EMS", "uid": "04AA", "type": "RFID",
            "contract_id": "NL-EMS-C1",
        },
        "auth_method": "WHITELIST", "location_id": "L1", "evse_uid": "E1", "connector_id": "1",
        "currency": "EUR", "status": "ACTIVE", "last_updated": at,
    }  # fmt: skip


class Connection:
    """One kept-alive connection, with nothing between us and the socket."""

    def __init__(self, host: str, port: int, token: str) -> None:
        self.address = (host, port)
        self.token = token
        self.waits: list[float] = []

    async def open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection(*self.address)

    async def push(self, method: str, path: str, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        head = (
            f"{method} /ocpi/2.2.1/receiver/{path} HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Token {self.token}\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        began = time.perf_counter()
        self.writer.write(head.encode() + content)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await self.reader.readexactly(length)
        self.waits.append(time.perf_counter() - began)
        if b" 20" not in answer[:14]:
            raise SystemExit(f"{method} {path}: {answer[:40]!r}")


async def play(url: str, partners: int, connections: int, seconds: float) -> list[float]:
    host, port = url.removeprefix("http://").split(":")
    made = [
        Connection(host, int(port), f"token-{partner}")
        for partner in range(partners)
        for _ in range(connections)
    ]
    for one in made:
        await one.open()
    for partner in range(partners):
        for number in range(EVSES):
            await made[partner * connections].push(
                "PUT", f"locations/NL/VOL/L{number}", location(number)
            )
    for one in made:
        one.waits.clear()
    ends = time.perf_counter() + seconds

    async def talk(index: int, one: Connection) -> None:
        for turn in itertools.count():
            if time.perf_counter() > ends:
                return
            at = f"{START + timedelta(seconds=turn + 1):%Y-%m-%dT%H:%M:%SZ}"
            if turn % 5:
                change = {"status": ("CHARGING", "AVAILABLE")[turn % 2], "last_updated": at}
                await one.push("PATCH", f"locations/NL/VOL/L{(turn + index) % EVSES}/E1", change)
            else:
                identity = f"S{index}-{turn}"
                await one.push("PUT", f"sessions/NL/VOL/{identity}", session(identity, at))

    await asyncio.gather(*(talk(index, one) for index, one in enumerate(made)))
    return sorted(wait for one in made for wait in one.waits)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--partners", type=int, default=4)
    parser.add_argument("--connections", type=int, default=4)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.create()
        entries = "".join(
            f"  - {{name: p{n}, kind: ocpi, versions_url: 'https://p{n}.example', token_env: T, "
            f"push_token_env: PUSH_{n}, parties: [NL/VOL]}}\n"
            for n in range(wanted.partners)
        )
        (home.path / "partners.yaml").write_text(
            "receiver: {url: https://roam.example/ocpi, "
            "roles: [{role: EMSP, party: NL/EMS, name: E}]}\npartners:\n" + entries
        )
        environ = os.environ | {f"PUSH_{n}": f"token-{n}" for n in range(wanted.partners)}
        command = ["-m", "pipelines.cli.main", "receive", "--home", folder, "--port", "0"]
        server = subprocess.Popen(
            [sys.executable, *command], env=environ, stdout=subprocess.PIPE, text=True
        )
        url = server.stdout.readline().split()[2].rstrip(";") if server.stdout else ""
        waits = asyncio.run(play(url, wanted.partners, wanted.connections, wanted.seconds))
        server.kill()
        server.wait()
        _report(waits, wanted.seconds)
        _load(home, environ, len(waits) + wanted.partners * EVSES)


def _report(waits: list[float], seconds: float) -> None:
    at = {share: waits[int(share * (len(waits) - 1))] * 1000 for share in (0.5, 0.99, 0.999, 1)}
    print(f"{len(waits):,} pushes in {seconds:g} s: {len(waits) / seconds:,.0f} a second")
    print(", ".join(f"p{share * 100:g} {wait:.1f} ms" for share, wait in at.items()))


def _load(home: Home, environ: dict[str, str], answered: int) -> None:
    partners = load_partners(home.path / "partners.yaml")
    runtime = Runtime(home, partners, environ, lambda: datetime.now(UTC), NoProgress())
    began = time.perf_counter()
    with Warehouse(home.warehouse) as warehouse:
        take_pushes(warehouse, runtime)
        took = time.perf_counter() - began
        with warehouse.reader() as con:
            row = con.execute("select count(*) from ops.pushes").fetchone()
    rows = row[0] if row else 0
    print(f"loaded in {took:.1f} s: {rows:,} rows, {answered:,} answers")
    if rows < answered:
        raise SystemExit("pushes that were answered are missing")


if __name__ == "__main__":
    main()
