"""Working the queue and closing a month, through the pages, into the decisions store."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from dashboards import access, deciding, services
from dashboards.access import Visitor
from models.settle.decisions import IllegalDecision
from models.settle.disputes import FOLLOWS
from pipelines.config.home import Home
from pipelines.decisions.store import DecisionsStore
from tests.dashboards.conftest import show

FINANCE = Visitor("fin@x.example", "finance")


@pytest.fixture
def row(snapshot: duckdb.DuckDBPyConnection) -> dict[str, object]:
    """The largest dispute, as detected."""
    found = snapshot.sql(
        "select * from settle.disputes where subject = 'cdr' "
        "order by abs(contested_excl_vat) desc, dispute_id limit 1"
    ).pl()
    return found.row(0, named=True)


def store_of(home: Home) -> DecisionsStore:
    return DecisionsStore(home.decisions, clock=lambda: datetime.now(UTC))


def test_a_dispute_is_opened_sent_and_let_go(home: Home, row: dict[str, object]) -> None:
    deciding.act(FINANCE, [row], "open", "")
    deciding.act(FINANCE, [row], "commented", "Called them")
    deciding.act(FINANCE, [row], "sent", "")
    deciding.act(FINANCE, [row], "withdrawn", "Not worth it")

    with store_of(home) as store:
        dispute = store.dispute(str(row["dispute_id"]))
    assert dispute.state == "withdrawn"
    assert dispute.amount_excl_vat == Decimal(str(row["contested_excl_vat"]))
    assert dispute.due_on is not None
    assert [(e.name, e.who) for e in dispute.history] == [
        ("open", "fin@x.example"),
        ("commented", "fin@x.example"),
        ("sent", "fin@x.example"),
        ("withdrawn", "fin@x.example"),
    ]


def test_a_claim_is_accepted_at_once(home: Home, row: dict[str, object]) -> None:
    (after,) = deciding.act(FINANCE, [row], "withdrawn", "The price is right")

    assert after.conceded


def test_a_reason_is_asked_for(home: Home, row: dict[str, object]) -> None:
    with pytest.raises(IllegalDecision, match="reason"):
        deciding.act(FINANCE, [row], "withdrawn", "  ")
    assert services.dispute(str(row["dispute_id"])).history == ()


def test_many_are_decided_all_or_none(home: Home, row: dict[str, object]) -> None:
    with pytest.raises(IllegalDecision, match="cannot become open"):
        deciding.act(FINANCE, [row, row], "open", "")
    assert services.all_disputes() == {}


def test_a_viewer_decides_nothing(home: Home, row: dict[str, object]) -> None:
    with pytest.raises(deciding.NotAllowed):
        deciding.act(Visitor("v@x.example", "viewer"), [row], "open", "")
    assert services.all_disputes() == {}


def test_finance_closes_but_does_not_reopen(home: Home) -> None:
    with pytest.raises(deciding.NotAllowed, match="admins"):
        deciding.move_month(FINANCE, "voltix", "2026-09", "reopened", "why")


def test_only_what_may_follow_is_offered(home: Home, row: dict[str, object]) -> None:
    state = services.dispute(str(row["dispute_id"])).state
    assert deciding.possible(state, state) == ["open", "withdrawn"]
    (after,) = deciding.act(FINANCE, [row], "open", "")
    assert deciding.possible(after.state, after.state) == [
        "sent",
        "credited",
        "commented",
        "approved",
        "assigned",
        "due",
        "withdrawn",
    ]


@pytest.mark.parametrize("state", [state for state, following in FOLLOWS.items() if following])
def test_to_let_it_go_is_never_proposed(state: str) -> None:
    proposed = next(name for name in deciding.ACTIONS if name in FOLLOWS[state])
    assert proposed not in ("withdrawn", "written_off")


def test_the_queue_shows_at_once_what_was_decided(app: AppTest, row: dict[str, object]) -> None:
    app.run()
    deciding.act(FINANCE, [row], "open", "")

    show(app, "disputes")

    queue = next(f.value for f in app.dataframe if "subject_id" in f.value.columns)
    states = queue[queue["subject_id"] == row["subject_id"]]["state"]
    assert set(states) == {"open"}


def test_a_month_is_closed_signed_and_locked_on_its_page(
    app: AppTest, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "now", lambda: datetime(2026, 11, 2, tzinfo=UTC))
    show(app, "statement", partner="voltix")
    app.selectbox(key="month").set_value("2026-09").run()
    for step in ("soft_closed", "signed_off", "locked"):
        app.selectbox(key="close_step").set_value(step)
        next(b for b in app.button if b.label == "Do it").click().run()
        assert not app.exception
        assert [box.value for box in app.error] == []

    with store_of(home) as store:
        settlement = store.settlement_month("voltix", "2026-09")
    assert settlement.locked
    assert [event.name for event in settlement.history] == ["soft_closed", "signed_off", "locked"]
    assert settlement.history[-1].data["lines_sha256"]


def test_a_month_that_is_not_over_is_not_locked(app: AppTest, home: Home) -> None:
    show(app, "statement", partner="voltix")
    app.selectbox(key="month").set_value("2026-10").run()
    next(b for b in app.button if b.label == "Do it").click().run()

    assert "2026" in app.error[0].value
    assert services.settlement_month("voltix", "2026-10").state == "open"


def test_a_viewer_is_offered_no_decision(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "visitor", lambda: Visitor("v@x.example", "viewer"))

    show(app, "statement", partner="voltix")

    assert not [b for b in app.button if b.label == "Do it"]
