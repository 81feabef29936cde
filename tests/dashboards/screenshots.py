"""Pictures of every page of the dashboards: `python -m tests.dashboards.screenshots HOME FOLDER`.

Needs the development dependencies and a Chromium; asks no other machine for anything.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import click
from playwright.sync_api import Browser

from dashboards.navigation import DEFAULT, MENU
from pipelines.cli.dashboards import serve_in_background
from pipelines.config.home import Home
from tests.dashboards.browser import CHROMIUM, chromium, complete

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
    if not CHROMIUM:
        raise click.UsageError("there is no chromium on the PATH")
    folder.mkdir(parents=True, exist_ok=True)
    with serve_in_background(Home(home.absolute()), port=0) as served, chromium() as browser:
        for address in _addresses():
            target = folder / f"{address}-{width}-{scheme}.png"
            path = "" if address == DEFAULT else address
            _take(browser, f"{served.url}/{path}{query}", target, width, scheme)
            click.echo(target.name)


def _addresses() -> list[str]:
    return [address for entries in MENU.values() for address, _, _ in entries]


def _take(browser: Browser, url: str, target: Path, width: int, scheme: Scheme) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(url)
    complete(page)
    tall = page.get_by_test_id("stMain").evaluate("main => main.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(max(900, tall), _TALLEST_PX)})
    complete(page)
    # Charts and tables draw themselves after the script has ended.
    page.wait_for_timeout(1500)
    page.screenshot(path=str(target))
    page.close()


if __name__ == "__main__":
    screenshots()
