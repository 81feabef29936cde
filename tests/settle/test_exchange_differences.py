"""Exchange differences in the books: what another day's rate makes of what was booked before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from invoice_builder import invoice, received
from settle_builder import AS_OF, SettleBuilder, insert
from test_ledger import session

from models.contract import Contract
from models.settle.fx import QUOTES_SCHEMA, fx_table
from models.settle.view import LockedMonth
from pipelines.decisions.store import DecisionsStore
from pipelines.exports.company import Letterhead
from pipelines.stages.settle.closing import Closing
from pipelines.stages.settle.stage import settle_checks
from pipelines.stages.settle.verifying import verify_close
from pipelines.stages.settle.warehouse import unbooked

D = Decimal
LATER = AS_OF + timedelta(days=9)
#: Crowns for a euro: 7.45 as October ends, 7.40 the day after, 7.50 as November ends.
_QUOTES = [
    (date(2026, 10, 9), "7.46"),
    (date(2026, 10, 31), "7.45"),
    (date(2026, 11, 1), "7.40"),
    (date(2026, 11, 30), "7.50"),
]
FX = fx_table(
    "EUR",
    pl.DataFrame(
        [("DKK", day, D(quote)) for day, quote in _QUOTES], schema=QUOTES_SCHEMA, orient="row"
    ),
)
OCTOBER, NOVEMBER = "2026-10", "2026-11"


class Books(SettleBuilder):
    """A partner who charges in crowns, and a store of decisions."""

    store: DecisionsStore

    def settle_all(self, *invoices: object) -> None:
        frames = received(*invoices) if invoices else None  # type: ignore[arg-type]
        self.settle(self.store.view(), fx=FX, received=frames, as_of=LATER)
        assert all(check.passed for check in settle_checks(self.con))

    def lock(self, month: str = OCTOBER) -> None:
        Closing(self.con, self.store, Contract(), FX, "1", LATER).lock("voltix", month, "ada")

    def differences(self, month: str = NOVEMBER) -> list[tuple[object, ...]]:
        rows = self.con.execute(
            "select kind, debit, credit, amount, currency, reference from settle.journal "
            "where month = ? and kind like 'exchange%' order by all",
            [month],
        )
        return rows.fetchall()

    def entries(self, month: str) -> list[tuple[object, ...]]:
        query = "select * from settle.journal where month = ? order by all"
        return self.con.execute(query, [month]).fetchall()


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    built = Books.open()
    assert isinstance(built, Books)
    crowns = {"currency": "DKK", "country": "DNK"}
    built.cdr("A", "100.00", rates={"25": "100"}, **crowns)
    built.cdr("B", "60.00", rates={"25": "20"}, verdict="overclaimed", disputed="40",
              rule="TIME_COST_MISMATCH", **crowns)  # fmt: skip
    complete = {"partner": "voltix", "module": "cdrs", "party": "*", "pull_id": "q"}
    insert(built.con, "ops.watermarks", [{**complete, "complete_until_at": LATER}])
    insert(built.con, "ops.pages", [{"page_id": "p", "partner": "voltix", "fetched_at": AS_OF}])
    with DecisionsStore(tmp_path / "decisions.sqlite", clock=lambda: AS_OF) as built.store:
        yield built


def test_every_entry_has_its_amount_in_the_reporting_currency(books: Books) -> None:
    books.settle_all()
    assert books.rows("settle.journal", "kind", "amount", "reporting_amount") == [
        ("charging", D(120), D("16.11")),
        ("dispute_reserve", D(40), D("5.37")),
        ("vat", D(30), D("4.03")),
    ]
    assert books.differences() == []


def test_an_accrual_comes_back_at_another_days_rate(books: Books) -> None:
    session(books, "S1", total_cost_excl_vat=D(745), currency="DKK")
    books.settle_all()
    # 100.00 EUR were accrued, 100.68 are taken back.
    assert books.differences() == [
        ("exchange_accrual", "exchange_loss", "accrued", D("0.68"), "EUR", "NL/VOL 2026-10 DKK")
    ]
    sums = books.con.execute(
        "select sum(case 'accrued' when debit then reporting_amount "
        "when credit then -reporting_amount end) from settle.journal"
    )
    assert sums.fetchone() == (0,)


def accrued(books: Books) -> tuple[Decimal, Decimal]:
    """What is left of accruals in the books: in crowns, and in the reporting currency."""
    rows = books.rows("settle.journal", "kind", "debit", "credit", "amount", "reporting_amount")
    signed = [(1 if row[2] == "accrued" else -1, row) for row in rows if "accrued" in row[1:3]]
    crowns = sum(sign * row[3] for sign, row in signed if row[0] != "exchange_accrual")
    return D(crowns), D(sum(sign * row[4] for sign, row in signed))


@pytest.mark.parametrize("first_lock", [OCTOBER, None], ids=["reopened", "never locked"])
def test_what_a_locked_month_took_back_of_an_accrual_that_is_no_more_posts_to_the_open_one(
    books: Books, first_lock: str | None
) -> None:
    session(books, "S1", total_cost_excl_vat=D(745), currency="DKK")
    later = {"currency": "DKK", "country": "DNK", "rates": {"25": "1"}}
    books.cdr("N", "10.00", end_at=datetime(2026, 11, 5, tzinfo=UTC), **later)
    books.settle_all()
    for month in filter(None, (first_lock, NOVEMBER)):
        books.lock(month)
        books.settle_all()
    assert accrued(books) == (0, 0)
    if first_lock:
        books.store.move_month("voltix", first_lock, "reopened", "ada", {"reason": "a late CDR"})
    books.cdr("late", "745.00", **later)
    books.con.execute("update core.cdrs set session_id = 'S1' where id = 'late'")
    books.settle_all()
    assert accrued(books) == (0, 0)
    december = books.rows("settle.journal", "month", "kind", "debit", "amount", "reporting_amount")
    assert ("2026-12", "accrual_reversal", "expense", D(745), D(100)) in december
    books.settle_all()
    assert accrued(books) == (0, 0)


def test_a_correction_takes_back_what_was_booked_at_the_rate_of_then(books: Books) -> None:
    books.settle_all()
    books.lock()
    books.verdict("A", "overclaimed", disputed="60.00")
    books.settle_all()
    # 60.00 and its tax are 75.00 crowns: 10.07 EUR as booked, 10.00 as November ends.
    reference = "NL/VOL 2026-11 DKK"
    assert books.differences() == [
        ("exchange_correction", "payable", "exchange_gain", D("0.07"), "EUR", reference)
    ]


def test_a_reserve_is_released_at_the_rate_of_then(books: Books) -> None:
    books.settle_all()
    books.lock()
    books.verdict("B", "agreed")
    books.settle_all()
    # What is payable after all is new; the reserve of 5.37 EUR goes with 5.33.
    reference = "NL/VOL 2026-11 DKK"
    assert books.differences() == [
        ("exchange_reserve", "dispute_reserve", "exchange_gain", D("0.04"), "EUR", reference)
    ]


def test_a_credit_of_a_later_month_takes_its_charge_back(books: Books) -> None:
    credit = {"credit": True, "credits": "A", "verdict": "credited"}
    end = datetime(2026, 11, 5, tzinfo=UTC)
    books.cdr("A-C", "-100.00", **credit, end_at=end, currency="DKK", country="DNK")
    books.settle_all()
    assert [row[:4] for row in books.differences()] == [
        ("exchange_correction", "payable", "exchange_gain", D("0.11"))
    ]


BILLED = [{"cdr_reference": "A", "amount_excl_vat": D(100), "vat_rate": D(25)}]


def test_a_payable_is_valued_at_the_date_of_its_invoice(books: Books) -> None:
    due = invoice("N1", BILLED, currency="DKK", issued_on=date(2026, 11, 1))
    books.settle_all(due)
    # 125.00 crowns: 16.78 EUR as October ends, 16.89 on the invoice's date.
    expected = ("exchange_invoice", "exchange_loss", "payable", D("0.11"), "EUR", "N1")
    assert books.differences() == [expected]


def test_an_invoice_of_a_locked_month_is_valued_in_the_open_one(books: Books) -> None:
    end = datetime(2026, 11, 5, tzinfo=UTC)
    books.cdr("N", "10.00", rates={"25": "10"}, end_at=end, currency="DKK", country="DNK")
    books.settle_all()
    books.lock(NOVEMBER)
    due = invoice("N1", BILLED, currency="DKK", issued_on=date(2026, 11, 1))
    books.settle_all(due)
    assert books.differences() == []
    assert [row[:4] for row in books.differences("2026-12")] == [
        ("exchange_invoice", "exchange_loss", "payable", D("0.11"))
    ]


def test_what_a_locked_month_holds_of_an_invoice_is_not_booked_again(books: Books) -> None:
    end = datetime(2026, 11, 5, tzinfo=UTC)
    books.cdr("N", "10.00", rates={"25": "10"}, end_at=end, currency="DKK", country="DNK")
    due = invoice("N1", BILLED, currency="DKK", issued_on=date(2026, 11, 1))
    books.settle_all(due)
    books.lock(NOVEMBER)
    booked = books.entries(NOVEMBER)
    books.settle_all(due)
    assert books.entries(NOVEMBER) == booked
    assert books.differences("2026-12") == []
    # Withdrawn since: what was booked of it comes back in the month that is open.
    books.settle_all()
    assert books.entries(NOVEMBER) == booked
    assert [row[:4] for row in books.differences("2026-12")] == [
        ("exchange_invoice", "payable", "exchange_gain", D("0.11"))
    ]


def test_a_locked_months_entries_are_kept_and_proven(books: Books) -> None:
    session(books, "S1", total_cost_excl_vat=D(745), currency="DKK")
    books.settle_all()
    books.lock()
    booked = books.entries(OCTOBER)
    books.settle(books.store.view(), fx=FX, own_country="DE")
    assert books.entries(OCTOBER) == booked
    contracts = {"voltix": Contract()}
    (proof,) = verify_close(books.con, books.store.view(), OCTOBER, contracts=contracts, fx=FX)
    assert proof.proven, proof.problems
    books.con.execute("update settle.journal set amount = amount + 1 where kind = 'accrual'")
    (proof,) = verify_close(books.con, books.store.view(), OCTOBER, contracts=contracts, fx=FX)
    assert proof.problems == ("the journal entries are not those that were locked",)


def test_a_month_locked_by_an_earlier_version_gets_no_entries_since(books: Books) -> None:
    session(books, "S1", total_cost_excl_vat=D(745), currency="DKK")
    end = datetime(2026, 11, 5, tzinfo=UTC)
    books.cdr("N", "10.00", rates={"25": "10"}, end_at=end, currency="DKK", country="DNK")
    books.settle_all()
    before = [row for row in books.entries(NOVEMBER) if "exchange" not in str(row)]
    books.lock(NOVEMBER)
    view = books.store.view()
    (kept,) = view.locked_months.values()
    earlier = LockedMonth(kept.lines, kept.vat, kept.statements, kept.accruals)
    view.locked_months[("voltix", NOVEMBER)] = earlier  # type: ignore[index]
    books.settle(view, fx=FX)
    assert books.entries(NOVEMBER) == before


def test_without_a_rate_there_is_no_difference(books: Books) -> None:
    session(books, "S1", total_cost_excl_vat=D(745), currency="DKK")
    books.settle(fx=fx_table("EUR", pl.DataFrame(schema=QUOTES_SCHEMA)))
    assert books.differences() == []
    assert {row[0] for row in books.rows("settle.journal", "reporting_amount")} == {None}
    said = unbooked(books.con, OCTOBER, None, Letterhead())
    assert "DKK has no exchange rate yet: no exchange differences are booked of it" in said
