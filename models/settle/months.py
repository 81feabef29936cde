"""Calendar months as text, `2026-10`, and their closing with a partner.

open → soft-closed → locked, and reopening with a reason.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import reduce

from models.settle.decisions import Event, IllegalDecision

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


def parse_month(text: str) -> str:
    """Return a text that names a month as `YYYY-MM`; a ValueError says that it names none."""
    if not _MONTH.fullmatch(text):
        raise ValueError(f"{text!r} is no month; write it as 2026-10")
    return text


def next_month(month: str) -> str:
    """Return the month after `month`."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def first_day(month: str) -> date:
    """Return the first day of the month."""
    return date(int(month[:4]), int(month[5:]), 1)


def last_day(month: str) -> date:
    """Return the last day of the month."""
    return date.fromordinal(first_day(next_month(month)).toordinal() - 1)


def posting_month(month: str, locked: Collection[str]) -> str:
    """Return where a charge of a month is settled: there, or in the next that is not locked."""
    while month in locked:
        month = next_month(month)
    return month


FOLLOWS: dict[str, tuple[str, ...]] = {
    "open": ("soft_closed", "locked"),
    "soft_closed": ("signed_off", "locked", "reopened"),
    "locked": ("reopened",),
}
HASHES = (
    *("landing_sha256", "tariffs_sha256", "fx_sha256"),
    *("contract_sha256", "lines_sha256", "statement_sha256"),
)
"""Hashes that make a lock reproducible, along with the run and the version of the code."""
PROOF = ("run_id", "code_version", *HASHES)
SIGNED_ROWS = "signed_rows_sha256"
"""The hash of a month's lines and their VAT, as somebody signs them off, and as they are locked."""


@dataclass(frozen=True)
class SettlementMonth:
    """The state of one partner's month."""

    partner: str  # our name for the connection
    month: str  # `2026-10`
    state: str = "open"  # open, soft_closed or locked
    signed_off_by: str | None = None  # who signed it off since it was last soft-closed
    signed_off_sha256: str | None = None  # and what: see `SIGNED_ROWS`; None: nobody kept that
    # of a locked month: run, code version and hashes; see `PROOF`
    proof: tuple[tuple[str, str], ...] = ()
    history: tuple[Event, ...] = ()  # every event, oldest first

    @property
    def locked(self) -> bool:
        """Return whether nothing may change it."""
        return self.state == "locked"

    @property
    def landed_until_at(self) -> datetime | None:
        """The moment until which pages had landed as it was locked; None: it is not, or unsaid."""
        if not self.locked or not self.history:
            return None
        stated = self.history[-1].data.get("landed_until_at")
        return None if stated is None else datetime.fromisoformat(stated)


def stream_of(partner: str, month: str) -> str:
    """Return the name of a month's stream of events."""
    return f"{partner}/{month}"


def check_step(settlement: SettlementMonth, name: str) -> None:
    """Refuse what cannot follow the state of the month: an IllegalDecision says why."""
    if name not in FOLLOWS[settlement.state]:
        raise IllegalDecision(_refusal(settlement, name))


def apply(settlement: SettlementMonth, event: Event) -> SettlementMonth:
    """Return the month after one more event; an IllegalDecision says that it cannot follow."""
    check_step(settlement, event.name)
    history = (*settlement.history, event)
    if event.name == "signed_off":
        return replace(
            settlement,
            signed_off_by=event.who,
            signed_off_sha256=event.data.get(SIGNED_ROWS),
            history=history,
        )
    if event.name == "reopened":
        if not event.data.get("reason", "").strip():
            raise IllegalDecision("reopening needs a reason")
        return SettlementMonth(settlement.partner, settlement.month, history=history)
    if event.name == "locked":
        missing = [name for name in PROOF if not event.data.get(name)]
        if missing:
            raise IllegalDecision(f"a lock must say {', '.join(missing)}")
        proof = tuple((name, event.data[name]) for name in PROOF)
        return replace(settlement, state="locked", proof=proof, history=history)
    return replace(settlement, state=event.name, history=history)


def fold(partner: str, month: str, events: Iterable[Event]) -> SettlementMonth:
    """Return the state of a month: its events applied in order (see `apply`)."""
    return reduce(apply, events, SettlementMonth(partner, month))


def _refusal(settlement: SettlementMonth, wanted: str) -> str:
    what = f"{settlement.month} of {settlement.partner}"
    if settlement.locked:
        return f"{what} is locked: nothing changes it; reopen it with a reason first"
    if wanted == "reopened":
        return f"{what} is open already"
    return (
        f"{what} is {settlement.state.replace('_', '-')} and cannot be {wanted.replace('_', ' ')}"
    )
