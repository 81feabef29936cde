"""Splitting a JSON stream of any size into its objects, holding little more than a batch.

The streaming twin of `models.wire.envelope`: the same wrappings, the same objects, for
feeds of gigabytes. Belongs here: finding the list and cutting it. Not here: reading it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from models.wire.cutting import Cutter
from models.wire.envelope import EnvelopeError, list_keys, read_envelope, split_elements

_OPENING = {b"{": b"}", b"[": b"]"}


def split_stream(
    chunks: Iterable[bytes],
    batch: int = 1000,
    *,
    module: str | None = None,
    max_object: int = 64 << 20,
) -> Iterator[list[bytes]]:
    """Split a streamed body into its objects.

    Agrees with `read_envelope` on every body that both can read. What is not the list
    itself (the envelope's other members, or an object sent for a list) must fit into
    `max_object`.

    Args:
        chunks: the body, inflated, in pieces of any size.
        batch: objects to hand out at once.
        module: OCPI module; where a body names several lists, its own counts.
        max_object: most bytes of one object.

    Yields:
        Lists of at most `batch` objects, each as its JSON text.

    Raises:
        EnvelopeError: the body is no JSON, holds no list, ends early, reports an OCPI
            error, or an object is too large.
    """
    pending: list[bytes] = []
    for text in _Walk(chunks, module, max_object).objects():
        pending.append(text)
        if len(pending) >= batch:
            yield pending
            pending = []
    if pending:
        yield pending


class _Walk:
    """One walk through a body; what is not streamed is kept and read as an envelope."""

    def __init__(self, chunks: Iterable[bytes], module: str | None, max_object: int) -> None:
        self._cutter = Cutter(chunks, max_object)
        self._module = module
        self._streamed = 0

    def objects(self) -> Iterator[bytes]:
        """Yield each object's text."""
        if self._cutter.peek() == b"[":
            yield from self._elements()
            self._cutter.end()
            return
        kept = yield from self._members(nested=False)
        self._cutter.end()
        yield from self._rest(kept)

    def _elements(self) -> Iterator[bytes]:
        for array in self._cutter.arrays():
            yield from (bytes(raw) for raw in split_elements(array))

    def _members(self, *, nested: bool) -> Iterator[bytes]:  # type: ignore[misc]
        ...
