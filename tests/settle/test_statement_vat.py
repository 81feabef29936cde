"""VAT of statements: by country and rate; unknown is a bucket of its own and never zero."""

from datetime import UTC, datetime
from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from settle_builder import SettleBuilder

from models.contract import Contract
from models.settle.decisions import Event
from models.settle.disputes import Dispute
from models.settle.view import DecisionsView

LET_GO = Event("dispute", "D-1", "withdrawn", "ada", datetime(2026, 12, 1, tzinfo=UTC))
COLUMNS = ("vat_country", "vat_bucket", "payable_excl_vat", "vat_amount")


@pytest.fixture
def world() -> SettleBuilder:
    return SettleBuilder.open()


def test_the_tariffs_rate_taxes_the_payable_amount_once(world: SettleBuilder) -> None:
    for number in range(3):
        world.cdr(f"c{number}", "0.33", rates={"21": "0.33"})
    world.settle()
    assert world.one("settle.statement_vat", *COLUMNS) == ("NL", "21.00", D("0.99"), D("0.21"))
    assert world.one("settle.statements", "payable_vat", "payable_incl_vat") == (
        D("0.21"),
        D("1.20"),
    )


def test_two_rates_share_what_is_payable_by_weight(world: SettleBuilder) -> None:
    world.cdr("a", "10.00", verdict="overclaimed", disputed="1.00", rates={"21": "6", "9": "3"})
    world.settle()
    assert world.rows("settle.statement_vat", *COLUMNS) == [
        ("NL", "21.00", D(6), D("1.26")),
        ("NL", "9.00", D(3), D("0.27")),
    ]


def test_a_claim_shows_its_rate_where_no_tariff_does(world: SettleBuilder) -> None:
    world.cdr("a", "10.00", incl="12.10")
    world.cdr("b", "30.00", incl="32.43", country="CHE", party=("CH", "VOL"))
    world.settle()
    assert world.rows("settle.statement_vat", *COLUMNS) == [
        ("CH", "8.10", D(30), D("2.43")),
        ("NL", "21.00", D(10), D("2.1")),
    ]


def test_a_small_claim_takes_the_usual_rate_only_if_it_fits(world: SettleBuilder) -> None:
    world.cdr("usual", "50.00", incl="60.50")
    world.cdr("small", "0.30", incl="0.36")
    world.cdr("odd", "0.90", incl="0.95")
    world.settle()
    assert world.rows("settle.statement_vat", "vat_bucket", "payable_excl_vat") == [
        ("21.00", D("50.3")),
        ("unknown", D("0.9")),
    ]


def test_the_usual_rate_goes_before_a_rounder_one(world: SettleBuilder) -> None:
    world.cdr("usual", "50.00", rates={"25.5": "50"}, country="FIN")
    world.cdr("small", "2.56", incl="3.21", country="FIN")
    world.settle()
    assert world.one("settle.statement_vat", "vat_bucket", "payable_excl_vat") == (
        "25.50",
        D("52.56"),
    )


@pytest.mark.parametrize("incl", [None, "10.00"], ids=["not stated", "no tax shown"])
def test_vat_that_nobody_stated_is_unknown(world: SettleBuilder, incl: str | None) -> None:
    world.cdr("a", "10.00", incl=incl)
    world.cdr("b", "5.00", rates={"21": "5"})
    world.settle()
    assert world.rows("settle.statement_vat", *COLUMNS) == [
        ("NL", "21.00", D(5), D("1.05")),
        ("NL", "unknown", D(10), None),
    ]
    row = world.one("settle.statements", "payable_vat", "payable_incl_vat", "vat_unknown_excl_vat")
    assert row == (None, None, D(10))


def test_an_absurd_claimed_tax_gives_no_rate(world: SettleBuilder) -> None:
    world.cdr("a", "0.01", incl="999999.99")
    world.settle()
    assert world.one("settle.statement_vat", "vat_bucket") == ("unknown",)


def test_amounts_in_millions_are_no_trouble(world: SettleBuilder) -> None:
    world.cdr("a", "20000000.00", incl="22200000.00", currency="IDR", country="IDN")
    world.settle()
    assert world.one("settle.statement_vat", *COLUMNS) == ("ID", "11.00", D(20000000), D(2200000))


