"""Paging: lists that give any stretch of their objects, and the pages that OCPI makes of them."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import numpy as np

from pipelines.sandbox.numbers import Ints
from pipelines.sandbox.scenario import NonConformities

INTERNAL = "http://ocpi-node-3.internal:8080"
Render = Callable[[slice], list[bytes]]


@dataclass(frozen=True)
class Listing:
    """Objects in order of `last_updated`: when each changed, and how to write any stretch."""

    last_updated: Sequence[int] | Ints
    render: Render

    def position(self, moment: int) -> int:
        """Return how many objects changed before a moment."""
        return int(np.searchsorted(self.last_updated, moment, side="left"))


@dataclass(frozen=True)
class Selection:
    """Stretches of listings, one after the other."""

    stretches: tuple[tuple[Listing, int, int], ...]

    @property
    def total(self) -> int:
        """Objects selected."""
        return sum(high - low for _, low, high in self.stretches)

    @property
    def whole_key(self) -> tuple[tuple[int, int, int], ...]:
        """Equal for selections of the same stretches of the same listings."""
        return tuple((id(listing), low, high) for listing, low, high in self.stretches)

    @classmethod
    def whole(cls, listings: Iterable[Listing]) -> Selection:
        """Return all objects of some listings."""
        return cls(tuple((one, 0, len(one.last_updated)) for one in listings))

    def within(self, low: int | None, high: int | None) -> Selection:
        """Return the objects changed from a moment until before another; None: without end."""
        stretches = []
        for listing, first, last in self.stretches:
            first = first if low is None else listing.position(low)
            last = last if high is None else listing.position(high)
            stretches.append((listing, first, max(first, last)))
        return Selection(tuple(stretches))

    def disturbed(self, shrink: int, shift: int, count: int) -> Selection:
        """Return what is left when objects vanish from the front, or move from there to the end.

        Args:
            shrink: objects that have vanished, each page more.
            shift: objects that have moved, each page more.
            count: pages so far.
        """
        if not (shrink or shift) or not self.stretches:
            return self
        (listing, low, high), *rest = self.stretches
        gone = min(high - low, (shrink + shift) * (count - 1))
        moved = ((listing, low, low + gone),) if shift else ()
        return Selection(((listing, low + gone, high), *rest, *moved))

    def page(self, offset: int, limit: int) -> list[bytes]:
        """Return up to `limit` objects from a position, written."""
        written: list[bytes] = []
        for listing, low, high in self.stretches:
            size = high - low
            first, last = min(offset, size), min(offset + limit, size)
            if first < last:
                written += listing.render(slice(low + first, low + last))
            limit -= last - first
            offset = max(0, offset - size)
        return written


@dataclass(frozen=True)
class Page:
    """The part of a list that a request asks for."""

    total: int  # objects selected
    offset: int  # position of the first object
    limit: int  # most objects
    url: str  # of the endpoint, without query
    query: dict[str, str]  # of the request

    @property
    def is_last(self) -> bool:
        """True where nothing follows."""
        return self.offset + self.limit >= self.total


def page_headers(page: Page, deviations: NonConformities) -> dict[str, str]:
    """Return X-Total-Count, X-Limit and Link (OCPI transport_and_format, paginated response)."""
    headers = {}
    if not deviations.no_total:
        headers["X-Total-Count"] = str(page.total + deviations.short)
    if deviations.x_limit != "none":
        headers["X-Limit"] = "0" if deviations.x_limit == "zero" else str(page.limit)
    if not page.is_last and deviations.link != "none":
        headers["Link"] = f'<{_next(page, deviations)}>; rel="next"'
    elif deviations.link == "loop" and page.offset:
        headers["Link"] = f'<{page.url}?{urlencode(page.query)}>; rel="next"'
    elif deviations.empty_link:
        headers["Link"] = ""
    return headers


def _next(page: Page, deviations: NonConformities) -> str:
    query = {**page.query, "offset": str(page.offset + page.limit), "limit": str(page.limit)}
    if deviations.link == "without_limit":
        del query["limit"]
    if deviations.link == "date_from_none":
        query["date_from"] = "None"
    path = urlsplit(page.url).path
    start = {"internal": INTERNAL + path, "relative": path}.get(deviations.link, page.url)
    return f"{start}?{urlencode(query)}"


def envelope(objects: Sequence[bytes], shape: str, module: str, timestamp: str) -> bytes:
    """Return the body of a list: an OCPI envelope, or what stands for one."""
    status = f'"status_code":1000,"status_message":"Success","timestamp":"{timestamp}"}}'.encode()
    listed = b"[%b]" % b",".join(objects)
    name = module.encode()
    match shape:
        case "bare":
            return listed
        case "null" if not objects:
            return b'{"data":null,' + status
        case "absent" if not objects:
            return b"{" + status
        case "object" if len(objects) == 1:
            return b'{"data":%b,%b' % (objects[0], status)
        case "keyed":
            return b'{"%b":%b,%b' % (name, listed, status)
        case "nested":
            return b'{"data":{"%b":%b},%b' % (name, listed, status)
        case "items":
            return b'{"items":%b,"next":null,%b' % (listed, status)
    return b'{"data":%b,%b' % (listed, status)


class PageStore:
    """Pages rendered before anyone asks, in an unnamed file, so that memory stays bounded."""

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
        """Return the body kept under a key, without copying it."""
        place = self._places.get(key)
        return memoryview(self._map)[place] if place and self._map else None
