"""One list from first page to verdict: which objects came, and were those all?

Pure: no network, no clock. The rule of completeness is here and nowhere else.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable

import numpy as np

from pipelines.ocpi.paging import PageFacts, Pager

_MOST_READINGS = 2


class Listing:
    """Reads one list, and reads it again where the first reading leaves a doubt.

    A list is complete when at least as many different objects came as X-Total-Count
    promised last; without a promise, when it came to its end. Where enough objects came
    but some of them twice, rows may have moved while we read, so the list is read again:
    if nothing new turns up, the partner simply lists objects twice.

    Args:
        new_pager: makes a pager that starts at the first page.
    """

    def __init__(self, new_pager: Callable[[], Pager]) -> None:
        self._new_pager = new_pager
        self._keys = array("q")
        self._distinct_before: int | None = None
        self._readings = 0
        self.notes: list[str] = []
        self.problem: str | None = None
        self.next_url: str | None = None
        self._begin()

    def _begin(self) -> None:
        self.pager = self._new_pager()
        self.next_url = self.pager.first()
        self._came = 0
        self._readings += 1

    @property
    def ended(self) -> bool:
        """Whether there is nothing left to ask."""
        return self.next_url is None

    @property
    def total(self) -> int | None:
        """What the partner promised last."""
        return self.pager.total

    def took(self, keys: array[int], facts: PageFacts) -> None:
        """Count an accepted page and move on."""
        self._keys.extend(keys)
        self._came += len(keys)
        self.next_url = self.pager.after(facts)
        if self.next_url is None:
            self._judge()

    def evade(self) -> bool:
        """A request was refused: say whether there is another way to the same page."""
        self.next_url = self.pager.instead()
        return self.next_url is not None

    def distinct(self) -> int:
        """Count the different objects that came."""
        return len(np.unique(np.frombuffer(self._keys, dtype=np.int64))) if self._keys else 0

    def _judge(self) -> None:
        self.notes.extend(note for note in self.pager.notes if note not in self.notes)
        distinct, total = self.distinct(), self.total
        if distinct >= (total or 0):
            self.problem = self.pager.problem if total is None else None
            return
        promised = f"the partner promised {total:,} objects, {distinct:,} different ones came"
        if self.pager.problem is not None or self._came < (total or 0):
            self.problem = f"{promised}; {self.pager.problem or 'the list ended early'}"
        elif self._readings < _MOST_READINGS:
            self.notes.append("objects came twice; the list was read again")
            self._distinct_before = distinct
            self._begin()
        elif distinct == self._distinct_before:
            self.notes.append("the partner lists some objects twice")
        else:
            self.problem = f"{promised}; the list moved while it was read"
