"""The month end by pages alone, in a real Chromium: from the partner's invoice to the ledger."""

from __future__ import annotations

import csv
import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from pipelines.cli.dashboards import serve_in_background
from pipelines.cli.demo_story import demo_invoice
from pipelines.config.home import Home
from pipelines.exports.company import Letterhead
from pipelines.sandbox.invoicing import invoice_xml
from pipelines.warehouse.snapshot import current, open_current
from tests.dashboards.browser import (
    PATIENCE_MS,
    choose,
    chromium,
    figure,
    needs_chromium,
    new_tab,
    opened,
    press,
    settled,
)

pytestmark = needs_chromium
PARTNER, MONTH = "voltix", "2026-09"


@pytest.fixture
def office(ran_home: Home, tmp_path: Path) -> Home:
    """A home of one's own, with its warehouse: it is settled again."""
    shutil.copytree(ran_home.path, tmp_path / "home")
    return Home(tmp_path / "home")


@pytest.fixture
def served(office: Home) -> Iterator[str]:
    with serve_in_background(office, port=0) as app:
        yield app.url


@pytest.fixture
def page(served: str) -> Iterator[Page]:
    with chromium() as browser:
        yield new_tab(browser)


def asked(home: Home, query: str) -> list[tuple[object, ...]]:
    path = current(home.serving)
    assert path is not None
    copy = shutil.copy(path, home.path / "asked.duckdb")
    with duckdb.connect(copy, read_only=True) as con:
        return con.execute(query).fetchall()


def downloaded(page: Page, label: str) -> bytes:
    with page.expect_download() as waiting:
        press(page, label)
    return Path(waiting.value.path()).read_bytes()


def settle_now(page: Page, home: Home) -> None:
    before = current(home.serving)
    press(page, "Settle now")
    for _ in range(PATIENCE_MS // 100):
        if current(home.serving) != before:
            break
        page.wait_for_timeout(100)
    expect(page.get_by_text("Settling; no partner is asked anything.")).to_have_count(0)
    settled(page)
    assert current(home.serving) != before


def test_a_month_is_ended_by_pages_alone(page: Page, served: str, office: Home) -> None:
    number = take_in(page, served, office)
    decide_and_close(page, served, office)
    settle_now(page, office)

    expect(page.get_by_text("Locked", exact=False).first).to_be_visible()
    (status,) = asked(
        office,
        f"select distinct status from settle.statements "  # noqa: S608 - our own words
        f"where partner = '{PARTNER}' and month = '{MONTH}'",
    )
    assert status == ("locked",)
    (state,) = asked(office, f"select state from settle.disputes where subject_id = '{number}'")  # noqa: S608
    assert state == ("open",)
    check_papers(page, served)
    check_ledger(page, served, office)


def take_in(page: Page, served: str, office: Home) -> str:
    """Upload the partner's invoice with three planted differences, and see what is found."""
    con = open_current(office.serving)
    assert con is not None
    with con:
        sent = demo_invoice(con, Letterhead())
    assert sent is not None
    opened(page, served, f"invoices?partner={PARTNER}&month={MONTH}")
    page.get_by_text("Take invoices in").click()
    document = {"name": "sent.xml", "mimeType": "application/xml", "buffer": invoice_xml(sent)}
    page.locator('input[type="file"]').set_input_files([document])  # type: ignore[list-item]
    expect(page.get_by_text("sent.xml")).to_be_visible()
    press(page, "Take in")
    expect(page.get_by_text("Kept:", exact=False)).to_be_visible()
    settle_now(page, office)

    expect(page.get_by_text(re.compile(r"^Pay [\d.,]+ of")).first).to_be_visible()
    assert figure(page, "Invoice").startswith("EUR")
    found = asked(
        office,
        "select rule_id from settle.invoice_findings where at_stake_excl_vat > 0 "
        "and rule_id <> 'INVOICE_LINE_CONTESTED' order by 1",
    )
    planted = ("INVOICE_LINE_MISMATCH", "INVOICE_LINE_TWICE", "INVOICE_LINE_UNKNOWN")
    assert found == [(rule,) for rule in planted]
    return sent.number


def decide_and_close(page: Page, served: str, office: Home) -> None:
    """Open every dispute of the month at once, export them, look at what is open, and lock it."""
    opened(page, served, f"disputes?partner={PARTNER}&month={MONTH}")
    page.get_by_text("Decide on all that match").click()
    press(page, "Decide on all")
    settled(page)

    page.get_by_text("Exchange with the partner").click()
    text = downloaded(page, "Download what is contested (CSV)").decode("utf-8-sig")
    (contested,) = asked(
        office,
        f"select count(*) from settle.disputes where partner = '{PARTNER}' "  # noqa: S608
        f"and month = '{MONTH}' and (contested_excl_vat <> 0 or coalesce(contested_vat, 0) <> 0)",
    )
    assert (len(list(csv.DictReader(io.StringIO(text)))),) == contested

    opened(page, served, f"statement?partner={PARTNER}&month={MONTH}")
    expect(page.get_by_text("Open before the close:", exact=False)).to_be_visible()
    choose(page, "Step", "Lock: nothing changes it any more")
    settled(page)
    press(page, "Do it")
    settled(page)


def check_papers(page: Page, served: str) -> None:
    """Download statement and letter, and open them."""
    for kind, label in (
        ("pdf", "Statement (PDF)"),
        ("xlsx", "Statement (Excel)"),
        ("letter_pdf", "Dispute letter (PDF)"),
    ):
        opened(page, served, f"statement?partner={PARTNER}&month={MONTH}&export={kind}")
        press(page, "Prepare")
        content = downloaded(page, f"Download {label}")
        if kind == "xlsx":
            names = zipfile.ZipFile(io.BytesIO(content)).namelist()
            assert sum(name.startswith("xl/worksheets/sheet") for name in names) == 4
        else:
            first = PdfReader(io.BytesIO(content)).pages[0].extract_text()
            assert "September 2026" in first


def check_ledger(page: Page, served: str, office: Home) -> None:
    opened(page, served, f"settlement?partner={PARTNER}&month={MONTH}")
    text = downloaded(page, "Download the entries").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    booked = asked(
        office,
        f"select kind, amount from settle.journal where partner = '{PARTNER}' "  # noqa: S608
        f"and month = '{MONTH}' order by 1, 2",
    )
    assert sorted((row["kind"], Decimal(row["amount"])) for row in rows) == booked
    assert {row["debit"] for row in rows} >= {"expense", "input_vat"}
