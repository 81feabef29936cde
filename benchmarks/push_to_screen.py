"""How long from a push until a browser shows it, with Dagster's sensor and the dashboards running.

    python benchmarks/push_to_screen.py --home FOLDER [--pushes 12] [--load 0] [--derive]

FOLDER is the home of a demo (`roamhouse --home FOLDER demo --no-dashboards`). A receiver, Dagster's
daemon and the dashboards run over it, each a process of its own; Chromium has the map of places
open. Then the status of one EVSE is changed again and again by PATCH, and the clock stops when the
figure of EVSEs out of service on the page has followed. `--load` pushes so many sessions a second
alongside; `--derive` lets another process judge and settle everything anew, again and again, so
that the warehouse is never free.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import httpx
import yaml
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.receive import session
from pipelines.cli.dashboards import serve_in_background
from pipelines.config.home import Home
from pipelines.warehouse.snapshot import current
from tests.dashboards.browser import FLAGS

PARTNER, TOKEN, VARIABLE = "voltix", "token-of-voltix", "BENCH_PUSH"
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ONE_EVSE = """
select country_code, party_id, location_id, uid from core.evses
where partner = $partner and removed_at is null and is_current_copy and status = 'AVAILABLE'
order by all limit 1
"""


def prepare(home: Home) -> None:
    """Let the partner push, and only push: the demo's own servers are gone."""
    stated = yaml.safe_load(home.partners.read_text(encoding="utf-8"))
    stated["receiver"] = {
        "url": "http://127.0.0.1/ocpi",
        "roles": [{"role": "EMSP", "party": "NL/EMS", "name": "Ems"}],
    }
    for partner in stated["partners"]:
        if partner["kind"] != "feed":
            partner["modules"] = []
        if partner["name"] == PARTNER:
            partner |= {"push_token_env": VARIABLE}
    home.partners.write_text(yaml.safe_dump(stated, sort_keys=False), encoding="utf-8")


@contextmanager
def running(*command: str, environ: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", *command], env=environ, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


class Pusher:
    """Pushes as the partner does."""

    def __init__(self, url: str, evse: tuple[str, ...]) -> None:
        self.http = httpx.Client(
            base_url=f"{url}/ocpi/2.2.1/receiver",
            headers={"authorization": f"Token {TOKEN}"},
            trust_env=False,
        )
        self.evse = evse

    def status(self, status: str) -> None:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        change = json.dumps({"status": status, "last_updated": now})
        self.http.patch(f"/locations/{'/'.join(self.evse)}", content=change).raise_for_status()

    def sessions(self, each_second: float, ended: threading.Event) -> None:
        """Push sessions at a steady rate until the end."""
        for number in itertools.count():
            if ended.wait(1 / each_second):
                return
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            country, party, *_ = self.evse
            owner = {"country_code": country, "party_id": party}
            body = json.dumps(session(f"bench-{number}", now) | owner)
            path = f"/sessions/{country}/{party}/bench-{number}"
            self.http.put(path, content=body).raise_for_status()


def derive(home: Home, environ: dict[str, str], ended: threading.Event) -> None:
    """Settle until the end, each time under other terms, so that every CDR is judged again."""
    stated = yaml.safe_load(home.partners.read_text(encoding="utf-8"))
    for number in itertools.count():
        if ended.is_set():
            return
        for partner in stated["partners"]:
            if partner["kind"] != "feed":
                partner["contract"] = {"tolerance": {"absolute": f"0.0{2 + number % 2}"}}
        file = home.path / "partners-derive.yaml"
        file.write_text(yaml.safe_dump(stated, sort_keys=False), encoding="utf-8")
        began = time.perf_counter()
        command = [sys.executable, "-m", "pipelines.cli.main", "settle", "--partners", str(file)]
        subprocess.run(command, env=environ, check=True, stdout=subprocess.DEVNULL)
        print(f"  settled in {time.perf_counter() - began:.1f} s", flush=True)


def out_of_service(page: Page) -> str:
    figure = page.get_by_test_id("stMetric").filter(has_text="Out of service")
    return figure.first.get_by_test_id("stMetricValue").inner_text()


def measure(page: Page, home: Home, pusher: Pusher, pushes: int) -> list[tuple[float, float]]:
    """Return, of each push, when it was in the snapshot and when on the screen, in seconds."""
    found = []
    for turn in range(pushes):
        time.sleep(3 + turn * 1.7 % 5)  # at no fixed place in anybody's rhythm
        before, snapshot = out_of_service(page), current(home.serving)
        began = time.perf_counter()
        pusher.status(("OUTOFORDER", "AVAILABLE")[turn % 2])
        published = 0.0
        while out_of_service(page) == before:
            if not published and current(home.serving) != snapshot:
                published = time.perf_counter() - began
            if time.perf_counter() - began > 120:
                raise SystemExit("the page never showed it")
            time.sleep(0.05)
        shown = time.perf_counter() - began
        found.append((published or shown, shown))
        print(f"  published after {found[-1][0]:.1f} s, shown after {shown:.1f} s", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--pushes", type=int, default=12)
    parser.add_argument("--load", type=float, default=0, help="sessions a second alongside")
    parser.add_argument("--derive", action="store_true", help="let another process settle, always")
    wanted = parser.parse_args()
    home = Home(wanted.home.absolute())
    prepare(home)
    snapshot = current(home.serving)
    if snapshot is None:
        raise SystemExit("nothing was published in that home: run a demo in it")
    with duckdb.connect(str(snapshot), read_only=True) as con:
        evse: Any = con.execute(ONE_EVSE, {"partner": PARTNER}).fetchone()
    environ = os.environ | {
        "ROAMHOUSE_HOME": str(home.path), "DAGSTER_HOME": str(home.path / "dagster"),
        VARIABLE: TOKEN,
    }  # fmt: skip
    ended = threading.Event()
    receive = ("pipelines.cli.main", "receive", "--port", "0")
    daemon = ("dagster._daemon", "run", "-m", "pipelines.orchestration.definitions")
    with (
        running(*receive, environ=environ) as server,
        running(*daemon, environ=environ),
        serve_in_background(home, port=0) as shown,
        sync_playwright() as playwright,
    ):
        url = server.stdout.readline().split()[2].rstrip(";") if server.stdout else ""
        pusher = Pusher(url, evse)
        if wanted.load:
            threading.Thread(target=pusher.sessions, args=(wanted.load, ended)).start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.goto(f"{shown.url}/availability?partner={PARTNER}")
        page.get_by_text("Out of service").first.wait_for(timeout=120_000)
        pusher.status("OUTOFORDER")  # the daemon is up when this one is shown
        before = out_of_service(page)
        while out_of_service(page) == before:
            time.sleep(0.1)
        pusher.status("AVAILABLE")
        while out_of_service(page) != before:
            time.sleep(0.1)
        if wanted.derive:
            threading.Thread(target=derive, args=(home, environ, ended)).start()
        times = measure(page, home, pusher, wanted.pushes)
        ended.set()
    for name, values in zip(("published", "shown"), zip(*times, strict=True), strict=True):
        print(f"{name}: median {statistics.median(values):.1f} s, slowest {max(values):.1f} s")
    print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
