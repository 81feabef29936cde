"""The statement as a PDF that a company would send."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from models.settle.causes import explanation_of, title_of
from models.settle.document import Document
from models.settle.invoice import TradeParty
from models.tables.recon import VERDICTS
from pipelines.exports.company import Letterhead
from pipelines.exports.formulas import escape_formula
from pipelines.exports.sheet import Paper
from pipelines.exports.words import (
    AGES,
    FIGURES,
    day,
    energy,
    heading,
    money,
    month_name,
    party_of,
    rate,
    records,
    timestamp,
)

MAX_ANNEX_LINES = 400
"""Beyond it the lines are in CSV and XLSX only: nobody reads a hundred pages of them."""

_ZERO_MAY_GO = {"tolerated_difference_excl_vat", "credited_excl_vat", "conceded_excl_vat"}


def statement_pdf(
    document: Document, letterhead: Letterhead, issued_on: date, own_party: str = ""
) -> bytes:
    """Return a statement as a PDF.

    Args:
        document: the statement.
        letterhead: who we and they are on paper.
        issued_on: its date.
        own_party: our party id, as NL/EMS.
    """
    ours = letterhead.ours(own_party)
    paper = Paper(ours, f"Statement {month_name(document.month)}", issued_on)
    for index, part in enumerate(document.parts()):
        (row,) = part.statements.to_dicts()
        if index:
            paper.add_page()
        _front(paper, row, letterhead.theirs(party_of(row)), issued_on)
        _figures(paper, row)
        _vat(paper, part, row["currency"])
        _disputes(paper, part, row)
        _annex(paper, part, row["currency"])
    return paper.finish()


def _front(paper: Paper, row: dict[str, Any], theirs: TradeParty, issued_on: date) -> None:
    paper.address(theirs)
    paper.heading(f"Statement of charging, {month_name(row['month'])}", 15)
    paper.facts(
        (
            ("Counterparty", heading(row)),
            ("Date", day(issued_on)),
            ("Connection", row["partner"]),
            ("Month is", row["status"].replace("_", "-")),
            ("Charge records", f"{row['cdr_count']:,}"),
            ("Energy", energy(row["energy_kwh"])),
            ("Billing", "self-billing" if row["billing"] == "reverse" else "direct"),
            ("VAT", "reverse charge" if row["reverse_charge"] else "as charged"),
        )
    )


def _figures(paper: Paper, row: dict[str, Any]) -> None:
    currency = row["currency"]
    shown = [(key, label) for key, label in FIGURES if row[key] or key not in _ZERO_MAY_GO]
    paper.heading(f"Summary, {currency}")
    paper.rows(
        ("Before VAT unless said", currency),
        [(label, money(row[key], currency)) for key, label in shown],
        (70, 30),
        right=(1,),
        strong=[i for i, (key, _) in enumerate(shown) if key.startswith("payable_excl")],
    )
    counts = [(name, row[f"{name}_count"]) for name in VERDICTS if row[f"{name}_count"]]
    paper.text_block(
        "Verdicts: "
        + ", ".join(f"{count:,} {name}" for name, count in counts)
        + "."
        + _remarks(row),
        quiet=True,
    )


def _remarks(row: dict[str, Any]) -> str:
    """Return what a reader must know beside the figures, in sentences."""
    currency = row["currency"]
    said = []
    if left_out := row["cdr_count"] - (row["repriced_count"] or row["cdr_count"]):
        said.append(
            f"The repriced total leaves out {records(left_out)}: without a price, credited, "
            "rejected, or with energy or times that are disproved."
        )
    if row["late_count"]:
        said.append(f"{row['late_count']:,} records of earlier, closed months are settled here.")
    if row["correction_count"]:
        said.append(f"{row['correction_count']:,} corrections of closed months are included.")
    if row["tolerance_exceeded"]:
        said.append(
            f"Differences within tolerance add up to "
            f"{money(row['tolerated_difference_excl_vat'], currency)} {currency}, more than the "
            f"{money(row['tolerance_excl_vat'], currency)} {currency} that were agreed."
        )
    if row["vat_unknown_excl_vat"]:
        said.append(
            f"Nobody stated the VAT of {money(row['vat_unknown_excl_vat'], currency)} {currency}."
        )
    if row["reporting_currency"] not in (None, currency):
        amount = money(row["payable_reporting_excl_vat"], row["reporting_currency"])
        said.append(
            f"Payable before VAT is {amount} {row['reporting_currency']} at the reference rates "
            "of the European Central Bank."
        )
    return "".join(f" {sentence}" for sentence in said)


def _vat(paper: Paper, part: Document, currency: str) -> None:
    rows = part.vat.to_dicts()
    if not rows:
        return
    paper.heading("VAT by country and rate")
    paper.rows(
        ("Country", "Rate", "Records", f"Payable before VAT, {currency}", f"VAT, {currency}"),
        [
            (
                row["vat_country"],
                rate(row["vat_bucket"]),
                f"{row['cdr_count']:,}",
                money(row["payable_excl_vat"], currency),
                money(row["vat_amount"], currency),
            )
            for row in rows
        ],
        (14, 22, 14, 28, 22),
        right=(2, 3, 4),
    )


def _disputes(paper: Paper, part: Document, row: dict[str, Any]) -> None:
    rows = part.disputes.to_dicts()
    currency = row["currency"]
    paper.heading("Disputes")
    if not rows:
        paper.text_block("Nothing is contested.")
        return
    paper.rows(
        ("Contested since", currency),
        [(label, money(row[key], currency)) for key, label in AGES],
        (70, 30),
        right=(1,),
        small=True,
    )
    for code, group in by_reason(rows):
        total = sum(dispute["contested_excl_vat"] for dispute in group)
        paper.heading(
            f"{title_of(code)}: {records(len(group))}, {money(total, currency)} {currency}", 10
        )
        if explanation_of(code):
            paper.text_block(explanation_of(code))
        paper.rows(
            ("Record", "Contested", "State", "Why"),
            [
                (
                    escape_formula(dispute["subject_id"]),
                    money(dispute["contested_excl_vat"], currency),
                    dispute["state"].replace("_", " "),
                    escape_formula(dispute["message"] or ""),
                )
                for dispute in group
            ],
            (27, 11, 11, 51),
            right=(1,),
            small=True,
        )


def by_reason(rows: list[dict[str, Any]]) -> Iterator[tuple[str | None, list[dict[str, Any]]]]:
    """Disputes by reason code, the costliest reason first."""
    groups: dict[str | None, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["reason_code"], []).append(row)

    def weight(item: tuple[str | None, list[dict[str, Any]]]) -> tuple[Any, str]:
        return -sum(row["contested_excl_vat"] for row in item[1]), item[0] or ""

    yield from sorted(groups.items(), key=weight)


def _annex(paper: Paper, part: Document, currency: str) -> None:
    if part.lines.height > MAX_ANNEX_LINES:
        paper.text_block(
            f"The {part.lines.height:,} records are in the statement's CSV and XLSX files.",
            quiet=True,
        )
        return
    paper.heading("Charge records")
    paper.rows(
        ("Record", "End (UTC)", "Place", "kWh", "Claimed", "Payable", "Verdict"),
        [
            (
                escape_formula(line["cdr_id"]),
                timestamp(line["end_at"]),
                escape_formula(line["location_name"] or line["evse_id"] or ""),
                energy(line["energy_kwh"]).removesuffix(" kWh"),
                money(line["claimed_excl_vat"], currency),
                money(line["payable_excl_vat"], currency),
                line["verdict"] if line["kind"] == "cdr" else "correction",
            )
            for line in part.lines.to_dicts()
        ],
        (26, 15, 22, 9, 10, 10, 12),
        right=(3, 4, 5),
        small=True,
    )
