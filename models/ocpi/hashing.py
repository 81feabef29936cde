"""Content hashes of finished rows, the same whichever way the rows were decoded.

A row's hash covers every column that the partner's content decides, in its canonical form: not
`last_updated`, not the page, not how many decimals a number was written with.
"""

from __future__ import annotations

import polars as pl

from models.ocpi.json.canonical import digest

OBJECT = "_object"
_NOT_CONTENT = frozenset(
    {
        OBJECT,
        "partner",
        "last_updated_at",
        "content_hash",
        "fetched_at",
        "page_id",
        "ocpi_version",
        "time_h_decimals",
        "parking_time_h_decimals",
        "reservation_time_h_decimals",
    }
)
_FIELD, _ITEM, _ROW, _NULL = "\x1f", "\x1e", "\x1d", "\x00"
_COORDINATE_UNITS = 10_000_000


def content_hashes(frame: pl.DataFrame, periods: pl.DataFrame | None = None) -> pl.Series:
    """Return the content hash of each row.

    Args:
        frame: rows in canonical columns.
        periods: rows that belong to them by `_object`, in order; their content counts too.
    """
    texts = frame.select(OBJECT, _content(frame).alias("text"))
    if periods is not None:
        rows = periods.select(OBJECT, _content(periods).alias("rows"))
        rows = rows.group_by(OBJECT, maintain_order=True).agg(pl.col("rows").str.join(_ROW))
        texts = texts.join(rows, on=OBJECT, how="left", maintain_order="left").select(
            pl.concat_str("text", "rows", separator=_ROW, ignore_nulls=True).alias("text")
        )
    hashes = [digest(text) for text in texts.get_column("text").to_list()]
    return pl.Series("content_hash", hashes, dtype=pl.String)


def _content(frame: pl.DataFrame) -> pl.Expr:
    columns = [
        _as_text(name, dtype) for name, dtype in frame.schema.items() if name not in _NOT_CONTENT
    ]
    return pl.concat_str(columns, separator=_FIELD)


def _as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.List):
        column = column.list.join(_ITEM)
    elif isinstance(dtype, pl.Datetime):
        column = column.to_physical().cast(pl.String)
    elif isinstance(dtype, pl.Float64):
        column = (column * _COORDINATE_UNITS).round().cast(pl.Int64).cast(pl.String)
    elif not isinstance(dtype, pl.String):
        column = column.cast(pl.String)
    return column.fill_null(_NULL)
