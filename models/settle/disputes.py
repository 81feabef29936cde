"""Disputes: their states, what may follow what, and the fold over their events.

detected → open → sent → accepted | rejected → credited | withdrawn | escalated
→ written off | closed. `detected` is what reconciliation says; everything after it is a
person's doing, but for a dispute that credits of the partner cover: it is credited by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import reduce
from typing import Literal

from models.recon.rule_ids import RULE_IDS
from models.settle.decisions import Event, IllegalDecision

FOLLOWS: dict[str, tuple[str, ...]] = {
    "detected": ("open", "withdrawn"),
    "open": ("sent", "credited", "withdrawn"),
    "sent": ("accepted", "rejected", "credited", "escalated", "withdrawn"),
    "accepted": ("credited", "escalated", "withdrawn"),
    "rejected": ("credited", "escalated", "withdrawn", "written_off"),
    "escalated": ("accepted", "rejected", "credited", "withdrawn", "written_off", "closed"),
    "credited": ("closed",),
    "withdrawn": ("closed",),
    "written_off": ("closed",),
    "closed": (),
}
_FORMERLY = {"credited": ("written_off",)}
"""Steps that stores of earlier versions may hold; nobody takes them any more."""
CONCEDED = frozenset({"withdrawn", "written_off"})
"""States in which we let go: the contested amount is paid after all."""
SETTLED = frozenset({"accepted", "credited", "closed", "written_off"})
"""States in which the partner gave the amount up, unless we let it go before."""
RESOLVED = CONCEDED | SETTLED  # states in which a dispute contests nothing any more

CAUSES = (
    *("WRONG_TARIFF_VERSION", "OTHER_TARIFF", "LIST_PRICE"),
    *("STEP_PER_PERIOD", "STEP_PER_DIMENSION"),
    *("WALL_CLOCK_TIME", "WH_FOR_KWH", "LINE_ROUNDING", "LIMIT_IGNORED"),
    *("RESERVATION_IGNORED", "VAT_INCLUDED"),
)
_ANSWER_DUE = frozenset({"open", "sent", "escalated"})
REASON_CODES = frozenset((*CAUSES, "CUMULATIVE_TOLERANCE", "OTHER", "unknown")) | RULE_IDS
_NOTES = ("commented", "evidence", "assigned", "due", "recoded", "approved")


@dataclass(frozen=True)
class Dispute:
    """The state of one dispute."""

    dispute_id: str  # its id, as in `settle.disputes`
    state: str = "detected"  # one of `FOLLOWS`
    subject: str = "cdr"  # what kind of thing it is about: cdr, session, invoice …
    key: str = ""  # `partner/country_code/party_id/id` of that thing
    reason_code: str | None = None  # a root cause or a rule id
    # What was contested when it was opened, in `currency`; None: unknown
    amount_excl_vat: Decimal | None = None
    currency: str | None = None
    owner: str | None = None  # who looks after it
    due_on: date | None = None  # when an answer is due
    conceded: bool = False  # whether we let go, so that what was held back is payable
    # The amount that was let go or given up; None: not known, so all of it
    resolved_excl_vat: Decimal | None = None
    # The rules that this was about; None: not known, so any
    resolved_rules: tuple[str, ...] | None = None
    history: tuple[Event, ...] = ()  # every event, oldest first

    @property
    def resolution(self) -> Literal["conceded", "settled"] | None:
        """Who let the amount go: we (`conceded`), the partner (`settled`), or nobody yet."""
        if self.conceded:
            return "conceded"
        return "settled" if self.state in SETTLED else None

    @property
    def sent_on(self) -> date | None:
        """The day on which the partner was first told of it; None: not yet."""
        return next((event.at.date() for event in self.history if event.name == "sent"), None)


def escalation_of(
    state: str, due_on: date | None, today: date, days: int
) -> Literal["reminder", "escalation"] | None:
    """Return how far a dispute is overdue; None: it is not, or nobody waits for an answer.

    Args:
        state: where it stands.
        due_on: when its answer is due.
        today: the day that it is looked at.
        days: after so many more a reminder is not enough, and somebody else has to decide.
    """
    if state not in _ANSWER_DUE or due_on is None or due_on >= today:
        return None
    is_long_ago = state != "escalated" and due_on + timedelta(days=days) < today
    return "escalation" if is_long_ago else "reminder"


def apply(dispute: Dispute, event: Event) -> Dispute:
    """Return the dispute after one more event; an IllegalDecision says that it cannot follow."""
    _check_step(dispute, event)
    return _replay(dispute, event)


def fold(dispute_id: str, events: Iterable[Event]) -> Dispute:
    """Return the state of a dispute: its events applied in order (see `apply`)."""
    return reduce(_replay, events, Dispute(dispute_id))


def current_state(settled: str, changed_at: datetime | None, decided: Dispute | None) -> str:
    """Return where a dispute stands: as people decided, unless credits ended it since.

    Args:
        settled: its state in `settle.disputes`.
        changed_at: the last decision that those tables know.
        decided: what people decided up to now; None: nothing.
    """
    if decided is None or (settled == "credited" and decided.history[-1].at == changed_at):
        return settled
    return decided.state


def steps_of(name: str, state: str, decided: str) -> tuple[str, ...]:
    """Return the decisions that a decision takes; none: it cannot follow.

    Args:
        name: the decision, as `closed`.
        state: where the dispute stands (`current_state`).
        decided: where people have taken it.
    """
    if name in FOLLOWS[decided]:
        return (name,)
    # What credits ended by themselves becomes credited on the way.
    is_on_the_way = state == "credited" and "credited" in FOLLOWS[decided]
    return ("credited", name) if is_on_the_way and name in FOLLOWS["credited"] else ()


def _replay(dispute: Dispute, event: Event) -> Dispute:
    """Return the dispute after an event of its history, which may be of an earlier version."""
    if event.name in _NOTES:
        changed = _note(dispute, event)
    else:
        if event.name not in _FORMERLY.get(dispute.state, ()):
            _check_step(dispute, event)
        changed = _move(dispute, event)
    return replace(changed, history=(*dispute.history, event))


def _check_step(dispute: Dispute, event: Event) -> None:
    legal = FOLLOWS[dispute.state]
    if event.name not in (*legal, *_NOTES):
        able = ", ".join(name.replace("_", " ") for name in legal) or "nothing: it is over"
        raise IllegalDecision(
            f"{dispute.dispute_id} is {dispute.state.replace('_', ' ')} and cannot become "
            f"{event.name.replace('_', ' ')}; what may follow: {able}"
        )


def _move(dispute: Dispute, event: Event) -> Dispute:
    if event.name in ("rejected", *CONCEDED) and not event.data.get("reason"):
        raise IllegalDecision(f"{event.name.replace('_', ' ')} needs a reason")
    # What a credit took back is not paid after all.
    lets_go = event.name in CONCEDED and dispute.state != "credited"
    moved = replace(dispute, state=event.name, conceded=dispute.conceded or lets_go)
    if dispute.state == "detected":
        moved = _opened(moved, event)
    return _resolved(dispute, moved, event)


def _resolved(before: Dispute, after: Dispute, event: Event) -> Dispute:
    """Keep the amount and the rules that a resolution is about: no later doubt is let go by it."""
    if after.resolution is None:
        return replace(after, resolved_excl_vat=None, resolved_rules=None)
    if before.resolution == after.resolution:
        return after
    amount, rules = event.data.get("contested_excl_vat"), event.data.get("rules")
    return replace(
        after,
        resolved_excl_vat=after.amount_excl_vat if amount is None else Decimal(amount),
        resolved_rules=tuple(rules.split(",")) if rules else None,
    )


def _opened(dispute: Dispute, event: Event) -> Dispute:
    """Keep what the first decision says it is about: the machine may forget."""
    data = event.data
    if not data.get("key"):
        raise IllegalDecision(f"{dispute.dispute_id}: what is it about? `key` is missing")
    amount = data.get("amount_excl_vat")
    due = data.get("due_on")
    return replace(
        dispute,
        subject=data.get("subject", "cdr"),
        key=data["key"],
        reason_code=_reason_code(data.get("reason_code", "OTHER")),
        amount_excl_vat=None if amount is None else Decimal(amount),
        currency=data.get("currency"),
        owner=data.get("owner", event.who),
        due_on=date.fromisoformat(due) if due else None,
    )


def _note(dispute: Dispute, event: Event) -> Dispute:
    if dispute.state in ("detected", "closed"):
        raise IllegalDecision(
            f"{dispute.dispute_id} is {dispute.state}; "
            + ("open it first" if dispute.state == "detected" else "it is over")
        )
    text = event.data.get("text", "").strip()
    if not text:
        raise IllegalDecision(f"{event.name}: say what; the text is empty")
    if event.name == "assigned":
        return replace(dispute, owner=text)
    if event.name == "due":
        return replace(dispute, due_on=_day(text))
    if event.name == "recoded":
        return replace(dispute, reason_code=_reason_code(text))
    return dispute


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise IllegalDecision(f"{text!r} is no date; write it as 2026-11-30") from None


def _reason_code(code: str) -> str:
    if code not in REASON_CODES:
        raise IllegalDecision(
            f"{code!r} is no reason code: name a rule, a root cause ({', '.join(CAUSES)}), "
            "CUMULATIVE_TOLERANCE or OTHER"
        )
    return code
