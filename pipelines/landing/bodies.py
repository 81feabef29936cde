"""Reading landed bodies: the objects of a page, in batches; and what pushed objects became.

The parts of pushed objects, for the next PATCH to build on, are made anew whenever the pull is
loaded, and always the same: they can be lost like any table. They lie in the landing because they
name people as the partner does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec
import zstandard

from models.ocpi.envelope import Envelope, read_envelope
from models.ocpi.json.stream import split_stream
from models.ocpi.push_merging import Key, Members
from pipelines.landing.files import Files
from pipelines.landing.landing import Landing, day_of

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
        yield from split_stream(chunks, _BATCH, module=module, max_inflated=_LARGEST, report=report)
        return
    body = landing.objects.read(sha256, max_bytes=_LARGEST)
    yield read_envelope(body, max_inflated=_LARGEST, module=module).objects


_LARGEST_PARTS = 1 << 30


class _Part(msgspec.Struct):
    key: Key
    part: Members


_DECODER = msgspec.json.Decoder(list[_Part])


def write_merged(files: Files, pull_id: str, parts: Mapping[Key, Members]) -> None:
    """Keep the parts that a pull of pushes ended with."""
    text = msgspec.json.encode([_Part(key, parts[key]) for key in sorted(parts)])
    files.write(merged_name(pull_id), zstandard.ZstdCompressor(level=1).compress(text))


def read_merged(files: Files, pull_id: str) -> dict[Key, Members]:
    """Read the parts that a pull of pushes ended with; none where they are lost."""
    try:
        data = files.read(merged_name(pull_id))
    except FileNotFoundError:
        return {}
    text = zstandard.ZstdDecompressor().decompress(data, max_output_size=_LARGEST_PARTS)
    return {part.key: part.part for part in _DECODER.decode(text)}


def merged_name(pull_id: str) -> str:
    """Return the name below the landing of the merged parts of a pull of pushes."""
    partner, module, *_ = pull_id.split(".")
    return f"merged/{partner}/{module}/{day_of(pull_id)}/{pull_id}.zst"
