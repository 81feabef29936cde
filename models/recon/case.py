"""CDRs to be priced again: what the rating engine is to be fed of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import polars as pl

from models.contract import Contract
from models.rating.result import Rated
from models.tables.kinds import QUANTITY


@dataclass(frozen=True)
class Case:
    """CDRs to be priced, and what by."""

    # see `RatingTables.cdrs`; `cdr_row`, a number of its own, and `length_s` beside
    cdrs: pl.DataFrame
    periods: pl.DataFrame  # see `RatingTables.periods`, with `length_s`
    offered: pl.DataFrame  # `cdr_row`, `tariff` (JSON) and `detail`: what is said of it if it fits
    contracts: Mapping[str, Contract]  # partner → terms

    def with_periods(self, change: pl.Expr, name: str) -> Case:
        """Return the same CDRs with one column of their periods changed."""
        return replace(self, periods=self.periods.with_columns(change.cast(QUANTITY).alias(name)))


#: Makes one mistake in a case; the second argument is the case priced rightly.
Mistake = Callable[[Case, Rated], Case]
