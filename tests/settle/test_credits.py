"""Credit notes and credit CDRs settle the disputes of what they credit, as far as they go."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from invoice_builder import invoice, moment, received
from settle_builder import SettleBuilder
from test_resolutions import Desk

from models.settle.received import ReceivedInvoice
from models.settle.view import DecisionsView
from pipelines.stages.settle.dispute_queries import refuse_outdated, with_current_disputes
from pipelines.stages.settle.reading import read_document
from pipelines.stages.settle.stage import settle_checks

D = Decimal
CREDIT = {"type_code": "381", "corrects": ("I1",), "issued_on": date(2026, 11, 9)}
ALL = ({"cdr_reference": "A", "amount_excl_vat": D(10)},
       {"cdr_reference": "B", "amount_excl_vat": D(12)})  # fmt: skip


@pytest.fixture(scope="module")
def opened() -> Desk:
    """Two charges of October; 2 of the second is disputed."""
    built = Desk.open()
    assert isinstance(built, Desk)
    built.cdr("A", "10.00", end_at=moment(2))
    disputed = {"verdict": "overclaimed", "disputed": "2", "rule": "TIME_COST_MISMATCH"}
    built.cdr("B", "12.00", end_at=moment(3), **disputed)
    return built


@pytest.fixture
def desk(opened: Desk) -> Desk:
    """The same warehouse, which settles anew: nobody decided anything yet."""
    opened.view = DecisionsView()
    return opened


def note(number: str, cdr: str, amount: str, **fields: Any) -> ReceivedInvoice:
    line = {"cdr_reference": cdr, "amount_excl_vat": D(amount)}
    return invoice(number, [line], **{**CREDIT, **fields})


def settle(world: Desk, *invoices: ReceivedInvoice) -> None:
    world.settle(world.view, received=received(*invoices) if invoices else None)
    assert [check for check in settle_checks(world.con) if not check.passed] == []


def dispute(world: SettleBuilder, subject_id: str) -> tuple[Any, ...]:
    """State, contested now, credited and by what, of one dispute."""
    names = ("state", "contested_excl_vat", "credited_excl_vat", "credited_by", "subject_id")
    (row,) = [row for row in world.rows("settle.disputes", *names) if row[-1] == subject_id]
    return row[:4]


def line(world: SettleBuilder, cdr: str) -> tuple[Any, ...]:
    """Payable, disputed, rejected and settled of one CDR."""
    names = ("payable_excl_vat", "disputed_excl_vat", "rejected_excl_vat", "settled_excl_vat")
    rows = world.rows("settle.statement_lines", "cdr_id", *names)
    return next(rest for name, *rest in map(tuple, rows) if name == cdr)


def test_a_matching_credit_note_settles_the_dispute_of_its_cdr(desk: Desk) -> None:
    settle(desk, invoice("I1", ALL), note("C1", "B", "2.00"))
    assert dispute(desk, "B") == ("credited", D(0), D(2), ["C1"])
    assert line(desk, "B") == [D(10), D(0), D(2), D(2)]
    names = ("payable_excl_vat", "disputed_excl_vat", "settled_excl_vat")
    assert desk.one("settle.statements", *names) == (D(20), D(0), D(2))
    document = with_current_disputes(read_document(desk.con, "voltix", "2026-10"), desk.view)
    assert document.disputes.is_empty()


def test_a_dispute_that_a_person_sent_is_settled_by_itself_and_is_not_outdated(desk: Desk) -> None:
    settle(desk)
    desk.decide(desk.dispute_id(), "open", "sent")
    settle(desk, invoice("I1", ALL), note("C1", "B", "2.00"))
    assert dispute(desk, "B") == ("credited", D(0), D(2), ["C1"])
    assert [row["state"] for row in desk.disputes()] == ["credited"]
    refuse_outdated(read_document(desk.con, "voltix", "2026-10"), desk.view)


def test_a_smaller_credit_settles_that_part_and_says_so(desk: Desk) -> None:
    settle(desk)
    desk.decide(desk.dispute_id(), "open", "sent")
    settle(desk, invoice("I1", ALL), note("C1", "B", "0.50"))
    assert dispute(desk, "B") == ("sent", D("1.5"), D("0.5"), ["C1"])
    assert line(desk, "B") == [D(10), D("1.5"), D("0.5"), D("0.5")]
    ((message,),) = desk.rows("settle.disputes", "message")
    assert message.endswith("C1 credits 0.50 of it; 1.50 stays open.")
    settle(desk, invoice("I1", ALL), note("C1", "B", "0.50"), note("C2", "B", "1.50"))
    assert dispute(desk, "B") == ("credited", D(0), D(2), ["C1", "C2"])


def test_a_larger_credit_takes_the_rest_off_what_is_paid(desk: Desk) -> None:
    settle(desk, invoice("I1", ALL), note("C1", "B", "12.00"))
    assert dispute(desk, "B") == ("credited", D(0), D(2), ["C1"])
    notes = dict(desk.rows("settle.invoices", "number", "payable_excl_vat"))
    assert notes == {"I1": D(20), "C1": D(-10)}


def test_what_was_billed_beyond_the_claim_is_credited_first(desk: Desk) -> None:
    dear = ({**ALL[1], "amount_excl_vat": D(15)},)
    settle(desk, invoice("I1", dear), note("C1", "B", "3.00"))
    assert dispute(desk, "B") == ("detected", D(2), D(0), [])
    assert [row for row in desk.rows("settle.disputes", "subject") if row == ("invoice",)] == []
    settle(desk, invoice("I1", dear), note("C1", "B", "4.00"))
    assert dispute(desk, "B")[:3] == ("detected", D(1), D(1))


def test_what_was_credited_and_billed_again_is_contested_again(desk: Desk) -> None:
    again = invoice("I2", [ALL[1]], issued_on=date(2026, 11, 10))
    settle(desk, invoice("I1", ALL), note("C1", "B", "12.00"), again)
    assert dispute(desk, "B") == ("detected", D(2), D(0), [])


def test_a_credit_of_a_cdr_leaves_the_dispute_of_its_invoice_alone(desk: Desk) -> None:
    wrong = invoice("I1", (*ALL, {"cdr_reference": "GONE", "amount_excl_vat": D(3)}))
    settle(desk, wrong, note("C1", "B", "2.00"))
    assert dispute(desk, "B")[0] == "credited"
    assert dispute(desk, "I1")[:2] == ("detected", D(3))


def test_a_credit_note_of_the_whole_settles_all_of_its_cdrs(desk: Desk) -> None:
    whole = {"description": "All of I1", "amount_excl_vat": D(22)}
    settle(desk, invoice("I1", ALL), invoice("C1", [whole], **CREDIT))
    assert dispute(desk, "B") == ("credited", D(0), D(2), ["C1"])
    credit = invoice("C1", [whole], **CREDIT)
    settle(desk, invoice("I1", [{**whole, "description": "October"}]), credit)
    assert dispute(desk, "B") == ("credited", D(0), D(2), ["C1"])
    again = invoice("I2", ALL, issued_on=date(2026, 11, 10))
    settle(desk, invoice("I1", ALL), credit, again)
    assert dispute(desk, "B") == ("detected", D(2), D(0), [])


def test_an_invoice_dispute_that_was_opened_is_credited(desk: Desk) -> None:
    wrong = invoice("I1", (ALL[0], {"cdr_reference": "GONE", "amount_excl_vat": D(3)}))
    settle(desk, wrong)
    (row,) = [row for row in desk.disputes() if row["subject"] == "invoice"]
    desk.decide(row["dispute_id"], "open", "sent")
    settle(desk, wrong, note("C1", "GONE", "3.00"))
    assert dispute(desk, "I1") == ("credited", D(0), D(3), ["C1"])
    settle(desk, wrong)
    ours = desk.rows("settle.disputes", "subject_id", "month", "age_days")
    assert ours == [("B", "2026-10", 59), ("I1", "2026-10", 28)]
    assert read_document(desk.con, "voltix", "2026-10").disputes["subject_id"].to_list() == ["B"]


def test_a_credit_note_without_its_invoice_credits_the_claim(desk: Desk) -> None:
    settle(desk, note("C1", "B", "2.00", corrects=()))
    assert dispute(desk, "B") == ("credited", D(0), D(2), ["C1"])


def test_a_credit_note_that_is_withdrawn_settles_nothing(desk: Desk) -> None:
    settle(desk, invoice("I1", ALL), note("C1", "B", "2.00"))
    settle(desk, invoice("I1", ALL))
    assert dispute(desk, "B") == ("detected", D(2), D(0), [])
    assert line(desk, "B") == [D(10), D(2), D(0), D(0)]


def test_a_later_settlement_says_the_same_as_one_from_nothing(desk: Desk) -> None:
    names = ("settle.statements", "settle.statement_lines", "settle.disputes", "settle.journal")
    credit = (invoice("I1", ALL), note("C1", "B", "2.00"))
    settle(desk, credit[0])
    settle(desk, *credit)
    settle(desk, *credit)
    later = [desk.rows(name, "*") for name in names]
    desk.con.execute("delete from settle.inputs")
    desk.con.execute("delete from settle.invoice_cdrs")
    settle(desk, *credit)
    assert [desk.rows(name, "*") for name in names] == later


def test_a_credit_cdr_settles_the_dispute_that_a_person_opened(desk: Desk) -> None:
    settle(desk)
    desk.decide(desk.dispute_id(), "open", "sent")
    desk.judge("B", "credited", {})
    desk.cdr("B-credit", "-12.00", end_at=moment(9), credit=True, credits="B", verdict="credited")
    settle(desk)
    assert dispute(desk, "B") == ("credited", D(0), D(2), ["B-credit"])
    refuse_outdated(read_document(desk.con, "voltix", "2026-10"), desk.view)
