"""Working one step ahead: the next item is made in a thread while the current one is used."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Item = TypeVar("_Item")
_END = object()


def prefetch(items: Iterator[_Item], *, few: bool = False) -> Iterator[_Item]:
    """Yield the items in order, always making the next one meanwhile, and never more than one.

    Decompressing, hashing and DuckDB work outside the interpreter's lock, so that reading,
    decoding and inserting overlap.

    Args:
        items: made in another thread than the caller's; what it raises is raised here.
        few: there is so little of it that a thread costs more than it saves: there is none.
    """
    if few:
        yield from items
        return
    with ThreadPoolExecutor(1) as maker:
        coming = maker.submit(next, items, _END)
        while (item := coming.result()) is not _END:
            coming = maker.submit(next, items, _END)
            yield item  # type: ignore[misc]  # the sentinel is recognised above
