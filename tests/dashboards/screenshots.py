"""Pictures of every page of the dashboards: `python -m tests.dashboards.screenshots HOME FOLDER`.

Needs the development dependencies and a Chromium; asks no other machine for anything.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final, Literal

import click
from playwright.sync_api import Browser, Page, expect, sync_playwright

from dashboards.navigation import DEFAULT, MENU
from pipelines.cli.dashboards import serve_in_background
from pipelines.config.home import Home

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
PATIENCE_MS: Final = 300_000
"""A hang, not a busy machine, ends a wait."""
_GLANCE_MS: Final = 150
_STEADY: Final = """() => {
  const before = window.tall;
  window.tall = document.querySelector('[data-testid=stMain]').scrollHeight;
  return window.tall === before;
}"""
_TALLEST_PX: Final = 4000
Scheme = Literal["light", "dark"]


@click.command()
@click.argument("home", type=click.Path(path_type=Path, exists=True))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--width", default=1280, show_default=True)
@click.option("--scheme", type=click.Choice(["light", "dark"]), default="light", show_default=True)
@click.option("--query", default="", help="What every address ends in, as ?partner=voltix.")
def screenshots(home: Path, folder: Path, width: int, scheme: Scheme, query: str) -> None:
    """Show the snapshot of HOME and put a picture of each page into FOLDER."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise click.UsageError("there is no chromium on the PATH")
    folder.mkdir(parents=True, exist_ok=True)
    with serve_in_background(Home(home.absolute()), port=0) as served, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        for address in _addresses():
            target = folder / f"{address}-{width}-{scheme}.png"
            path = "" if address == DEFAULT else address
            _take(browser, f"{served.url}/{path}{query}", target, width, scheme)
            click.echo(target.name)
        browser.close()


def settled(page: Page) -> None:
    """Wait until a page of the dashboards is complete: no script runs, nothing loads or moves."""
    expect(page.locator("h1").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_test_id("stApp")).to_have_attribute(
        "data-test-script-state", "notRunning", timeout=PATIENCE_MS
    )
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=PATIENCE_MS)
    page.wait_for_function(_STEADY, polling=_GLANCE_MS, timeout=PATIENCE_MS)


def _addresses() -> list[str]:
    return [address for entries in MENU.values() for address, _, _ in entries]


def _take(browser: Browser, url: str, target: Path, width: int, scheme: Scheme) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(url)
    settled(page)
    tall = page.get_by_test_id("stMain").evaluate("main => main.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(max(900, tall), _TALLEST_PX)})
    settled(page)
    # Charts and tables draw themselves after the script has ended.
    page.wait_for_timeout(1500)
    page.screenshot(path=str(target))
    page.close()


if __name__ == "__main__":
    screenshots()
