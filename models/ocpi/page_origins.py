"""Which page each object of a batch came from: pages are decoded together, rows know their own."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import polars as pl

from models.ocpi.decoded_page import PageContext


class PageOrigins:
    """The pages of a batch, whose objects are numbered from the first page to the last.

    Args:
        contexts: the context of each page, alike but for `page_id` and `fetched_at`.
        sizes: how many objects each page holds.
    """

    def __init__(self, contexts: Sequence[PageContext], sizes: Sequence[int]) -> None:
        self.context = contexts[0]
        self.object_count = sum(sizes)
        self._contexts = contexts
        self._ends = list(accumulate(sizes))

    def page_of(self, index: int) -> PageContext:
        """Return the page of one object."""
        return self._contexts[bisect_right(self._ends, index)]

    def end_of_page(self, index: int) -> int:
        """Return the first object after the page of one object."""
        return self._ends[bisect_right(self._ends, index)]

    def columns(self, objects: pl.Series) -> list[pl.Series]:
        """Return the columns of the page (`fetched_at`, `page_id`) for rows of these objects."""
        pages = np.searchsorted(self._ends, objects.to_numpy(), side="right")
        fetched = [context.fetched_at for context in self._contexts]
        page_ids = [context.page_id for context in self._contexts]
        return [
            pl.Series("fetched_at", fetched, dtype=pl.Datetime("us", "UTC")).gather(pages),
            pl.Series("page_id", page_ids, dtype=pl.String).gather(pages),
        ]
