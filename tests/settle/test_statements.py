"""Statements: one wherever a CDR was claimed, and every figure the sum of its lines."""

from datetime import UTC, datetime
from decimal import Decimal as D

import pytest
from settle_builder import OCTOBER, SettleBuilder, rates

from models.contract import Contract
from models.settle.disputes import Dispute
from models.settle.view import DecisionsView
from pipelines.stages.settle.fx import missing_rates

FIGURES = ("claimed_excl_vat", "payable_excl_vat", "disputed_excl_vat", "rejected_excl_vat")


@pytest.fixture
def world() -> SettleBuilder:
    return SettleBuilder.open()


def test_a_statement_adds_up_its_lines(world: SettleBuilder) -> None:
    world.cdr("a", "10.00")
    world.cdr(
        "b",
        "12.00",
        verdict="overclaimed",
        disputed="2.50",
        expected="9.50",
        rule="TOTAL_COST_MISMATCH",
    )
    world.cdr("c", "7.00", verdict="rejected", rejected="7.00", rule="CDR_TOO_OLD")
    world.settle()
    assert world.one("settle.statements", *FIGURES) == (D(29), D("19.5"), D("2.5"), D(7))
    counts = world.one(
        "settle.statements", "cdr_count", "agreed_count", "overclaimed_count", "rejected_count"
    )
    assert counts == (3, 1, 1, 1)


def test_the_month_is_cut_in_the_contracts_zone(world: SettleBuilder) -> None:
    world.contracts["voltix"] = Contract(time_zone="Europe/Amsterdam")
    world.cdr("winter", end_at=datetime(2026, 10, 31, 22, 59, tzinfo=UTC))
    world.cdr("next", end_at=datetime(2026, 10, 31, 23, 0, tzinfo=UTC))
    world.settle()
    assert world.rows("settle.statement_lines", "cdr_id", "month") == [
        ("next", "2026-11"),
        ("winter", "2026-10"),
    ]


def test_the_cdr_date_can_decide_the_month(world: SettleBuilder) -> None:
    world.contracts["voltix"] = Contract(month_basis="cdr_date")
    world.cdr("a", last_updated_at=datetime(2026, 11, 2, tzinfo=UTC))
    world.settle()
    assert world.one("settle.statement_lines", "month") == ("2026-11",)


@pytest.mark.parametrize("year", [1970, 2030])
def test_a_cdr_date_that_cannot_be_opens_no_month(world: SettleBuilder, year: int) -> None:
    world.contracts["voltix"] = Contract(month_basis="cdr_date")
    dated = datetime(year, 1, 1, tzinfo=UTC)
    world.cdr("a", last_updated_at=dated, fetched_at=datetime(2026, 11, 2, tzinfo=UTC))
    world.settle()
    assert world.one("settle.statement_lines", "month") == ("2026-10",)


def test_currencies_parties_and_months_have_statements_of_their_own(world: SettleBuilder) -> None:
    world.cdr("a")
    world.cdr("b", currency="DKK")
    world.cdr("c", party=("DE", "VOL"))
    world.cdr("d", end_at=datetime(2026, 9, 1, tzinfo=UTC))
    world.settle()
    assert world.rows("settle.statements", "country_code", "month", "currency", "cdr_count") == [
        ("DE", "2026-10", "EUR", 1),
        ("NL", "2026-09", "EUR", 1),
        ("NL", "2026-10", "DKK", 1),
        ("NL", "2026-10", "EUR", 1),
    ]


def test_a_credit_takes_back_the_energy_that_its_original_counts(world: SettleBuilder) -> None:
    world.cdr("wh", "10.00", verdict="credited", energy="20000")
    world.cdr("wh-credit", "-10.00", verdict="credited", energy="20000", credit=True, credits="wh")
    world.con.execute("update recon.cdrs set energy_kwh = 20 where id = 'wh'")
    world.settle()
    assert world.one("settle.statements", "energy_kwh", "claimed_excl_vat") == (D(0), D(0))


def test_credits_count_energy_and_money_below_zero(world: SettleBuilder) -> None:
    world.cdr("a", "10.00", verdict="credited", energy="20")
    world.cdr("a-credit", "-10.00", verdict="credited", energy="20", credit=True, credits="a")
    world.settle()
    row = world.one(
        "settle.statements", "energy_kwh", "payable_excl_vat", "credited_excl_vat", "credit_count"
    )
    assert row == (D(0), D(0), D(-10), 1)


