"""A locked month as bytes: the same rows give the same bytes, and come back equal.

Arrow's IPC file format, compressed; the hash is of the rows as text, so that it does not depend
on the version of any library.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence

import polars as pl
import zstandard

from models.settle.document import canonical_text
from models.settle.view import LockedMonth
from models.tables.kinds import Table
from models.tables.ledger import ACCRUALS, JOURNAL
from models.tables.settle import LINE_KEY, LINE_VAT, STATEMENT_KEY, STATEMENT_LINES, STATEMENTS


def serialize(kept: LockedMonth) -> tuple[bytes, bytes, bytes]:
    """Return the bytes to store for a month that is being locked: lines, VAT, statements."""
    return _pack(kept.lines), _pack(kept.vat), _pack(kept.statements)


def serialize_more(kept: LockedMonth) -> dict[str, bytes]:
    """Return the bytes to store of what earlier versions did not keep: accruals, journal."""
    frames = {"accruals": kept.accruals, "journal": kept.journal}
    return {name: _pack(frame) for name, frame in frames.items() if frame is not None}


def deserialize(
    lines: bytes, vat: bytes, statements: bytes, accruals: bytes | None, journal: bytes | None
) -> LockedMonth:
    """Return the rows of a locked month; columns that tables gained since are unknown in them."""
    return LockedMonth(
        _unpack(lines, STATEMENT_LINES),
        _unpack(vat, LINE_VAT),
        _unpack(statements, STATEMENTS),
        None if accruals is None else _unpack(accruals, ACCRUALS),
        None if journal is None else _unpack(journal, JOURNAL),
    )


def rows_sha256(kept: LockedMonth) -> str:
    """Return what identifies the rows of a month, whatever order they are in.

    Columns that hold nothing are left out, so that a table may gain one without a new hash.
    """
    return _sha256(*_lines(kept), (kept.statements, STATEMENT_KEY))


def signed_rows_sha256(kept: LockedMonth) -> str:
    """Return what identifies what a person signs off: lines and their VAT, not how old they are."""
    return _sha256(*_lines(kept))


def _lines(kept: LockedMonth) -> tuple[tuple[pl.DataFrame, Sequence[str]], ...]:
    return (kept.lines, LINE_KEY), (kept.vat, (*LINE_KEY, "vat_country", "vat_bucket"))


def journal_sha256(journal: pl.DataFrame | None) -> str:
    """Return what identifies the entries of a month, as `rows_sha256` its rows; none: empty."""
    return "" if journal is None else _sha256((journal, JOURNAL.key))


def _sha256(*keyed: tuple[pl.DataFrame, Sequence[str]]) -> str:
    digest = hashlib.sha256()
    for frame, key in keyed:
        filled = [column.name for column in frame if column.null_count() < len(column)]
        digest.update(canonical_text(frame.sort(key).select(filled)).encode())
    return digest.hexdigest()


def _pack(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_ipc(buffer)
    return zstandard.ZstdCompressor(level=10).compress(buffer.getvalue())


def _unpack(data: bytes, table: Table) -> pl.DataFrame:
    raw = zstandard.ZstdDecompressor().decompress(data)
    frame = pl.read_ipc(io.BytesIO(raw))
    schema = table.polars_schema()
    missing = [
        pl.lit(None, kind).alias(name) for name, kind in schema.items() if name not in frame.columns
    ]
    return frame.with_columns(missing).select(list(schema))
