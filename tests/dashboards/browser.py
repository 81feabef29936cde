"""A real Chromium, and what every walk through the dashboards does in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, TimeoutError, ViewportSize, expect, sync_playwright

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser") or ""
PATIENCE_MS: Final = 300_000
"""A hang, not a busy machine, ends a wait."""
NARROW: Final = (820, 1000)
USUAL: Final = (1280, 900)
WIDE: Final = (1920, 1000)
_GLANCE_MS: Final = 3_000
_STEADY_MS: Final = 150
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
QUIET: Final = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
"""The environment of a browser that asks nobody but whom it is sent to."""
_COMPLETE: Final = """() => {
  const main = document.querySelector('[data-testid=stMain]');
  const before = window.tall;
  window.tall = main && main.scrollHeight;
  return window.tall === before && document.querySelector('h1')?.checkVisibility()
    && document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'
    && !document.querySelector('[data-testid=stSkeleton]');
}"""

expect.set_options(timeout=PATIENCE_MS)
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="there is no chromium on this machine")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser until the block ends."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(FLAGS), env=dict(QUIET)
        )
        yield browser
        browser.close()


def new_tab(browser: Browser, size: tuple[int, int] = USUAL) -> Page:
    """Open a tab that shares nothing with others."""
    viewport: ViewportSize = {"width": size[0], "height": size[1]}
    tab = browser.new_context(viewport=viewport, reduced_motion="reduce").new_page()
    tab.set_default_timeout(PATIENCE_MS)
    return tab


def complete(page: Page) -> None:
    """Wait until a page of the dashboards is complete: no script runs, nothing loads or moves."""
    page.wait_for_function(_COMPLETE, polling=_STEADY_MS, timeout=PATIENCE_MS)


def settled(page: Page) -> None:
    """Wait until a page is complete; nothing may have failed."""
    complete(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.locator('[data-testid="stAlertContentError"]')).to_have_count(0)


def opened(page: Page, served: str, path: str) -> None:
    """Open an address and wait until the page is complete and nothing failed."""
    page.goto(f"{served}/{path}")
    settled(page)


def figure(page: Page, label: str) -> str:
    """The value of the first figure with a label."""
    box = page.get_by_test_id("stMetric").filter(
        has=page.get_by_test_id("stMetricLabel").get_by_text(label, exact=True)
    )
    return box.first.get_by_test_id("stMetricValue").inner_text().strip()


def press(page: Page, name: str) -> None:
    """Press a button, by key: a page that is still drawing moves it from under a pointer."""
    button = page.get_by_role("button", name=name).first
    expect(button).to_be_enabled()
    button.press("Enter")


def choose(page: Page, label: str, option: str) -> None:
    """Choose from a list, opened until it stays: a page that is still drawing closes it."""
    box = page.get_by_label(label, exact=True).first
    found = page.get_by_role("option", name=option).first
    for _ in range(PATIENCE_MS // _GLANCE_MS):
        settled(page)
        box.press("ArrowDown")
        try:
            found.click(timeout=_GLANCE_MS)
        except TimeoutError:
            continue
        return
    pytest.fail(f"{label} never offered {option}")


def choose_first_row(page: Page, table: int) -> None:
    """Tick the first row of a table; it is drawn on a canvas, so by place."""
    grid = page.get_by_test_id("stDataFrame").filter(visible=True).nth(table)
    grid.scroll_into_view_if_needed()
    grid.click(position={"x": 16, "y": 52})