def test_a_claim_that_states_no_total_is_unknown_and_counted(world: SettleBuilder) -> None:
    world.cdr("a", None, verdict="unpriceable", disputed=None, rejected=None)
    world.settle()
    assert world.one("settle.statements", "cdr_count", "unstated_count", "claimed_excl_vat") == (
        1,
        1,
        D(0),
    )
    assert world.one("settle.statement_lines", "claimed_excl_vat", "payable_excl_vat") == (
        None,
        None,
    )


def test_home_charging_is_apart_and_runs_the_other_way(world: SettleBuilder) -> None:
    world.cdr("a", "10.00")
    world.cdr("h", "4.00", home=True)
    world.settle()
    assert world.rows(
        "settle.statements", "direction", "section", "payable_excl_vat", "net_excl_vat"
    ) == [
        ("compensation", "home_charging", D(4), D(10)),
        ("payable", "roaming", D(10), D(10)),
    ]


def test_what_we_claim_is_netted_against_what_is_claimed_from_us(world: SettleBuilder) -> None:
    world.cdr("theirs", "10.00")
    world.cdr("ours", "25.00", party=("NL", "EMS"), token=("NL", "VOL"))
    world.settle(own_parties={"voltix": frozenset({("NL", "EMS")})})
    assert world.rows(
        "settle.statements", "country_code", "party_id", "direction", "net_excl_vat"
    ) == [
        ("NL", "VOL", "payable", D(-15)),
        ("NL", "VOL", "receivable", D(-15)),
    ]


def test_disputed_money_is_aged_from_the_charge(world: SettleBuilder) -> None:
    for day, cdr in ((1, "nov1"), (1, "oct1")):
        month = 11 if cdr.startswith("nov") else 10
        world.cdr(
            cdr,
            "5",
            verdict="disputed",
            disputed="5",
            end_at=datetime(2026, month, day, tzinfo=UTC),
            rule="OVERLAP_EVSE",
        )
    world.settle(as_of=datetime(2026, 12, 1, tzinfo=UTC))
    ages = [f"disputed_{name}_days_excl_vat" for name in ("0_30", "31_60", "61_90", "over_90")]
    assert world.rows("settle.statements", "month", *ages) == [
        ("2026-10", D(0), D(0), D(5), D(0)),
        ("2026-11", D(5), D(0), D(0), D(0)),
    ]


def test_cents_that_add_up_exceed_the_cumulative_tolerance(world: SettleBuilder) -> None:
    for number in range(4):
        world.cdr(f"t{number}", "1.02", verdict="tolerated", expected="1.00")
    world.settle()
    row = world.one(
        "settle.statements",
        "tolerated_difference_excl_vat",
        "tolerance_excl_vat",
        "tolerance_exceeded",
    )
    assert row == (D("0.08"), D("0.02"), True)
    world.cdr("big", "100.00")
    world.settle()
    row = world.one("settle.statements", "tolerance_excl_vat", "tolerance_exceeded")
    assert row == (D("0.52"), False)


def test_statements_are_reported_at_the_last_rate_before_the_sessions_end(
    world: SettleBuilder,
) -> None:
    world.cdr("a", "75.00", currency="DKK", end_at=OCTOBER)  # a Saturday: Friday's rate
    world.settle()
    assert world.one("settle.statement_lines", "fx_quote", "fx_date", "claimed_reporting_excl_vat")[
        2
    ] == D(10)
    row = world.one(
        "settle.statements", "claimed_excl_vat", "reporting_currency", "payable_reporting_excl_vat"
    )
    assert row == (D(75), "EUR", D(10))


def test_a_day_too_far_from_any_rate_stays_unknown_and_is_said(world: SettleBuilder) -> None:
    world.cdr("a", "75.00", currency="DKK", end_at=datetime(2026, 11, 20, tzinfo=UTC))
    world.settle()
    assert world.one("settle.statements", "reporting_currency", "claimed_reporting_excl_vat") == (
        None,
        None,
    )
    missing = missing_rates(world.con)
    assert missing is not None
    assert "1 charges in 2026-11 or before, in DKK, have no exchange rate" in missing


def test_the_reporting_currency_needs_no_rate_for_itself(world: SettleBuilder) -> None:
    world.cdr("a", "75.00", currency="DKK", end_at=datetime(2027, 5, 1, tzinfo=UTC))
    world.settle(fx=rates("DKK"))
    assert missing_rates(world.con) is None
    assert world.one("settle.statements", "claimed_reporting_excl_vat") == (D(75),)