def test_under_reverse_charge_no_vat_is_paid(world: SettleBuilder) -> None:
    world.contracts["voltix"] = Contract(reverse_charge=True)
    world.cdr("a", "10.00", rates={"21": "10"})
    world.settle()
    assert world.one("settle.statement_vat", *COLUMNS) == ("NL", "reverse_charge", D(10), D(0))
    assert world.one("settle.statements", "reverse_charge", "payable_incl_vat") == (True, D(10))


def test_a_credit_takes_the_rate_of_what_it_credits(world: SettleBuilder) -> None:
    world.cdr("a", "10.00", rates={"21": "10"}, verdict="credited")
    world.cdr("k", "-10.00", credit=True, credits="a", verdict="credited")
    world.cdr("b", "1.00", rates={"21": "1"})
    world.settle()
    assert world.one("settle.statement_vat", *COLUMNS) == ("NL", "21.00", D(1), D("0.21"))


def test_a_credit_takes_the_corrected_rate_of_what_it_credits(world: SettleBuilder) -> None:
    wrong = {"rates": {"25": "10"}, "rule": "VAT_RATE_MISMATCH", "incl": "12.50"}
    world.cdr("a", "10.00", **wrong)
    world.cdr("k", "-4.00", incl="-5.00", credit=True, credits="a")
    world.settle()
    assert world.rows("settle.statement_vat", *COLUMNS) == [("NL", "21.00", D(6), D("1.26"))]


def test_a_credit_takes_the_rate_that_was_let_go(world: SettleBuilder) -> None:
    wrong = {"rates": {"19": "10"}, "rule": "VAT_RATE_MISMATCH", "at_stake_vat": "-0.20"}
    world.cdr("a", "10.00", **wrong)
    world.cdr("k", "-10.00", credit=True, credits="a", verdict="credited")
    world.settle()
    assert world.one("settle.statement_vat", "vat_bucket", "vat_amount") == ("21.00", D(0))
    key = "voltix/NL/VOL/a"
    let_go = Dispute("D-1", "withdrawn", "vat", key, conceded=True, history=(LET_GO,))
    world.settle(DecisionsView({"D-1": let_go}))
    assert world.one("settle.statement_vat", "vat_bucket", "vat_amount") == ("19.00", D(0))


def test_a_claim_shows_its_rate_to_its_own_minor_unit(world: SettleBuilder) -> None:
    world.cdr("a", "3002", incl="3722", currency="ISK", country="ISL")
    world.cdr("b", "995", incl="1095", currency="JPY", country="JPN")
    world.cdr("c", "0.995", incl="1.010", currency="KWD", country="KWT")
    world.settle()
    assert world.rows("settle.statement_vat", "vat_country", "vat_bucket", "vat_amount") == [
        ("IS", "24.00", D(720)),
        ("JP", "10.00", D(100)),
        ("KW", "unknown", None),
    ]


def test_yen_have_no_cents(world: SettleBuilder) -> None:
    world.cdr("a", "105", currency="JPY", rates={"10": "105"}, country="JPN")
    world.settle()
    assert world.one("settle.statement_vat", "vat_amount") == (D(11),)


PAYABLE = st.decimals("-99999999.99", "99999999.99", places=2).filter(bool)
WEIGHTS = st.lists(st.decimals("0.000001", "99999999", places=6), min_size=1, max_size=4)


@settings(max_examples=2)  # of many CDRs each: to settle takes as long for one
@given(cdrs=st.lists(st.tuples(PAYABLE, WEIGHTS), min_size=20, max_size=30))
def test_shares_always_add_up_to_the_payable_amount(cdrs: list[tuple[D, list[D]]]) -> None:
    world = SettleBuilder.open()
    for number, (payable, weights) in enumerate(cdrs):
        rates = {str(rate): weight for rate, weight in enumerate(weights, 1)}
        world.cdr(f"c{number}", payable, rates=rates)
    world.settle()
    shared = world.rows(
        "settle.line_vat group by cdr_id", "cdr_id", "sum(payable_excl_vat)::decimal(18, 6)"
    )
    assert dict(shared) == {f"c{number}": payable for number, (payable, _) in enumerate(cdrs)}
