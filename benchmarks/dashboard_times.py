"""How long until each page of the dashboards is complete, cold and warm, in a real browser.

    python benchmarks/dashboards.py [--cdrs 1000000] [--evses 100000] [--feed FOLDER]
        [--home FOLDER] [--marts] [--only PAGE]

A page is complete when its script has ended and nothing that is seen has moved in the document, nor
kept the browser busy, for half a second: the moment of the last movement counts.

- cold: a server that answers since a moment ago, a new browser, by address
- warm: the median of three further visits by address, each in a new tab of that browser
- click: from another page, by the menu
- filter: another choice in the page's first filter, the first one in its list
- server, browser: processor time of a warm visit, the least of them, which other work on the
  machine disturbs least

The floor is an app of one heading in the same place. Nothing of making the warehouse, and neither
the start of the server nor of the browser, is in the figures; with `--home` the warehouse is kept
and used again.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlencode

import duckdb
from playwright.sync_api import Browser, BrowserContext, Page, WebSocket, sync_playwright

from benchmarks.dashboard_home import make, remake_marts
from dashboards.navigation import DEFAULT, MENU
from pipelines.cli import dashboards
from pipelines.config.home import Home
from pipelines.warehouse.snapshot import current
from tests.dashboards.browser import FLAGS

WARM = 3
PATIENCE_MS = 120_000
WATCH = """
window.lastMoved = 0;
// What stands in a canvas is read out, not drawn: tables put it there after they are seen.
const isSeen = ({ target, type }) => {
  const canvas = (target.closest ? target : target.parentElement)?.closest('canvas');
  return !canvas || (canvas === target && type === 'attributes');
};
new MutationObserver(changes => {
  if (changes.some(isSeen)) window.lastMoved = performance.now();
}).observe(document, {
  subtree: true, childList: true, attributes: true, characterData: true });
new PerformanceObserver(list => { for (const task of list.getEntries())
  window.lastMoved = Math.max(window.lastMoved, task.startTime + task.duration);
}).observe({ type: 'longtask', buffered: true });
"""
COMPLETE = """
heading => {
  const app = document.querySelector('[data-testid=stApp]');
  const title = document.querySelector('h1');
  return app && app.getAttribute('data-test-script-state') === 'notRunning'
    && title && title.innerText !== heading
    && !document.querySelector('[data-testid=stSkeleton]')
    && performance.now() - window.lastMoved > 500;
}
"""
EMPTY = "import streamlit as st\n\nst.title('Empty')\n"
OBJECTS = {
    "location": "select partner, country_code, party_id, id from core.locations limit 1",
    "tariff": "select partner, country_code, party_id, id from core.tariffs limit 1",
    "cdr": "select partner, country_code, party_id, id from core.cdrs limit 1",
    "simulator": "select partner, country_code, party_id, id from core.tariffs limit 1",
}


@dataclass
class Times:
    """What one page took.

    Args:
        cold: seconds.
        warm: seconds, of each visit.
        click: seconds.
        filter: seconds; None: the page has none.
        server: processor time of the server, seconds, of each warm visit.
        browser: that of the browser, all its processes.
        sent: bytes over the websocket on a warm visit.
    """

    cold: float
    warm: list[float] = field(default_factory=list)
    click: float | None = None
    filter: float | None = None
    server: list[float] = field(default_factory=list)
    browser: list[float] = field(default_factory=list)
    sent: int = 0

    def __str__(self) -> str:
        click, filtered = (
            f"{time:>7.2f} s" if time is not None else f"{'':>9}"
            for time in (self.click, self.filter)
        )
        warm = statistics.median(self.warm)
        used = f"{min(self.server):>7.2f} s{min(self.browser):>8.2f} s"
        own = f"{self.cold:>7.2f} s{warm:>7.2f} s{click}{filtered}"
        return f"{own}{used}{self.sent / 1000:>9,.0f} kB"


class Tab:
    """A tab that knows when its page was complete, and what the server sent to it."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.page.add_init_script(WATCH)
        self.page.on("websocket", self._listen)
        self.received = 0

    def open(self, url: str) -> float:
        """Seconds from asking for an address until its page was complete."""
        self.page.goto(url, wait_until="commit")
        return self._complete("")

    def click(self, address: str) -> float:
        """Seconds from a click in the menu until the page was complete."""
        heading = self.page.locator("h1").first.inner_text()
        link = self.page.locator(f'[data-testid=stSidebarNavLink][href$="/{address}"]')
        began = self.page.evaluate("performance.now()")
        link.click()
        return self._complete(heading) - float(began) / 1000

    def filter(self) -> float | None:
        """Seconds from a choice in the first filter until the page was complete."""
        field = self.page.get_by_test_id("stMain").get_by_role("combobox")
        if not field.count():
            return None
        field.first.click()
        self.page.get_by_role("option").first.wait_for()
        began = self.page.evaluate("window.lastMoved = performance.now()")
        self.page.get_by_role("option").first.click()
        return self._complete("") - float(began) / 1000

    def _complete(self, heading: str) -> float:
        self.page.wait_for_function(COMPLETE, arg=heading, polling=50, timeout=PATIENCE_MS)
        return float(self.page.evaluate("window.lastMoved")) / 1000

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._count)

    def _count(self, frame: str | bytes) -> None:
        self.received += len(frame)


