"""InvoiceReconciliationRecords that we sent: decisions of people, and the fold over their events.

A record whose answer never came may be at the partner or not, so nothing but a person's word sends
it again (OCPI 2.3.0 mod_invoice_reconciliation, Push model).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from typing import Literal

from models.settle.decisions import Event, IllegalDecision

SENDING, ANSWERED = "sending", "answered"
Method = Literal["POST", "PUT", "DELETE"]


@dataclass(frozen=True)
class SentRecord:
    """A record of ours as one partner has it."""

    content: str = ""  # digest of what was sent last, without its time
    held: str = ""  # digest of what the partner has; empty: nothing of it
    method: str = ""  # how it was sent last
    answered: bool = True  # whether an answer to that was kept
    at: datetime | None = None  # when that was; None: it never was sent
    who: str = ""  # the person who sent it

    def next_method(self, content: str, *, delete: bool, is_there: bool | None) -> Method:
        """Return how the record goes to the partner now.

        Args:
            content: digest of what is to be sent.
            delete: it was an error, and is to go.
            is_there: whether the partner has it, as it was asked to send it again; None: it was
                not asked.

        Raises:
            IllegalDecision: nothing is to be sent; the message says why.
        """
        held = bool(self.held)
        if is_there is not None:
            held = is_there
        elif not self.answered:
            raise IllegalDecision(
                f"it was sent ({self.method}) on {self.at:%Y-%m-%d %H:%M} by {self.who}, and no "
                "answer was kept: the partner may have it. `--again` asks it, and sends once more"
            )
        elif held and self.held == content and not delete:
            raise IllegalDecision(
                f"the partner has it since {self.at:%Y-%m-%d %H:%M}, and nothing changed; "
                "`--again` sends it nevertheless"
            )
        if delete and not held:
            raise IllegalDecision("the partner has no such record of ours")
        if delete:
            return "DELETE"
        return "PUT" if held else "POST"


def fold(events: Iterable[Event]) -> SentRecord:
    """Return the state of a record: its events applied in order."""
    return reduce(_apply, events, SentRecord())


def _apply(before: SentRecord, event: Event) -> SentRecord:
    if event.name == ANSWERED:
        taken = event.data["outcome"] == "taken"
        held = "" if before.method == "DELETE" else before.content
        return replace(before, answered=True, held=held if taken else before.held)
    sent = replace(before, content=event.data["content"], method=event.data["method"])
    return replace(sent, answered=False, at=event.at, who=event.who)
