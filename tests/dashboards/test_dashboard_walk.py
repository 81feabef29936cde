"""What a person sees: each page in a real Chromium, figures against SQL, no outside request."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page, TimeoutError, expect, sync_playwright

from dashboards.format import money
from dashboards.navigation import MENU
from tests.dashboards.screenshots import FLAGS, PATIENCE_MS, QUIET
from tests.dashboards.screenshots import settled as complete

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
PAGES = [
    (address if group or address != "overview" else "", title)
    for group, entries in MENU.items()
    for address, title, _ in entries
]
GLANCE_MS = 3_000
expect.set_options(timeout=PATIENCE_MS)

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="there is no chromium on this machine")


@pytest.fixture(scope="module")
def page(served: str) -> Iterator[Page]:
    """A page that notes what it asks of other machines."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(FLAGS), env=dict(QUIET)
        )
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        tab = context.new_page()
        tab.set_default_timeout(PATIENCE_MS)
        outside: list[str] = []
        tab.on("request", lambda request: outside.append(request.url))
        tab.on("websocket", lambda socket: outside.append(socket.url))
        yield tab
        browser.close()
    allowed = (served, served.replace("http", "ws", 1), "data:", "blob:")
    assert [url for url in outside if not url.startswith(allowed)] == []


def opened(page: Page, served: str, path: str) -> None:
    """Open an address and wait until the page is complete and nothing failed."""
    page.goto(f"{served}/{path}")
    settled(page)


def settled(page: Page) -> None:
    complete(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.locator('[data-testid="stAlertContentError"]')).to_have_count(0)


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
    for _ in range(PATIENCE_MS // GLANCE_MS):
        settled(page)
        box.press("ArrowDown")
        try:
            found.click(timeout=GLANCE_MS)
        except TimeoutError:
            continue
        return
    pytest.fail(f"{label} never offered {option}")


@pytest.mark.parametrize(("path", "title"), PAGES)
@pytest.mark.parametrize("width", [820, 1920])
def test_every_page_shows_without_an_error(
    page: Page, served: str, path: str, title: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 1000})

    opened(page, served, path)

    assert not page.get_by_text("Page not found").count()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    page.set_viewport_size({"width": 1280, "height": 900})


def test_money_at_stake_is_what_the_lines_add_up_to(
    page: Page, served: str, asked: duckdb.DuckDBPyConnection
) -> None:
    opened(page, served, "?month=2026-09")
    currency, claimed, disputed = asked.execute(
        "select currency, sum(claimed_excl_vat), sum(disputed_excl_vat) "
        "from settle.statement_lines where month = '2026-09' and direction = 'payable' "
        "and section = 'roaming' group by 1 order by count(*) desc, 1 limit 1"
    ).fetchall()[0]

    assert figure(page, "Claimed") == money(claimed, currency)
    assert figure(page, "Disputed") == money(disputed, currency)


def test_a_statement_leads_to_its_month_and_a_cdr(
    page: Page, served: str, asked: duckdb.DuckDBPyConnection
) -> None:
    opened(page, served, "settlement?partner=voltix&month=2026-09")
    choose_first_row(page, 0)
    page.wait_for_url(re.compile(r"/statement\?.*partner=voltix"))
    settled(page)
    assert "month=2026-09" in page.url
    claimed, currency = asked.execute(
        "select claimed_excl_vat, currency from settle.statements where partner = 'voltix' "
        "and month = '2026-09' order by direction, section, cdr_count desc limit 1"
    ).fetchall()[0]
    assert figure(page, "Claimed") == money(claimed, currency)

    choose_first_row(page, 0)
    page.wait_for_url(re.compile(r"/cdr\?"))
    settled(page)
    worst, claimed, currency = asked.execute(
        "select cdr_id, claimed_excl_vat, currency from settle.statement_lines "
        "where partner = 'voltix' and month = '2026-09' "
        "order by abs(disputed_excl_vat) + abs(rejected_excl_vat) desc, basis_at, cdr_id limit 1"
    ).fetchall()[0]
    expect(page.get_by_role("heading", name=worst)).to_be_visible()
    assert figure(page, "Claimed") == money(claimed, currency)


def test_an_export_holds_the_lines_of_the_month(
    page: Page, served: str, asked: duckdb.DuckDBPyConnection
) -> None:
    opened(page, served, "statement?partner=voltix&month=2026-09&export=csv")
    press(page, "Prepare")
    with page.expect_download() as waiting:
        press(page, "Download CDR lines (CSV)")
    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")

    (count,) = asked.execute(
        "select count(*) from settle.statement_lines where partner = 'voltix' and month = '2026-09'"
    ).fetchall()[0]
    assert len(list(csv.DictReader(io.StringIO(text)))) == count


def test_a_table_downloads_all_its_rows(
    page: Page, served: str, asked: duckdb.DuckDBPyConnection
) -> None:
    opened(page, served, "settlement")
    (count,) = asked.execute("select count(*) from settle.statements").fetchall()[0]
    with page.expect_download() as waiting:
        press(page, f"Download {count} rows")
    text = Path(waiting.value.path()).read_text(encoding="utf-8")

    assert len(list(csv.DictReader(io.StringIO(text)))) == count


def test_a_choice_stands_in_the_address(page: Page, served: str) -> None:
    opened(page, served, "disputes")
    choose(page, "Partners", "lumen")
    page.wait_for_url(re.compile("partner=lumen"))
    settled(page)


def choose_first_row(page: Page, table: int) -> None:
    """Tick the first row of a table; it is drawn on a canvas, so by place."""
    grid = page.get_by_test_id("stDataFrame").filter(visible=True).nth(table)
    grid.scroll_into_view_if_needed()
    grid.click(position={"x": 16, "y": 52})