def measure(home: Home, only: str | None) -> None:
    """Print the times of the floor and of every page, or of those that begin so."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        print(
            f"{'page':<22}{'cold':>9}{'warm':>9}{'click':>9}{'filter':>9}{'server':>9}"
            f"{'browser':>10}{'sent':>12}"
        )
        if only is None:
            with _empty_app():
                print(f"{'(empty app)':<22}{_times(browser, home, '', None)}", flush=True)
        for name, path in _paths(home):
            if not name.startswith(only or ""):
                continue
            menu = None if "?" in path or name == DEFAULT else path
            print(f"{name:<22}{_times(browser, home, path, menu)}", flush=True)
        browser.close()


def _times(browser: Browser, home: Home, path: str, menu: str | None) -> Times:
    with dashboards.serve_in_background(home, port=0) as served:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        tab = Tab(context)
        times = Times(tab.open(f"{served.url}/{path}"))
        tab.page.close()
        for _ in range(WARM):
            tab = Tab(context)
            used, shown = _processor_s({served.pid}), _processor_s(_browsers(served.pid))
            times.warm.append(tab.open(f"{served.url}/{path}"))
            times.server.append(_processor_s({served.pid}) - used)
            times.browser.append(_processor_s(_browsers(served.pid)) - shown)
            times.sent = tab.received
            if len(times.warm) == WARM:
                times.filter = tab.filter()
            tab.page.close()
        if menu is not None:
            tab = Tab(context)
            tab.open(f"{served.url}/{'' if menu != DEFAULT else 'partners'}")
            times.click = tab.click(menu)
        context.close()
    return times


def _paths(home: Home) -> Iterator[tuple[str, str]]:
    """Every page as the menu shows it, and those about one thing with one."""
    for entries in MENU.values():
        for address, _, _ in entries:
            yield address, "" if address == DEFAULT else address
    with duckdb.connect(str(current(home.serving)), read_only=True) as con:
        for address, text in OBJECTS.items():
            row = con.sql(text).pl().row(0, named=True)
            yield f"{address}, chosen", f"{address}?{urlencode(row)}"


@contextmanager
def _empty_app() -> Iterator[None]:
    """Serve an app of one heading instead of the dashboards."""
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder) / "app.py"
        app.write_text(EMPTY, encoding="utf-8")
        with patch.object(dashboards, "_APP", app):
            yield


def _processor_s(pids: set[int]) -> float:
    """Processor time of processes so far, with that of their children that ended."""
    ticks = 0
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
            ticks += sum(map(int, stat.rsplit(")", 1)[1].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _browsers(server: int) -> set[int]:
    """What this process started, and what that started, but the server."""
    found, last = {server}, {os.getpid()}
    started: set[int] = set()
    while last := {child for pid in last for child in _children(pid)} - found:
        found |= last
        started |= last
    return started


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    found: list[int] = []
    for task in tasks:
        with suppress(FileNotFoundError, ProcessLookupError):
            found += map(int, task.read_text(encoding="ascii").split())
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cdrs", type=int, default=1_000_000)
    parser.add_argument("--evses", type=int, default=100_000)
    parser.add_argument(
        "--feed", type=Path, help="locations.json.gz and tariffs.json.gz of a country"
    )
    parser.add_argument("--home", type=Path)
    parser.add_argument("--only", help="what the names of the pages begin with")
    parser.add_argument("--marts", action="store_true", help="only make the marts again")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = Home((asked.home or Path(scratch) / "home").absolute())
        if not (home.serving / "current").exists():
            make(home, asked.cdrs, asked.evses, asked.feed)
        if asked.marts:
            remake_marts(home)
        else:
            measure(home, asked.only)


if __name__ == "__main__":
    main()
