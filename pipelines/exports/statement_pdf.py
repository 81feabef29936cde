"""The statement as a PDF that a company would send."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from models.settle.causes import evidence_of, explanation_of, title_of
from models.settle.document import AssumedVat, Document, assume_vat
from models.settle.invoice import TradeParty
from models.tables.recon import VERDICTS
from pipelines.exports.company import Letterhead
from pipelines.exports.sheet import Paper
from pipelines.exports.words import (
    AGES,
    FIGURES,
    OF_AGREEMENTS,
    day,
    energy,
    gross,
    heading,
    money,
    month_name,
    party_of,
    rate,
    records,
    timestamp,
)

_WITH_TAX = ("payable_vat", "payable_incl_vat")
MAX_ANNEX_LINES = 400
"""Beyond it the lines are in CSV and XLSX only: nobody reads a hundred pages of them."""

_ZERO_MAY_GO = {
    *("tolerated_difference_excl_vat", "credited_excl_vat", "conceded_excl_vat"),
    *("rejected_credits_excl_vat", "settled_excl_vat", *OF_AGREEMENTS),
}
PROVISIONAL = "PROVISIONAL: the month is open, figures may change"


def statement_pdf(
    document: Document, letterhead: Letterhead, issued_on: date, own_party: str = ""
) -> bytes:
    """Return a statement as a PDF.

    `own_party`: our party id, as NL/EMS.
    """
    ours = letterhead.ours(own_party)
    mark = PROVISIONAL if "open" in document.statements["status"].to_list() else ""
    paper = Paper(ours, f"Statement {month_name(document.month)}", issued_on, mark)
    for index, part in enumerate(document.parts()):
        row = gross(part.statements.row(0, named=True))
        if index:
            paper.add_page()
        _front(paper, row, letterhead.theirs(party_of(row)), issued_on)
        _figures(paper, row, assume_vat(part, letterhead.assumed_vat))
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


def _figures(paper: Paper, row: dict[str, Any], assumed: AssumedVat | None) -> None:
    currency = row["currency"]
    figures = [(key, label) for key, label in FIGURES if row[key] or key not in _ZERO_MAY_GO]
    if assumed is not None:
        row = row | {
            "payable_vat": assumed.payable_vat,
            "payable_incl_vat": assumed.payable_incl_vat,
        }
        note = f", partly assumed at {' and '.join(assumed.assumptions)}"
        figures = [(key, label + note * key.startswith(_WITH_TAX)) for key, label in figures]
    paper.heading(f"Summary, {currency}")
    paper.rows(
        ("Before VAT unless said", currency),
        [(label, money(row[key], currency)) for key, label in figures],
        (70, 30),
        right=(1,),
        strong=[i for i, (key, _) in enumerate(figures) if key.startswith("payable_excl")],
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
    notes = []
    if left_out := row["cdr_count"] - (row["repriced_count"] or row["cdr_count"]):
        notes.append(
            f"The repriced total leaves out {records(left_out)}: without a price, credited, "
            "rejected, or with energy or times that are disproved."
        )
    if row["late_count"]:
        notes.append(f"{row['late_count']:,} records of earlier, closed months are settled here.")
    if row["correction_count"]:
        notes.append(f"{row['correction_count']:,} corrections of closed months are included.")
    if row["tolerance_exceeded"]:
        notes.append(
            f"Differences within tolerance add up to "
            f"{money(row['tolerated_difference_excl_vat'], currency)} {currency}, more than the "
            f"{money(row['tolerance_excl_vat'], currency)} {currency} that were agreed."
        )
    if row["vat_unknown_excl_vat"]:
        notes.append(
            f"Nobody stated the VAT of {money(row['vat_unknown_excl_vat'], currency)} {currency}."
        )
    if row["reporting_currency"] not in (None, currency):
        amount = money(row["payable_reporting_excl_vat"], row["reporting_currency"])
        notes.append(
            f"Payable before VAT is {amount} {row['reporting_currency']} at the reference rates "
            "of the European Central Bank."
        )
    return "".join(f" {sentence}" for sentence in notes)


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
    rows = [dispute for dispute in part.disputes.to_dicts() if _stands(dispute)]
    currency = row["currency"]
    paper.heading("Disputes")
    if not rows:
        paper.text_block("Nothing is contested.")
        return
    paper.rows(
        ("Contested, disputed or rejected, since", currency),
        [(label, money(amount, currency)) for label, amount in ages(rows)],
        (70, 30),
        right=(1,),
        small=True,
    )
    charges = [dispute for dispute in rows if dispute["contested_excl_vat"] >= 0]
    credits = [dispute for dispute in rows if dispute["contested_excl_vat"] < 0]
    for code, group in (*by_reason(charges), *by_reason(credits)):
        paper.heading(f"{title_of(code)}: {records(len(group))}, {_total(group, currency)}", 10)
        if explanation_of(code):
            paper.text_block(explanation_of(code))
        paper.rows(
            ("Record", "Contested", "State", "Why"),
            [
                (
                    dispute["subject_id"],
                    _contested(dispute, currency),
                    dispute["state"].replace("_", " "),
                    evidence_of(dispute["reason_code"], dispute["message"]),
                )
                for dispute in group
            ],
            (27, 11, 11, 51),
            right=(1,),
            small=True,
        )


def _total(group: list[dict[str, Any]], currency: str) -> str:
    if group[0]["subject"] == "vat":
        tax = sum(abs(dispute["contested_vat"] or 0) for dispute in group)
        return f"{money(tax, currency)} {currency} of VAT"
    total = sum(dispute["contested_excl_vat"] for dispute in group)
    suffix = " of credits, not deducted" if total < 0 else ""
    return f"{money(abs(total), currency)} {currency}{suffix}"


def _stands(dispute: dict[str, Any]) -> bool:
    """Return whether a dispute is about anything, now or before a decision."""
    return bool(
        dispute["contested_excl_vat"] or dispute["contested_vat"] or dispute["state"] != "detected"
    )


def _contested(dispute: dict[str, Any], currency: str) -> str:
    if dispute["subject"] == "vat":
        return f"VAT {money(dispute['contested_vat'], currency)}"
    return money(dispute["contested_excl_vat"], currency)


def ages(rows: list[dict[str, Any]]) -> list[tuple[str, Decimal]]:
    """Return what is contested by its age; the sum is that of the rows."""
    amounts = dict.fromkeys((label for _, label in AGES), Decimal())
    for row in rows:
        days = row["age_days"] or 0
        place = 0 if days <= 30 else 1 if days <= 60 else 2 if days <= 90 else 3
        amounts[AGES[place][1]] += row["contested_excl_vat"]
    return list(amounts.items())


def by_reason(rows: list[dict[str, Any]]) -> Iterator[tuple[str | None, list[dict[str, Any]]]]:
    """Yield disputes by reason code, the costliest reason first."""
    groups: dict[str | None, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["reason_code"], []).append(row)

    def weight(item: tuple[str | None, list[dict[str, Any]]]) -> tuple[Any, str]:
        return -sum(abs(row["contested_excl_vat"]) for row in item[1]), item[0] or ""

    yield from sorted(groups.items(), key=weight)


def _fee_text(line: dict[str, Any]) -> str:
    """Return what a fee is for; charges without a place have nothing to say."""
    return line["message"] if line["kind"] == "fee" else ""


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
                line["cdr_id"],
                timestamp(line["end_at"]),
                line["location_name"] or line["evse_id"] or _fee_text(line),
                energy(line["energy_kwh"]).removesuffix(" kWh"),
                money(line["claimed_excl_vat"], currency),
                money(line["payable_excl_vat"], currency),
                line["verdict"] if line["kind"] == "cdr" else line["kind"],
            )
            for line in part.lines.to_dicts()
        ],
        (26, 15, 22, 9, 10, 10, 12),
        right=(3, 4, 5),
        small=True,
    )
