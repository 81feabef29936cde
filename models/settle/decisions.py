"""Decisions of people, as events: who did what to which dispute or month, when and why.

A state is never stored: it is a fold over the events of its stream, in the order they were
written. What may follow what is in `disputes` and `settlement_month`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from models.errors import Refused

Kind = Literal["dispute", "period", "removal", "invoice", "record"]


class IllegalDecision(Refused):
    """The decision does not fit the state of what it is about; the message says what does."""


@dataclass(frozen=True)
class Event:
    """One decision."""

    kind: Kind  # what it is about
    # which one: a dispute's id, `partner/month`, the pull that lacked objects, or
    # `partner/country/party/number` of an invoice, `partner/country/party/id` of a record
    stream: str
    name: str  # what was done, as `opened`, `sent` or `locked`
    who: str  # the person
    at: datetime  # when, UTC
    # what was said with it; texts only, so that it reads the same for ever
    data: Mapping[str, str] = field(default_factory=dict)
    seq: int = 0  # position in the store, 0 before it is written
