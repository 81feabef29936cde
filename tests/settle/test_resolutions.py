"""What is let go or given up: the amount and the rules that were named, and no later doubt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from settle_builder import SettleBuilder, insert

from models.settle import disputes
from models.settle.decisions import Event
from models.settle.disputes import Dispute
from models.settle.view import DecisionsView
from pipelines.stages.settle import warehouse
from pipelines.stages.settle.dispute_queries import decision_data, list_disputes
from pipelines.stages.settle.stage import settle_checks

NOW = datetime(2026, 12, 1, tzinfo=UTC)
MISMATCH = "TOTAL_COST_MISMATCH"
FIGURES = ("payable_excl_vat", "disputed_excl_vat", "rejected_excl_vat", "conceded_excl_vat")


class Desk(SettleBuilder):
    """Tables and the decisions that were taken about them."""

    def decide(self, dispute_id: str, *names: str) -> None:
        for name in names:
            (row,) = [row for row in self.disputes() if row["dispute_id"] == dispute_id]
            data = decision_data(row, name, {"reason": "r"})
            event = Event("dispute", dispute_id, name, "ada", NOW, data)
            before = self.view.disputes.get(dispute_id, Dispute(dispute_id))
            after = disputes.apply(before, event)
            self.view = DecisionsView({**self.view.disputes, dispute_id: after})

    def disputes(self) -> list[dict[str, object]]:
        return list_disputes(self.con, self.view)

    def dispute_id(self) -> str:
        return str(self.disputes()[0]["dispute_id"])

    def judge(
        self, cdr_id: str, verdict: str, findings: dict[str, tuple[str, str]], **amounts: object
    ) -> None:
        """Reconciliation judges a CDR anew: rule → severity and amount at stake."""
        self.con.execute("delete from recon.findings where subject_id = ?", [cdr_id])
        keys = {"partner": "voltix", "country_code": "NL", "party_id": "VOL"}
        rows = [
            {
                **{**keys, "subject": "cdr", "subject_id": cdr_id, "rule_id": rule},
                **{"rule_version": 1, "severity": severity, "currency": "EUR"},
                **{"at_stake_excl_vat": D(stake), "message": f"{rule} fired."},
            }
            for rule, (severity, stake) in findings.items()
        ]
        insert(self.con, "recon.findings", rows)
        self.con.execute(
            "update recon.cdrs set verdict = $verdict, main_rule_id = $main, rule_ids = $rules, "
            "disputed_excl_vat = $disputed, rejected_excl_vat = $rejected, "
            "payable_excl_vat = claimed_excl_vat - $disputed::decimal(18, 6) "
            "- $rejected::decimal(18, 6) where id = $id",
            {
                **{"id": cdr_id, "verdict": verdict, "rules": list(findings)},
                **{"main": next(iter(findings), None)},
                **{"disputed": D(0), "rejected": D(0), **amounts},
            },
        )
        insert(self.con, "recon.changed", [{**keys, "id": cdr_id}])

    def settle_again(self) -> None:
        self.settle(self.view)
        assert [check for check in settle_checks(self.con) if not check.passed] == []

    def line(self, cdr_id: str = "a") -> tuple[D, ...]:
        rows = self.rows("settle.statement_lines", *FIGURES, "settled_excl_vat", "cdr_id")
        return next(row[:5] for row in rows if row[5] == cdr_id)


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make lines and disputes in as many parts as there are of them."""
    monkeypatch.setattr(warehouse, "_CDRS_AT_ONCE", 1)
    monkeypatch.setattr(warehouse, "_DISPUTES_AT_ONCE", 1)


@pytest.fixture
def desk() -> Desk:
    opened = Desk.open()
    assert isinstance(opened, Desk)
    opened.view = DecisionsView()
    opened.cdr("a", "3.61", verdict="overclaimed", disputed="1.11", rule=MISMATCH)
    opened.settle_again()
    return opened


def test_a_write_off_concedes_what_it_named_and_no_later_doubt(desk: Desk) -> None:
    desk.decide(desk.dispute_id(), "open", "sent", "rejected", "written_off")
    desk.settle_again()
    assert desk.line() == (D("3.61"), D(0), D(0), D("1.11"), D(0))
    fatal = {"SESSION_INVALID": ("fatal", "3.61"), MISMATCH: ("dispute", "1.11")}
    desk.judge("a", "rejected", fatal, rejected=D("3.61"))
    desk.settle_again()
    assert desk.line() == (D("1.11"), D(0), D("2.5"), D("1.11"), D(0))
    states = {(row["state"], row["contested_excl_vat"]) for row in desk.disputes()}
    assert states == {("written_off", D(0)), ("detected", D("2.5"))}


