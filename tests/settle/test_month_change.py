"""A month beside the one before, the figures for VAT returns, and CDRs on imported invoices."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invoice_builder import invoice, received
from settle_builder import SettleBuilder, insert

from models.contract import Contract
from models.settle.comparison import compare_months
from models.settle.months import next_month, parse_month, posting_month
from pipelines.stages.settle.reading import read_month_changes, read_vat_return

D = Decimal
SEPTEMBER = datetime(2026, 9, 10, 12, tzinfo=UTC)
AMOUNTS = st.none() | st.decimals(min_value=0, max_value=10_000, places=2)
SIDES = st.fixed_dictionaries(
    {
        f"{prefix}{name}": values
        for prefix in ("", "before_")
        for name, values in (
            ("cdrs", st.integers(0, 9)),
            ("energy_kwh", AMOUNTS),
            ("claimed_excl_vat", AMOUNTS),
            ("contested_excl_vat", AMOUNTS),
        )
    }
)


@pytest.fixture
def world() -> SettleBuilder:
    return SettleBuilder.open()


@given(st.lists(SIDES, min_size=1, max_size=5))
def test_what_moved_adds_up_to_the_change(rows: list[dict[str, Any]]) -> None:
    (change,) = compare_months("2026-10", [{**row, "currency": "EUR"} for row in rows])
    parts = change.volume_excl_vat + change.price_excl_vat + change.mix_excl_vat
    assert parts == change.now.claimed_excl_vat - change.before.claimed_excl_vat
    assert change.sentence


def test_the_sentence_says_what_moved_most_first(world: SettleBuilder) -> None:
    world.cdr("A", "10.00", end_at=SEPTEMBER)
    world.cdr("B", "12.00", energy="20")  # dearer
    world.cdr("C", "6.00", energy="10", verdict="overclaimed", disputed="1.80", rule="CDR_TOO_OLD")
    world.settle()
    (change,) = read_month_changes(world.con, "2026-10", "voltix")
    assert change.sentence == (
        "October 2026: 2 CDRs and 30 kWh for 18.00 EUR, 8.00 (80.0 %) more than the month before: "
        "volume +5.00, price +3.00. Contested: 10.0 %, before 0.0 %."
    )
    (first,) = read_month_changes(world.con, "2026-09", None)
    assert first.sentence.endswith("for 10.00 EUR; nothing was charged in the month before.")


def test_a_vat_return_is_over_all_partners_by_country_and_rate(world: SettleBuilder) -> None:
    world.contracts |= {"lumen": Contract(), "abroad": Contract(reverse_charge=True)}
    world.cdr("A", "10.00", rates={"21": "10"})
    world.cdr("B", "20.00", rates={"21": "10"}, partner="lumen")
    world.cdr("C", "5.00")
    world.cdr("D", "7.00", partner="abroad", country="DEU")
    world.settle(own_country="NL")
    names = ("country", "what", "rate", "counterparties", "base_excl_vat", "vat_amount")
    assert read_vat_return(world.con, "2026-10").select(names).rows() == [
        ("DE", "reverse charge", "reverse charge", 1, D(7), D("1.47")),
        ("NL", "input VAT", "21.00", 2, D(30), D("6.30")),
        ("NL", "input VAT", "unknown", 1, D(5), None),
    ]


def test_a_cdr_on_an_invoice_that_was_taken_in_is_not_missing(world: SettleBuilder) -> None:
    for name in ("A", "B"):
        world.cdr(name, "10.00")
        insert(
            world.con,
            "recon.findings",
            [
                {"partner": "voltix", "country_code": "NL", "party_id": "VOL", "subject": "cdr",
                 "subject_id": name, "rule_id": "CDR_NOT_INVOICED", "rule_version": 1,
                 "severity": "dispute", "at_stake_excl_vat": D(0), "at_stake_vat": D(0),
                 "currency": "EUR", "message": "No invoice lists it."}
            ],
        )  # fmt: skip
    lines = [{"cdr_reference": "A", "amount_excl_vat": D(10)}]
    world.settle(received=received(invoice("I1", lines)))
    assert world.rows("settle.disputes", "subject_id") == [("B",)]


@given(st.integers(1, 9999), st.integers(1, 12))
def test_months_follow_one_another(year: int, number: int) -> None:
    month = parse_month(f"{year:04d}-{number:02d}")
    assert posting_month(month, {month}) == next_month(month)
    assert posting_month(month, ()) == month


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "26-10", "october", "2026-10-01", "2026-00"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no month"):
        parse_month(text)
