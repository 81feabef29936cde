"""Reads CDRs and tariffs from files of any usual shape.

One object, a list, an OCPI envelope, a feed's wrapping (`models.ocpi.envelope`), or NDJSON: one
object a line.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import polars as pl

from models.ocpi import (
    CanonicalTariff,
    Decoded,
    PageContext,
    canonical_tariff,
    decode_objects,
    detect_version,
)
from models.ocpi.envelope import EnvelopeError, plain_body, read_envelope
from models.tables import CDRS

_NULL = msgspec.Raw(b"null")
_NOBODY = ("ZZ", "ZZZ")
_LARGEST = 4 << 30
"""Bytes that a compressed file may become."""
_STDIN = Path("-")
_MEMBER_OF_ITS_OWN = {"cdrs": "charging_periods", "tariffs": "elements"}
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw] | None)


class FileError(Exception):
    """A file holds nothing that can be read; the message names it and says why."""


def read_objects(path: Path, module: str) -> list[bytes]:
    """Return the objects in a file, each as its JSON text.

    Args:
        path: the file; `-`: standard input.
        module: cdrs or tariffs: whose list counts where a wrapping names several.

    Raises:
        FileError: the file cannot be read, or holds no objects.
    """
    body = _body(path)
    try:
        text, _ = plain_body(body, _LARGEST)
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) > 1 and _is_object(lines[0]):
            return lines
        if _is_object(text, _MEMBER_OF_ITS_OWN[module]):
            return [text]
        envelope = read_envelope(text, module=module)
    except EnvelopeError as error:
        raise FileError(f"{path}: {error}") from error
    code = envelope.status_code
    if not envelope.objects and code is not None and code // 1000 != 1:
        said = f": {envelope.status_message}" if envelope.status_message else ""
        raise FileError(f"{path}: an answer that reports an error, OCPI status {code}{said}")
    return [bytes(found) for found in envelope.objects]


def _body(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == _STDIN else path.read_bytes()
    except OSError as error:
        raise FileError(f"{path}: {error.strerror or error}") from error


def _is_object(text: bytes, member: str | None = None) -> bool:
    """Return whether a text is one JSON object, with a member of that name."""
    try:
        members = _OBJECT.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return False
    return member is None or (member in members and "data" not in members)


def _named(raw: bytes, place: int) -> bytes:
    """Return an object, and the tariffs in it, with ids: a price needs none, but tables do."""
    try:
        members = _OBJECT.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return raw
    missing: dict[str, msgspec.Raw] = {}
    if members.get("id", _NULL) == _NULL:
        missing["id"] = msgspec.Raw(msgspec.json.encode(f"#{place} (no id)"))
    with suppress(msgspec.DecodeError):
        tariffs = [bytes(one) for one in _LIST.decode(members.get("tariffs", _NULL)) or []]
        named = [_named(one, index) for index, one in enumerate(tariffs)]
        if named != tariffs:
            missing["tariffs"] = msgspec.Raw(b"[" + b",".join(named) + b"]")
    return msgspec.json.encode({**members, **missing}) if missing else raw


def decode_cdrs(objects: Sequence[bytes]) -> Decoded:
    """CDRs of any version, detected by object, as frames; identifiers of people stay in them."""
    objects = [_named(raw, place) for place, raw in enumerate(objects)]
    decoded = _decoded(objects, "file")
    if not decoded.frames[CDRS.name].select(CDRS.key).is_duplicated().any():
        return decoded
    # Periods find their CDR by its key: several copies of one are told apart by the partner.
    parts = [_decoded([one], f"file {place}") for place, one in enumerate(objects, 1)]
    return Decoded(
        {name: pl.concat([part.frames[name] for part in parts]) for name in decoded.frames},
        decoded.object_count,
        decoded.quarantined,
    )


def _decoded(objects: Sequence[bytes], partner: str) -> Decoded:
    return decode_objects(
        objects,
        PageContext(
            partner=partner,
            module="cdrs",
            version=None,
            page_id="file",
            fetched_at=datetime(1970, 1, 1, tzinfo=UTC),
            own_party=_NOBODY,
            pseudonym=str,
        ),
    )


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
    objects = read_objects(path, "tariffs")
    if not objects:
        raise FileError(f"{path}: no tariff in it")
    tariffs = [canonical_tariff(raw, detect_version(raw), _NOBODY) for raw in objects]
    for place, tariff in enumerate(tariffs, 1):
        if not tariff.fields:
            raise FileError(f"{path}: object {place} is no tariff: {'; '.join(tariff.reasons)}")
    return list(zip(objects, tariffs, strict=True))
