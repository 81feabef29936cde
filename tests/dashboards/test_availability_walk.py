"""From a figure to what is behind it, in a real browser: places, prices, the simulator."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlparse

import duckdb
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from dashboards.format import number
from tests.dashboards.test_dashboard_walk import (
    CHROMIUM,
    FLAGS,
    PATIENCE_MS,
    choose_first_row,
    figure,
    opened,
    settled,
)

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="there is no chromium on this machine")


@pytest.fixture(scope="module")
def tab() -> Iterator[Page]:
    """A browser's tab."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE_MS)
        yield page
        browser.close()


def test_the_worst_location_leads_to_its_page(tab: Page, served: str) -> None:
    opened(tab, served, "availability?stated=true")

    choose_first_row(tab, 0)
    tab.wait_for_url(re.compile(r"/location\?"))
    settled(tab)

    expect(tab.get_by_role("heading", name="What it showed")).to_be_visible()


def test_an_area_of_the_map_can_be_left_again(tab: Page, served: str) -> None:
    opened(tab, served, "availability?area=3.0,50.5,7.5,53.7")
    area = tab.get_by_label("Area: west, south, east, north")
    expect(area).to_be_visible()
    expect(area).to_have_value("3.0,50.5,7.5,53.7")
    expect(tab.get_by_test_id("stDeckGlJsonChart").locator("canvas").first).to_be_visible()

    tab.get_by_role("button", name="Show everything").click()

    expect(area).to_have_value("")


def test_an_outlier_leads_to_its_tariff_and_to_the_simulator(tab: Page, served: str) -> None:
    opened(tab, served, "pricing?currency=EUR")

    choose_first_row(tab, 1)
    tab.wait_for_url(re.compile(r"/tariff\?"))
    settled(tab)
    named = parse_qs(urlparse(tab.url).query)["id"][0]
    expect(tab.get_by_role("heading", name=named)).to_be_visible()

    tab.get_by_role("link", name="Simulate a charge").click()
    tab.wait_for_url(re.compile(r"/simulator\?"))
    settled(tab)
    assert figure(tab, "By tariff") == named


def test_figures_of_places_are_those_of_the_snapshot(
    tab: Page, served: str, asked: duckdb.DuckDBPyConnection
) -> None:
    rows = asked.execute(
        "select count(*), count(*) filter (where e.status in ('AVAILABLE', 'CHARGING', 'RESERVED'))"
        " from core.evses as e join core.connectors as k on e.partner = k.partner "
        "and e.location_id = k.location_id and e.uid = k.evse_uid and e.party_id = k.party_id "
        "where e.is_current_copy and e.partner = 'gridlink' and e.country_code = k.country_code"
    ).fetchall()

    opened(tab, served, "availability?partner=gridlink")

    assert (figure(tab, "Connectors"), figure(tab, "Work now")) == tuple(map(number, rows[0]))
