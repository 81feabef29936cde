"""A partner's invoice as received: what its document says, in the terms of EN 16931.

Amounts of credit notes are turned below zero here, once: from then on an amount is what we would
pay, and a credit takes off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from models.errors import Refused
from models.tables.invoices import HEADER_COLUMNS, INVOICE_KEY, INVOICE_VAT, LINE_COLUMNS

CREDIT_NOTES = frozenset({"81", "83", "261", "296", "308", "381", "396", "420", "458", "532"})
LINE_SCHEMA: dict[str, Any] = {column.name: column.dtype for column in LINE_COLUMNS}
VAT_SCHEMA: dict[str, Any] = {
    name: dtype for name, dtype in INVOICE_VAT.polars_schema().items() if name not in INVOICE_KEY
}
_LARGEST = Decimal(10) ** 11
_HIGHEST_RATE = 100


class UnreadableInvoice(Refused):
    """The file is no invoice that can be read; the message says why and what to do."""


@dataclass(frozen=True)
class TaxAmount:
    """The tax of one category and rate (BG-23)."""

    category: str
    rate: Decimal | None
    taxable: Decimal
    tax: Decimal


@dataclass(frozen=True)
class ReceivedInvoice:
    """An invoice or credit note as its document states it."""

    number: str  # BT-1
    type_code: str  # BT-3
    issued_on: date  # BT-2
    currency: str  # BT-5
    total_excl_vat: Decimal  # BT-109
    lines: pl.DataFrame = field(repr=False)  # columns of `LINE_SCHEMA`
    due_on: date | None = None  # BT-9
    period_from: date | None = None  # BT-73
    period_to: date | None = None  # BT-74
    seller_name: str | None = None  # BT-27
    seller_vat_id: str | None = None  # BT-31
    buyer_name: str | None = None  # BT-44
    buyer_vat_id: str | None = None  # BT-48
    corrects: tuple[str, ...] = ()  # BT-25, each
    allowances_excl_vat: Decimal = Decimal()  # BT-107
    charges_excl_vat: Decimal = Decimal()  # BT-108
    total_vat: Decimal | None = None  # BT-110; None: not stated
    total_incl_vat: Decimal | None = None  # BT-112; None: not stated
    taxes: tuple[TaxAmount, ...] = ()  # BG-23

    @property
    def is_credit(self) -> bool:
        """Return whether it is a credit note."""
        return self.type_code in CREDIT_NOTES

    def signed(self) -> ReceivedInvoice:
        """Return it with the amounts of a credit note below zero, as they count for us."""
        if not self.is_credit:
            return self
        return replace(
            self,
            total_excl_vat=-self.total_excl_vat,
            lines=turned_lines(self.lines),
            allowances_excl_vat=-self.allowances_excl_vat,
            charges_excl_vat=-self.charges_excl_vat,
            total_vat=None if self.total_vat is None else -self.total_vat,
            total_incl_vat=None if self.total_incl_vat is None else -self.total_incl_vat,
            taxes=tuple(replace(tax, taxable=-tax.taxable, tax=-tax.tax) for tax in self.taxes),
        )

    def header(self) -> dict[str, Any]:
        """Return the columns of `settle.invoices` that it states."""
        stated = {column.name: getattr(self, column.name) for column in HEADER_COLUMNS}
        return {"number": self.number, **stated, "corrects": list(self.corrects)}

    def vat_rows(self) -> pl.DataFrame:
        """Return its tax, columns of `VAT_SCHEMA`."""
        rows = [
            (position, tax.category, tax.rate, tax.taxable, tax.tax)
            for position, tax in enumerate(self.taxes, 1)
        ]
        return pl.DataFrame(rows, schema=VAT_SCHEMA, orient="row")


def lines_frame(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Return lines, each what is stated of `LINE_SCHEMA`, as a frame, numbered in their order."""
    numbered = ({**row, "line_number": number} for number, row in enumerate(rows, 1))
    return pl.DataFrame(list(numbered), schema=LINE_SCHEMA, orient="row")


def turned_lines(lines: pl.DataFrame) -> pl.DataFrame:
    """Return lines with their amounts and energies on the other side of zero."""
    return lines.with_columns(-pl.col("amount_excl_vat"), -pl.col("energy_kwh"))


def amount_of(text: str, what: str) -> Decimal:
    """Return an amount as stated: 1234.50, a decimal point, no thousands.

    An UnreadableInvoice says that `what` is none, or no sane one.
    """
    try:
        value = Decimal(text)
        if not value.is_finite() or abs(value) >= _LARGEST:
            raise InvalidOperation
    except InvalidOperation:
        raise UnreadableInvoice(f"{what}: {text[:40]!r} is no amount") from None
    return value


def rate_of(text: str) -> Decimal:
    """Return a VAT rate as stated, between 0 and 100 percent; else an UnreadableInvoice."""
    rate = amount_of(text, "a VAT rate")
    if not 0 <= rate <= _HIGHEST_RATE:
        raise UnreadableInvoice(f"a VAT rate: {text[:40]!r} is none")
    return rate


def day_of(text: str, what: str) -> date:
    """Return a date as stated: 2026-10-31, or 20261031; else an UnreadableInvoice."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise UnreadableInvoice(
            f"{what}: {text[:40]!r} is no date; it is written as 2026-10-31"
        ) from None
