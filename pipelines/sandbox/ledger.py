"""The ledger of one party: its CDRs, sessions and invoices at a moment, each by its position."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.sandbox.billing_errors import BillingError
from pipelines.sandbox.charges import Bill, Charge, issue_of, issue_times, phases_of
from pipelines.sandbox.numbers import Ints, iso
from pipelines.sandbox.parties import Party, token
from pipelines.sandbox.traffic import Stream

CHUNK = 1 << 16
SESSION_LAG_S = 5
SESSION_BEAT_S = 900
CDRS_PER_INVOICE = 400
# one CDR or session to be made: a session of a stream, and which of its CDRs (0: its own)
ROW = np.dtype([("stream", "i1"), ("index", "i8"), ("role", "i1"), ("last_updated", "i8")])
Rows = npt.NDArray[np.void]


def rows_of(stream: int, index: Ints, last_updated: Ints) -> Rows:
    """Return a row for each of a stream's sessions."""
    rows = np.zeros(len(index), ROW)
    rows["stream"], rows["index"], rows["last_updated"] = stream, index, last_updated
    return rows


def by_change(parts: Iterable[Rows]) -> Rows:
    """Return all rows of all parts, earliest change first."""
    rows = np.concatenate(list(parts))
    keys = ("role", "index", "stream", "last_updated")  # the last one counts most
    return rows[np.lexsort([rows[key] for key in keys])]


def changed_at(start: Ints, end: Ints, moment: int) -> Ints:
    """Return the last change of sessions: a beat ago while under way, then just after their end."""
    beat = start + (moment - start) // SESSION_BEAT_S * SESSION_BEAT_S
    return np.where(end + SESSION_LAG_S <= moment, end + SESSION_LAG_S, beat)


@dataclass(frozen=True)
class Planned:
    """A charge that something happens to."""

    stream: int
    number: int
    error: BillingError
    right: Bill  # the right bill
    cdrs: dict[int, Bill]  # the bills of its CDRs, by role
    sessions: dict[int, Bill]  # the bills of its sessions, by role


@dataclass(frozen=True)
class Invoice:
    """One InvoiceReconciliationRecord (2.3.0): which CDRs an invoice lists."""

    party: Party
    id: str
    invoice_id: str
    cdr_ids: tuple[str, ...]
    issued: int


@dataclass(frozen=True)
class Times:
    """The start, the end and the CDR time of every session of a stream."""

    start: Ints
    end: Ints
    published: Ints


def times_of(stream: Stream) -> Times:
    """Return the times of all sessions of a stream, in bounded memory but for the result."""
    times = Times(*(np.empty(stream.count, dtype=np.int64) for _ in range(3)))
    for first in range(0, stream.count, CHUNK):
        facts = stream.facts(np.arange(first, min(first + CHUNK, stream.count), dtype=np.int64))
        where = slice(first, first + len(facts.index))
        times.start[where] = facts.start - facts.reserved_s
        times.end[where], times.published[where] = facts.end, facts.published
    return times


