"""Downloads of tables: CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import polars as pl

from dashboards.services import escape_formula


def safe_csv(frame: pl.DataFrame) -> bytes:
    """Return the rows as CSV in UTF-8; what would be a formula stands behind an apostrophe."""
    lists = frame.with_columns(pl.col(pl.List(pl.String)).list.join("; "))
    texts = [name for name, dtype in lists.schema.items() if dtype == pl.String]
    safe = lists.with_columns(
        pl.col(name).map_elements(escape_formula, return_dtype=pl.String) for name in texts
    )
    return safe.write_csv(datetime_format="%Y-%m-%dT%H:%M:%S%.6fZ").encode()
