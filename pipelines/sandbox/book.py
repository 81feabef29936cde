"""The ledger of one party: which CDRs and sessions it has at a moment, each by its position."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipelines.sandbox.bill import Bill, bill_of, phases_of
from pipelines.sandbox.cast import Party
from pipelines.sandbox.chance import Ints
from pipelines.sandbox.timeline import Charge
from pipelines.sandbox.tokens import token
from pipelines.sandbox.traffic import Facts, Stream

CHUNK = 1 << 16
SESSION_LAG_S = 5
SESSION_BEAT_S = 900
LONGEST_S = 3 * 86_400
SPLIT_EVERY = 9
Small = npt.NDArray[np.int8]


class Row(NamedTuple):
    """One CDR to be made: a session of a stream, and which of its CDRs (see `mishaps`)."""

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

    def sorted(self) -> Rows:
        """The same rows, earliest change first."""
        order = np.lexsort((self.role, self.index, self.stream, self.last_updated))
        return self.taken(order)

    def taken(self, which: npt.NDArray[np.int64] | npt.NDArray[np.bool_] | slice) -> Rows:
        """The rows at these positions."""
        return Rows(
            self.stream[which], self.index[which], self.role[which], self.last_updated[which]
        )


@dataclass(frozen=True)
class Times:
    """When every session of a stream began, ended, and had its CDR."""

    start: Ints
    end: Ints
    published: Ints


def times_of(stream: Stream) -> Times:
    """The times of all sessions of a stream, in bounded memory but for the result."""
    times = Times(*(np.empty(stream.count, dtype=np.int64) for _ in range(3)))
    for first in range(0, stream.count, CHUNK):
        facts = stream.facts(np.arange(first, min(first + CHUNK, stream.count), dtype=np.int64))
        where = slice(first, first + len(facts.index))
        times.start[where] = facts.start - facts.reserved_s
        times.end[where], times.published[where] = facts.end, facts.published
    return times


class Book:
    """The ledger of one party.

    Args:
        party: the party.
        streams: its AC and its DC sessions, settled.
        now: epoch seconds.
        wanted: CDRs that exist at `now`, exactly.
    """

    def __init__(self, party: Party, streams: tuple[Stream, ...], now: int, wanted: int) -> None:
        self.party, self.streams, self.now = party, streams, now
        self.times = tuple(times_of(stream) for stream in streams)
        rows = self._plain_rows().sorted()
        surplus = int(np.searchsorted(rows.last_updated, now, side="right")) - wanted
        self.rows = rows.taken(slice(max(0, surplus), None))
        dropped = rows.taken(slice(0, max(0, surplus)))
        self._dropped = [dropped.index[dropped.stream == n] for n in range(len(streams))]

    def _plain_rows(self) -> Rows:
        sizes = [stream.count for stream in self.streams]
        return Rows(
            np.repeat(np.arange(len(sizes), dtype=np.int8), sizes),
            np.concatenate([np.arange(size, dtype=np.int64) for size in sizes]),
            np.zeros(sum(sizes), dtype=np.int8),
            np.concatenate([times.published for times in self.times]),
        )

    def sessions(self, moment: int) -> Rows:
        """The sessions that exist at a moment, ended or under way."""
        parts = []
        for number, times in enumerate(self.times):
            began = np.flatnonzero(times.start <= moment)
            start, end = times.start[began], times.end[began]
            beat = start + (moment - start) // SESSION_BEAT_S * SESSION_BEAT_S
            changed = np.where(end + SESSION_LAG_S <= moment, end + SESSION_LAG_S, beat)
            kept = np.isin(began, self._dropped[number], invert=True)
            which = np.full(len(began), number, dtype=np.int8)
            roles = np.zeros(len(began), dtype=np.int8)
            parts.append(Rows(which, began, roles, changed).taken(kept))
        return Rows(
            *(np.concatenate([getattr(part, name) for part in parts])
              for name in ("stream", "index", "role", "last_updated"))
        ).sorted()  # fmt: skip

    def cdr_id(self, row: Row) -> str:
        """The id of a CDR."""
        return f"{self.party.party_id}-{self.streams[row.stream].kind[0]}{row.number:08d}"

    def bills(self, rows: Rows) -> list[Bill]:
        """The right bill of each row's session."""
        facts = [
            stream.facts(rows.index[rows.stream == number])
            for number, stream in enumerate(self.streams)
        ]
        made = [
            iter(self._made(stream, column))
            for stream, column in zip(self.streams, facts, strict=True)
        ]
        return [next(made[number]) for number in rows.stream.tolist()]

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
            ids = {"cdr": f"{prefix}{i:08d}", "session": f"S-{prefix}{i:08d}"}
            bills.append(bill_of(charge, evse, token(who), ids, published))
        return bills
