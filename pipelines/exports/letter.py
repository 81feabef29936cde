"""The dispute letter: what we contest of a month and why, grouped by root cause, with evidence."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from models.errors import Refused
from models.settle.causes import evidence_of, explanation_of, is_price_known, title_of
from models.settle.disputes import RESOLVED, escalation_of
from models.settle.document import Document
from models.settle.months import last_day
from pipelines.exports.columns import DISPUTES, LINES, cells, table_csv
from pipelines.exports.company import Letterhead
from pipelines.exports.formats import DIALECTS, Dialect
from pipelines.exports.sheet import Paper
from pipelines.exports.statement_pdf import by_reason
from pipelines.exports.words import day, money, month_name, party_of, records, timestamp

_EVIDENCE = (
    *("start_at", "end_at", "location_name", "evse_id", "energy_kwh", "claimed_excl_vat"),
    "expected_excl_vat",
)


class NothingContested(Refused):
    """There is nothing to write a letter about."""


def letter_pdf(
    document: Document, letterhead: Letterhead, issued_on: date, own_party: str = ""
) -> bytes:
    """Return the letter as a PDF: one for each counterparty and currency, in one file.

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


def letter_csv(document: Document, dialect: Dialect = DIALECTS["standard"]) -> bytes:
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
    return table_csv(fields, cells(joined, fields), dialect)


def letters(
    document: Document,
    letterhead: Letterhead,
    issued_on: date,
    ours: str,
    dialect: Dialect = DIALECTS["standard"],
) -> list[tuple[str, bytes, bytes]]:
    """Return each party's letter and evidence: what their files are called apart by, PDF, CSV.

    Args:
        document: the statement of a partner's month.
        letterhead: who we and they are on paper.
        issued_on: the date of the letters.
        ours: our party, as NL/EMS; empty: not known.
        dialect: of CSV.
    """
    recipients = letter_parties(document)
    found = []
    for party in recipients:
        one = document.of_party(*party)
        suffix = "-".join(("", *party)) if len(recipients) > 1 else ""
        pdf = letter_pdf(one, letterhead, issued_on, ours)
        found.append((suffix, pdf, letter_csv(one, dialect)))
    return found


def letter_parties(document: Document) -> list[tuple[str, str]]:
    """Return the counterparties that a letter is due to, in order."""
    return sorted(
        {
            (statement["country_code"], statement["party_id"])
            for part in document.parts()
            if pending(part)
            for statement in part.statements.to_dicts()
        }
    )


def pending(part: Document) -> list[dict[str, Any]]:
    """Return the disputes that a letter is about: contested, and neither over nor let go."""
    return [
        row
        for row in part.disputes.to_dicts()
        if row["state"] not in RESOLVED and (row["contested_excl_vat"] or row["contested_vat"])
    ]


def _letter(paper: Paper, part: Document, letterhead: Letterhead, issued_on: date) -> None:
    (statement,) = part.statements.to_dicts()
    rows, currency = pending(part), statement["currency"]
    charges = [row for row in rows if row["contested_excl_vat"] > 0]
    credits = [row for row in rows if row["contested_excl_vat"] < 0]
    taxes = [row for row in rows if row["subject"] == "vat"]
    paper.address(letterhead.theirs(party_of(statement)))
    paper.text_block(day(issued_on))
    overdue = _overdue(rows, issued_on, letterhead.escalation_days)
    paper.heading(f"{_title(overdue)} of {month_name(part.month)}", 14)
    paper.text_block("Dear Sir or Madam,")
    for text in _reminders(overdue):
        paper.text_block(text)
    paper.text_block(_summary(statement, charges, credits, taxes))
    answer_by = day(issued_on + timedelta(days=letterhead.dispute_days))
    if charges or taxes:
        paper.text_block(
            "Please send credit records for what we contest, or tell us why the claim is right, "
            f"by {answer_by}. Each reason is followed by the records it is about; the same list is "
            "attached as CSV."
        )
    numbers = count(1)
    lines = {line["cdr_id"]: line for line in part.lines.filter(kind="cdr").to_dicts()}
    _sections(paper, charges, lines, currency, numbers)
    if taxes:
        paper.heading(f"{next(numbers)}. VAT: {_tax(taxes, currency)} {currency}", 11)
        paper.text_block("The amounts before taxes are not in dispute; the tax on them is.")
        _table(paper, taxes, lines, currency)
    if credits:
        paper.heading(f"Credits that need correction: {_net(credits, currency)} {currency}", 11)
        paper.text_block(
            "We cannot take these credits as they stand, so they are not deducted from what we "
            f"pay. Please correct or withdraw them by {answer_by}; until then the amount stays "
            "open in your favour."
        )
        _table(paper, credits, lines, currency)


