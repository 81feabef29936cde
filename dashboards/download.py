"""What a table gives away: CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

from typing import Final

import polars as pl

_FORMULA: Final = r"^[=+\-@\t\r]"
"""How a text starts that a spreadsheet would run; numbers are no texts and stay as they are."""


def safe_csv(frame: pl.DataFrame) -> bytes:
    """The rows as CSV in UTF-8, texts that would be formulas behind an apostrophe."""
    lists = frame.with_columns(pl.col(pl.List(pl.String)).list.join("; "))
    texts = [name for name, dtype in lists.schema.items() if dtype == pl.String]
    safe = lists.with_columns(_disarmed(name) for name in texts)
    return safe.write_csv(datetime_format="%Y-%m-%dT%H:%M:%S%.6fZ").encode()


def _disarmed(name: str) -> pl.Expr:
    text = pl.col(name)
    return pl.when(text.str.contains(_FORMULA)).then("'" + text).otherwise(text).alias(name)
