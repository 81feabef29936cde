"""The traffic and the ledger of one party: who charged when, its CDRs, sessions and invoices.

A stream is all charging of one party on one kind of current: any session by its number, without
those before. Its sessions arrive in order over a quarter and three weeks beyond `now`, so that the
world can be moved on. EVSEs and tokens take turns, which keeps every two charges of one EVSE or one
token apart. The ledger has each row by its position.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import gcd
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipelines.sandbox.billing_errors import Planned
from pipelines.sandbox.charges import Bill, Charge, phases_of
from pipelines.sandbox.invoicing import InvoiceRecord, issue_of, issue_times
from pipelines.sandbox.numbers import DAY_S, Ints, below, iso, key_of, offset, sample
from pipelines.sandbox.parties import Party, read_yaml, token
from pipelines.sandbox.places import Current, Evse

WINDOW_DAYS = 92
AHEAD_DAYS = 21
TURNAROUND_S = 2 * 3600
LONGEST_STAY_S = {"AC": 46 * 3600, "DC": 5 * 3600}
LONGEST_CHARGE_S = {"AC": 20 * 3600, "DC": 2 * 3600}
SHORTEST_CHARGE_S = 240
RESERVED_PERCENT = 60
FINE = 64
JITTER_BITS = 10
CHUNK = 1 << 16


@dataclass(frozen=True)
class Behaviour:
    """The fitted marginals of one kind of charging (`behaviour.yaml`)."""

    energy_wh: list[int]  # quantiles of the energy of a session, evenly spaced from 0 to 1
    power_w: list[int]  # quantiles of the mean power while charging
    idle_permille: int  # sessions that stay more than five minutes after charging
    idle_s: list[int]  # quantiles of how long those stay on
    # weight of each hour of the local week, Monday 00:00 first; they sum to 100,000
    arrivals: list[int]


BEHAVIOUR = read_yaml("behaviour.yaml", dict[Current, Behaviour])


class Facts(NamedTuple):
    """Columns of sessions; times in epoch seconds, energy in Wh."""

    start: Ints
    charge_s: Ints
    idle_s: Ints
    wh: Ints
    evse: Ints
    token: Ints
    reserved_s: Ints
    end: Ints  # when each car left
    published: Ints  # when each CDR was made


class Times(NamedTuple):
    """The start, the end and the CDR time of every session of a stream."""

    start: Ints
    end: Ints
    published: Ints


class Calendar:
    """The weights of all hours from the window's first to the last ahead, in local time."""

    def __init__(self, party: Party, behaviour: Behaviour, now: int) -> None:
        zone = party.country.time_zone
        self.first = now // 3600 * 3600 - WINDOW_DAYS * DAY_S
        self.hours = (WINDOW_DAYS + AHEAD_DAYS) * 24
        moments = [self.first + hour * 3600 for hour in range(self.hours)]
        local = [(moment + offset(zone, moment)) // 3600 for moment in moments]
        weights = [behaviour.arrivals[(hour + 72) % 168] * FINE for hour in local]
        self.edges: Ints = np.concatenate(([0], np.cumsum(np.array(weights, dtype=np.int64))))
        self.total = int(self.edges[-1])
        self.until_now = int(self.edges[WINDOW_DAYS * 24])

    def moments(self, positions: Ints) -> Ints:
        """Epoch seconds at which so much of the whole weight has passed."""
        hour = np.searchsorted(self.edges[:-1], positions, side="right") - 1  # the last goes on
        within = (positions - self.edges[hour]) * 3600 // (self.edges[hour + 1] - self.edges[hour])
        return self.first + hour * 3600 + within


class Stream:
    """All sessions of one party on one kind of current: about as many as wanted until `now`."""

    def __init__(self, party: Party, kind: Current, seed: int, now: int, wanted: int) -> None:
        self.party, self.kind = party, kind
        self.behaviour = BEHAVIOUR[kind]
        self.calendar = Calendar(party, self.behaviour, now)
        self.count = -(-wanted * self.calendar.total // self.calendar.until_now)
        self.key = key_of(seed, "traffic", *party.code, kind)

    @property
    def per_day(self) -> int:
        """Sessions a day, on average."""
        return -(-self.count // (WINDOW_DAYS + AHEAD_DAYS))

    def settle(self, evses: tuple[Evse, ...], tokens: range) -> None:
        """Give the stream its EVSEs and its tokens (numbers of the token list)."""
        self.evses, self.tokens = evses, tokens
        self._stride = next(
            s for s in range(len(evses) * 3 // 8 + 1, 2**31) if gcd(s, len(evses)) == 1
        )
        self._watts = np.array([evse.plugs[0].watt for evse in evses], dtype=np.int64)
        self._reservable = np.array([evse.line.versions[0].reserves for evse in evses])
        self.times = self._times()

    def starts(self, index: Ints) -> Ints:
        """Return when each session began."""
        jitter = below(self.key, index, 0, 1 << JITTER_BITS)
        steps = (index << JITTER_BITS) + jitter
        return self.calendar.moments(steps * self.calendar.total // (self.count << JITTER_BITS))

    def evse_of(self, index: Ints) -> Ints:
        """Return the position of each session's EVSE."""
        return index % len(self.evses) * self._stride % len(self.evses)

    def facts(self, index: Ints) -> Facts:
        """Return everything about the sessions with these numbers."""
        start, evse = self.starts(index), self.evse_of(index)
        behaviour = self.behaviour
        wh = sample(self.key, index, 1, behaviour.energy_wh)
        power = np.minimum(
            sample(self.key, index, 2, behaviour.power_w), self._watts[evse] * 92 // 100
        )
        charge = np.minimum(wh * 3600 // power, LONGEST_CHARGE_S[self.kind])
        charge = np.maximum(charge, wh * 3600 // (self._watts[evse] * 92 // 100))
        charge = np.maximum(charge, SHORTEST_CHARGE_S)
        idles = below(self.key, index, 3, 1000) < behaviour.idle_permille
        idle = np.where(idles, sample(self.key, index, 4, behaviour.idle_s), 0)
        room = self.starts(index + len(self.evses)) - start - TURNAROUND_S
        room = np.minimum(room, LONGEST_STAY_S[self.kind])
        reserved = 300 + 60 * below(self.key, index, 7, 26)
        reserves = self._reservable[evse] & (below(self.key, index, 6, 100) < RESERVED_PERCENT)
        idle = np.clip(idle, 0, np.maximum(room - charge, 0))
        token, end = self.tokens.start + index % len(self.tokens), start + charge + idle
        published = end + 60 + below(self.key, index, 5, 1140)
        reserved = np.where(reserves, reserved, 0)
        return Facts(start, charge, idle, wh, evse, token, reserved, end, published)

    def _times(self) -> Times:
        """Return the times of all sessions, in bounded memory but for the result."""
        parts = []
        for first in range(0, self.count, CHUNK):
            facts = self.facts(np.arange(first, min(first + CHUNK, self.count), dtype=np.int64))
            parts.append((facts.start - facts.reserved_s, facts.end, facts.published))
        return Times(*map(np.concatenate, zip(*parts, strict=True)))


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


class Ledger:
    """The ledger of one party: its AC and its DC sessions, with exactly so many CDRs at `now`."""

    def __init__(self, party: Party, streams: tuple[Stream, ...], now: int, wanted: int) -> None:
        self.party, self.streams, self.now, self.wanted = party, streams, now, wanted
        self._plan: dict[tuple[int, int], Planned] = {}
        rows = by_change(
            rows_of(number, np.arange(stream.count, dtype=np.int64), stream.times.published)
            for number, stream in enumerate(streams)
        )
        surplus = max(0, int(np.searchsorted(rows["last_updated"], now, side="right")) - wanted)
        self.rows = self._right = rows[surplus:]

    def apply_plan(self, entries: Iterable[Planned]) -> None:
        """Let things happen to charges: their CDRs and sessions are what was planned."""
        self._plan = {(entry.stream, entry.number): entry for entry in entries}
        if not self._plan:
            return
        kept = np.ones(len(self.rows), dtype=np.bool_)
        for number in range(len(self.streams)):
            planned = [index for stream, index in self._plan if stream == number]
            kept &= ~((self.rows["stream"] == number) & np.isin(self.rows["index"], planned))
        made = [
            (*key, role, bill.last_updated)
            for key, entry in self._plan.items()
            for role, bill in entry.cdrs.items()
        ]
        self._right = self.rows[kept]
        self.rows = by_change((self._right, np.array(made, dtype=ROW)))

    @property
    def planned(self) -> Iterable[Planned]:
        """Everything that happens to charges."""
        return self._plan.values()

    def sessions(self, moment: int) -> Rows:
        """Return the sessions that exist at a moment, ended or under way."""
        parts = []
        for number, stream in enumerate(self.streams):
            start, end, _ = stream.times
            index = self._right["index"][self._right["stream"] == number]
            began = index[start[index] <= moment]
            parts.append(rows_of(number, began, changed_at(start[began], end[began], moment)))
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
        bills = []
        for i, start, charge_s, idle, wh, at, who, reserved, _, published in zip(
            *(column.tolist() for column in (indexes, *stream.facts(indexes))), strict=True
        ):
            evse = stream.evses[at]
            phases, tariff = phases_of(stream.kind, charge_s, wh), evse.line.at(start - reserved)
            charge = Charge(start, reserved, phases, idle, (tariff,), evse.site.zone)
            name = self._cdr_id(stream, i)
            bills.append(Bill(name, f"S-{name}", charge, evse, token(who), published))
        return bills

    def _cdr_id(self, stream: Stream, number: int) -> str:
        return f"{self.party.party_id}-{stream.kind[0]}{number:08d}"

    def invoices(self, moment: int) -> list[tuple[int, InvoiceRecord]]:
        """Return what was invoiced until a moment, and when: the CDRs of the months before."""
        issued = issue_times(moment)
        batches: dict[int, list[str]] = {at: [] for at in issued}
        for stream, index, role, changed in self.rows.tolist():
            at = issue_of(int(self.streams[stream].times.end[index]), changed, issued)
            if at is not None:
                batches[at] += self._on_invoice(stream, index, role)
        made = []
        for at, ids in batches.items():
            invoice = f"INV-{self.party.party_id}-{iso(at)[:7]}"
            for number, first in enumerate(range(0, len(ids), CDRS_PER_INVOICE)):
                some, name = ids[first : first + CDRS_PER_INVOICE], f"{invoice}-{number:03d}"
                made.append((at, InvoiceRecord(*self.party.code, name, invoice, some, iso(at))))
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