def test_a_doubt_of_another_rule_is_not_what_was_let_go(desk: Desk) -> None:
    desk.decide(desk.dispute_id(), "withdrawn")
    desk.judge("a", "disputed", {"OVERLAP_TOKEN": ("dispute", "3.61")}, disputed=D("3.61"))
    desk.settle_again()
    assert desk.line() == (D(0), D("3.61"), D(0), D(0), D(0))


def test_a_smaller_doubt_of_another_rule_is_contested_after_a_concession(desk: Desk) -> None:
    desk.decide(desk.dispute_id(), "withdrawn")
    both = {MISMATCH: ("dispute", "1.11"), "OVERLAP_TOKEN": ("dispute", "0.50")}
    desk.judge("a", "overclaimed", both, disputed=D("1.11"))
    desk.settle_again()
    assert desk.line() == (D("3.11"), D("0.5"), D(0), D("0.61"), D(0))
    states = {(row["state"], row["contested_excl_vat"]) for row in desk.disputes()}
    assert states == {("withdrawn", D(0)), ("detected", D("0.5"))}


def test_a_doubt_that_grew_is_let_go_as_far_as_it_was_named(desk: Desk) -> None:
    desk.decide(desk.dispute_id(), "withdrawn")
    desk.judge("a", "overclaimed", {MISMATCH: ("dispute", "2.00")}, disputed=D(2))
    desk.settle_again()
    assert desk.line() == (D("2.72"), D("0.89"), D(0), D("1.11"), D(0))
    first, second = (str(row["dispute_id"]) for row in desk.disputes())
    assert first != second


@pytest.mark.parametrize(
    "steps",
    [
        ("open", "sent", "accepted"),
        ("open", "sent", "accepted", "credited", "closed"),
        ("open", "sent", "escalated", "closed"),
    ],
)
def test_what_the_partner_gives_up_is_settled(desk: Desk, steps: Sequence[str]) -> None:
    desk.decide(desk.dispute_id(), *steps)
    desk.settle_again()
    assert desk.line() == (D("2.5"), D(0), D("1.11"), D(0), D("1.11"))
    names = ("settled_excl_vat", "rejected_charges_excl_vat", "disputed_61_90_days_excl_vat")
    assert desk.one("settle.statements", *names) == (D("1.11"), D(0), D(0))
    assert [row["state"] for row in desk.disputes()] == [steps[-1]]


def test_what_was_accepted_and_is_not_credited_is_disputed_again(desk: Desk) -> None:
    desk.decide(desk.dispute_id(), "open", "sent", "accepted", "escalated")
    desk.settle_again()
    assert desk.line() == (D("2.5"), D("1.11"), D(0), D(0), D(0))


def test_a_resolution_of_an_earlier_version_lets_all_go(desk: Desk) -> None:
    event = Event(
        "dispute", "D", "withdrawn", "ada", NOW, {"key": "voltix/NL/VOL/a", "reason": "r"}
    )
    desk.view = DecisionsView({"D": disputes.fold("D", [event])})
    desk.settle_again()
    assert desk.line() == (D("3.61"), D(0), D(0), D("1.11"), D(0))


def test_a_decision_about_a_claim_of_ours_counts(desk: Desk) -> None:
    own = {"own_parties": {"voltix": frozenset({("NL", "EMS")})}}
    ours = {"party": ("NL", "EMS"), "token": ("NL", "VOL"), "rule": MISMATCH}
    desk.cdr("ours", "25.00", verdict="overclaimed", disputed="5.00", **ours)
    desk.settle(desk.view, **own)
    (row,) = [row for row in desk.disputes() if row["subject_id"] == "ours"]
    desk.decide(str(row["dispute_id"]), "open", "sent", "rejected", "written_off")
    desk.settle(desk.view, **own)
    assert desk.line("ours") == (D(25), D(0), D(0), D(5), D(0))


