"""Invoices as a person reads them in a terminal, and as rows for machines."""

from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from models.counts import count_label
from models.money import amount_label

Rows = list[dict[str, Any]]
_MOST_FINDINGS = 40
_PAYABLE = {"pay": "green", "pay_part": "yellow", "refuse": "red", "replaced": "dim"}


def print_invoices(console: Console, rows: Rows) -> None:
    """Print the list of invoices; texts of partners as they are, never as markup."""
    table = Table()
    for name in ("Partner", "Number", "Kind", "Issued", "Month"):
        table.add_column(name, no_wrap=name == "Number")
    for name in ("Total", "Payable", "Contested", "Tax"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Verdict")
    for row in rows:
        amounts = (
            _amount(row["total_excl_vat"], row["currency"]),
            *(
                _amount(row[name], row["currency"])
                for name in ("payable_excl_vat", "contested_excl_vat", "payable_vat")
            ),
        )
        named = (row["partner"], row["number"], row["type_code"], row["issued_on"], row["month"])
        style = _PAYABLE[row["verdict"]]
        table.add_row(
            *(escape(str(value or "")) for value in named),
            *amounts,
            Text(row["verdict"].replace("_", " "), style=style),
        )
    console.print(table)
    console.print(count_label(len(rows), "invoice"))


def print_invoice(console: Console, row: dict[str, Any], findings: Rows) -> None:
    """Print one invoice: what it comes to, and why not all of it."""
    currency = row["currency"]
    head = (
        f"{row['partner']} {row['number']} of {row['issued_on']}, {row['country_code']}/"
        f"{row['party_id']}, {row['month']}: {row['line_count']:,} lines, {row['matched_count']:,} "
        f"matched with {row['cdr_count']:,} CDRs"
    )
    console.print(Text(head))
    table = Table(show_header=False, box=None)
    table.add_column()
    table.add_column(justify="right")
    for label, name in (
        ("Invoice, before taxes", "total_excl_vat"),
        ("its CDRs claim", "claimed_excl_vat"),
        ("Payable", "payable_excl_vat"),
        ("Contested", "contested_excl_vat"),
        ("Taken back by its correction", "taken_back_excl_vat"),
        ("Tax to be paid", "payable_vat"),
        ("Tax contested", "contested_vat"),
        ("The statement claims", "statement_claimed_excl_vat"),
        ("The statement pays", "statement_payable_excl_vat"),
        ("Not invoiced yet", "missing_excl_vat"),
    ):
        table.add_row(label, _amount(row[name], currency))
    console.print(table)
    for finding in findings[:_MOST_FINDINGS]:
        at_stake = finding["at_stake_excl_vat"] or finding["at_stake_vat"]
        amount = f" [{_amount(at_stake, currency)}]" if at_stake else ""
        console.print(Text(f"{finding['rule_id']}{amount}: {finding['message']}"))
    if len(findings) > _MOST_FINDINGS:
        console.print(f"… and {len(findings) - _MOST_FINDINGS:,} more; --json has all")
    console.print(Text(row["message"], style=_PAYABLE[row["verdict"]]))


def _amount(value: Decimal | None, currency: str) -> str:
    return "unknown" if value is None else amount_label(value, currency)
