"""One list from first page to verdict: which objects came, and were those all?

Pure: no network, no clock. The rule of completeness is here and nowhere else.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable

import numpy as np

from pipelines.ocpi.paging import PageFacts, Pager

_MOST_READINGS = 4


class Listing:
    """Reads one list, and reads it again where the first reading leaves a doubt.

    A list is complete when at least as many different objects came as X-Total-Count
    promised last; without a promise, when it came to its end. Where enough objects came
    but some of them twice, rows may have moved while we read, so the list is read again, in
    other pages, so that what slipped between two of them does not slip again. If it says
    exactly the same, no row moved: the partner simply lists objects twice. So it does where
    rows cannot move: there a list that grows shows some twice and hides none.

    Args:
        new_pager: makes a pager that starts at the first page, for pages of at most so many
            objects; None: of as many as the settings say.
        immutable: whether objects never change once listed, so that no row moves unless
            X-Total-Count says so.
    """

    def __init__(
        self, new_pager: Callable[[int | None], Pager], *, immutable: bool = False
    ) -> None:
        self._new_pager = new_pager
        self._immutable = immutable
        self._keys = array("q")
        self._before: array[int] | None = None
        self._readings = 0
        self.pages = 0
        self.notes: list[str] = []
        self.problem: str | None = None
        self._begin(None)

    def _begin(self, limit: int | None) -> None:
        self.pager = self._new_pager(limit)
        self.next_url: str | None = self.pager.first()
        self._now = array("q")
        self._readings += 1

    @property
    def ended(self) -> bool:
        """True when there is nothing left to ask."""
        return self.next_url is None

    @property
    def total(self) -> int | None:
        """The objects that the partner promised last."""
        return self.pager.total

    def accept_page(self, keys: array[int], facts: PageFacts) -> None:
        """Count an accepted page and move on."""
        self.pages += 1
        self._keys.extend(keys)
        self._now.extend(keys)
        self.next_url = self.pager.after(facts)
        if self.next_url is None:
            self._conclude()

    def fall_back(self) -> bool:
        """Find another way to a page whose request was refused; say whether there is one."""
        self.next_url = self.pager.fallback_url()
        return self.next_url is not None

    def skip_page(self, facts: PageFacts | None) -> bool:
        """Pass over a page that stays broken; say whether there is anything behind it."""
        self.next_url = self.pager.skip(facts)
        return self.next_url is not None

    def distinct(self) -> int:
        """Count the different objects that came."""
        return len(np.unique(np.frombuffer(self._keys, dtype=np.int64))) if self._keys else 0

    def _conclude(self) -> None:
        for note in self.pager.notes:
            self._note(note)
        distinct, total = self.distinct(), self.total
        if distinct >= (total or 0):
            self.problem = self.pager.problem if total is None else None
            return
        promised = f"the partner promised {total:,} objects, {distinct:,} different ones came"
        if self.pager.problem is not None or len(self._now) < (total or 0):
            self.problem = f"{promised}; {self.pager.problem or 'the list ended early'}"
        elif self._now == self._before or (self._immutable and self.pager.never_shrank):
            self._note("the partner lists some objects twice")
        elif self._readings < _MOST_READINGS:
            self._note("objects came twice; the list was read again")
            self._before = self._now
            self._begin(max(1, self.pager.largest * 6 // 7))
        else:
            self.problem = f"{promised}; the list moved while it was read"

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)
