"""From rows to frames in the columns of `models.tables`, with the content hash of each row.

A partial_frame is a frame with the columns that the objects decide, and `_object`, the place of the
object on its page, or in its batch of pages. Finishing adds the partner, the page and the
content hash, which is the same whichever way the rows were decoded: it covers every column that the
partner's content decides, in its canonical form; not `last_updated`, not the page, not how many
decimals a number was written with.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
import polars as pl

from models.ocpi.decoded import PageContext, PageOrigins, Row
from models.ocpi.json.canonical import digest
from models.tables import BY_NAME, TABLES
from models.tables.kinds import Table

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
_ADDED_CONTENT = frozenset(
    column.name for table in TABLES for column in table.columns if column.is_added
)
_FIELD, _ITEM, _ROW, _NULL = "\x1f", "\x1e", "\x1d", "\x00"
_COORDINATE_UNITS = 10_000_000
_LIST = msgspec.json.Encoder()


def content_hashes(frame: pl.DataFrame, periods: pl.DataFrame | None = None) -> pl.Series:
    """Return the content hash of each row, in canonical columns.

    The `periods` that belong to it by `_object`, in order, are content too.
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
    content = {name: kind for name, kind in frame.schema.items() if name not in _NOT_CONTENT}
    added = sorted(_ADDED_CONTENT & content.keys())
    first = [_as_text(name, kind) for name, kind in content.items() if name not in added]
    return pl.concat_str(
        pl.concat_str(first, separator=_FIELD),
        *(
            pl.when(pl.col(name).is_not_null())
            .then(pl.concat_str(pl.lit(f"{_FIELD}{name}="), _as_text(name, content[name])))
            .otherwise(pl.lit(""))
            for name in added
        ),
    )


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


_ADDED = frozenset({"partner", "fetched_at", "page_id"})
_HASHED_BY_READER = frozenset({"core.tariffs", "core.embedded_tariffs"})
_PARTS = {"core.cdrs": "core.charging_periods"}


def partial_frame(table: str, rows: Sequence[Row], objects: Sequence[int]) -> pl.DataFrame:
    """Rows of a table and the places of their objects as a frame; what no row has is unknown."""
    if not rows:
        return _no_partial_rows(table)
    schema = draft_columns(BY_NAME[table])
    columns = {
        name: _series(name, [row.get(name) for row in rows], dtype)
        for name, dtype in schema.items()
    }
    return pl.DataFrame({**columns, OBJECT: pl.Series(objects, dtype=pl.Int64)})


def _series(name: str, values: list[Any], dtype: pl.DataType) -> pl.Series:
    if isinstance(dtype, pl.List):  # polars takes them in one by one, and reads JSON at once
        texts = [None if own is None else _LIST.encode(own).decode() for own in values]
        return pl.Series(name, texts, dtype=pl.String).str.json_decode(dtype)
    return pl.Series(name, values, dtype=dtype)


@cache
def _no_partial_rows(table: str) -> pl.DataFrame:
    """Return the frame that most pages have of most tables, which is made once."""
    return pl.DataFrame(schema=draft_columns(BY_NAME[table]))


@cache
def _no_rows(table: str) -> pl.DataFrame:
    return BY_NAME[table].empty()


def draft_columns(table: Table) -> dict[str, pl.DataType]:
    """Column name → type of a table's partial rows."""
    schema = table.polars_schema(loaded=False)
    hashed = frozenset() if table.name in _HASHED_BY_READER else {"content_hash"}
    kept = {name: d for name, d in schema.items() if name not in _ADDED and name not in hashed}
    return {**kept, OBJECT: pl.Int64()}


def finish(
    partial_rows: Mapping[str, pl.DataFrame], origins: PageOrigins
) -> dict[str, pl.DataFrame]:
    """Return the finished frames of a batch, rows in the order of their objects."""
    return {
        name: _finished(BY_NAME[name], frame, partial_rows.get(_PARTS.get(name, "")), origins)
        for name, frame in partial_rows.items()
    }


def with_page(rows: Iterable[tuple[int, Row]], origins: PageOrigins) -> list[Row]:
    """Rows about objects of a page (deviations, quarantine) with the columns of their page."""
    return [{**_page_columns(origins.page_of(index)), **row} for index, row in rows]


def _page_columns(page: PageContext) -> Row:
    return {
        "partner": page.partner,
        "module": page.module,
        "fetched_at": page.fetched_at,
        "page_id": page.page_id,
    }


def frame_of(table: Table, rows: Sequence[Row]) -> pl.DataFrame:
    """Complete rows as a frame of a table."""
    if not rows:
        return _no_rows(table.name)
    schema = table.polars_schema(loaded=False)
    return pl.DataFrame(
        [pl.Series(name, [row.get(name) for row in rows], dtype=d) for name, d in schema.items()]
    )


def _finished(
    table: Table, frame: pl.DataFrame, parts: pl.DataFrame | None, origins: PageOrigins
) -> pl.DataFrame:
    if frame.is_empty():
        return _no_rows(table.name)
    schema = table.polars_schema(loaded=False)
    if "content_hash" in schema and "content_hash" not in frame.columns:
        frame = frame.with_columns(content_hashes(frame, parts))
    partner = pl.lit(origins.context.partner).alias("partner")
    frame = frame.with_columns(partner, *origins.columns(frame.get_column(OBJECT)))
    return frame.select(list(schema))
