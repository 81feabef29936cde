"""Disputes that travel: a file for the partner, and the partner's answers to it.

The file is versioned and documented (docs/month-end.md); an answer names disputes by their ids and
says accepted, rejected or credited. Nothing here reads or writes a file.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from models.errors import Unusable
from models.settle.disputes import escalation_of
from models.settle.document import plain_decimal

FORMAT = "roamhouse-disputes/1"
ANSWERS = ("accepted", "rejected", "credited")
COLUMNS = (
    *("dispute_id", "party", "month", "subject", "subject_id", "rules", "reason_code"),
    *("amount_excl_vat", "vat", "currency", "message", "asked", "evidence_sha256"),
    *("sent_on", "due_on", "escalation"),
    *("answer", "credit_id", "reason"),
)
_BEFORE = {"detected": ("open", "sent"), "open": ("sent",)}
_ASKED = {"vat": "correct the tax", "invoice": "credit note"}


class BadAnswer(Unusable):
    """The file is no answer that can be read; the message says why."""


@dataclass(frozen=True)
class Answer:
    """A partner's answer to one dispute."""

    dispute_id: str  # as in the file that it was sent
    answer: str  # one of `ANSWERS`
    credit_id: str = ""  # the credit CDR or credit note, where it is credited
    reason: str = ""  # why, where it is rejected

    def steps(self, state: str) -> tuple[str, ...]:
        """Return the decisions that take a dispute in a state to this answer."""
        before = _BEFORE.get(state, ())
        if self.answer == "credited" and (before or state == "sent"):
            before = (*before, "accepted")
        return (*before, self.answer)


def exchange_rows(
    disputes: Iterable[Mapping[str, Any]], issued_on: date, escalation_days: int
) -> list[dict[str, Any]]:
    """Return what a partner is told of each dispute, by column; its answer is left empty.

    Args:
        disputes: rows of `settle.disputes` with `evidence`: hashes of the pages they rest on.
        issued_on: the date of the file: an answer that was due before is overdue.
        escalation_days: see `escalation_of`.
    """
    return [
        {
            "dispute_id": row["dispute_id"],
            "party": f"{row['country_code']}/{row['party_id']}",
            "month": row["month"] or "",
            "subject": row["subject"],
            "subject_id": row["subject_id"],
            "rules": [rule for rule in row["rules"] or [] if rule],
            "reason_code": row["reason_code"] or "",
            "amount_excl_vat": _text(row["contested_excl_vat"]),
            "vat": _text(row["contested_vat"]),
            "currency": row["currency"] or "",
            "message": row["message"] or "",
            "asked": _ASKED.get(row["subject"], "credit or corrected CDR"),
            "evidence_sha256": list(row["evidence"] or []),
            "sent_on": _day(row["sent_on"]),
            "due_on": _day(row["due_on"]),
            "escalation": escalation_of(row["state"], row["due_on"], issued_on, escalation_days)
            or "",
            "answer": "",
            "credit_id": "",
            "reason": "",
        }
        for row in disputes
    ]


def exchange_json(rows: Sequence[Mapping[str, Any]], partner: str, issued_on: date) -> bytes:
    """Return the file as JSON; amounts are texts."""
    whole = {
        "format": FORMAT,
        "partner": partner,
        "issued_on": issued_on.isoformat(),
        "answers": list(ANSWERS),
        "disputes": list(rows),
    }
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()


def read_answers(data: bytes) -> list[Answer]:
    """Return a partner's answers, from the JSON or the CSV that it was sent; others are skipped.

    Raises:
        BadAnswer: it is neither, of another version, or an answer is none of `ANSWERS`.
    """
    text = data.decode("utf-8-sig", errors="replace")
    rows = _json_rows(text) if text.lstrip().startswith("{") else _csv_rows(text)
    found = []
    for row in rows:
        answer = str(row.get("answer") or "").strip().lower()
        if not answer:
            continue
        dispute_id = str(row.get("dispute_id") or "").strip()
        if answer not in ANSWERS or not dispute_id:
            raise BadAnswer(
                f"{dispute_id or 'a row'}: {answer[:40]!r} is no answer; say {', '.join(ANSWERS)}"
            )
        said = (str(row.get(name) or "").strip()[:500] for name in ("credit_id", "reason"))
        found.append(Answer(dispute_id, answer, *said))
    if not found:
        raise BadAnswer("the file answers nothing: its column `answer` is empty")
    return found


def _json_rows(text: str) -> list[dict[str, Any]]:
    try:
        whole = json.loads(text)
    except ValueError as error:
        raise BadAnswer(f"no JSON: {error}") from None
    if whole.get("format") != FORMAT:
        raise BadAnswer(f"its format is {str(whole.get('format'))[:40]!r}, not {FORMAT!r}")
    rows = whole.get("disputes")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadAnswer("it lists no disputes")
    return rows


def _csv_rows(text: str) -> list[dict[str, Any]]:
    header = text.split("\n", 1)[0]
    rows = list(csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=header.count)))
    if not rows or "dispute_id" not in rows[0] or "answer" not in rows[0]:
        raise BadAnswer("no sheet of disputes: it needs the columns dispute_id and answer")
    return rows


def _day(value: date | None) -> str:
    return "" if value is None else value.isoformat()


def _text(value: Decimal | None) -> str:
    return "" if value is None else plain_decimal(value)
