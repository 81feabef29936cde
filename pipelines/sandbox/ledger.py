"""The ledger of one party: its CDRs, sessions and invoices at a moment, each by its position."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipelines.sandbox.charges import Bill, Charge, issue_of, issue_times, phases_of
from pipelines.sandbox.error_plan import Planned
from pipelines.sandbox.numbers import Ints, iso
from pipelines.sandbox.parties import Party, token
from pipelines.sandbox.traffic import Facts, Stream

CHUNK = 1 << 16
SESSION_LAG_S = 5
SESSION_BEAT_S = 900
CDRS_PER_INVOICE = 400
Small = npt.NDArray[np.int8]
_KINDS = (np.int8, np.int64, np.int8, np.int64)


class Row(NamedTuple):
    """One CDR to be made: a session of a stream, and which of its CDRs (see `errors`)."""

    stream: int
    number: int
    role: int


@dataclass(frozen=True)
class Rows:
    """Columns of `Row`, in order of `last_updated`."""

    stream: Small
    index: Ints
    role: Small
    last_updated: Ints

    def __len__(self) -> int:
        return len(self.index)

    @property
    def columns(self) -> tuple[npt.NDArray[Any], ...]:
        """The columns, as the constructor takes them."""
        return self.stream, self.index, self.role, self.last_updated

    def sorted(self) -> Rows:
        """Return the same rows, earliest change first."""
        return self.at(np.lexsort((self.role, self.index, self.stream, self.last_updated)))

    def at(self, which: npt.NDArray[np.int64] | npt.NDArray[np.bool_] | slice) -> Rows:
        """Return the rows at these positions."""
        return Rows(*(column[which] for column in self.columns))


def joined(*parts: Rows) -> Rows:
    """Return all rows of all parts."""
    return Rows(*map(np.concatenate, zip(*(part.columns for part in parts), strict=True)))


def _rows(made: list[tuple[int, int, int, int]]) -> Rows:
    columns = np.array(made, dtype=np.int64).reshape(-1, 4).T
    return Rows(*(column.astype(kind) for column, kind in zip(columns, _KINDS, strict=True)))


def changed_at(start: Ints, end: Ints, moment: int) -> Ints:
    """Return the last change of sessions: a beat ago while under way, then just after their end."""
    beat = start + (moment - start) // SESSION_BEAT_S * SESSION_BEAT_S
    return np.where(end + SESSION_LAG_S <= moment, end + SESSION_LAG_S, beat)


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
    """The ledger of one party.

    Args:
        party: the party.
        streams: its AC and its DC sessions, settled.
        now: epoch seconds.
        wanted: CDRs that exist at `now`, exactly.
    """

    def __init__(self, party: Party, streams: tuple[Stream, ...], now: int, wanted: int) -> None:
        self.party, self.streams, self.now, self.wanted = party, streams, now, wanted
        self.times = tuple(times_of(stream) for stream in streams)
        self._plan: dict[tuple[int, int], Planned] = {}
        rows = self._plain_rows().sorted()
        surplus = int(np.searchsorted(rows.last_updated, now, side="right")) - wanted
        self.rows = rows.at(slice(max(0, surplus), None))
        dropped = rows.at(slice(0, max(0, surplus)))
        self._silent = [dropped.index[dropped.stream == n] for n in range(len(streams))]

    def _plain_rows(self) -> Rows:
        sizes = [stream.count for stream in self.streams]
        return Rows(
            np.repeat(np.arange(len(sizes), dtype=np.int8), sizes),
            np.concatenate([np.arange(size, dtype=np.int64) for size in sizes]),
            np.zeros(sum(sizes), dtype=np.int8),
            np.concatenate([times.published for times in self.times]),
        )

    def apply_plan(self, entries: Iterable[Planned]) -> None:
        """Let things apply_plan to charges: their CDRs and sessions are what was planned."""
        self._plan = {(entry.stream, entry.number): entry for entry in entries}
        if not self._plan:
            return
        for number in range(len(self.streams)):
            gone = np.array([n for s, n in self._plan if s == number], dtype=np.int64)
            self._silent[number] = np.concatenate((self._silent[number], gone))
        rows = self.rows
        kept = np.ones(len(rows), dtype=np.bool_)
        for number, silent in enumerate(self._silent):
            kept &= ~((rows.stream == number) & np.isin(rows.index, silent))
        made = [
            (*key, role, bill.last_updated)
            for key, entry in self._plan.items()
            for role, bill in entry.cdrs.items()
        ]
        self.rows = joined(rows.at(kept), _rows(made)).sorted()

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
            which = np.full(len(began), number, dtype=np.int8)
            parts.append(Rows(which, began, np.zeros(len(began), dtype=np.int8), changed))
        planned = [
            (*key, role, bill)
            for key, entry in self._plan.items()
            for role, bill in entry.sessions.items()
            if bill.start <= moment
        ]
        starts = np.array([bill.start for *_, bill in planned], dtype=np.int64)
        ends = np.array([bill.end for *_, bill in planned], dtype=np.int64)
        changes = changed_at(starts, ends, moment).tolist()
        parts.append(_rows([(*row[:3], at) for row, at in zip(planned, changes, strict=True)]))
        return joined(*parts).sorted()

    def cdr_id(self, row: Row) -> str:
        """Return the id of a CDR."""
        planned = self._plan.get((row.stream, row.number))
        if planned:
            return planned.cdrs[row.role].cdr_id
        return f"{self.party.party_id}-{self.streams[row.stream].kind[0]}{row.number:08d}"

    def error_of(self, row: Row) -> str | None:
        """Return the name of what happened to a charge; None: nothing."""
        planned = self._plan.get((row.stream, row.number))
        return planned.error.name if planned else None

    def bills(self, rows: Rows, *, of_sessions: bool = False) -> list[Bill]:
        """Return the bill of each row: of its CDR, or as its session has it."""
        made = [
            iter(self.charges(number, rows.index[rows.stream == number]))
            for number in range(len(self.streams))
        ]
        bills = [next(made[number]) for number in rows.stream.tolist()]
        if self._plan:
            keys = zip(rows.stream.tolist(), rows.index.tolist(), strict=True)
            for position, key in enumerate(keys):
                if entry := self._plan.get(key):
                    role = int(rows.role[position])
                    bills[position] = (entry.sessions if of_sessions else entry.cdrs)[role]
        return bills

    def charges(self, number: int, indexes: Ints) -> list[Bill]:
        """Return the right bills of a stream's sessions."""
        stream = self.streams[number]
        return self._made(stream, stream.facts(indexes))

    def _made(self, stream: Stream, facts: Facts) -> list[Bill]:
        columns = (
            facts.index, facts.start, facts.charge_s, facts.idle_s, facts.wh, facts.evse,
            facts.token, facts.reserved_s, facts.published,
        )  # fmt: skip
        letter = stream.kind[0]
        prefix = f"{self.party.party_id}-{letter}"
        bills = []
        for i, start, charge_s, idle, wh, at, who, reserved, published in zip(
            *(column.tolist() for column in columns), strict=True
        ):
            evse = stream.evses[at]
            charge = Charge(
                start, reserved, phases_of(stream.kind, charge_s, wh), idle,
                (evse.line.at(start - reserved),), evse.site.zone,
            )  # fmt: skip
            name = f"{prefix}{i:08d}"
            bills.append(Bill(name, f"S-{name}", charge, evse, token(who), published))
        return bills

    def invoices(self, moment: int) -> list[Invoice]:
        """Return the invoices issued until a moment: of the CDRs of the months before."""
        issued = issue_times(moment)
        batches: list[list[str]] = [[] for _ in issued]
        columns = self.rows.columns
        for stream, index, role, changed in zip(*(c.tolist() for c in columns), strict=True):
            number = issue_of(int(self.times[stream].end[index]), changed, issued)
            if number is not None:
                batches[number] += self._on_invoice(Row(stream, index, role))
        made = []
        for at, ids in zip(issued, batches, strict=True):
            invoice = f"INV-{self.party.party_id}-{iso(at)[:7]}"
            for number, first in enumerate(range(0, len(ids), CDRS_PER_INVOICE)):
                some = tuple(ids[first : first + CDRS_PER_INVOICE])
                made.append(Invoice(self.party, f"{invoice}-{number:03d}", invoice, some, at))
        return made

    def _on_invoice(self, row: Row) -> list[str]:
        """Return what an invoice lists for a CDR: its id, unless something went wrong."""
        cdr_id = self.cdr_id(row)
        wrong: dict[str | None, list[str]] = {
            "not_invoiced": [],
            "invoiced_twice": [cdr_id, cdr_id],
            "unknown_on_invoice": [cdr_id, f"{cdr_id}-UNKNOWN"],
        }
        return wrong.get(self.error_of(row), [cdr_id])