class Ledger:
    """The ledger of one party: its AC and its DC sessions, with exactly so many CDRs at `now`."""

    def __init__(self, party: Party, streams: tuple[Stream, ...], now: int, wanted: int) -> None:
        self.party, self.streams, self.now, self.wanted = party, streams, now, wanted
        self.times = tuple(times_of(stream) for stream in streams)
        self._plan: dict[tuple[int, int], Planned] = {}
        rows = by_change(
            rows_of(number, np.arange(stream.count, dtype=np.int64), times.published)
            for number, (stream, times) in enumerate(zip(streams, self.times, strict=True))
        )
        surplus = max(0, int(np.searchsorted(rows["last_updated"], now, side="right")) - wanted)
        self.rows, dropped = rows[surplus:], rows[:surplus]
        self._silent = [dropped["index"][dropped["stream"] == n] for n in range(len(streams))]

    def apply_plan(self, entries: Iterable[Planned]) -> None:
        """Let things happen to charges: their CDRs and sessions are what was planned."""
        self._plan = {(entry.stream, entry.number): entry for entry in entries}
        if not self._plan:
            return
        kept = np.ones(len(self.rows), dtype=np.bool_)
        for number, silent in enumerate(self._silent):
            gone = np.array([n for s, n in self._plan if s == number], dtype=np.int64)
            self._silent[number] = np.concatenate((silent, gone))
            kept &= ~((self.rows["stream"] == number) & np.isin(self.rows["index"], gone))
        made = [
            (*key, role, bill.last_updated)
            for key, entry in self._plan.items()
            for role, bill in entry.cdrs.items()
        ]
        self.rows = by_change((self.rows[kept], np.array(made, dtype=ROW)))

    @property
    def planned(self) -> Iterable[Planned]:
        """Everything that happens to charges."""
        return self._plan.values()

    def sessions(self, moment: int) -> Rows:
        """Return the sessions that exist at a moment, ended or under way."""
        parts = []
        for number, times in enumerate(self.times):
            began = np.flatnonzero(times.start <= moment)
            began = began[np.isin(began, self._silent[number], invert=True)]
            changed = changed_at(times.start[began], times.end[began], moment)
            parts.append(rows_of(number, began, changed))
        planned = [
            (*key, role, bill)
            for key, entry in self._plan.items()
            for role, bill in entry.sessions.items()
            if bill.start <= moment
        ]
        starts = np.array([bill.start for *_, bill in planned], dtype=np.int64)
        ends = np.array([bill.end for *_, bill in planned], dtype=np.int64)
        changes = changed_at(starts, ends, moment).tolist()
        made = [(*row[:3], at) for row, at in zip(planned, changes, strict=True)]
        return by_change((*parts, np.array(made, dtype=ROW)))

    def bills(self, rows: Rows, *, of_sessions: bool = False) -> list[Bill]:
        """Return the bill of each row: of its CDR, or as its session has it."""
        made = [
            iter(self.charges(number, rows["index"][rows["stream"] == number]))
            for number in range(len(self.streams))
        ]
        bills = []
        for stream, index, role, _ in rows.tolist():
            bill = next(made[stream])
            if entry := self._plan.get((stream, index)):
                bill = (entry.sessions if of_sessions else entry.cdrs)[role]
            bills.append(bill)
        return bills

    def charges(self, number: int, indexes: Ints) -> list[Bill]:
        """Return the right bills of a stream's sessions."""
        stream = self.streams[number]
        facts = stream.facts(indexes)
        columns = (
            facts.index, facts.start, facts.charge_s, facts.idle_s, facts.wh, facts.evse,
            facts.token, facts.reserved_s, facts.published,
        )  # fmt: skip
        bills = []
        for i, start, charge_s, idle, wh, at, who, reserved, published in zip(
            *(column.tolist() for column in columns), strict=True
        ):
            evse = stream.evses[at]
            phases, tariff = phases_of(stream.kind, charge_s, wh), evse.line.at(start - reserved)
            charge = Charge(start, reserved, phases, idle, (tariff,), evse.site.zone)
            name = self._cdr_id(stream, i)
            bills.append(Bill(name, f"S-{name}", charge, evse, token(who), published))
        return bills

    def _cdr_id(self, stream: Stream, number: int) -> str:
        return f"{self.party.party_id}-{stream.kind[0]}{number:08d}"

    def invoices(self, moment: int) -> list[Invoice]:
        """Return the invoices issued until a moment: of the CDRs of the months before."""
        issued = issue_times(moment)
        batches: list[list[str]] = [[] for _ in issued]
        for stream, index, role, changed in self.rows.tolist():
            number = issue_of(int(self.times[stream].end[index]), changed, issued)
            if number is not None:
                batches[number] += self._on_invoice(stream, index, role)
        made = []
        for at, ids in zip(issued, batches, strict=True):
            invoice = f"INV-{self.party.party_id}-{iso(at)[:7]}"
            for number, first in enumerate(range(0, len(ids), CDRS_PER_INVOICE)):
                some = tuple(ids[first : first + CDRS_PER_INVOICE])
                made.append(Invoice(self.party, f"{invoice}-{number:03d}", invoice, some, at))
        return made

    def _on_invoice(self, stream: int, number: int, role: int) -> list[str]:
        """Return what an invoice lists for a CDR: its id, unless something went wrong."""
        entry = self._plan.get((stream, number))
        if entry is None:
            return [self._cdr_id(self.streams[stream], number)]
        cdr_id = entry.cdrs[role].cdr_id
        wrong = {
            "not_invoiced": [],
            "invoiced_twice": [cdr_id, cdr_id],
            "unknown_on_invoice": [cdr_id, f"{cdr_id}-UNKNOWN"],
        }
        return wrong.get(entry.error.name, [cdr_id])
