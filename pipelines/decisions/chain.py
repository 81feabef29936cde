"""The chain of hashes over all decisions: none can be changed, added between or taken out unseen.

Each link is the SHA-256 of the link before it and of the event as text. Whoever keeps a link
elsewhere, on paper or in a backup, can prove later that everything up to it is as it was.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Protocol

BEGIN = "0" * 64
"""The link before the first."""

_EVENTS = "select seq, kind, stream, name, who, at, data from events where seq > ? order by seq"


class Executes(Protocol):
    """A connection to decisions, in a file or on a server."""

    def execute(self, query: str, values: Any = ..., /) -> Any:
        """Run a query whose values stand as `?`; return its cursor."""


@dataclass(frozen=True)
class ChainState:
    """The outcome of a walk along the chain."""

    events: int  # how many decisions there are
    head: str  # the last link that holds
    broken_at: int | None  # the first event whose link does not hold; None: all do


def link(before: str, row: tuple[object, ...]) -> str:
    """Return the link of an event.

    `row`: seq, kind, stream, name, who, at and data, as they are stored.
    """
    text = json.dumps([before, *row], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def extend_chain(con: Executes) -> None:
    """Add the links of the events that have none; inside of the transaction that added them."""
    last = con.execute("select seq, sha256 from chain order by seq desc limit 1").fetchone()
    seq, head = last or (0, BEGIN)
    for row in con.execute(_EVENTS, (seq,)).fetchall():
        head = link(head, row)
        con.execute("insert into chain (seq, sha256) values (?, ?)", (row[0], head))


def walk_chain(con: Executes) -> ChainState:
    """Prove every link from the first event to the last."""
    links = dict(con.execute("select seq, sha256 from chain").fetchall())
    head, count = BEGIN, 0
    for row in con.execute(_EVENTS, (0,)).fetchall():
        following = link(head, row)
        if links.pop(row[0], None) != following:
            return ChainState(count, head, row[0])
        head, count = following, count + 1
    return ChainState(count, head, min(links, default=None))
