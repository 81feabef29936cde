"""Root causes for the CDRs of a file: reconciliation's mistakes, made without a warehouse.

A file has neither other versions of a tariff nor other tariffs of the connector, so that those two
causes are never named here.
"""

from __future__ import annotations

import polars as pl

from models.rating.decoded import RatedFile
from models.recon import price
from models.recon.case import Case
from models.recon.causes import UNKNOWN, add_causes
from models.recon.variants import reprice

_NO_TOLERANCE = pl.lit(0, dtype=pl.Decimal(38, 9))


def root_causes(file: RatedFile) -> list[str | None]:
    """Return the mistake that makes exactly the claimed amount, for each CDR; None: there is none.

    Args:
        file: CDRs with their prices.
    """
    facts = _facts(file)
    differing = facts.filter(price.comparison().is_in(["overclaimed", "underclaimed"]))
    mistakes = reprice(_case(file, differing["n"]), {}) if len(differing) else pl.DataFrame()
    causes = add_causes(facts, mistakes)["cause"]
    return [None if cause == UNKNOWN else cause for cause in causes]


def _facts(file: RatedFile) -> pl.DataFrame:
    """Both prices of each CDR, as `models.recon` names them."""
    claimed = file.cdrs.select(
        pl.col("total_cost_excl_vat").alias("claimed_excl_vat"),
        pl.col("total_cost_incl_vat").alias("claimed_incl_vat"),
        "currency",
        _NO_TOLERANCE.alias("tolerance_absolute"),
        _NO_TOLERANCE.alias("tolerance_relative"),
    )
    expected = file.rated.cdrs.select("expected_excl_vat", "expected_incl_vat")
    return pl.concat([claimed, expected], how="horizontal").with_row_index("n")


def _case(file: RatedFile, rows: pl.Series) -> Case:
    """Return the CDRs of these rows, their periods in the order of time, and their tariffs."""
    chosen = pl.col("cdr_row").cast(pl.Int64).is_in(rows.cast(pl.Int64).implode())
    cdrs = file.batch.cdrs.filter(chosen).drop("period_count")
    ends = cdrs.select(pl.col("cdr_row").cast(pl.Int64), "end_at")
    next_at = pl.col("start_at").shift(-1).over("cdr_row")
    periods = (
        file.batch.periods.filter(chosen)
        .sort("cdr_row", "start_at", "period_index")
        .join(ends, on="cdr_row", maintain_order="left")
        .with_columns(
            pl.int_range(pl.len(), dtype=pl.Int32).over("cdr_row").alias("period_index"),
            (pl.coalesce(next_at, "end_at") - pl.col("start_at"))
            .dt.total_seconds()
            .alias("length_s"),
        )
        .drop("end_at")
    )
    return Case(
        cdrs=cdrs.with_columns(pl.col("cdr_row").cast(pl.Int64)),
        periods=periods,
        offered=file.offered.filter(chosen).with_columns(
            pl.lit(None, dtype=pl.String).alias("detail")
        ),
        contracts=file.batch.contracts,
    )
