"""Disputes as the command line prints them."""

from datetime import date
from decimal import Decimal
from typing import Any

from rich.markup import escape
from rich.table import Column, Table

from models.counts import count_label
from models.money import amount_label, amount_text
from pipelines.cli.common import wide_console
from pipelines.cli.terminal import say


def show_disputes(disputes: list[dict[str, Any]]) -> None:
    """Print disputes as a table."""
    table = Table(Column("Dispute", no_wrap=True, min_width=18))  # whole: other commands ask for it
    for name in ("Partner", "Month", "State", "Reason", "Contested", "Owner", "Due"):
        table.add_column(name, overflow="fold")
    for row in disputes:
        values = (
            *(row["dispute_id"], row["partner"], row["month"], row["state"]),
            *(row["reason_code"], _contested(row), row["owner"]),
            " ".join(filter(None, (plain_text(row["due_on"]), row["escalation"]))),
        )
        table.add_row(*(escape(plain_text(value)) for value in values))
    wide_console().print(table)
    say(count_label(len(disputes), "dispute"))


def _contested(row: dict[str, Any]) -> str:
    """Return what is contested before taxes, what of them, and what it was when opened."""
    currency, tax = row["currency"] or "", row["contested_vat"] or Decimal()
    net = row["contested_excl_vat"]
    texts = [] if row["subject"] == "vat" else [amount_label(net, currency)]
    if tax or not texts:
        texts.append(f"{amount_label(tax, currency)} of VAT")
    if (opened := row["opened_excl_vat"]) not in (None, net):
        texts.append(f"(opened: {amount_text(opened, currency)})")
    return " ".join(texts)


def plain_text(value: object) -> str:
    """Return a value as it is printed."""
    from models.settle.document import plain_decimal

    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain_decimal(value)
    if isinstance(value, date):
        return value.isoformat()
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