def test_a_dispute_we_let_go_is_paid(world: SettleBuilder) -> None:
    world.cdr("a", "12.00", verdict="overclaimed", disputed="2.00", rule="TOTAL_COST_MISMATCH")
    world.settle()
    (dispute_id,) = world.one("settle.disputes", "dispute_id")
    gone = Dispute(dispute_id, "withdrawn", key="voltix/NL/VOL/a", conceded=True, history=())
    world.settle(DecisionsView(disputes={dispute_id: with_history(gone)}))
    row = world.one(
        "settle.statements", "payable_excl_vat", "disputed_excl_vat", "conceded_excl_vat"
    )
    assert row == (D(12), D(0), D(2))
    assert world.one("settle.disputes", "state", "contested_excl_vat") == ("withdrawn", D(0))


def test_the_repriced_total_is_of_claims_it_can_be_held_against(world: SettleBuilder) -> None:
    world.cdr("fair", "10.00")
    world.cdr(
        "dear", "12.00", verdict="overclaimed", disputed="2", expected="10", rule="LIMIT_BREACHED"
    )
    wh = {"rule": "TOTAL_COST_MISMATCH", "cause": "WH_FOR_KWH"}
    world.cdr("wh", "11.00", verdict="underclaimed", expected="11000", **wh)
    world.cdr(
        "huge", "9.00", verdict="disputed", disputed="9", expected="9000", rule="ENERGY_IMPLAUSIBLE"
    )
    world.cdr("old", "7.00", verdict="rejected", rejected="7", rule="CDR_TOO_OLD")
    # Its energy is in Wh, but the claim is right for the kWh that it means.
    world.cdr("right", "5.00", expected="5", rule="ENERGY_IMPLAUSIBLE", cause="WH_FOR_KWH")
    world.settle()
    names = ("repriced_count", "repriced_claimed_excl_vat", "expected_excl_vat")
    assert world.one("settle.statements", *names) == (3, D(27), D(25))


def test_a_line_names_the_rule_where_no_cause_explains_it(world: SettleBuilder) -> None:
    world.cdr("a", rule="TOTAL_COST_MISMATCH", cause="unknown", verdict="overclaimed", disputed="1")
    world.cdr("b", rule="SESSION_INVALID", verdict="rejected", rejected="10")
    world.settle()
    assert world.rows("settle.statement_lines", "cdr_id", "cause") == [
        ("a", "TOTAL_COST_MISMATCH"),
        ("b", "SESSION_INVALID"),
    ]


def test_a_renamed_partner_has_one_statement_and_one_dispute(world: SettleBuilder) -> None:
    world.contracts["volt"] = Contract()
    dear = {"verdict": "overclaimed", "disputed": "2.00", "rule": "TOTAL_COST_MISMATCH"}
    for partner in ("voltix", "volt"):
        world.cdr("a", "12.00", partner=partner, **dear)
    world.cdr("b", "5.00")  # the present name did not bring it yet
    world.settle(left=frozenset({"voltix"}))
    names = ("partner", "claimed_excl_vat", "disputed_excl_vat")
    rows = [("volt", D(12), D(2)), ("voltix", D(5), D(0))]
    assert world.rows("settle.statements", *names) == rows
    assert world.rows("settle.disputes", "partner", "contested_excl_vat") == [("volt", D(2))]


def test_settling_again_changes_nothing(world: SettleBuilder) -> None:
    for number in range(20):
        world.cdr(f"c{number}", f"{number}.37", rates={"21": "3", "9": "1"}, currency="DKK")
    world.settle()
    first = {name: world.rows(name, "*") for name in ("settle.statements", "settle.line_vat")}
    world.settle()
    assert first == {name: world.rows(name, "*") for name in first}


def with_history(dispute: Dispute) -> Dispute:
    from dataclasses import replace

    from models.settle.decisions import Event

    event = Event(
        "dispute", dispute.dispute_id, dispute.state, "ada", datetime(2026, 12, 1, tzinfo=UTC)
    )
    return replace(dispute, history=(event,))


def test_statements_have_the_terms_of_their_month(world: SettleBuilder) -> None:
    terms = {"reverse_charge": True, "earlier": [{"valid_to": "2026-10", "reverse_charge": False}]}
    world.contracts = {"voltix": Contract.model_validate(terms)}
    world.cdr("A", rates={"21": "10.00"})
    world.cdr("B", rates={"21": "10.00"}, end_at=datetime(2026, 11, 3, 12, tzinfo=UTC))
    world.settle()

    assert world.rows("settle.statements", "month", "reverse_charge", "payable_vat") == [
        ("2026-10", False, D("2.10")), ("2026-11", True, D(0))
    ]  # fmt: skip
