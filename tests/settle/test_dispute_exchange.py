"""Disputes that travel: the file, the answers, and what they do to a dispute."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from settle_builder import AS_OF, SettleBuilder

from models.settle.exchange import (
    COLUMNS,
    FORMAT,
    Answer,
    BadAnswer,
    exchange_json,
    exchange_rows,
    read_answers,
)
from models.settle.view import DecisionsView
from pipelines.decisions.store import Decision, DecisionsStore
from pipelines.stages.settle.dispute_queries import decision_data, open_disputes_with_evidence

ON = date(2026, 11, 30)
ROW: dict[str, Any] = {
    **{"dispute_id": "D-1", "country_code": "NL", "party_id": "VOL", "month": "2026-10"},
    **{"subject_country_code": "NL", "subject_party_id": "VOL"},
    **{"subject": "cdr", "subject_id": "B", "rules": ["TIME_COST_MISMATCH"], "currency": "EUR"},
    **{"reason_code": "WALL_CLOCK_TIME", "contested_excl_vat": Decimal("2.000000")},
    **{"contested_vat": None, "message": "=1+1", "evidence": ["abc"]},
    **{"state": "sent", "sent_on": date(2026, 11, 1), "due_on": date(2026, 11, 20)},
}


def test_what_is_contested_is_exported_with_its_evidence() -> None:
    world = SettleBuilder.open()
    disputed = {"verdict": "overclaimed", "disputed": "2", "rule": "TIME_COST_MISMATCH"}
    world.cdr("B", "12.00", rates={"21": "10"}, **disputed)
    world.con.execute("insert into ops.pages by name select 'p1' as page_id, 'abc' as sha256")
    world.settle()

    (found,) = open_disputes_with_evidence(world.con, DecisionsView(), "voltix", "2026-10")

    assert (found["subject_id"], found["evidence"]) == ("B", ["abc"])
    (row,) = exchange_rows([found], ON, 14)
    assert (row["amount_excl_vat"], row["asked"]) == ("2.00", "credit or corrected CDR")
    assert tuple(row) == COLUMNS


def test_a_filled_file_reads_as_answers_in_both_forms() -> None:
    rows = exchange_rows([ROW, {**ROW, "dispute_id": "D-2"}], ON, 14)
    assert (rows[0]["sent_on"], rows[0]["escalation"]) == ("2026-11-01", "reminder")
    rows[0] |= {"answer": "credited", "credit_id": "CR-1"}
    whole = exchange_json(rows, "voltix", date(2026, 11, 30))
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, delimiter=";")
    writer.writeheader()
    writer.writerows(rows)

    assert json.loads(whole)["format"] == FORMAT
    for data in (whole, buffer.getvalue().encode("utf-8-sig")):
        assert read_answers(data) == [Answer("D-1", "credited", "CR-1")]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{}", "its format is"),
        (b'{"format": "roamhouse-disputes/1"}', "lists no disputes"),
        (b"dispute_id,answer\nD-1,perhaps\n", "'perhaps' is no answer"),
        (b"dispute_id,answer\nD-1,\n", "answers nothing"),
        (b"id,text\n1,2\n", "needs the columns"),
        (b"{torn", "no JSON"),
    ],
)
def test_what_is_no_answer_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(BadAnswer, match=message):
        read_answers(data)


@pytest.mark.parametrize(
    ("state", "answer", "steps"),
    [
        ("detected", "credited", ("open", "sent", "accepted", "credited")),
        ("sent", "credited", ("accepted", "credited")),
        ("rejected", "credited", ("credited",)),
        ("open", "rejected", ("sent", "rejected")),
        ("escalated", "accepted", ("accepted",)),
    ],
)
def test_an_answer_takes_the_steps_that_lead_to_it(
    state: str, answer: str, steps: tuple[str, ...]
) -> None:
    assert Answer("D-1", answer).steps(state) == steps


def test_an_answer_to_what_was_only_detected_opens_and_settles_it(tmp_path: Any) -> None:
    row = {**ROW, "partner": "voltix", "decided_state": "detected"}
    decisions = []
    for step in Answer("D-1", "credited").steps("detected"):
        decisions.append(Decision("D-1", step, decision_data(row, step, {})))
        row = {**row, "decided_state": step}
    with DecisionsStore(tmp_path / "d.sqlite", clock=lambda: AS_OF) as store:
        after = store.decide_all(decisions, "ada")[-1]
    assert (after.state, after.resolution) == ("credited", "settled")
    assert after.resolved_excl_vat == Decimal("2.00")
