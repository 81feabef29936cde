"""Closing a month with a partner: open → soft-closed → locked, and reopening with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce

from models.settle.decisions import Event, IllegalDecision

FOLLOWS: dict[str, tuple[str, ...]] = {
    "open": ("soft_closed", "locked"),
    "soft_closed": ("signed_off", "locked", "reopened"),
    "locked": ("reopened",),
}
HASHES = (
    "landing_sha256",
    "tariffs_sha256",
    "fx_sha256",
    "contract_sha256",
    "lines_sha256",
    "statement_sha256",
)
"""What a lock must name, beside the run and the version of the code, to be reproducible."""
PROOF = ("run_id", "code_version", *HASHES)


@dataclass(frozen=True)
class Period:
    """Where one partner's month stands.

    Args:
        partner: our name for the connection.
        month: `2026-10`.
        state: open, soft_closed or locked.
        signed_off_by: who signed it off since it was last soft-closed.
        proof: of a locked month: run, code version and hashes; see `PROOF`.
        history: every event, oldest first.
    """

    partner: str
    month: str
    state: str = "open"
    signed_off_by: str | None = None
    proof: tuple[tuple[str, str], ...] = ()
    history: tuple[Event, ...] = ()

    @property
    def locked(self) -> bool:
        """Whether nothing may change it."""
        return self.state == "locked"


def stream_of(partner: str, month: str) -> str:
    """The name of a period's stream of events."""
    return f"{partner}/{month}"


def check_step(period: Period, name: str) -> None:
    """Refuse what cannot follow the period's state.

    Raises:
        IllegalDecision: `name` cannot follow; the message says why.
    """
    if name not in FOLLOWS[period.state]:
        raise IllegalDecision(_refusal(period, name))


def apply(period: Period, event: Event) -> Period:
    """The period after one more event.

    Raises:
        IllegalDecision: the event cannot follow its state, or lacks what it needs.
    """
    check_step(period, event.name)
    history = (*period.history, event)
    if event.name == "signed_off":
        return replace(period, signed_off_by=event.who, history=history)
    if event.name == "reopened":
        if not event.data.get("reason", "").strip():
            raise IllegalDecision("reopening needs a reason")
        return Period(period.partner, period.month, history=history)
    if event.name == "locked":
        missing = [name for name in PROOF if not event.data.get(name)]
        if missing:
            raise IllegalDecision(f"a lock must say {', '.join(missing)}")
        proof = tuple((name, event.data[name]) for name in PROOF)
        return replace(period, state="locked", proof=proof, history=history)
    return replace(period, state=event.name, history=history)


def fold(partner: str, month: str, events: Iterable[Event]) -> Period:
    """The state of a period: its events applied in order.

    Raises:
        IllegalDecision: they are no legal sequence.
    """
    return reduce(apply, events, Period(partner, month))


def _refusal(period: Period, wanted: str) -> str:
    what = f"{period.month} of {period.partner}"
    if period.locked:
        return f"{what} is locked: nothing changes it; reopen it with a reason first"
    if wanted == "reopened":
        return f"{what} is open already"
    return f"{what} is {period.state.replace('_', '-')} and cannot be {wanted.replace('_', ' ')}"
