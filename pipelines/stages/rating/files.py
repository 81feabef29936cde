"""Reads CDRs and tariffs from files of any usual shape.

One object, a list, an OCPI envelope, a feed's wrapping (`models.ocpi.envelope`), or NDJSON: one
object a line. A file that is larger than a few megabytes is read piece by piece.
"""

import sys
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

import msgspec

from models.errors import Unusable
from models.ocpi.envelope import EnvelopeError, read_envelope
from models.ocpi.fields import detect_version
from models.ocpi.json.parse import NOT_JSON, without_bom
from models.ocpi.json.stream import plain_text, split_stream
from models.ocpi.lenient.tariffs import CanonicalTariff, canonical_tariff

_NOBODY = ("ZZ", "ZZZ")
_LARGEST = 1 << 50
"""Bytes that a compressed file may become: as it is streamed, that costs time and no memory."""
_WHOLE = 16 << 20  # bytes up to which a file is read whole
_PIECE = 1 << 20
_STDIN = Path("-")
_MEMBER_OF_ITS_OWN = {"cdrs": "charging_periods", "tariffs": "elements"}
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])


class FileError(Unusable):
    """A file holds nothing that can be read; the message names it and says why."""


def read_objects(path: Path, module: str, batch: int) -> Iterator[list[bytes]]:
    """Yield the objects in a file, each as its JSON text, some at a time.

    Args:
        path: the file; `-`: standard input.
        module: cdrs or tariffs: whose list counts where a wrapping names several.
        batch: how many objects at a time.

    Raises:
        FileError: the file cannot be read, or holds no objects.
    """
    try:
        text = plain_text(_pieces(path), _LARGEST)
        head = _first(text, _WHOLE)
        if len(head) < _WHOLE:
            yield from _batches(_whole_file(path, head, module), batch)
        elif _is_ndjson(head):
            yield from _batches(_lines(chain([head], text)), batch)
        else:
            yield from split_stream(chain([head], text), batch, module=module)
    except EnvelopeError as error:
        raise FileError(f"{path}: {error}") from error
    except OSError as error:
        raise FileError(f"{path}: {error.strerror or error}") from error


def _pieces(path: Path) -> Iterator[bytes]:
    if path == _STDIN:
        yield from iter(lambda: sys.stdin.buffer.read(_PIECE), b"")
        return
    with path.open("rb") as file:
        yield from iter(lambda: file.read(_PIECE), b"")


def _first(text: Iterator[bytes], size: int) -> bytes:
    """Return at least so many bytes from the beginning of a text, all where it has less."""
    head = bytearray()
    for piece in text:
        head += piece
        if len(head) >= size:
            break
    return without_bom(bytes(head))


def _whole_file(path: Path, text: bytes, module: str) -> Iterator[bytes]:
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and _is_object(lines[0]):
        yield from lines
        return
    if _is_object(text, _MEMBER_OF_ITS_OWN[module]):
        yield text
        return
    envelope = read_envelope(text, module=module)
    code = envelope.status_code
    if not envelope.objects and code is not None and code // 1000 != 1:
        said = f": {envelope.status_message}" if envelope.status_message else ""
        raise FileError(f"{path}: an answer that reports an error, OCPI status {code}{said}")
    yield from (bytes(found) for found in envelope.objects)


def _is_ndjson(head: bytes) -> bool:
    """Tell whether a text begins with a line that is an object, and goes on behind it."""
    line, newline, rest = head.lstrip().partition(b"\n")
    return bool(newline and rest.strip()) and _is_object(line)


def _lines(text: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a text that comes in pieces but for the empty ones."""
    torn = b""
    for piece in text:
        *whole, torn = (torn + piece).split(b"\n")
        yield from (line for line in whole if line.strip())
    if torn.strip():
        yield torn


def _batches(objects: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    rest = iter(objects)
    while found := list(islice(rest, size)):
        yield found


def _is_object(text: bytes, member: str | None = None) -> bool:
    """Return whether a text is one JSON object, with a member of that name."""
    try:
        members = _OBJECT.decode(text)
    except NOT_JSON:
        return False
    return member is None or (member in members and "data" not in members)


def read_tariffs(path: Path) -> list[CanonicalTariff]:
    """Read the tariffs in a file, canonical.

    Raises:
        FileError: the file cannot be read, holds no tariff, or something that is no object.
    """
    return [tariff for _, tariff in read_stated_tariffs(path)]


def read_stated_tariffs(path: Path) -> list[tuple[bytes, CanonicalTariff]]:
    """Read the tariffs in a file, as stated and canonical.

    Raises:
        FileError: the file cannot be read, holds no tariff, or something that is no object.
    """
    objects = list(chain.from_iterable(read_objects(path, "tariffs", 1000)))
    if not objects:
        raise FileError(f"{path}: no tariff in it")
    tariffs = [canonical_tariff(raw, detect_version(raw), _NOBODY) for raw in objects]
    for place, tariff in enumerate(tariffs, 1):
        if not tariff.fields:
            raise FileError(f"{path}: object {place} is no tariff: {'; '.join(tariff.reasons)}")
    return list(zip(objects, tariffs, strict=True))
