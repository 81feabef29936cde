"""Agreed fees: lines of their statement, at their own tax rates."""

from decimal import Decimal as D

import pytest
from settle_builder import SettleBuilder, insert

from models.contract import Contract
from pipelines.stages.rating.pending import agreement_rows
from pipelines.stages.settle.stage import settle_checks


@pytest.fixture
def world() -> SettleBuilder:
    return SettleBuilder.open()


def test_agreed_fees_are_lines_of_their_own(world: SettleBuilder) -> None:
    world.contracts = {
        "voltix": Contract.model_validate(
            {
                "currency": "EUR",
                "tariff_source": "agreement",
                "agreement": [
                    {"transaction_fee": "0.15", "vat": "21"},
                    {"applies_to": "DE", "transaction_fee": "9"},
                    {"energy_fee": "0.0125"},
                ],
            }
        )
    }
    insert(world.con, "core.agreement_prices", agreement_rows(world.contracts).to_dicts())
    world.cdr("A")
    world.cdr("B", energy="10.5")
    world.cdr("gone", verdict="rejected", rejected="10.00", rule="CDR_TOO_OLD")
    world.cdr("back", "-10.00", credit=True, credits="A", verdict="credited")
    world.settle()

    fees = world.con.execute(
        "select cdr_id, payable_excl_vat, message from settle.statement_lines "
        "where kind = 'fee' order by all"
    ).fetchall()
    assert fees == [
        ("energy_fee 2026-10 0.0125 EUR", D("0.38"), "2 charges, 30.500 kWh at 0.0125 EUR"),
        ("transaction_fee 2026-10 0.15 EUR", D("0.30"), "2 charges at 0.15 EUR"),
    ]
    figures = ("cdr_count", "claimed_excl_vat", "payable_excl_vat", "fees_excl_vat")
    assert world.one("settle.statements", *figures) == (
        4, D("20.68"), D("10.68"), D("0.68")
    )  # fmt: skip
    assert all(check.passed for check in settle_checks(world.con))
    world.verdict("B", "rejected")
    world.settle()
    assert world.one("settle.statements", "fees_excl_vat") == (D("0.40"),)


def test_one_fee_at_several_tax_rates_is_a_line_for_each(world: SettleBuilder) -> None:
    fee = {"transaction_fee": "0.15"}
    prices = [
        {**fee, "vat": "21"},
        {**fee, "applies_to": "BE", "vat": "9"},
        fee | {"applies_to": "DE"},
    ]
    terms = {"currency": "EUR", "tariff_source": "agreement", "agreement": prices}
    world.contracts = {"voltix": Contract.model_validate(terms)}
    insert(world.con, "core.agreement_prices", agreement_rows(world.contracts).to_dicts())
    for number, country in enumerate(("NLD", "NLD", "BEL", "DEU")):
        world.cdr(f"c{number}", country=country)
    world.settle()
    rows = world.rows("settle.line_vat", "cdr_id", "vat_bucket", "payable_excl_vat")
    name = "transaction_fee 2026-10 0.15 EUR"
    assert [row for row in rows if row[0].startswith(name)] == [
        (f"{name} 21.00 %", "21.00", D("0.30")),
        (f"{name} 9.00 %", "9.00", D("0.15")),
        (f"{name} no rate", "unknown", D("0.15")),
    ]
