"""Pages rendered before anyone asks: kept in an unnamed file, so that memory stays bounded."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Hashable, Iterable


class PageStore:
    """Bodies by key, written once and then served from the page cache of the system."""

    def __init__(self, bodies: Iterable[tuple[Hashable, bytes]]) -> None:
        self._places: dict[Hashable, slice] = {}
        self._map: mmap.mmap | None = None
        with tempfile.TemporaryFile() as file:
            for key, body in bodies:
                start = file.tell()
                file.write(body)
                self._places[key] = slice(start, file.tell())
            file.flush()
            if file.tell():
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def get(self, key: Hashable) -> memoryview | None:
        """The body kept under a key, without copying it."""
        place = self._places.get(key)
        return memoryview(self._map)[place] if place and self._map else None