def _overdue(rows: list[dict[str, Any]], issued_on: date, days: int) -> list[dict[str, Any]]:
    """Return the disputes that the partner was told of and has not answered in time."""
    levels = ((row, escalation_of(row["state"], row["due_on"], issued_on, days)) for row in rows)
    return [row | {"escalation": level} for row, level in levels if level and row["sent_on"]]


def _title(overdue: list[dict[str, Any]]) -> str:
    if not overdue:
        return "Disputed charges"
    is_last = any(row["escalation"] == "escalation" for row in overdue)
    return f"{'Final reminder' if is_last else 'Reminder'}: disputed charges"


def _reminders(overdue: list[dict[str, Any]]) -> Iterator[str]:
    """Yield a sentence for each letter that was not answered."""
    letters = Counter((row["sent_on"], row["due_on"]) for row in overdue)
    for (sent_on, due_on), number in sorted(letters.items()):
        yield (
            f"We wrote to you about {records(number)} of what follows on {day(sent_on)} and asked "
            f"for an answer by {day(due_on)}; none has come."
        )


def _summary(
    statement: dict[str, Any],
    charges: list[dict[str, Any]],
    credits: list[dict[str, Any]],
    taxes: list[dict[str, Any]],
) -> str:
    """Return what is claimed, contested and left: amounts that add up to the claim."""
    currency = statement["currency"]
    # Agreed fees are claimed by no record.
    claimed = statement["claimed_excl_vat"] - (statement["fees_excl_vat"] or Decimal())
    settled = statement["settled_excl_vat"] or Decimal()
    contested = sum(row["contested_excl_vat"] for row in (*charges, *credits))
    rest = claimed - contested - settled
    text = (
        f"We have checked the {statement['cdr_count']:,} charge detail records that "
        f"{party_of(statement)} sent us for the month ending {day(last_day(statement['month']))}. "
        f"They claim {money(claimed, currency)} {currency} before VAT. "
    )
    if charges:
        text += (
            f"We contest {_net(charges, currency)} {currency} of it, in "
            f"{records(len(charges))}, for the reasons below. "
        )
    if credits:
        text += (
            f"Credits of {_net(credits, currency)} {currency}, in {records(len(credits))}, are "
            "at fault and not deducted. "
        )
    if settled:
        text += f"{money(settled, currency)} {currency} were settled between us before. "
    text += f"The remaining {money(rest, currency)} {currency} are not in dispute."
    if taxes:
        text += (
            f" The VAT on {records(len(taxes))} is in dispute as well, by "
            f"{_tax(taxes, currency)} {currency}."
        )
    return text


def _sections(
    paper: Paper,
    rows: list[dict[str, Any]],
    lines: dict[str, dict[str, Any]],
    currency: str,
    numbers: Iterator[int],
) -> None:
    for code, group in by_reason(rows):
        paper.heading(f"{next(numbers)}. {title_of(code)}: {_net(group, currency)} {currency}", 11)
        if explanation_of(code):
            paper.text_block(explanation_of(code))
        _table(paper, group, lines, currency)


def _table(
    paper: Paper, rows: list[dict[str, Any]], lines: dict[str, dict[str, Any]], currency: str
) -> None:
    paper.rows(
        ("Record", "End (UTC)", "Claimed", "Expected", "Contested", "Evidence"),
        [_evidence(row, lines.get(row["subject_id"], {}), currency) for row in rows],
        (21, 18, 10, 11, 11, 38),
        right=(2, 3, 4),
        small=True,
    )


def _evidence(row: dict[str, Any], line: dict[str, Any], currency: str) -> tuple[str, ...]:
    is_tax = row["subject"] == "vat"
    contested = row["contested_vat"] if is_tax else row["contested_excl_vat"]
    # A price from quantities that are disproved is no expectation.
    expected = line.get("expected_excl_vat") if is_price_known(row["reason_code"]) else None
    return (
        row["subject_id"],
        timestamp(line.get("end_at")),
        money(line.get("claimed_excl_vat"), currency),
        "-" if expected is None else money(expected, currency),
        money(contested, currency),
        evidence_of(row["reason_code"], row["message"]),
    )


def _net(rows: list[dict[str, Any]], currency: str) -> str:
    return money(abs(sum(row["contested_excl_vat"] for row in rows)), currency)


def _tax(rows: list[dict[str, Any]], currency: str) -> str:
    return money(abs(sum(row["contested_vat"] for row in rows)), currency)
