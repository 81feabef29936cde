"""What a person sees in a real Chromium: each page, figures against SQL, what leads where."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import duckdb
import pytest
from playwright.sync_api import Page, expect

from dashboards.format import money, number
from dashboards.navigation import DEFAULT, MENU
from tests.dashboards.browser import (
    NARROW,
    USUAL,
    WIDE,
    choose,
    choose_first_row,
    chromium,
    figure,
    needs_chromium,
    new_tab,
    opened,
    press,
    settled,
)

PAGES = [
    ("" if address == DEFAULT else address, title)
    for entries in MENU.values()
    for address, title, _ in entries
]
pytestmark = needs_chromium


@pytest.fixture
def tab(walked: Page) -> Iterator[Page]:
    """The tab of this walk; on a screen of the usual size, whatever a test made of it."""
    yield walked
    walked.emulate_media(media="screen")
    resize(walked, USUAL)


@pytest.fixture(scope="module")
def walked(served: str) -> Iterator[Page]:
    """A tab on the overview, that notes what it asks of other machines."""
    outside: list[str] = []
    with chromium() as browser:
        page = new_tab(browser)
        page.on("request", lambda request: outside.append(request.url))
        page.on("websocket", lambda socket: outside.append(socket.url))
        opened(page, served, "")
        yield page
    allowed = (served, served.replace("http", "ws", 1), "data:", "blob:")
    assert [url for url in outside if not url.startswith(allowed)] == []


def resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


@pytest.mark.parametrize(("path", "title"), PAGES)
def test_every_page_shows_without_an_error(tab: Page, path: str, title: str) -> None:
    tab.get_by_test_id("stSidebarNav").get_by_role("link", name=title).click()
    tab.wait_for_url(lambda url: urlparse(url).path == f"/{path}")
    settled(tab)

    assert not tab.get_by_text("Page not found").count()
    for size in (WIDE, NARROW):
        resize(tab, size)
        settled(tab)
        assert tab.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_money_at_stake_is_what_the_lines_add_up_to(
    tab: Page, served: str, asked: duckdb.DuckDBPyConnection
) -> None:
    opened(tab, served, "?month=2026-09")
    currency, claimed, disputed = asked.execute(
        "select currency, sum(claimed_excl_vat), sum(disputed_excl_vat) "
        "from settle.statement_lines where month = '2026-09' and direction = 'payable' "
        "and section = 'roaming' group by 1 order by count(*) desc, 1 limit 1"
    ).fetchall()[0]

    assert figure(tab, "Claimed") == money(claimed, currency)
    assert figure(tab, "Disputed") == money(disputed, currency)


def test_a_statement_leads_to_its_month_and_a_cdr(
    tab: Page, served: str, asked: duckdb.DuckDBPyConnection
) -> None:
    opened(tab, served, "settlement?partner=voltix&month=2026-09")
    choose_first_row(tab, 0)
    tab.wait_for_url(re.compile(r"/statement\?.*partner=voltix"))
    settled(tab)
    assert "month=2026-09" in tab.url
    claimed, currency = asked.execute(
        "select claimed_excl_vat, currency from settle.statements where partner = 'voltix' "
        "and month = '2026-09' order by direction, section, cdr_count desc limit 1"
    ).fetchall()[0]
    assert figure(tab, "Claimed") == money(claimed, currency)

    choose_first_row(tab, 0)
    tab.wait_for_url(re.compile(r"/cdr\?"))
    settled(tab)
    worst, claimed, currency = asked.execute(
        "select cdr_id, claimed_excl_vat, currency from settle.statement_lines "
        "where partner = 'voltix' and month = '2026-09' "
        "order by abs(disputed_excl_vat) + abs(rejected_excl_vat) desc, basis_at, cdr_id limit 1"
    ).fetchall()[0]
    expect(tab.get_by_role("heading", name=worst)).to_be_visible()
    assert figure(tab, "Claimed") == money(claimed, currency)


def test_an_export_holds_the_lines_of_the_month(
    tab: Page, served: str, asked: duckdb.DuckDBPyConnection
) -> None:
    opened(tab, served, "statement?partner=voltix&month=2026-09&export=csv")
    press(tab, "Prepare")
    with tab.expect_download() as waiting:
        press(tab, "Download CDR lines (CSV)")
    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")

    (count,) = asked.execute(
        "select count(*) from settle.statement_lines where partner = 'voltix' and month = '2026-09'"
    ).fetchall()[0]
    assert len(list(csv.DictReader(io.StringIO(text)))) == count


def test_a_table_downloads_all_its_rows(
    tab: Page, served: str, asked: duckdb.DuckDBPyConnection
) -> None:
    opened(tab, served, "settlement")
    (count,) = asked.execute("select count(*) from settle.statements").fetchall()[0]
    with tab.expect_download() as waiting:
        press(tab, f"Download {count} rows")
    text = Path(waiting.value.path()).read_text(encoding="utf-8")

    assert len(list(csv.DictReader(io.StringIO(text)))) == count


def test_paper_says_how_many_rows_it_shows(tab: Page, served: str) -> None:
    opened(tab, served, "disputes")
    printed = tab.get_by_text(re.compile(r"^\d of [\d,]+ rows are printed; disputes\.csv"))
    expect(printed).to_be_hidden()
    tab.emulate_media(media="print")
    expect(printed).to_be_visible()
    expect(printed).not_to_have_css("font-size", "0px")


def test_paper_says_where_columns_are_cut(tab: Page, served: str) -> None:
    resize(tab, (1024, 900))
    opened(tab, served, "disputes")
    tab.emulate_media(media="print")

    # The queue is cut, its ageing is not; the browser lays them out anew for the paper.
    tab.wait_for_function(
        """() => {
          const inners = [...document.querySelectorAll('.dvn-scroll-inner')];
          const cut = inners.map(({ parentElement: e }) => e.scrollWidth > e.clientWidth);
          const said = inners.map(e => getComputedStyle(e, '::after').visibility === 'visible');
          return cut.includes(true) && cut.includes(false) && `${cut}` === `${said}`;
        }"""
    )


def test_a_choice_stands_in_the_address(tab: Page, served: str) -> None:
    opened(tab, served, "disputes")
    choose(tab, "Partners", "lumen")
    tab.wait_for_url(re.compile("partner=lumen"))
    settled(tab)


def test_the_worst_location_leads_to_its_page(tab: Page, served: str) -> None:
    opened(tab, served, "availability?stated=true")

    choose_first_row(tab, 0)
    tab.wait_for_url(re.compile(r"/location\?"))
    settled(tab)

    expect(tab.get_by_role("heading", name="What it showed")).to_be_visible()


def test_the_worst_locations_download_whole(
    tab: Page, served: str, asked: duckdb.DuckDBPyConnection
) -> None:
    opened(tab, served, "availability?stated=true&window=7d")
    expected = [
        (name, operator, f"{strict:.6f}", str(evses))
        for name, operator, strict, evses in asked.execute(
            """
            select coalesce(l.name, ''), coalesce(l.operator_name, 'unknown'),
                sum(a.available_s + a.charging_s + a.reserved_s)
                / sum(a.covered_s - a.planned_s - a.removed_s), count(*)
            from core.evses as e
            join mart.availability as a using (canonical_evse)
            join core.locations as l
                on (l.partner, l.country_code, l.party_id, l.id)
                = (e.partner, e.country_code, e.party_id, e.location_id)
            where e.is_current_copy and e.removed_at is null
                and a.basis = 'stated' and a."window" = '7d'
            group by l.partner, l.country_code, l.party_id, l.id, l.name, l.operator_name
            having sum(a.covered_s - a.planned_s - a.removed_s) > 0
            """
        ).fetchall()
    ]

    with tab.expect_download() as waiting:
        tab.get_by_role("button", name=re.compile("^Download .* rows")).last.click()
    rows = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text())))

    found = [
        (
            *(row["location_name"], row["operator"]),
            *(f"{float(row['strict_share']):.6f}", row["evse_count"]),
        )
        for row in rows
    ]
    assert sorted(found) == sorted(expected)
    shares = [share for _, _, share, _ in found]
    assert shares == sorted(shares, key=float)


def test_an_area_of_the_map_can_be_left_again(tab: Page, served: str) -> None:
    opened(tab, served, "availability?area=3.0,50.5,7.5,53.7")
    area = tab.get_by_label("Area: west, south, east, north")
    expect(area).to_be_visible()
    expect(area).to_have_value("3.0,50.5,7.5,53.7")
    expect(tab.locator(".map .mark").first).to_be_visible()

    tab.get_by_role("button", name="Show everything").click()

    expect(area).to_have_value("")


def test_figures_follow_the_map(tab: Page, served: str, asked: duckdb.DuckDBPyConnection) -> None:
    opened(tab, served, "availability?country=NLD")
    circles = tab.locator(".map .mark").count()

    for _ in range(3):
        before = tab.url
        tab.get_by_role("button", name="Closer").click()
        tab.wait_for_url(lambda url, before=before: url != before)  # type: ignore[misc]
        settled(tab)

    box = [float(part) for part in parse_qs(urlparse(tab.url).query)["area"][0].split(",")]
    (count,) = asked.execute(
        "select count(*) from core.connectors as k join core.evses as e "
        "on k.evse_uid = e.uid and (k.partner, k.country_code, k.party_id, k.location_id) "
        "= (e.partner, e.country_code, e.party_id, e.location_id) join core.locations as l "
        "on l.id = e.location_id and (l.partner, l.country_code, l.party_id) "
        "= (e.partner, e.country_code, e.party_id) where e.is_current_copy and l.country = 'NLD' "
        "and coalesce(e.longitude, l.longitude) between $1 and $3 "
        "and coalesce(e.latitude, l.latitude) between $2 and $4",
        box,
    ).fetchall()[0]
    assert figure(tab, "Connectors") == number(count)
    # Three steps closer eight circles stand where one stood, or fewer places are seen.
    assert tab.locator(".map .mark").count() != circles
    everything = tab.locator(".map .everything")
    everything.click()
    tab.wait_for_url(re.compile(r"availability\?country=NLD$"))


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
