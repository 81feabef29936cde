"""Reading landed bodies: the objects of a page, in batches, whatever its size."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from models.ocpi.envelope import Envelope, read_envelope
from models.ocpi.json.inflate import GZIP_MAGIC, Inflater
from models.ocpi.json.stream import split_stream
from pipelines.landing.landing import Landing

_WHOLE = 32 << 20
"""Bodies up to this size are split in one piece, which is quicker; larger ones are streamed."""

_LARGEST = 64 << 30
"""Not a bound of the wire: what was landed was bounded then, and is never refused later."""

_BATCH = 1000


def objects_of(
    landing: Landing,
    sha256: str,
    module: str,
    *,
    size: int | None = None,
    report: Callable[[Envelope], None] | None = None,
) -> Iterator[list[msgspec.Raw] | list[bytes]]:
    """Yield the objects of a landed body, in the order sent.

    Args:
        landing: where the body is.
        sha256: the body.
        module: OCPI module identifier.
        size: bytes of the body; None: not known, so that it is streamed.
        report: takes, at the end of a streamed body, what is around its list.

    Yields:
        Batches of raw JSON objects.

    Raises:
        EnvelopeError: the body cannot be read.
        LandingError: the body is missing or damaged.
    """
    if size is None or size > _WHOLE:
        chunks = landing.objects.chunks(sha256, max_bytes=_LARGEST)
        yield from split_stream(_inflated(chunks), _BATCH, module=module, report=report)
        return
    body = landing.objects.read(sha256, max_bytes=_LARGEST)
    yield read_envelope(body, max_inflated=_LARGEST, module=module).objects


def _inflated(chunks: Iterator[bytes]) -> Iterator[bytes]:
    first = next(chunks, b"")
    if not first.startswith(GZIP_MAGIC):
        yield first
        yield from chunks
        return
    inflater = Inflater(_LARGEST)
    yield from inflater.feed(first)
    for chunk in chunks:
        yield from inflater.feed(chunk)
    inflater.finish()
