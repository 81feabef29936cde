"""The page of invoices over a small snapshot with one invoice, and the demo's own."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from models.settle.view import DecisionsView
from pipelines.cli.demo_story import take_in_invoice
from pipelines.config import Home
from pipelines.decisions import DecisionsStore
from pipelines.invoices.store import kept_file
from pipelines.stages.settle.received import read_received
from tests.dashboards.conftest import APP, PATIENCE_S, show
from tests.settle.settle_builder import AS_OF, SettleBuilder, insert

D = Decimal


def settle(world: SettleBuilder, home: Home) -> None:
    view = DecisionsView()
    if home.decisions.exists():
        with DecisionsStore(home.decisions, clock=lambda: AS_OF) as store:
            view = store.view()
    frames = read_received(world.con, view.invoices, partial(kept_file, home.landing)).frames
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
    app = AppTest.from_file(str(APP), default_timeout=PATIENCE_S).run()
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
