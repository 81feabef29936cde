"""Rows of `rating.cdrs` and of `rating.lines` as frames, for who wants to look at prices.

What the view `rating.lines` does in the warehouse, for prices that are not stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl
import pyarrow as pa

from models.tables.rating import LINE_DIMENSIONS, PARTS, RATING_CDRS, RATING_LINES

_SCHEMA = RATING_CDRS.empty().to_arrow().schema
_LINES = _SCHEMA.get_field_index("lines")


@dataclass(frozen=True)
class Rated:
    """Rows of `rating.cdrs`."""

    cdrs: pl.DataFrame

    @cached_property
    def lines(self) -> pl.DataFrame:
        """Their rows of `rating.lines`."""
        return _lines(self.cdrs)


def unnest_lines(table: pa.Table) -> Rated:
    """Return the prices of CDRs, and their lines with keys and names.

    Args:
        table: rows of `rating.cdrs` (`batch.rate_tables`).
    """
    # polars reads no 64-bit decimals inside of others.
    return Rated(pl.DataFrame(table.cast(_SCHEMA)))


def price_rows(table: pa.Table) -> pl.DataFrame:
    """Return the prices of CDRs without their lines.

    Args:
        table: rows of `rating.cdrs` (`batch.rate_tables`).
    """
    return pl.DataFrame(table.drop_columns(["lines"]).cast(_SCHEMA.remove(_LINES)))


def _lines(cdrs: pl.DataFrame) -> pl.DataFrame:
    lines = (
        cdrs.filter(pl.col("lines").list.len() > 0)
        .with_columns(line_index=pl.int_ranges(pl.col("lines").list.len(), dtype=pl.Int32))
        .explode("lines", "line_index")
        .drop("notes", "state", "reason", "input_hash")
        .unnest("lines")
    )
    return lines.with_columns(
        _named("dimension", LINE_DIMENSIONS),
        _named("part", PARTS),
        (pl.col("amount_incl_vat") - pl.col("amount_excl_vat")).alias("vat_amount"),
        pl.col("tariff_ids").list.get(pl.col("tariff"), null_on_oob=True).alias("tariff_id"),
    ).select(pl.col(name).cast(dtype) for name, dtype in RATING_LINES.polars_schema().items())


def _named(code: str, names: tuple[str, ...]) -> pl.Expr:
    return pl.col(code).replace_strict(dict(enumerate(names)), return_dtype=pl.String)
