"""Decisions that pages offer: what they are called, who may take them, what goes with them.

What may follow what is known to `models.settle.disputes` alone; here it only gets its words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import streamlit as st

from dashboards import data, month_end, services
from dashboards.access import Visitor
from dashboards.parts import reporting_refusals
from models.errors import Refused
from models.settle.decisions import IllegalDecision
from models.settle.disputes import Dispute, steps_of

# In the order of the choice: its first is what a page proposes, which is never to let it go.
ACTIONS: Final = {
    "open": "Dispute it",
    "sent": "Mark as sent to the partner",
    "accepted": "The partner accepts",
    "rejected": "The partner rejects",
    "escalated": "Escalate",
    "credited": "The credit has come",
    "closed": "Close",
    "commented": "Comment",
    "approved": "Agree with a write-off by another person",
    "assigned": "Assign to",
    "due": "Set the date an answer is due",
    "withdrawn": "Accept the claim: let it go",
    "written_off": "Write it off",
}
NEEDS_TEXT: Final = {
    "withdrawn": "Reason",
    "rejected": "Reason",
    "written_off": "Reason",
    "commented": "Comment",
    "approved": "What you agree with",
    "assigned": "Who looks after it",
    "due": "Date, as 2026-11-30",
}
_NOTES: Final = ("commented", "approved", "assigned", "due")


class NotAllowed(Refused):
    """The visitor's role does not cover the decision."""


def possible(state: str, decided: str) -> list[str]:
    """Return what can be done with a dispute now, in the order of `ACTIONS`."""
    notes = () if decided in ("detected", "closed") else _NOTES
    return [name for name in ACTIONS if name in notes or steps_of(name, state, decided)]


def act(visitor: Visitor, rows: Sequence[Mapping[str, Any]], name: str, text: str) -> list[Dispute]:
    """Take one decision about rows of the queue: about all of them, or none.

    Args:
        visitor: who decides.
        rows: of `settle.disputes`.
        name: a key of `ACTIONS`.
        text: what goes with it; see `NEEDS_TEXT`.

    Raises:
        NotAllowed: the visitor may only look.
        IllegalDecision: it cannot follow what was decided before, or lacks its text.
    """
    if not visitor.may_decide:
        raise NotAllowed("only finance and admins decide")
    if name in NEEDS_TEXT and not text.strip():
        raise IllegalDecision(f"{ACTIONS[name]}: {NEEDS_TEXT[name].lower()} is missing")
    said = {"text" if name in _NOTES else "reason": text.strip()} if text.strip() else {}
    due = services.now().date() + timedelta(days=services.letterhead().dispute_days)
    decisions = []
    for row in rows:
        decided = services.dispute(row["dispute_id"]).state
        current = dict(row) | {"decided_state": decided}
        for step in steps_of(name, row["state"], decided) or (name,):
            event_data = services.decision_data(current, step, said if step == name else {})
            if decided == "detected":
                event_data["due_on"] = due.isoformat()
            decisions.append(services.Decision(row["dispute_id"], step, event_data))
    return services.decide_all(decisions, visitor.name)


def offer_settlement(visitor: Visitor) -> None:
    """Offer to apply decisions and invoices to the amounts that are shown."""
    if not visitor.may_decide:
        return
    st.caption("Amounts follow decisions and invoices with the next run, or now:")
    if not st.button("Settle now", key="settle_now", icon=":material/calculate:"):
        return
    with reporting_refusals():
        with st.spinner("Settling; no partner is asked anything."):
            month_end.settle_again()
        st.rerun()


def checklist(partner: str, month: str) -> None:
    """Show what is open in a partner's month before it is closed."""
    try:
        questions = data.read(services.month_checklist, partner, month)
    except services.EXPECTED:
        return
    st.text("\n".join(["Open before the close:", *questions]) if questions else "Nothing is open.")


def move_month(
    visitor: Visitor, partner: str, month: str, step: services.Close, reason: str
) -> None:
    """Take a partner's month one step further.

    Raises:
        NotAllowed: the visitor's role does not cover it.
    """
    allowed = visitor.may_reopen if step == "reopened" else visitor.may_decide
    if not allowed:
        raise NotAllowed("only admins reopen" if step == "reopened" else "only finance closes")
    with data.connection() as con:
        services.close_month(con, partner, month, step, visitor.name, reason)
