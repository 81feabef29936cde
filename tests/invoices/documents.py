"""Invoice documents for tests, small and as partners write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from pipelines.sandbox.invoicing import BilledCdr, PartnerInvoice, invoice_xml

D = Decimal

CII = (Path(__file__).parent / "corrected_invoice.cii.xml").read_bytes()


def ubl(number: str = "INV-1", *lines: BilledCdr, **fields: object) -> bytes:
    """UBL of voltix for October 2026."""
    usual = {
        "issued_on": date(2026, 11, 3),
        "currency": "EUR",
        "period": (date(2026, 10, 1), date(2026, 10, 31)),
        "seller": ("Voltix BV", "NL123456789B01"),
        "buyer": ("EMS", "NL987654321B01"),
        "lines": lines or (BilledCdr("C1", D("10.00"), D(21), D("20.5")),),
    }
    return invoice_xml(PartnerInvoice(number, **{**usual, **fields}))  # type: ignore[arg-type]
