"""From rows to frames in the columns of `models.tables`.

A partial_frame is a frame with the columns that the objects decide, and `_object`, the place of the
object on its page, or in its batch of pages. Finishing adds the partner, the page and the
content hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from models.ocpi.decoded_object import Row
from models.ocpi.decoded_page import PageContext
from models.ocpi.hashing import OBJECT, content_hashes
from models.ocpi.page_origins import PageOrigins
from models.tables import BY_NAME, Table

_ADDED = frozenset({"partner", "fetched_at", "page_id"})
_HASHED_BY_READER = frozenset({"core.tariffs", "core.embedded_tariffs"})
_PARTS = {"core.cdrs": "core.charging_periods"}


def partial_frame(table: str, rows: Sequence[Row], objects: Sequence[int]) -> pl.DataFrame:
    """Rows as a frame; a column that no row has is unknown throughout.

    Args:
        table: the table they are for.
        rows: the rows.
        objects: for each row, the place of its object on the page.
    """
    schema = draft_columns(BY_NAME[table])
    columns = {
        name: pl.Series(name, [row.get(name) for row in rows], dtype=dtype)
        for name, dtype in schema.items()
    }
    return pl.DataFrame({**columns, OBJECT: pl.Series(objects, dtype=pl.Int64)})


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
    schema = table.polars_schema(loaded=False)
    return pl.DataFrame(
        [pl.Series(name, [row.get(name) for row in rows], dtype=d) for name, d in schema.items()]
    )


def _finished(
    table: Table, frame: pl.DataFrame, parts: pl.DataFrame | None, origins: PageOrigins
) -> pl.DataFrame:
    schema = table.polars_schema(loaded=False)
    if "content_hash" in schema and "content_hash" not in frame.columns:
        frame = frame.with_columns(content_hashes(frame, parts))
    partner = pl.lit(origins.context.partner).alias("partner")
    frame = frame.with_columns(partner, *origins.columns(frame.get_column(OBJECT)))
    return frame.select(list(schema))
