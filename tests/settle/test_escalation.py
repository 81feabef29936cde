"""Due dates escalate: first a reminder, then an escalation, wherever disputes are seen."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from finance_desk import Desk
from settle_builder import AS_OF, SettleBuilder

from models.settle.disputes import FOLLOWS, escalation_of
from pipelines.warehouse.sql_files import fetch_row

DUE, DAYS = date(2026, 11, 20), 14


@pytest.mark.parametrize(
    ("state", "days_later", "level"),
    [
        ("sent", 0, None),
        ("sent", 1, "reminder"),
        ("sent", DAYS, "reminder"),
        ("sent", DAYS + 1, "escalation"),
        ("open", DAYS + 1, "escalation"),
        ("escalated", DAYS + 1, "reminder"),
        ("accepted", DAYS + 1, None),
    ],
)
def test_an_overdue_answer_is_reminded_of_then_escalated(
    state: str, days_later: int, level: str | None
) -> None:
    assert escalation_of(state, DUE, DUE + timedelta(days_later), DAYS) == level


def test_tables_and_pages_tell_the_same() -> None:
    con = SettleBuilder.open().con
    for state in FOLLOWS:
        for later in (-1, 0, 1, DAYS, DAYS + 1):
            today = DUE + timedelta(later)
            row = fetch_row(con, "select dispute_escalation(?, ?, ?, ?)", [state, DUE, today, DAYS])
            assert row == (escalation_of(state, DUE, today, DAYS),)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path / "home")
    key = desk.dispute_id()
    for words in (("open", key, "--due", "2026-11-20"), ("send", key)):
        result = desk("dispute", *words)
        assert result.exit_code == 0, result.output
    desk.publish()
    return desk


def test_what_is_overdue_is_listed_exported_and_needs_a_person(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.cli.dispute.utc_now", lambda: AS_OF + timedelta(days=9))
    (row,) = json.loads(desk("dispute", "list", "--overdue", "--json").stdout)["disputes"]
    assert (row["escalation"], row["due_on"]) == ("escalation", "2026-11-20")
    assert json.loads(desk("dispute", "list", "--state", "open", "--overdue", "--json").stdout) == {
        "disputes": []
    }
    out = tmp_path / "disputes"
    when = ("--date", "2026-11-30")
    written = desk("dispute", "export", "--partner", "voltix", "-o", str(out), *when)
    assert written.exit_code == 0, written.output
    (sent,) = json.loads(out.with_suffix(".json").read_text("utf-8"))["disputes"]
    assert (sent["due_on"], sent["escalation"]) == ("2026-11-20", "reminder")

    escalated = desk("dispute", "escalate", "--partner", "voltix", "--overdue")
    assert "escalated" in escalated.output
