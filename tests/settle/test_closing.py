"""Closing a month: what must be true before, what stays as it was, where the rest is posted."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal as D
from pathlib import Path

import duckdb
import pytest
from decided import decide
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from settle_builder import AS_OF, SettleBuilder, insert, rates

from models.contract import Contract
from models.errors import NothingThere
from models.settle.decisions import IllegalDecision
from pipelines.decisions.store import DecisionsStore
from pipelines.stages.settle import warehouse
from pipelines.stages.settle.closing import CannotClose, Closing, month_checklist
from pipelines.stages.settle.stage import settle_checks
from pipelines.stages.settle.verifying import VerifiedClose, verify_close
from tests.in_memory import in_memory

NOVEMBER = datetime(2026, 11, 10, 12, tzinfo=UTC)
VAT = ("month", "vat_bucket", "payable_excl_vat", "vat_amount")


class ClosingDesk(SettleBuilder):
    """A world with a decisions store and CDRs that are complete until `AS_OF`."""

    store: DecisionsStore
    clock = datetime(2027, 6, 1, tzinfo=UTC)

    def close(self, month: str = "2026-10") -> None:
        contract = self.contracts["voltix"]
        Closing(self.con, self.store, contract, rates(), "1.2.3", self.clock).lock(
            "voltix", month, "ada"
        )
        self.settle_again()

    def settle_again(self) -> None:
        self.settle(self.store.view())
        assert [check for check in settle_checks(self.con) if not check.passed] == []

    def verify(self, month: str = "2026-10") -> VerifiedClose:
        (found,) = verify_close(
            self.con, self.store.view(), month, contracts=self.contracts, fx=rates()
        )
        return found

    def statement(self, month: str) -> tuple[D, D, D]:
        names = ("claimed_excl_vat", "payable_excl_vat", "disputed_excl_vat", "month")
        (found,) = [row[:3] for row in self.rows("settle.statements", *names) if row[3] == month]
        return found


def complete_until(world: SettleBuilder, moment: datetime) -> None:
    world.con.execute("delete from ops.watermarks")
    row = {"partner": "voltix", "module": "cdrs", "party": "*", "complete_until_at": moment}
    insert(world.con, "ops.watermarks", [{**row, "pull_id": "pull-1"}])


def settled(con: duckdb.DuckDBPyConnection) -> None:
    """A month with something to dispute."""
    world = SettleBuilder(con)
    complete_until(world, AS_OF)
    world.cdr("a", "10.00", rates={"21": "10"})
    world.cdr("b", "12.00", verdict="overclaimed", disputed="2", rule="TOTAL_COST_MISMATCH")
    world.settle()
    assert [check for check in settle_checks(con) if not check.passed] == []


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ClosingDesk]:
    world = ClosingDesk(in_memory(settled))
    world.store = DecisionsStore(tmp_path / "decisions.sqlite", clock=lambda: AS_OF)
    yield world
    world.store.close()


def test_a_locked_month_says_what_reproduces_it(desk: ClosingDesk) -> None:
    desk.close()
    settlement = desk.store.settlement_month("voltix", "2026-10")
    proof = dict(settlement.proof)
    assert (settlement.state, proof["code_version"], proof["run_id"]) == ("locked", "1.2.3", "none")
    assert all(len(value) == 64 for name, value in proof.items() if name.endswith("sha256"))
    assert desk.one("settle.statements", "status") == ("locked",)
    assert desk.verify() == VerifiedClose("voltix", "2026-10", 2, 0, (), ())


def test_amounts_of_what_is_open_have_separators_and_never_mix_currencies(
    desk: ClosingDesk,
) -> None:
    invoice = {"partner": "voltix", "country_code": "NL", "party_id": "VOL", "month": "2026-10"}
    gaps = (("EUR", 2, "6859.12"), ("EUR", 1, "1000"), ("JPY", 1, "5000"), ("DKK", 0, "0"))
    rows = [
        {**invoice, "number": str(number), "currency": currency, "verdict": "pay"}
        | {"missing_count": count, "missing_excl_vat": D(amount)}
        for number, (currency, count, amount) in enumerate(gaps)
    ]
    rule = {"disputed": "1234.5", "verdict": "overclaimed", "rule": "TOTAL_COST_MISMATCH"}
    desk.cdr("c", "12345.00", **rule)
    desk.settle(desk.store.view())
    insert(desk.con, "settle.invoices", rows)
    assert month_checklist(desk.con, "voltix", "2026-10") == [
        "2 disputes over 1,236.50 EUR are undecided",
        "nobody stated the VAT of 11,120.50 EUR",
        "3 CDRs over 7,859.12 EUR are on no invoice yet",
        "1 CDR over 5,000 JPY is on no invoice yet",
    ]


def test_a_late_cdr_posts_to_the_open_month(desk: ClosingDesk) -> None:
    desk.close()
    before = desk.statement("2026-10")
    desk.cdr("late", "5.00")
    desk.settle_again()
    assert desk.statement("2026-10") == before
    assert desk.statement("2026-11") == (D(5), D(5), D(0))
    assert ("2026-11", 1) in desk.rows("settle.statements", "month", "late_count")
    assert desk.verify().proven


def test_a_late_credit_posts_to_the_open_month(desk: ClosingDesk) -> None:
    desk.close()
    desk.cdr("a-credit", "-10.00", credit=True, credits="a", verdict="credited")
    desk.settle_again()
    assert desk.statement("2026-11")[:2] == (D(-10), D(-10))
    assert desk.rows("settle.statement_vat", "month", "vat_bucket", "vat_amount") == [
        ("2026-10", "21.00", D("2.1")),
        ("2026-10", "unknown", None),
        ("2026-11", "21.00", D("-2.1")),
    ]


def test_a_changed_verdict_posts_the_difference_as_a_correction(desk: ClosingDesk) -> None:
    desk.close()
    desk.verdict("b", "agreed", disputed=0)
    desk.settle_again()
    assert desk.statement("2026-10") == (D(22), D(20), D(2))
    assert desk.statement("2026-11") == (D(0), D(2), D(-2))
    correction = desk.rows("settle.statement_lines", "kind", "cdr_id", "payable_excl_vat")[-1]
    assert correction == ("correction", "b", D(2))
    verified = desk.verify()
    assert (verified.corrected, verified.proven) == (1, True)


def test_a_dispute_let_go_after_the_close_is_paid_in_the_open_month(desk: ClosingDesk) -> None:
    desk.close()
    dispute_id = next(r[0] for r in desk.rows("settle.disputes", "dispute_id"))
    decide(
        desk.store,
        dispute_id,
        "withdrawn",
        "ada",
        {"key": "voltix/NL/VOL/b", "reason": "they are right"},
    )
    desk.settle_again()
    assert desk.statement("2026-10") == (D(22), D(20), D(2))
    assert desk.statement("2026-11") == (D(0), D(2), D(-2))


def test_tax_let_go_after_the_close_is_corrected_in_the_open_month(desk: ClosingDesk) -> None:
    wrong = {"rates": {"19": "10"}, "rule": "VAT_RATE_MISMATCH", "incl": "11.90"}
    desk.cdr("t", "10.00", at_stake_vat="-0.20", **wrong)
    desk.settle_again()
    desk.close()
    rows = desk.rows("settle.disputes", "dispute_id", "subject")
    (dispute_id,) = [row[0] for row in rows if row[1] == "vat"]
    about = {"key": "voltix/NL/VOL/t", "subject": "vat", "reason": "they are right"}
    decide(desk.store, dispute_id, "withdrawn", "ada", about)
    desk.settle_again()
    november = [row[1:] for row in desk.rows("settle.statement_vat", *VAT) if row[0] == "2026-11"]
    assert november == [("19.00", D(10), D("1.9")), ("21.00", D(-10), D("-2.1"))]
    assert desk.statement("2026-11") == (D(0), D(0), D(0))
    assert desk.verify().proven


def test_corrections_stay_where_they_are_when_the_next_month_is_locked_too(
    desk: ClosingDesk,
) -> None:
    desk.close()
    desk.verdict("b", "agreed", disputed=0)
    desk.settle_again()
    desk.close("2026-11")
    desk.verdict("b", "overclaimed", disputed="3")
    desk.settle_again()
    assert desk.statement("2026-11") == (D(0), D(2), D(-2))
    assert desk.statement("2026-12") == (D(0), D(-3), D(3))
    assert desk.verify("2026-11").proven
    assert desk.verify("2026-10").proven


def test_reopening_takes_everything_back_into_the_month(desk: ClosingDesk) -> None:
    desk.close()
    desk.verdict("b", "agreed", disputed=0)
    desk.settle_again()
    desk.store.move_month("voltix", "2026-10", "reopened", "bob", {"reason": "new tariff"})
    desk.settle_again()
    assert desk.statement("2026-10") == (D(22), D(22), D(0))
    assert desk.rows("settle.statements", "month", "status") == [("2026-10", "open")]


def test_a_contract_that_changes_leaves_the_locked_statement_alone(desk: ClosingDesk) -> None:
    desk.close()
    desk.contracts["voltix"] = Contract(billing="reverse", reverse_charge=True)
    desk.settle_again()
    october = [r for r in desk.rows("settle.statements", "month", "billing") if r[0] == "2026-10"]
    assert october == [("2026-10", "direct")]
    assert desk.verify().changed == ("contract_sha256",)


def test_verifying_finds_a_tampered_line(desk: ClosingDesk) -> None:
    desk.close()
    desk.con.execute("update settle.statement_lines set payable_excl_vat = 1 where cdr_id = 'a'")
    problems = desk.verify().problems
    assert any("other lines than were locked" in problem for problem in problems)
    assert any("do not add up" in problem for problem in problems)


def test_verifying_finds_a_tampered_statement(desk: ClosingDesk) -> None:
    desk.close()
    desk.con.execute("update settle.statements set payable_excl_vat = 1")
    assert "the statement is not the one that was locked" in desk.verify().problems


def test_a_month_is_closed_only_when_its_cdrs_are_complete(desk: ClosingDesk) -> None:
    complete_until(desk, datetime(2026, 10, 31, tzinfo=UTC))
    row = {"pull_id": "p9", "run_id": "r", "partner": "voltix", "module": "cdrs", "mode": "full"}
    counts = dict.fromkeys(("pages", "objects", "requests", "bytes"), 0)
    failed = {"status": "failed", "error": "HTTP 503 three times", "unchanged": False}
    insert(desk.con, "ops.pulls", [{**row, **counts, **failed, "started_at": AS_OF}])
    with pytest.raises(CannotClose, match=r"complete only until 2026-10-31 .*HTTP 503 three times"):
        desk.close()


def test_a_month_without_claims_has_nothing_to_close(desk: ClosingDesk) -> None:
    with pytest.raises(NothingThere, match="2026-08: nothing was claimed; there is 2026-10"):
        desk.close("2026-08")


def test_a_locked_month_is_not_locked_again(desk: ClosingDesk) -> None:
    desk.close()
    with pytest.raises(IllegalDecision, match="locked: nothing changes it; reopen it"):
        desk.close()


def test_closing_waits_for_decisions_to_be_settled(desk: ClosingDesk) -> None:
    dispute_id = next(r[0] for r in desk.rows("settle.disputes", "dispute_id"))
    data = {"key": "voltix/NL/VOL/b", "reason": "they are right"}
    decide(desk.store, dispute_id, "withdrawn", "ada", data)
    with pytest.raises(CannotClose, match="settle again"):
        desk.close()


def test_closing_waits_for_decisions_about_what_had_another_name(desk: ClosingDesk) -> None:
    rows = desk.rows("settle.disputes", "dispute_id")
    decide(desk.store, rows[0][0], "open", "ada", {"key": "voltix/NL/VOL/b"})
    desk.contracts["volt"] = Contract()
    dear = {"verdict": "overclaimed", "disputed": "2", "rule": "TOTAL_COST_MISMATCH"}
    desk.cdr("b", "12.00", partner="volt", **dear)
    desk.con.execute("update ops.watermarks set partner = 'volt'")
    desk.settle(desk.store.view(), left=frozenset({"voltix"}))
    decide(desk.store, rows[0][0], "withdrawn", "ada", {"reason": "they are right"})
    contract = desk.contracts["volt"]
    with pytest.raises(CannotClose, match="settle again"):
        Closing(desk.con, desk.store, contract, rates(), "1", desk.clock).lock(
            "volt", "2026-10", "ada"
        )


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("cdr"), st.integers(8, 11), st.integers(1, 50)),
        st.tuples(st.just("verdict"), st.integers(0, 9), st.integers(0, 5)),
        st.tuples(st.just("close"), st.integers(8, 11), st.just(0)),
        st.tuples(st.just("reopen"), st.integers(8, 11), st.just(0)),
    ),
    max_size=8,
)


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_whatever_happens_locked_months_stay_and_all_money_is_somewhere(
    steps: list[tuple[str, int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    world = ClosingDesk.open()
    path = tmp_path_factory.mktemp("desk") / "decisions.sqlite"
    world.store = DecisionsStore(path, clock=lambda: AS_OF)
    complete_until(world, datetime(2027, 6, 1, tzinfo=UTC))
    cdrs: list[str] = []
    locked: dict[str, list[tuple[object, ...]]] = {}
    for what, number, size in steps:
        month = f"2026-{number:02d}"
        if what == "cdr":
            cdrs.append(f"c{len(cdrs)}")
            world.cdr(cdrs[-1], size, end_at=datetime(2026, number, 5, 12, tzinfo=UTC))
        elif what == "verdict" and cdrs:
            world.verdict(cdrs[number % len(cdrs)], "overclaimed", disputed=min(size, 1))
        elif what == "close" and month in months(world):
            if month not in locked:
                world.settle_again()
                world.close(month)
                locked[month] = content(world, month)
        elif what == "reopen" and locked.pop(month, None):
            world.store.move_month("voltix", month, "reopened", "ada", {"reason": "test"})
        world.settle_again()
    assert {month: content(world, month) for month in locked} == locked
    assert totals(world, "settle.statement_lines") == totals(world, "recon.cdrs")
    made = everything(world)
    for at_once in (1, 3):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(warehouse, "_CDRS_AT_ONCE", at_once)
            world.con.execute("delete from settle.inputs")
            world.settle_again()
        assert everything(world) == made
    world.store.close()


def months(world: SettleBuilder) -> set[str]:
    return {row[0] for row in world.rows("settle.statements", "month")}


def content(world: SettleBuilder, month: str) -> list[tuple[object, ...]]:
    lines = world.con.sql("select * from settle.statement_lines").pl()
    return lines.filter(month=month).sort("cdr_id").rows()


def everything(world: SettleBuilder) -> dict[str, list[tuple[object, ...]]]:
    return {table: world.rows(table, "*") for table in warehouse.SETTLE_TABLES}


def totals(world: SettleBuilder, table: str) -> tuple[object, ...]:
    names = ("claimed_excl_vat", "payable_excl_vat", "disputed_excl_vat", "rejected_excl_vat")
    return world.one(table, *(f"coalesce(sum({name}), 0)" for name in names))
