"""What a locked month holds, as bytes: the same rows give the same bytes, and come back equal.

Arrow's IPC file format, compressed; the hash is of the rows as text, so that it does not depend
on the version of any library.
"""

from __future__ import annotations

import hashlib
import io

import polars as pl
import zstandard

from models.settle.view import Booked
from models.tables import LINE_VAT, STATEMENT_LINES, STATEMENTS, Table
from models.tables.settle import LINE_KEY, STATEMENT_KEY


def freeze(held: Booked) -> tuple[bytes, bytes, bytes]:
    """The bytes to store for a month that is being locked: lines, VAT, statements."""
    return _pack(held.lines), _pack(held.vat), _pack(held.statements)


def thaw(lines: bytes, vat: bytes, statements: bytes) -> Booked:
    """The rows of a locked month; columns that tables gained since are unknown in them."""
    return Booked(
        _unpack(lines, STATEMENT_LINES), _unpack(vat, LINE_VAT), _unpack(statements, STATEMENTS)
    )


def rows_sha256(held: Booked) -> str:
    """Identifies the rows of a month, whatever order they are in.

    Columns that hold nothing are left out, so that a table may gain one without a new hash.
    """
    digest = hashlib.sha256()
    for frame, key in (
        (held.lines, LINE_KEY),
        (held.vat, (*LINE_KEY, "vat_country", "vat_bucket")),
        (held.statements, STATEMENT_KEY),
    ):
        filled = [column.name for column in frame if column.null_count() < len(column)]
        texts = (
            frame.sort(key)
            .select(filled)
            .with_columns(
                pl.col(pl.List(pl.String)).list.join("\x1f"), pl.col(pl.Boolean).cast(pl.String)
            )
        )
        digest.update(texts.write_csv(null_value="\\N").encode())
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
