"""Amounts on a terminal: with separators, to the currency's minor unit, and beside the currency."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console

from pipelines.cli.dispute_output import show_disputes
from pipelines.cli.invoice_output import print_invoice, print_invoices

INVOICE: dict[str, Any] = {
    **{"partner": "voltix", "number": "INV-1", "type_code": "380", "issued_on": "2026-11-03"},
    **{"country_code": "NL", "party_id": "VOL", "month": "2026-10", "currency": "EUR"},
    **{"line_count": 3, "matched_count": 3, "cdr_count": 3, "verdict": "pay_part", "message": ""},
    "total_excl_vat": Decimal("1234567.5"),
    **dict.fromkeys(("claimed_excl_vat", "payable_excl_vat", "payable_vat"), Decimal("2500")),
    **dict.fromkeys(("contested_excl_vat", "taken_back_excl_vat", "contested_vat"), Decimal()),
    **dict.fromkeys(("statement_claimed_excl_vat", "statement_payable_excl_vat"), Decimal(1000)),
    "missing_excl_vat": None,
}


@pytest.mark.parametrize(
    ("changes", "printed"),
    [
        ({}, "12,345.60 EUR"),
        ({"contested_vat": Decimal("7.5")}, "12,345.60 EUR 7.50 EUR of VAT"),
        ({"opened_excl_vat": Decimal(20000)}, "12,345.60 EUR (opened: 20,000.00)"),
        ({"subject": "vat", "contested_vat": Decimal(1000)}, "1,000.00 EUR of VAT"),
        ({"subject": "vat"}, "0.00 EUR of VAT"),
        ({"currency": "JPY"}, "12,346 JPY"),
    ],
)
def test_a_dispute_says_what_is_contested(
    changes: dict[str, Any], printed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("partner", "month", "reason_code", "owner", "due_on", "escalation")
    row = {
        **{"dispute_id": "D-0001", "state": "open", "subject": "cdr", "currency": "EUR"},
        **dict.fromkeys((*names, "contested_vat", "opened_excl_vat")),
        "contested_excl_vat": Decimal("12345.6"),
    }
    show_disputes([row | changes])
    assert printed in capsys.readouterr().out


def test_an_invoice_is_printed_with_separators() -> None:
    console = Console(width=200, record=True, file=None)
    print_invoices(console, [INVOICE])
    print_invoice(console, INVOICE, [])
    text = console.export_text()
    assert text.count("1,234,567.50 EUR") == 2
    assert "2,500.00 EUR" in text
    assert "unknown" in text
