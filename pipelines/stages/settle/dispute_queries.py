"""Disputes as the tables show them, with what was decided since they were made."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl
from duckdb import DuckDBPyConnection as DuckDB

from models.errors import NothingThere, Refused
from models.settle.approvals import APPROVED
from models.settle.disputes import CONCEDED, REASON_CODES, RESOLVED, SETTLED, Dispute, current_state
from models.settle.document import Document, plain_decimal
from models.settle.exchange import read_answers
from models.settle.view import DecisionsView
from pipelines.decisions.store import Decision, DecisionsStore
from pipelines.stages.settle import query
from pipelines.warehouse.sql_files import fetch_frame

DisputeRow = dict[str, Any]
_DECIDED = ("dispute_id", "state", "due_on", "sent_on")


class Outdated(Refused):
    """Decisions were made that the settled tables do not show; the message says what to do."""


def list_disputes(
    con: DuckDB,
    decisions: DecisionsView,
    *,
    partner: str | None = None,
    month: str | None = None,
    state: str | None = None,
) -> list[DisputeRow]:
    """Return the disputes, the largest first.

    Args:
        con: a settled warehouse or snapshot.
        decisions: every decision so far; newer than the tables, perhaps.
        partner: one partner only.
        month: one month only.
        state: one state only, as decided.
    """
    disputes = [_with_decisions(row, decisions) for row in _read(con, partner=partner, month=month)]
    found = [row for row in disputes if state in (None, row["state"])]
    return sorted(found, key=lambda row: (-(row["contested_excl_vat"] or 0), row["dispute_id"]))


def open_disputes_with_evidence(
    con: DuckDB, decisions: DecisionsView, partner: str, month: str | None
) -> list[DisputeRow]:
    """Return the disputes of a partner that are not over, with the hashes of their pages."""
    values = {"partner": partner, "month": month}
    rows = fetch_frame(con, query("find_dispute_evidence"), values).to_dicts()
    found = [_with_decisions(row, decisions) for row in rows]
    return [row for row in found if row["state"] not in RESOLVED]


def find_dispute(con: DuckDB, decisions: DecisionsView, dispute_id: str) -> DisputeRow:
    """Return one dispute, by its id or an unmistakable beginning of it.

    Raises:
        NothingThere: there is none, or more than one.
    """
    rows = _read(con, beginning=dispute_id)
    if len(rows) == 1:
        return _with_decisions(rows[0], decisions)
    if not rows:
        raise NothingThere(f"no dispute {dispute_id!r}; see `roamhouse dispute list`")
    some = ", ".join(row["dispute_id"] for row in rows[:3])
    raise NothingThere(f"{dispute_id!r} begins several disputes: {some} …")


def opening_event(row: DisputeRow, reason_code: str | None) -> dict[str, str]:
    """Return what the first event of a dispute says of it: the tables may forget.

    `reason_code`: a person's choice; None: what reconciliation says.
    """
    machine = row["reason_code"]
    party = row["subject_country_code"], row["subject_party_id"]
    data = {
        "subject": row["subject"],
        "key": "/".join((row["partner"], *party, row["subject_id"])),
        "reason_code": reason_code or (machine if machine in REASON_CODES else "OTHER"),
        "currency": row["currency"],
    }
    if row["contested_excl_vat"] is not None:
        data["amount_excl_vat"] = plain_decimal(row["contested_excl_vat"])
    return {name: value for name, value in data.items() if value is not None}


def decision_data(row: DisputeRow, name: str, data: Mapping[str, str]) -> dict[str, str]:
    """Return the data of a decision: what a person said, and what it is about.

    Args:
        row: the dispute as found, with `decided_state`, where people have taken it.
        name: the decision.
        data: what was said with it; empty texts are left out.
    """
    opening = opening_event(row, None) if row["decided_state"] == "detected" else {}
    named = _named(row) if name in (*RESOLVED, APPROVED) else {}
    return {**opening, **named, **{key: text for key, text in data.items() if text}}


def take_in_answers(
    con: DuckDB, store: DecisionsStore, name: str, data: bytes, who: str
) -> list[Dispute]:
    """Take in a partner's answers to an exported file: all of them, or none.

    Args:
        con: a settled warehouse or snapshot.
        store: the decisions.
        name: of the file.
        data: its bytes.
        who: the person who takes it in.

    Raises:
        BadAnswer: the file is none that can be read.
        NothingThere: it names a dispute that is none of ours.
        IllegalDecision: an answer cannot follow what was decided; nothing is written.
    """
    decisions, view = [], store.view()
    for one in read_answers(data):
        row = find_dispute(con, view, one.dispute_id)
        said = {"reason": one.reason, "credit_id": one.credit_id, "answered_in": name}
        for step in one.steps(row["decided_state"]):
            event_data = decision_data(row, step, said if step == one.answer else {})
            decisions.append(Decision(row["dispute_id"], step, event_data))
            row = {**row, "decided_state": step}
    return store.decide_all(decisions, who)


def resolved_since(
    disputes: Mapping[str, Dispute], settled: Mapping[str, str]
) -> dict[str, Dispute]:
    """Return the disputes whose resolution changed since the tables were made.

    Args:
        disputes: as decided up to now, by id.
        settled: the states that the tables show, by id.
    """

    def settled_resolution(dispute: Dispute) -> str | None:
        state = settled.get(dispute.dispute_id)
        if state == "credited" and dispute.resolution is None:  # credits ended it by themselves
            return None
        if state == "closed":  # whoever let it go
            return dispute.resolution
        if state in CONCEDED:
            return "conceded"
        return "settled" if state in SETTLED else None

    return {key: one for key, one in disputes.items() if one.resolution != settled_resolution(one)}


def refuse_outdated(document: Document, decisions: DecisionsView) -> None:
    """Refuse a document that contests, or states, what people decided otherwise since.

    Raises:
        Outdated: a dispute in it was resolved or taken up again, or the month locked or reopened.
    """
    partner, month = document.partner, document.month
    is_locked = month in decisions.locked(partner)
    says_locked = set(document.statements["status"]) == {"locked"}
    states = dict(document.disputes.select("dispute_id", "state").iter_rows())
    touched = {key: decisions.disputes[key] for key in states if key in decisions.disputes}
    if is_locked != says_locked or (not says_locked and resolved_since(touched, states)):
        raise Outdated(
            f"decisions about {partner} {month} were made that its statement does not show yet; "
            "settle again with `roamhouse settle` first"
        )


def with_current_disputes(document: Document, decisions: DecisionsView) -> Document:
    """Return the document with disputes as people left them, without what is over.

    What is over was resolved by people, or credited.
    """
    disputes = document.disputes
    known = [decisions.disputes[key] for key in disputes["dispute_id"] if key in decisions.disputes]
    resolved = [dispute.dispute_id for dispute in known if dispute.resolution]
    is_over = pl.col("dispute_id").is_in(resolved) | (pl.col("state") == "credited")
    decided = pl.DataFrame(
        [(one.dispute_id, one.state, one.due_on, one.sent_on) for one in known],
        schema={name: disputes.schema[name] for name in _DECIDED},
        orient="row",
    )
    current = disputes.filter(~is_over).update(decided, on="dispute_id")
    return replace(document, disputes=current)


def _named(row: DisputeRow) -> dict[str, str]:
    """Return the amount and the rules that a decision is about, as they are seen now."""
    rules = [rule for rule in row["rules"] or [] if rule]
    named = {"rules": ",".join(rules)} if rules else {}
    if row["contested_excl_vat"] is not None:
        named["contested_excl_vat"] = plain_decimal(row["contested_excl_vat"])
    return named


def _read(
    con: DuckDB,
    *,
    partner: str | None = None,
    month: str | None = None,
    beginning: str | None = None,
) -> list[DisputeRow]:
    values = {"partner": partner, "month": month, "beginning": beginning}
    return fetch_frame(con, query("find_disputes"), values).to_dicts()


def _with_decisions(row: DisputeRow, decisions: DecisionsView) -> DisputeRow:
    """Return the row with what was decided after the tables were made."""
    dispute: Dispute | None = decisions.disputes.get(row["dispute_id"])
    if dispute is None:
        return row | {"decided_state": "detected"}
    last = dispute.history[-1]
    return row | {
        "state": current_state(row["state"], row["changed_at"], dispute),
        "decided_state": dispute.state,
        "reason_code": dispute.reason_code,
        "opened_excl_vat": dispute.amount_excl_vat,
        "owner": dispute.owner,
        "due_on": dispute.due_on,
        "sent_on": dispute.sent_on,
        "changed_at": last.at,
        "changed_by": last.who,
    }
