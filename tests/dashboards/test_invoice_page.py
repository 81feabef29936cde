"""The page of invoices over a small snapshot with one invoice, and the demo's own."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from models.settle.view import DecisionsView
from pipelines.cli.demo_story import take_in_invoice
from pipelines.config.home import Home
from pipelines.decisions.store import DecisionsStore
from pipelines.invoices.store import kept_file
from pipelines.landing.files import Files
from pipelines.sandbox.invoicing import BilledCdr
from pipelines.stages.settle.received import read_received
from tests.dashboards.conftest import open_app, show
from tests.invoices.documents import ubl
from tests.settle.settle_builder import AS_OF, SettleBuilder, insert

D = Decimal
PARTNERS = """
partners:
  - {name: voltix, kind: ocpi, versions_url: "https://voltix.example/versions", token_env: TOKEN}
"""


def settle(world: SettleBuilder, home: Home) -> None:
    view = DecisionsView()
    if home.decisions.exists():
        with DecisionsStore(home.decisions, clock=lambda: AS_OF) as store:
            view = store.view()
    frames = read_received(world.con, view.invoices, partial(kept_file, Files(home.landing))).frames
    world.settle(view, received=frames)


@pytest.fixture
def invoiced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home whose partner sent the demo's invoice for October."""
    home = Home(tmp_path / "home")
    home.create()
    path = home.serving / "warehouse-000001.duckdb"
    (home.serving / "current").write_text(path.name + "\n", encoding="utf-8")
    world = SettleBuilder.open(str(path))
    for number in range(4):
        end = datetime(2026, 10, number + 5, 12, tzinfo=UTC)
        world.cdr(f"CDR-{number}", D("10.00") + number, end_at=end, rates={"21": "10"})
    pages = {"page_id": "p1", "fetched_at": AS_OF, "partner": "voltix", "module": "cdrs"}
    insert(world.con, "ops.pages", [pages])
    settle(world, home)
    world.con.close()
    assert take_in_invoice(home) == "NLVOL-2026-10"
    assert take_in_invoice(home) is None  # a second time nothing is taken in
    world = SettleBuilder.open(str(path))
    settle(world, home)
    world.con.close()
    monkeypatch.setenv("ROAMHOUSE_HOME", str(home.path))
    return home


def test_the_planted_differences_come_first(invoiced: Home) -> None:
    app = open_app()
    show(app, "invoices")

    assert not app.error
    inbox, findings, lines = (table.value for table in app.dataframe)
    assert list(inbox["number"]) == ["NLVOL-2026-10"]
    assert list(findings["rule_id"]) == [
        "Invoice line twice",
        "Invoice line unknown",
        "Invoice line mismatch",
    ]
    assert list(lines["line_number"])[:3] == [5, 6, 1]
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Payable"] == "EUR 46.00"
    assert shown["Contested"] == "EUR 27.00"
    assert list(inbox["issued_on"]) == ["2026-11-03"]


def test_invoices_are_taken_in_by_the_page_and_what_is_none_is_said(invoiced: Home) -> None:
    invoiced.partners.write_text(PARTNERS, encoding="utf-8")
    app = open_app()
    show(app, "invoices")
    (partner,) = {row["partner"] for row in app.dataframe[0].value.to_dict("records")}

    app.session_state["invoices_in"] = True
    app.run()

    def take_in(name: str, content: bytes) -> None:
        files = [(name, content, "application/octet-stream")]
        app.file_uploader(key="invoice_files").set_value(files)
        next(button for button in app.button if button.label == "Take in").click()
        app.run()

    take_in("letter.txt", b"Dear colleagues")
    (refusal,) = app.error
    assert "give its number" in refusal.value
    take_in("invoice.xml", ubl("INV-77", BilledCdr("CDR-0", D("10.00"), D(21), D("20.5"))))
    assert not app.error
    assert app.success[0].value.startswith("Kept: INV\\-77.")
    with DecisionsStore(invoiced.decisions, clock=lambda: AS_OF) as store:
        kept = [one for one in store.view().invoices if one.number == "INV-77"]
    assert [one.partner for one in kept] == [partner]
