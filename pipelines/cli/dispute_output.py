"""Disputes as the command line prints them."""

from datetime import date
from decimal import Decimal
from typing import Any

from rich.markup import escape
from rich.table import Column, Table

from models.counts import count_label
from pipelines.cli.common import wide_console
from pipelines.cli.terminal import say


def show_disputes(disputes: list[dict[str, Any]]) -> None:
    """Print disputes as a table."""
    table = Table(Column("Dispute", no_wrap=True, min_width=18))  # whole: other commands ask for it
    for name in ("Partner", "Month", "State", "Reason", "Contested", "Owner", "Due"):
        table.add_column(name, overflow="fold")
    for row in disputes:
        contested = f"{plain_text(row['contested_excl_vat'])} {row['currency'] or ''}"
        if (opened := row["opened_excl_vat"]) not in (None, row["contested_excl_vat"]):
            contested += f" (opened: {plain_text(opened)})"
        values = (
            *(row["dispute_id"], row["partner"], row["month"], row["state"]),
            *(row["reason_code"], contested, row["owner"]),
            " ".join(filter(None, (plain_text(row["due_on"]), row["escalation"]))),
        )
        table.add_row(*(escape(plain_text(value)) for value in values))
    wide_console().print(table)
    say(count_label(len(disputes), "dispute"))


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
