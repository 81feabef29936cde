"""Results of rating: prices and their lines as frames, claims beside them, reasons in words.

The lines are what the view `rating.lines` does in the warehouse, for prices that are not stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import polars as pl
import pyarrow as pa

from models.rating.kernel.tables import Reason
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
    """Return rows of `rating.cdrs` (`batch.rate_tables`) and their lines, with keys and names."""
    # polars reads no 64-bit decimals inside of others.
    return Rated(pl.DataFrame(table.cast(_SCHEMA)))


def price_rows(table: pa.Table) -> pl.DataFrame:
    """Return rows of `rating.cdrs` (`batch.rate_tables`) without their lines."""
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


Row = Mapping[str, Any]


@dataclass(frozen=True)
class ComparedTotal:
    """One total on both sides, in the CDR's currency; None: not stated, or unknown."""

    name: str  # total, or the part
    side: str  # excl or incl taxes
    claimed: Decimal | None  # what the CDR says
    expected: Decimal | None  # what the tariff makes it

    @property
    def difference(self) -> Decimal | None:
        """Claimed minus expected, where both are known."""
        if self.claimed is None or self.expected is None:
            return None
        return self.claimed - self.expected


def compare_totals(cdr: Row, price: Row) -> list[ComparedTotal]:
    """Return every total that a row of `core.cdrs` states or its row of `rating.cdrs` knows."""
    names = [("total", "total_cost", "expected")]
    names += [(part, f"total_{part}_cost", f"{part}_cost") for part in PARTS]
    totals = [
        ComparedTotal(name, side, cdr[f"{claimed}_{side}_vat"], price[f"{expected}_{side}_vat"])
        for name, claimed, expected in names
        for side in ("excl", "incl")
    ]
    return [total for total in totals if total.claimed is not None or total.expected]


REASON_WORDS: dict[str, str] = {
    Reason.CREDIT.name: "a credit is matched with the CDR it cancels, not priced",
    Reason.HOME_CHARGING.name: "a driver is paid for it, it is no roaming charge",
    Reason.NO_PERIODS.name: "it has no charging periods",
    Reason.PERIODS_INCOMPLETE.name: "its charging periods do not tell all that the tariff prices",
    Reason.NEGATIVE_VOLUME.name: "a charging period has a time below zero",
    Reason.UNKNOWN_DIMENSION.name: (
        "its tariff prices a dimension that OCPI does not know, and a charging period states it"
    ),
    Reason.RESTRICTION_UNREADABLE.name: (
        "its price hangs on a restriction of the tariff that cannot be read (see roamhouse lint)"
    ),
    Reason.TARIFF_MISSING.name: "no tariff is known for one of its charging periods",
    Reason.TARIFF_NOT_ACTIVE.name: "its tariff was not active when the session started",
    Reason.TARIFF_UNUSABLE.name: "its tariff cannot be priced by (see roamhouse lint)",
    Reason.CURRENCY_MISMATCH.name: "its tariff is in another currency",
    Reason.TIME_ZONE_UNKNOWN.name: "its tariff goes by local time, and its time zone is not known",
    Reason.OUT_OF_RANGE.name: "a quantity or an amount is too large to be one",
}
