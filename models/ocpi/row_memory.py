"""Objects that came before, byte for byte: their rows are looked up, not decoded again.

What an object becomes depends on its bytes alone, but for its page, which is added when rows
are finished. So the rows of a list are remembered by the digests of its objects, and of the next
list only what is new is decoded. An object with a refused part is never remembered: it is refused
every time.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from hashlib import blake2b

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from models.ocpi.frames import OBJECT

_NEVER = b""
_Places = npt.NDArray[np.int64]


class RowMemory:
    """The rows of a list by the digests of its objects, and those of the list that follows it.

    Args:
        digests: of the objects, in the list's order; empty: of one that is not remembered.
        tables: table → partial rows, `_object` the place in `digests`, ascending.
    """

    def __init__(self, digests: Sequence[bytes], tables: Mapping[str, pl.DataFrame]) -> None:
        self._places = {digest: place for place, digest in enumerate(digests) if digest != _NEVER}
        self._tables = tables
        bounds = np.arange(len(digests) + 1)
        self._starts = {
            name: np.searchsorted(frame[OBJECT].to_numpy(), bounds)
            for name, frame in tables.items()
        }
        self._digests: list[bytes] = []
        self._rows: dict[str, list[pl.DataFrame]] = defaultdict(list)
        self._kept = 0

    def find(
        self, objects: Sequence[bytes | msgspec.Raw]
    ) -> tuple[dict[str, pl.DataFrame], frozenset[int]]:
        """Look a batch of the following list up.

        Returns:
            Table → partial rows of those that are known, `_object` the place in the batch, and
            those places.
        """
        digests = [blake2b(raw, digest_size=16).digest() for raw in objects]
        self._digests += digests
        places = np.array([self._places.get(digest, -1) for digest in digests], dtype=np.int64)
        known = np.flatnonzero(places >= 0)
        rows = {
            name: _rows_of(frame, self._starts[name], places[known], known)
            for name, frame in self._tables.items()
        }
        return rows, frozenset(known.tolist())

    def keep(self, tables: Mapping[str, pl.DataFrame], never: AbstractSet[int]) -> None:
        """Remember the rows of the batch that was looked up last, of all its objects but some.

        Args:
            tables: table → partial rows, `_object` the place in the batch, ascending.
            never: places of the objects that are to be decoded every time.
        """
        for name, frame in tables.items():
            kept = frame.filter(~pl.col(OBJECT).is_in(list(never))) if never else frame
            self._rows[name].append(kept.with_columns(pl.col(OBJECT) + self._kept))
        for place in never:
            self._digests[self._kept + place] = _NEVER
        self._kept = len(self._digests)

    def following(self) -> tuple[list[bytes], dict[str, pl.DataFrame]]:
        """Return digests and rows of the list that was looked up, as the constructor takes them."""
        return self._digests, {name: pl.concat(rows) for name, rows in self._rows.items()}


def _rows_of(frame: pl.DataFrame, starts: _Places, places: _Places, known: _Places) -> pl.DataFrame:
    """Return the rows of some objects, in their order, under their places in a batch."""
    counts = starts[places + 1] - starts[places]
    ends = np.cumsum(counts)
    rows = np.repeat(starts[places] - (ends - counts), counts) + np.arange(counts.sum())
    return frame[rows].with_columns(pl.Series(OBJECT, np.repeat(known, counts), dtype=pl.Int64))
