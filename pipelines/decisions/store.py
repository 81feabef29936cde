"""The store: appends a decision if it may follow what is there, and folds what is there.

Every append takes the write lock first and reads the stream again under it, so of two people
who decide at once the second is judged by what the first did.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from models.settle import disputes, periods
from models.settle.decisions import Event, IllegalDecision, Kind
from models.settle.disputes import Dispute
from models.settle.periods import Period
from models.settle.view import Booked, DecisionsView
from pipelines.decisions.blobs import freeze, thaw
from pipelines.decisions.schema import open_file

_COLUMNS = "seq, kind, stream, name, who, at, data"


class DecisionsStore:
    """The decisions of one home directory.

    Args:
        path: the SQLite file; made where absent.
        clock: tells the time of a decision.

    Raises:
        sqlite3.DatabaseError: the file is none of ours.
    """

    def __init__(self, path: Path, *, clock: Callable[[], datetime]) -> None:
        self._con = open_file(path)
        self._clock = clock

    def decide(
        self, dispute_id: str, name: str, who: str, data: Mapping[str, str] | None = None
    ) -> Dispute:
        """Add a decision to a dispute.

        Args:
            dispute_id: as in `settle.disputes`.
            name: the state it goes to, or commented, evidence, assigned, due, recoded.
            who: the person.
            data: what goes with it; see `models.settle.disputes`.

        Returns:
            The dispute after it.

        Raises:
            IllegalDecision: it cannot follow; nothing is written.
        """
        with self._turn():
            before = disputes.fold(dispute_id, self._events("dispute", dispute_id))
            event = Event("dispute", dispute_id, name, who, self._now(), dict(data or {}))
            after = disputes.apply(before, event)
            self._append(event)
        return after

    def move_period(
        self,
        partner: str,
        month: str,
        name: str,
        who: str,
        data: Mapping[str, str] | None = None,
        booked: Booked | None = None,
    ) -> Period:
        """Soft-close, sign off, lock or reopen a partner's month.

        Args:
            partner: our name for the connection.
            month: as 2026-10.
            name: soft_closed, signed_off, locked or reopened.
            who: the person.
            data: reason, or the proof of a lock.
            booked: what a lock holds; see `models.settle.view.Booked`.

        Raises:
            IllegalDecision: it cannot follow; nothing is written.
        """
        if (name == "locked") != (booked is not None):
            raise ValueError("a lock, and nothing else, holds a month")
        with self._turn():
            before = periods.fold(partner, month, self._events("period", f"{partner}/{month}"))
            stream = periods.stream_of(partner, month)
            event = Event("period", stream, name, who, self._now(), dict(data or {}))
            after = periods.apply(before, event)
            seq = self._append(event)
            if booked is not None:
                self._con.execute(
                    "insert into booked (seq, lines, vat, statements) values (?, ?, ?, ?)",
                    (seq, *freeze(booked)),
                )
        return after

    def dispute(self, dispute_id: str) -> Dispute:
        """Where a dispute stands; `detected` if nobody touched it."""
        return disputes.fold(dispute_id, self._events("dispute", dispute_id))

    def period(self, partner: str, month: str) -> Period:
        """Where a partner's month stands; open if nobody touched it."""
        return periods.fold(partner, month, self._events("period", f"{partner}/{month}"))

    def events(self, kind: Kind | None = None) -> list[Event]:
        """Every decision, oldest first: who did what, when, and why."""
        where, values = ("where kind = ?", (kind,)) if kind else ("", ())
        query = f"select {_COLUMNS} from events {where} order by seq"  # noqa: S608  our own words
        return [_event(row) for row in self._con.execute(query, values)]

    def view(self) -> DecisionsView:
        """Every decision folded, as settlement needs it: one consistent moment."""
        self._con.execute("begin")
        try:
            by_stream: dict[tuple[str, str], list[Event]] = {}
            for event in self.events():
                by_stream.setdefault((event.kind, event.stream), []).append(event)
            found = {
                stream: disputes.fold(stream, events)
                for (kind, stream), events in by_stream.items()
                if kind == "dispute"
            }
            months = {
                _split(stream): periods.fold(*_split(stream), events)
                for (kind, stream), events in by_stream.items()
                if kind == "period"
            }
            booked = {key: self._booked(p) for key, p in months.items() if p.locked}
        finally:
            self._con.execute("rollback")
        return DecisionsView(found, months, booked)

    def close(self) -> None:
        """Let go of the file."""
        self._con.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        self._con.execute("begin immediate")
        try:
            yield
            self._con.execute("commit")
        except BaseException:
            self._con.execute("rollback")
            raise

    def _now(self) -> datetime:
        return self._clock().astimezone(UTC)

    def _events(self, kind: Kind, stream: str) -> Iterable[Event]:
        query = f"select {_COLUMNS} from events where kind = ? and stream = ? order by seq"  # noqa: S608
        return [_event(row) for row in self._con.execute(query, (kind, stream))]

    def _append(self, event: Event) -> int:
        data = json.dumps(dict(event.data), ensure_ascii=False, sort_keys=True)
        cursor = self._con.execute(
            "insert into events (kind, stream, name, who, at, data) values (?, ?, ?, ?, ?, ?)",
            (event.kind, event.stream, event.name, event.who, event.at.isoformat(), data),
        )
        return int(cursor.lastrowid or 0)

    def _held(self, period: Period, *columns: str) -> tuple[bytes, ...]:
        if not period.locked:
            raise IllegalDecision(f"{period.month} of {period.partner} is not locked")
        row = self._con.execute(
            f"select {', '.join(columns)} from booked where seq = ?",  # noqa: S608  our own names
            (period.history[-1].seq,),
        ).fetchone()
        if row is None:
            raise sqlite3.DatabaseError(f"what {period.month} of {period.partner} held is missing")
        return tuple(bytes(value) for value in row)

    def _booked(self, period: Period) -> Booked:
        return thaw(*self._held(period, "lines", "vat", "statements"))


def _event(row: tuple[int, Kind, str, str, str, str, str]) -> Event:
    seq, kind, stream, name, who, at, data = row
    return Event(kind, stream, name, who, datetime.fromisoformat(at), json.loads(data), seq)


def _split(stream: str) -> tuple[str, str]:
    partner, month = stream.rsplit("/", 1)
    return partner, month
