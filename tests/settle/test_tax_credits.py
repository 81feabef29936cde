"""Credit notes end disputes about tax: of a CDR, and of an invoice, as far as they go."""

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
from pipelines.stages.settle.stage import settle_checks

D = Decimal
CREDIT: dict[str, Any] = {"type_code": "381", "corrects": ("I1",), "issued_on": date(2026, 11, 9)}
BILLED = {"cdr_reference": "A", "amount_excl_vat": D(100), "vat_rate": D(25)}
RIGHT = {**BILLED, "vat_rate": D(21)}


@pytest.fixture(scope="module")
def opened() -> Desk:
    """A charge in the Netherlands with 25 % of tax on it, where 21 % is right."""
    built = Desk.open()
    assert isinstance(built, Desk)
    tax = {"rule": "VAT_RATE_MISMATCH", "at_stake_vat": "4"}
    built.cdr("A", "100.00", incl="125.00", end_at=moment(2), **tax)
    return built


@pytest.fixture
def desk(opened: Desk) -> Desk:
    """The same warehouse, which settles anew: nobody decided anything yet."""
    opened.view = DecisionsView()
    return opened


def settle(world: Desk, *invoices: ReceivedInvoice) -> None:
    world.settle(world.view, received=received(*invoices) if invoices else None)
    assert [check for check in settle_checks(world.con) if not check.passed] == []


def tax_dispute(world: SettleBuilder, subject: str = "vat") -> tuple[Any, ...]:
    names = ("subject", "state", "contested_vat", "credited_vat", "credited_by")
    rows = world.rows("settle.disputes", *names)
    return next(row[1:] for row in rows if row[0] == subject)


def note(number: str, *lines: dict[str, Any], **fields: Any) -> ReceivedInvoice:
    return invoice(number, lines, **{**CREDIT, **fields})


def test_an_invoice_is_paid_no_more_tax_than_it_bills(desk: Desk) -> None:
    settle(desk, invoice("I1", [{**BILLED, "amount_excl_vat": D(110), "vat_rate": D(19)}]))
    columns = ("payable_excl_vat", "payable_incl_vat", "total_incl_vat")
    assert desk.one("settle.invoices", *columns) == (D(100), D(119), D("130.9"))


def test_without_a_credit_note_the_tax_stays_in_doubt(desk: Desk) -> None:
    settle(desk, invoice("I1", [BILLED]))
    assert tax_dispute(desk) == ("detected", D(4), D(0), [])
    assert tax_dispute(desk, "invoice") == ("detected", D(4), D(0), [])


def test_a_credit_at_the_wrong_rate_and_the_right_rate_again_end_it(desk: Desk) -> None:
    settle(desk)
    (row,) = desk.rows("settle.disputes", "dispute_id")
    desk.decide(row[0], "open", "sent")
    again = {**RIGHT, "amount_excl_vat": D(-100)}  # billed again: above the credit, below zero
    settle(desk, invoice("I1", [BILLED]), note("C1", BILLED, again))
    assert tax_dispute(desk) == ("credited", D(0), D(4), ["C1"])
    assert ("invoice",) not in desk.rows("settle.disputes", "subject")


def test_a_credit_of_the_charge_and_a_new_invoice_end_it(desk: Desk) -> None:
    new = invoice("I2", [RIGHT], issued_on=date(2026, 11, 10))
    settle(desk, invoice("I1", [BILLED]), note("C1", BILLED), new)
    assert tax_dispute(desk) == ("credited", D(0), D(4), ["C1"])
    # 100.00 and 21.00 of tax are paid, once.
    sums = desk.con.execute("select sum(payable_excl_vat), sum(payable_vat) from settle.invoices")
    assert sums.fetchone() == (D(100), D(21))


def test_what_is_billed_again_at_the_wrong_rate_is_in_doubt_again(desk: Desk) -> None:
    new = invoice("I2", [BILLED], issued_on=date(2026, 11, 10))
    settle(desk, invoice("I1", [BILLED]), note("C1", BILLED), new)
    assert tax_dispute(desk) == ("detected", D(4), D(0), [])


def test_a_smaller_credit_leaves_the_rest_in_doubt(desk: Desk) -> None:
    half = {**BILLED, "amount_excl_vat": D(50)}, {**RIGHT, "amount_excl_vat": D(-50)}
    settle(desk, invoice("I1", [BILLED]), note("C1", *half))
    assert tax_dispute(desk) == ("detected", D(2), D(2), ["C1"])
    ((message,),) = desk.con.execute(
        "select message from settle.disputes where subject = 'vat'"
    ).fetchall()
    assert message.endswith("C1 credits 2.00 of its tax; 2.00 stays open.")


def test_a_credit_note_of_the_whole_ends_it(desk: Desk) -> None:
    whole = {"description": "All of I1", "amount_excl_vat": D(100), "vat_rate": D(25)}
    settle(desk, invoice("I1", [BILLED]), note("C1", whole))
    assert tax_dispute(desk)[:2] == ("credited", D(0))
    assert ("invoice",) not in desk.rows("settle.disputes", "subject")
    assert dict(desk.rows("settle.invoices", "number", "payable_vat")) == {"I1": 21, "C1": -21}


def test_a_credit_note_at_the_right_rate_gives_no_tax_in_doubt_back(desk: Desk) -> None:
    settle(desk, invoice("I1", [BILLED]), note("C1", {**RIGHT, "amount_excl_vat": D(10)}))
    assert tax_dispute(desk)[:2] == ("detected", D(4))
