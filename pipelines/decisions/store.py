"""The store: appends a decision if it may follow what is there, and folds what is there.

Every append takes the write lock first and reads the stream again under it, so of two people
who decide at once the second is judged by what the first did.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from models.settle import disputes, imports, months, records
from models.settle.approvals import Approvals
from models.settle.decisions import Event, IllegalDecision, Kind
from models.settle.disputes import Dispute
from models.settle.imports import InvoiceImport
from models.settle.months import SettlementMonth
from models.settle.view import DecisionsView, LockedMonth
from pipelines.decisions.chain import ChainState, extend_chain, walk_chain
from pipelines.decisions.schema import File
from pipelines.decisions.serialization import deserialize, serialize, serialize_more
from pipelines.decisions.tables import TABLES, Decides

ALONE = Approvals()
_COLUMNS = TABLES["events"]


@dataclass(frozen=True)
class Decision:
    """A decision to take about a dispute."""

    dispute_id: str  # as in `settle.disputes`
    name: str  # the state it goes to, or a note
    data: Mapping[str, str] = field(default_factory=dict)  # what goes with it


class DecisionsStore:
    """The decisions of one home directory, or of several that name one server.

    Args:
        place: the SQLite file, made where absent; or a connection to where they are.
        clock: tells the time of a decision.
        approvals: what one person may not decide alone.

    Raises:
        sqlite3.DatabaseError: the file is none of ours.
    """

    def __init__(
        self, place: Path | Decides, *, clock: Callable[[], datetime], approvals: Approvals = ALONE
    ) -> None:
        self._con: Decides = File(place) if isinstance(place, Path) else place
        self._clock = clock
        self._approvals = approvals

    def decide_all(self, decisions: Sequence[Decision], who: str) -> list[Dispute]:
        """Add decisions to several disputes: all of them, or none.

        `decisions`: in the order in which they are judged and written.

        Returns:
            The disputes after them.

        Raises:
            IllegalDecision: some cannot follow; the message names each, and nothing is written.
        """
        after, refusals = [], []
        with self._turn():
            for decision in decisions:
                stream = decision.dispute_id
                before = disputes.fold(stream, self._events("dispute", stream))
                data = dict(decision.data)
                event = Event("dispute", stream, decision.name, who, self._now(), data)
                try:
                    self._approvals.check_dispute(before, event)
                    after.append(disputes.apply(before, event))
                except IllegalDecision as refusal:
                    refusals.append(str(refusal))
                    continue
                self._append(event)
            if refusals:
                rest = len(decisions) - len(refusals)
                note = [f"nothing was written; {rest} more would have been legal"] if rest else []
                raise IllegalDecision("\n".join([*refusals, *note]))
        return after

    def move_month(
        self,
        partner: str,
        month: str,
        name: str,
        who: str,
        data: Mapping[str, str] | None = None,
        kept: LockedMonth | None = None,
    ) -> SettlementMonth:
        """Soft-close, sign off, lock or reopen a partner's month.

        Args:
            partner: our name for the connection.
            month: as 2026-10.
            name: soft_closed, signed_off, locked or reopened.
            who: the person.
            data: reason, or the proof of a lock.
            kept: what a lock holds; see `models.settle.view.LockedMonth`.

        Raises:
            IllegalDecision: it cannot follow; nothing is written.
        """
        if (name == "locked") != (kept is not None):
            raise ValueError("a lock, and nothing else, holds a month")
        with self._turn():
            before = months.fold(partner, month, self._events("period", f"{partner}/{month}"))
            stream = months.stream_of(partner, month)
            event = Event("period", stream, name, who, self._now(), dict(data or {}))
            self._approvals.check_month(before, event)
            after = months.apply(before, event)
            seq = self._append(event)
            if kept is not None:
                self._con.execute(
                    "insert into booked (seq, lines, vat, statements) values (?, ?, ?, ?)",
                    (seq, *serialize(kept)),
                )
                for more, blob in serialize_more(kept).items():
                    self._con.execute(
                        f"insert into booked_{more} (seq, {more}) values (?, ?)",  # noqa: S608
                        (seq, blob),
                    )
        return after

    def accept_removals(self, pull_id: str, party: str, who: str, reason: str) -> None:
        """Say that what a complete list lacks is gone; once, however often it is said.

        Args:
            pull_id: the pull that brought the list.
            party: `CC/PID` of the party whose objects they are; `*`: every party's.
            who: the person.
            reason: why; it is kept.
        """
        data = {"party": party, "reason": reason}
        with self._turn():
            known = self._events("removal", pull_id)
            if party not in {event.data["party"] for event in known}:
                self._append(Event("removal", pull_id, "accepted", who, self._now(), data))

    def take_in(
        self, steps: Sequence[tuple[str, str, Mapping[str, str]]], who: str
    ) -> list[InvoiceImport]:
        """Take invoices and annexes in, or withdraw them: all of them, or none.

        `steps`: the invoice's stream, imported, annexed or withdrawn, and what goes with it.

        Raises:
            IllegalDecision: one cannot follow what is there; nothing is written.
        """
        after = []
        with self._turn():
            for stream, name, data in steps:
                before = imports.fold(stream, self._events("invoice", stream))
                event = Event("invoice", stream, name, who, self._now(), dict(data))
                after.append(imports.apply(before, event))
                self._append(event)
        return after

    def send_record(
        self,
        stream: str,
        who: str,
        data: Mapping[str, str],
        *,
        delete: bool = False,
        is_there: bool | None = None,
    ) -> records.Method:
        """Say that a record of ours goes to a partner now: before it does.

        Args:
            stream: `partner/country/party/id` of the record.
            who: the person.
            data: its `content`, and what else says what is sent.
            delete: it was an error, and is to go.
            is_there: as `SentRecord.next_method`.

        Returns:
            How it goes: POST, PUT or DELETE.

        Raises:
            IllegalDecision: it may not be sent as things stand; nothing is written.
        """
        with self._turn():
            before = records.fold(self._events("record", stream))
            method = before.next_method(data["content"], delete=delete, is_there=is_there)
            said = {**data, "method": method}
            self._append(Event("record", stream, records.SENDING, who, self._now(), said))
        return method

    def answer_record(self, stream: str, who: str, data: Mapping[str, str]) -> None:
        """Keep what the partner answered to a record: its `outcome`, taken or refused."""
        with self._turn():
            self._append(Event("record", stream, records.ANSWERED, who, self._now(), dict(data)))

    def dispute(self, dispute_id: str) -> Dispute:
        """Return where a dispute stands; `detected` if nobody touched it."""
        return disputes.fold(dispute_id, self._events("dispute", dispute_id))

    def settlement_month(self, partner: str, month: str) -> SettlementMonth:
        """Return where a partner's month stands; open if nobody touched it."""
        return months.fold(partner, month, self._events("period", f"{partner}/{month}"))

    def events(self, kind: Kind | None = None) -> list[Event]:
        """Return every decision, oldest first: who did what, when, and why."""
        where, values = ("where kind = ?", (kind,)) if kind else ("", ())
        query = f"select {_COLUMNS} from events {where} order by seq"  # noqa: S608  our own words
        return [_event(row) for row in self._con.execute(query, values)]

    def links(self) -> dict[int, str]:
        """Return each event's link of the chain, by `seq`."""
        return dict(self._con.execute("select seq, sha256 from chain"))

    def walk_chain(self) -> ChainState:
        """Prove that no decision was changed, added between or taken out."""
        return walk_chain(self._con)

    def view(self) -> DecisionsView:
        """Return every decision folded, as settlement needs it: one consistent moment."""
        self._con.begin_reading()
        try:
            by_stream: dict[tuple[str, str], list[Event]] = {}
            for event in self.events():
                by_stream.setdefault((event.kind, event.stream), []).append(event)
            found = {
                stream: disputes.fold(stream, events)
                for (kind, stream), events in by_stream.items()
                if kind == "dispute"
            }
            settlements = {
                _split(stream): months.fold(*_split(stream), events)
                for (kind, stream), events in by_stream.items()
                if kind == "period"
            }
            locked = {key: self._locked_month(p) for key, p in settlements.items() if p.locked}
            taken_in = [
                imports.fold(stream, events)
                for (kind, stream), events in by_stream.items()
                if kind == "invoice"
            ]
        finally:
            self._con.rollback()
        invoices = sorted((one for one in taken_in if one.there), key=lambda one: one.order)
        return DecisionsView(found, settlements, locked, tuple(invoices))

    def close(self) -> None:
        """Let go of the file or the server."""
        self._con.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        self._con.begin_writing()
        try:
            yield
            self._con.commit()
        except BaseException:
            self._con.rollback()
            raise

    def _now(self) -> datetime:
        return self._clock().astimezone(UTC)

    def _events(self, kind: Kind, stream: str) -> Iterable[Event]:
        query = f"select {_COLUMNS} from events where kind = ? and stream = ? order by seq"  # noqa: S608
        return [_event(row) for row in self._con.execute(query, (kind, stream))]

    def _append(self, event: Event) -> int:
        data = json.dumps(dict(event.data), ensure_ascii=False, sort_keys=True)
        ((seq,),) = self._con.execute("select coalesce(max(seq), 0) + 1 from events").fetchall()
        self._con.execute(
            f"insert into events ({_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608  our own
            (seq, event.kind, event.stream, event.name, event.who, event.at.isoformat(), data),
        )
        extend_chain(self._con)
        return int(seq)

    def _kept_blobs(self, settlement: SettlementMonth, *columns: str) -> tuple[bytes, ...]:
        if not settlement.locked:
            raise IllegalDecision(f"{settlement.month} of {settlement.partner} is not locked")
        row = self._con.execute(
            f"select {', '.join(columns)} from booked where seq = ?",  # noqa: S608  our own names
            (settlement.history[-1].seq,),
        ).fetchone()
        if row is None:
            raise sqlite3.DatabaseError(
                f"what {settlement.month} of {settlement.partner} kept is missing"
            )
        return tuple(bytes(value) for value in row)

    def _locked_month(self, settlement: SettlementMonth) -> LockedMonth:
        lines, vat, statements = self._kept_blobs(settlement, "lines", "vat", "statements")
        seq = settlement.history[-1].seq
        accruals, journal = (self._kept_since(more, seq) for more in ("accruals", "journal"))
        return deserialize(lines, vat, statements, accruals, journal)

    def _kept_since(self, more: str, seq: int) -> bytes | None:
        """Return what a lock holds that earlier versions did not keep; None: it is of one."""
        query = f"select {more} from booked_{more} where seq = ?"  # noqa: S608  our own names
        row = self._con.execute(query, (seq,)).fetchone()
        return row and bytes(row[0])


def _event(row: tuple[int, Kind, str, str, str, str, str]) -> Event:
    seq, kind, stream, name, who, at, data = row
    return Event(kind, stream, name, who, datetime.fromisoformat(at), json.loads(data), seq)


def _split(stream: str) -> tuple[str, str]:
    partner, month = stream.rsplit("/", 1)
    return partner, month
