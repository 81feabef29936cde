"""The dispute letter: what we contest of a month and why, grouped by root cause, with evidence."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from models.settle.causes import explanation_of, title_of
from models.settle.document import Document
from models.settle.months import last_day
from pipelines.exports.columns import DISPUTES, LINES, cells
from pipelines.exports.company import Letterhead
from pipelines.exports.csv_file import table_csv
from pipelines.exports.formulas import escape_formula
from pipelines.exports.sheet import Paper
from pipelines.exports.statement_pdf import by_reason
from pipelines.exports.words import day, money, month_name, party_of, records, timestamp

_OVER = frozenset({"withdrawn", "written_off", "closed", "credited"})
_EVIDENCE = (
    "start_at",
    "end_at",
    "location_name",
    "evse_id",
    "energy_kwh",
    "claimed_excl_vat",
    "expected_excl_vat",
)


class NothingContested(Exception):
    """There is nothing to write a letter about."""


def letter_pdf(
    document: Document, letterhead: Letterhead, issued_on: date, own_party: str = ""
) -> bytes:
    """Return the letter as a PDF: one for each counterparty and currency, in one file.

    Args:
        document: the statement whose disputes it is about.
        letterhead: who we and they are on paper.
        issued_on: its date.
        own_party: our party id, as NL/EMS.

    Raises:
        NothingContested: no dispute is pending.
    """
    parts = [part for part in document.parts() if pending(part)]
    if not parts:
        raise NothingContested(f"nothing of {document.partner} {document.month} is contested")
    ours = letterhead.ours(own_party)
    paper = Paper(ours, f"Disputed charges {month_name(document.month)}", issued_on)
    for index, part in enumerate(parts):
        if index:
            paper.add_page()
        _letter(paper, part, letterhead, issued_on)
        paper.text_block("Yours faithfully,")
        paper.text_block(ours.name)
    return paper.finish()


def letter_csv(document: Document) -> bytes:
    """Return the evidence as CSV: one row for each contested record.

    Raises:
        NothingContested: no dispute is pending.
    """
    wanted = {row["dispute_id"] for part in document.parts() for row in pending(part)}
    if not wanted:
        raise NothingContested(f"nothing of {document.partner} {document.month} is contested")
    disputes = document.disputes.filter(document.disputes["dispute_id"].is_in(sorted(wanted)))
    lines = document.lines.filter(kind="cdr").select(
        "partner",
        subject_id="cdr_id",
        country_code="country_code",
        party_id="party_id",
        **{name: name for name in _EVIDENCE},
    )
    joined = disputes.join(
        lines,
        on=["partner", "country_code", "party_id", "subject_id"],
        how="left",
        maintain_order="left",
    )
    fields = DISPUTES + tuple(field for field in LINES if field.name in _EVIDENCE)
    return table_csv(fields, cells(joined, fields))


def pending(part: Document) -> list[dict[str, Any]]:
    """Return the disputes that a letter is about: contested, and not over."""
    return [
        row
        for row in part.disputes.to_dicts()
        if row["state"] not in _OVER and row["contested_excl_vat"]
    ]


def _letter(paper: Paper, part: Document, letterhead: Letterhead, issued_on: date) -> None:
    (statement,) = part.statements.to_dicts()
    rows, currency = pending(part), statement["currency"]
    total = sum(row["contested_excl_vat"] for row in rows)
    paper.address(letterhead.theirs(party_of(statement)))
    paper.text_block(day(issued_on))
    paper.heading(f"Disputed charges of {month_name(part.month)}", 14)
    paper.text_block("Dear Sir or Madam,")
    paper.text_block(
        f"We have checked the {statement['cdr_count']:,} charge detail records that "
        f"{party_of(statement)} sent us for the month ending {day(last_day(part.month))}. They "
        f"claim {money(statement['claimed_excl_vat'], currency)} {currency} before VAT. We contest "
        f"{money(total, currency)} {currency} of it, in {records(len(rows))}, for the reasons "
        f"below; {money(statement['payable_excl_vat'], currency)} {currency} are not in dispute."
    )
    answer_by = issued_on + timedelta(days=letterhead.dispute_days)
    paper.text_block(
        f"Please send credit records for them, or tell us why the claim is right, by "
        f"{day(answer_by)}. Each reason is followed by the records it is about; the same list "
        "is attached as CSV."
    )
    lines = {line["cdr_id"]: line for line in part.lines.filter(kind="cdr").to_dicts()}
    for number, (code, group) in enumerate(by_reason(rows), 1):
        subtotal = money(sum(row["contested_excl_vat"] for row in group), currency)
        paper.heading(f"{number}. {title_of(code)}: {subtotal} {currency}", 11)
        if explanation_of(code):
            paper.text_block(explanation_of(code))
        paper.rows(
            ("Record", "End (UTC)", "Claimed", "Expected", "Contested", "Evidence"),
            [_evidence(row, lines.get(row["subject_id"], {}), currency) for row in group],
            (21, 18, 10, 11, 11, 38),
            right=(2, 3, 4),
            small=True,
        )


def _evidence(row: dict[str, Any], line: dict[str, Any], currency: str) -> tuple[str, ...]:
    return (
        escape_formula(row["subject_id"]),
        timestamp(line.get("end_at")),
        money(line.get("claimed_excl_vat"), currency),
        money(line.get("expected_excl_vat"), currency),
        money(row["contested_excl_vat"], currency),
        escape_formula(row["message"] or ""),
    )
