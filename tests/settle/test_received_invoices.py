"""Invoices one by one: sums, parts, credit notes, corrected invoices, records, disputes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from invoice_builder import invoice, moment, received
from settle_builder import AS_OF, SettleBuilder, insert, rates

from models.contract import Contract
from models.settle.received import ReceivedInvoice
from pipelines.decisions.store import DecisionsStore
from pipelines.stages.settle.closing import Closing

D = Decimal


@pytest.fixture
def world() -> SettleBuilder:
    """Three charges of October; 2 of the second is disputed."""
    built = SettleBuilder.open()
    charge(built)
    return built


def charge(world: SettleBuilder, partner: str = "voltix") -> None:
    usual: dict[str, Any] = {"rates": {"21": "10"}, "partner": partner}
    world.cdr("A", "10.00", end_at=moment(2), **usual)
    disputed = {"verdict": "overclaimed", "disputed": "2", "rule": "TIME_COST_MISMATCH"}
    world.cdr("B", "12.00", end_at=moment(3), **usual, **disputed)
    world.cdr("C", "5.00", end_at=moment(4), **usual)


def bill(cdr: str, amount: str, **fields: Any) -> dict[str, Any]:
    return {"cdr_reference": cdr, "amount_excl_vat": D(amount), **fields}


def whole(amount: str, **fields: Any) -> dict[str, Any]:
    return {"description": "Charging in October", "amount_excl_vat": D(amount), **fields}


ALL = (bill("A", "10.00"), bill("B", "12.00"), bill("C", "5.00"))


def settle(world: SettleBuilder, *invoices: ReceivedInvoice) -> dict[str, tuple[Any, ...]]:
    """Settle with invoices; number → verdict, payable, contested."""
    world.settle(received=received(*invoices))
    names = ("number", "verdict", "payable_excl_vat", "contested_excl_vat")
    return {number: tuple(rest) for number, *rest in world.rows("settle.invoices", *names)}


def rules(world: SettleBuilder, number: str) -> set[str]:
    found = world.rows("settle.invoice_findings", "number", "rule_id")
    return {rule for name, rule in found if name == number}


def test_an_invoice_of_the_statement_pays_what_the_statement_pays(world: SettleBuilder) -> None:
    assert settle(world, invoice("I1", ALL)) == {"I1": ("pay_part", D(25), D(2))}
    columns = ("payable_vat", "contested_vat", "payable_incl_vat", "month", "missing_count")
    assert world.one("settle.invoices", *columns) == (
        D("5.25"),
        D("0.42"),
        D("30.25"),
        "2026-10",
        0,
    )
    paid = ("statement_claimed_excl_vat", "statement_payable_excl_vat")
    assert world.one("settle.invoices", *paid) == (D(27), D(25))


def test_an_invoice_without_cdrs_is_matched_with_its_month(world: SettleBuilder) -> None:
    assert settle(world, invoice("I1", [whole("27.00")]))["I1"] == ("pay_part", D(25), D(2))
    assert rules(world, "I1") == {"INVOICE_LINE_CONTESTED"}
    assert settle(world, invoice("I1", [whole("30.00")]))["I1"] == ("pay_part", D(25), D(5))
    assert rules(world, "I1") == {"INVOICE_LINE_CONTESTED", "INVOICE_TOTAL_MISMATCH"}
    (stake,) = world.con.execute(
        "select at_stake_excl_vat from settle.invoice_findings "
        "where rule_id = 'INVOICE_TOTAL_MISMATCH'"
    ).fetchall()[0] or (None,)
    assert stake == D(3)


def test_sums_by_rate_are_matched_rate_by_rate(world: SettleBuilder) -> None:
    world.cdr("D", "8.00", end_at=moment(5), rates={"9": "10"})
    lines = [whole("27.00"), whole("8.00", vat_rate=D(9))]
    assert settle(world, invoice("I1", lines))["I1"] == ("pay_part", D(33), D(2))
    by_line = world.rows("settle.invoice_lines", "line_number", "claimed_excl_vat", "cdr_count")
    assert by_line == [(1, D(27), 3), (2, D(8), 1)]


def test_a_second_sum_of_the_same_month_is_billed_twice(world: SettleBuilder) -> None:
    later = invoice("I2", [whole("27.00")], issued_on=date(2026, 11, 9))
    found = settle(world, invoice("I1", [whole("27.00")]), later)
    assert found["I2"] == ("refuse", D(0), D(27))
    assert rules(world, "I2") == {"INVOICE_LINE_TWICE"}


def test_several_lines_of_one_cdr_are_its_parts(world: SettleBuilder) -> None:
    parts = (bill("A", "6.00"), bill("A", "4.00"), *ALL[1:])
    assert settle(world, invoice("I1", parts))["I1"] == ("pay_part", D(25), D(2))
    assert rules(world, "I1") == {"INVOICE_LINE_CONTESTED"}


def test_cents_within_tolerance_are_paid_as_billed(world: SettleBuilder) -> None:
    lines = (bill("A", "10.01"), bill("C", "4.99"))
    assert settle(world, invoice("I1", lines))["I1"] == ("pay", D("15.00"), D(0))
    world.contracts = {
        "voltix": Contract.model_validate({"tolerance": {"absolute": "0", "relative": "0"}})
    }
    assert settle(world, invoice("I1", lines))["I1"] == ("pay_part", D("14.99"), D("0.01"))


def test_a_rule_that_a_contract_only_warns_of_contests_nothing(world: SettleBuilder) -> None:
    lines = (*ALL, bill("GONE", "3.00"))
    assert settle(world, invoice("I1", lines))["I1"] == ("pay_part", D(25), D(5))
    severity = {"severity": {"INVOICE_LINE_UNKNOWN": "warn"}}
    world.contracts = {"voltix": Contract.model_validate(severity)}
    assert settle(world, invoice("I1", lines))["I1"] == ("pay_part", D(28), D(2))


def test_a_credit_note_gives_back_what_was_contested_first(world: SettleBuilder) -> None:
    fields = {"type_code": "381", "corrects": ("I1",), "issued_on": date(2026, 11, 9)}
    credit = invoice("C1", [bill("B", "2.00"), bill("GONE", "3.00")], **fields)
    found = settle(world, invoice("I1", (*ALL, bill("GONE", "3.00"))), credit)
    assert found["I1"] == ("pay_part", D(25), D(5))
    assert found["C1"] == ("pay", D(0), D(-5))
    assert rules(world, "C1") == set()
    assert dict(world.rows("settle.invoices", "number", "credited_excl_vat"))["I1"] == D(-5)


def test_a_credit_note_of_the_whole_takes_all_of_it_back(world: SettleBuilder) -> None:
    fields = {"type_code": "381", "corrects": ("I1",), "issued_on": date(2026, 11, 9)}
    found = settle(world, invoice("I1", ALL), invoice("C1", [whole("27.00")], **fields))
    assert found["I1"] == ("pay_part", D(25), D(2))
    assert found["C1"] == ("pay", D(-25), D(-2))


def test_what_was_credited_can_be_billed_again(world: SettleBuilder) -> None:
    credit = {"type_code": "381", "corrects": ("I1",), "issued_on": date(2026, 11, 9)}
    found = settle(
        world,
        invoice("I1", ALL),
        invoice("C1", [bill("A", "10.00")], **credit),
        invoice("I2", [bill("A", "10.00")], issued_on=date(2026, 11, 10)),
    )
    assert found["C1"] == ("pay", D(-10), D(0))
    assert found["I2"] == ("pay", D(10), D(0))


def test_a_corrected_invoice_replaces_what_it_names(world: SettleBuilder) -> None:
    right = {"type_code": "384", "corrects": ("i1",), "issued_on": date(2026, 11, 9)}
    found = settle(world, invoice("I1", (*ALL, bill("GONE", "3.00"))), invoice("I2", ALL, **right))
    assert found["I1"] == ("replaced", D(0), D(0))
    assert found["I2"] == ("pay_part", D(25), D(2))
    assert dict(world.rows("settle.invoices", "number", "taken_back_excl_vat"))["I1"] == D(30)
    assert rules(world, "I1") == set()


def test_a_credit_of_an_unknown_invoice_says_so(world: SettleBuilder) -> None:
    fields = {"type_code": "381", "corrects": ("NONE",)}
    settle(world, invoice("C1", [bill("A", "10.00")], **fields))
    assert "INVOICE_REFERENCE_UNKNOWN" in rules(world, "C1")


@pytest.mark.parametrize("credited_on", [date(2026, 11, 3), date(2026, 10, 31)])
@pytest.mark.parametrize("lines", [[whole("27.00")], [bill("B", "2.00")]], ids=["whole", "line"])
def test_a_credit_note_may_be_taken_in_before_its_invoice_or_bear_an_earlier_date(
    world: SettleBuilder, lines: list[dict[str, Any]], credited_on: date
) -> None:
    fields = {"type_code": "381", "corrects": ("I1",)}
    bill_of_all = invoice("I1", ALL)
    usual = settle(world, bill_of_all, invoice("C1", lines, **fields, issued_on=date(2026, 11, 9)))
    found = settle(world, invoice("C1", lines, **fields, issued_on=credited_on), bill_of_all)
    assert found == usual
    assert rules(world, "C1") == set()


@pytest.mark.parametrize("by_line", [True, False], ids=["lines", "a sum"])
def test_an_invoice_of_two_months_is_held_against_both(world: SettleBuilder, by_line: bool) -> None:
    world.cdr("D", "6.00", end_at=datetime(2026, 11, 4, 12, tzinfo=UTC))
    world.cdr("E", "7.00", end_at=datetime(2026, 12, 1, 12, tzinfo=UTC))
    two = {"period": (date(2026, 10, 1), date(2026, 11, 30)), "issued_on": date(2026, 12, 2)}
    lines = [*ALL, bill("D", "6.00")] if by_line else [whole("33.00")]
    found = settle(world, invoice("I1", lines, **two))
    assert found["I1"] == ("pay_part", D(31), D(2))
    assert rules(world, "I1") == {"INVOICE_LINE_CONTESTED"}

    settle(world, invoice("I1", ALL, **two))
    assert world.one("settle.invoices", "missing_count", "missing_excl_vat") == (1, D(6))


def test_an_invoice_is_held_against_its_ocpi_record(world: SettleBuilder) -> None:
    key = {"partner": "voltix", "country_code": "NL", "party_id": "VOL", "id": "R1"}
    row = {**key, "invoice_id": "i1", "cdr_ids": ["a", "b", "X"], "valid_from_at": moment(9)}
    insert(world.con, "core.invoices", [{**row, "last_updated_at": moment(9), "content_hash": "h",
                                         "fetched_at": moment(9), "page_id": "p"}])  # fmt: skip
    settle(world, invoice("I1", ALL))
    message = world.con.execute(
        "select message from settle.invoice_findings where rule_id = 'INVOICE_RECORD_MISMATCH'"
    ).fetchall()
    assert message == [
        ("The OCPI record of invoice I1 lists 1 CDRs that it does not bill, and lacks 1 that it "
         "bills.",)
    ]  # fmt: skip


def test_what_findings_contest_is_one_dispute_of_the_invoice(world: SettleBuilder) -> None:
    settle(world, invoice("I1", (*ALL, bill("A", "10.00"), bill("GONE", "3.00"))))
    found = world.rows("settle.disputes", "subject", "subject_id", "contested_excl_vat", "rules")
    assert found == [
        ("cdr", "B", D(2), ["TIME_COST_MISMATCH"]),
        ("invoice", "I1", D(13), ["INVOICE_LINE_TWICE", "INVOICE_LINE_UNKNOWN"]),
    ]


def test_a_credit_note_ends_the_dispute_of_what_it_gives_back(world: SettleBuilder) -> None:
    fields = {"type_code": "381", "corrects": ("I1",), "issued_on": date(2026, 11, 9)}
    wrong = invoice("I1", (*ALL, bill("GONE", "3.00"), bill("LOST", "4.00")))
    part = invoice("C1", [bill("GONE", "3.00")], **fields)

    settle(world, wrong, part)
    assert ("invoice", "I1", D(4)) in world.rows(
        "settle.disputes", "subject", "subject_id", "contested_excl_vat"
    )
    settle(world, wrong, part, invoice("C2", [bill("LOST", "4.00")], **fields))
    assert [row for row in world.rows("settle.disputes", "subject") if row == ("invoice",)] == []


def test_tax_under_reverse_charge_is_in_doubt(world: SettleBuilder) -> None:
    world.contracts = {"voltix": Contract(reverse_charge=True)}
    found = settle(world, invoice("I1", [ALL[0], ALL[2]]))
    assert found["I1"] == ("pay_part", D(15), D(0))
    assert world.one("settle.invoices", "payable_vat", "contested_vat") == (D(0), D("3.15"))


@pytest.mark.parametrize("locked", [False, True], ids=["open", "locked"])
def test_invoices_go_with_the_name_that_their_partner_has_now(
    world: SettleBuilder, locked: bool, tmp_path: Path
) -> None:
    world.cdr("OLD", "3.00", end_at=moment(5), rates={"9": "3"})  # not brought under the new name
    bills = (invoice("I1", (*ALL, bill("OLD", "3.00", vat_rate=D(9)))),)
    assert settle(world, *bills) == {"I1": ("pay_part", D(28), D(2))}
    with DecisionsStore(tmp_path / "decisions.sqlite", clock=lambda: AS_OF) as store:
        if locked:
            complete = {"partner": "voltix", "module": "cdrs", "party": "*", "pull_id": "q"}
            insert(world.con, "ops.watermarks", [{**complete, "complete_until_at": AS_OF}])
            Closing(world.con, store, Contract(), rates(), "1", AS_OF).lock(
                "voltix", "2026-10", "a"
            )
        view = store.view()
    world.contracts["volt"] = Contract()
    charge(world, "volt")
    again = received(*bills, bills[0], partners=["voltix", "volt"])  # and taken in once more
    world.settle(view, left=frozenset({"voltix"}), received=again)
    names = (
        "partner",
        "number",
        "verdict",
        "payable_excl_vat",
        "contested_excl_vat",
        "payable_vat",
    )
    assert world.rows("settle.invoices", *names) == [
        ("volt", "I1", "pay_part", D(28), D(2), D("5.52"))
    ]
    assert rules(world, "I1") == {"INVOICE_LINE_CONTESTED"}


def test_without_invoices_the_tables_are_empty(world: SettleBuilder) -> None:
    settle(world, invoice("I1", ALL))
    world.settle()
    assert world.rows("settle.invoices", "number") == []
    assert world.rows("settle.invoice_findings", "number") == []