def test_every_finding_of_weight_has_a_row(desk: Desk) -> None:
    desk.cdr("b", "5.00", rule="CDR_DUPLICATE_ID_CHANGED", message="Another copy came.")
    desk.settle_again()
    (row,) = [row for row in desk.disputes() if row["subject_id"] == "b"]
    assert (row["contested_excl_vat"], row["reason_code"]) == (D(0), "CDR_DUPLICATE_ID_CHANGED")


def test_tax_in_doubt_is_a_dispute_of_its_own_and_the_right_rate_is_paid(desk: Desk) -> None:
    wrong = {"rates": {"19": "10"}, "rule": "VAT_RATE_MISMATCH", "incl": "11.90"}
    desk.cdr("t", "10.00", at_stake_vat="-0.20", **wrong)
    desk.settle_again()
    (row,) = [row for row in desk.disputes() if row["subject"] == "vat"]
    assert (row["subject_id"], row["contested_excl_vat"], row["contested_vat"]) == (
        "t",
        D(0),
        D("-0.2"),
    )
    assert desk.rows("settle.statement_vat", "vat_bucket", "vat_amount")[0] == ("21.00", D("2.1"))
    desk.decide(str(row["dispute_id"]), "withdrawn")
    desk.settle_again()
    assert desk.rows("settle.statement_vat", "vat_bucket", "vat_amount")[0] == ("19.00", D("1.9"))


RULES = ("TOTAL_COST_MISMATCH", "OVERLAP_TOKEN", "SESSION_INVALID")
MOVES = st.lists(
    st.one_of(
        st.tuples(
            st.just("judge"),
            st.sets(st.sampled_from(RULES), max_size=3),
            st.decimals("0", "10", places=2),
        ),
        st.tuples(st.just("decide"), st.integers(0, 3), st.integers(0, 5)),
    ),
    max_size=9,
)


def move(desk: Desk, cdr: str, what: str, first: object, second: object) -> None:
    """Judge a CDR anew, or decide about one of its disputes."""
    if what == "judge" and isinstance(first, set) and isinstance(second, D):
        fatal = "SESSION_INVALID" in first
        stake = D(10) if fatal else second if first else D(0)
        findings = {
            rule: ("fatal" if rule == "SESSION_INVALID" else "dispute", str(stake))
            for rule in sorted(first)
        }
        amounts = {"rejected": stake} if fatal else {"disputed": stake}
        desk.judge(cdr, "rejected" if fatal else "disputed", findings, **amounts)
    elif isinstance(first, int) and isinstance(second, int):
        rows = [row for row in desk.disputes() if row["subject_id"] == cdr]
        if rows and (able := disputes.FOLLOWS[str(rows[first % len(rows)]["state"])]):
            desk.decide(str(rows[first % len(rows)]["dispute_id"]), able[second % len(able)])


@settings(max_examples=2)  # of many CDRs each: to settle takes as long for one
@given(histories=st.lists(MOVES, min_size=9, max_size=12))
def test_whatever_is_decided_the_claim_is_accounted_for_once(
    histories: list[list[tuple[str, object, object]]],
) -> None:
    desk = Desk.open()
    assert isinstance(desk, Desk)
    desk.view = DecisionsView()
    moves = {f"c{number}": history for number, history in enumerate(histories)}
    about: dict[str, str] = {}  # dispute → its CDR
    for cdr in moves:
        desk.cdr(cdr, "10.00")
    desk.settle_again()
    for turn in range(max(map(len, histories))):
        for cdr, history in moves.items():
            if turn < len(history):
                move(desk, cdr, *history[turn])
        desk.settle_again()
        shown = desk.disputes()
        about |= {str(row["dispute_id"]): str(row["subject_id"]) for row in shown}
        for cdr in moves:
            payable, disputed, rejected, conceded, settled = desk.line(cdr)
            assert payable + disputed + rejected == D(10)
            assert D(0) <= settled <= rejected
            named = [
                known
                for dispute_id, known in desk.view.disputes.items()
                if about[dispute_id] == cdr and known.resolution == "conceded"
            ]
            assert conceded <= sum((one.resolved_excl_vat or D(0) for one in named), D())
            contested = sum(
                D(str(r["contested_excl_vat"])) for r in shown if r["subject_id"] == cdr
            )
            assert contested == disputed + rejected - settled
