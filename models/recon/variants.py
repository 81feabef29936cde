"""Prices CDRs again with one mistake at a time, to see which of them gives the claim.

A mistake is made in what the rating engine is fed, never in the engine: other volumes, other
tariffs, another contract (`models.recon.mistakes`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

import polars as pl

from models.rating.batch import RatingBatch, rate_batch
from models.rating.result import Rated
from models.rating.run import WORTH_COMPILING
from models.rating.tariff import CompiledTariff, compile_tariff_text
from models.rating.tariff_set import tariff_set
from models.recon.case import Case
from models.recon.mistakes import MISTAKES
from models.tables import RATING_CDRS
from models.tables.rating import PARTS

SOURCE = "embedded"
#: Columns of `rating.cdrs` → the facts about a CDR that they are.
PRICE_COLUMNS: dict[str, str] = {
    "expected_excl_vat": "expected_excl_vat",
    "expected_incl_vat": "expected_incl_vat",
    "billed_energy_kwh": "billed_energy_kwh",
    "notes": "notes",
    **{f"{part}_cost_excl_vat": f"expected_{part}_cost_excl_vat" for part in PARTS},
}
_PRICE_SCHEMA = RATING_CDRS.polars_schema()
REPRICED: dict[str, pl.DataType] = {
    "cdr_row": pl.Int64(),
    "cause": pl.String(),
    "detail": pl.String(),
    **{name: _PRICE_SCHEMA[name] for name in PRICE_COLUMNS},
}


def reprice(own: Case, others: Mapping[str, Case]) -> pl.DataFrame:
    """Price CDRs with each mistake.

    Args:
        own: the CDRs, and the tariffs that they should be priced by.
        others: cause → the same CDRs and other tariffs: each priced alone, whatever the periods
            say, so that a CDR may stand there several times.

    Returns:
        Rows of `REPRICED`; only where there is a price.
    """
    # Each CDR is priced once for every mistake: together they are soon worth the compiled kernel.
    compiled = True if own.cdrs.height * len(MISTAKES) >= WORTH_COMPILING else None
    right = _rated(own, compiled)
    made = [
        _totals(_rated(mistake(own, right), compiled), own, cause) for cause, mistake in MISTAKES
    ]
    for cause, case in others.items():
        made += [_totals(_rated(alone, compiled), alone, cause) for alone in _one_by_one(case)]
    return pl.concat(made) if made else pl.DataFrame(schema=REPRICED)


def _one_by_one(case: Case) -> Iterator[Case]:
    """Yield the case with the first tariff of each CDR, then with the second, and so on."""
    numbered = case.offered.with_columns(pl.int_range(pl.len()).over("cdr_row").alias("turn"))
    unnamed = case.periods.with_columns(pl.lit(None, dtype=pl.String).alias("tariff_id"))
    for turn in numbered["turn"].unique().sort().to_list():
        offered = numbered.filter(pl.col("turn") == turn).drop("turn")
        rows = offered["cdr_row"].unique().to_list()
        yield replace(
            case,
            cdrs=case.cdrs.filter(pl.col("cdr_row").is_in(rows)),
            periods=unnamed.filter(pl.col("cdr_row").is_in(rows)),
            offered=offered,
        )


def _rated(case: Case, compiled: bool | None) -> Rated:
    """Return the case priced; `cdr_id` of the result is the `cdr_row` as text."""
    texts = case.offered["tariff"].unique(maintain_order=True)
    place = pl.DataFrame(
        {"tariff": texts, "place": range(len(texts))}, schema_overrides={"place": pl.Int64}
    )
    rows = case.cdrs.select("cdr_row").with_columns(pl.int_range(pl.len()).alias("at"))
    offered = (
        case.offered.join(rows, on="cdr_row", maintain_order="left")
        .join(place, on="tariff", maintain_order="left")
        .select(pl.col("at").alias("cdr_row"), pl.col("place").alias("tariff"))
        .sort("cdr_row", maintain_order=True)
    )
    periods = (
        case.periods.join(rows, on="cdr_row", maintain_order="left")
        .drop("cdr_row")
        .rename({"at": "cdr_row"})
        .sort("cdr_row", "period_index")
    )
    counts = case.periods.group_by("cdr_row").agg(pl.len().cast(pl.Int64).alias("period_count"))
    cdrs = case.cdrs.join(counts, on="cdr_row", how="left", maintain_order="left").with_columns(
        pl.col("cdr_row").cast(pl.String).alias("id"), pl.col("period_count").fill_null(0)
    )
    batch = RatingBatch(
        cdrs=cdrs,
        periods=periods,
        tariffs=tariff_set([_compiled(text) for text in texts]),
        contracts=case.contracts,
    )
    return rate_batch(batch, {SOURCE: offered}, compiled=compiled)


def _totals(rated: Rated, case: Case, cause: str) -> pl.DataFrame:
    details = case.offered.group_by("cdr_row", maintain_order=True).agg(pl.col("detail").first())
    return (
        rated.cdrs.filter(pl.col("state") == "priced")
        .select(
            pl.col("cdr_id").cast(pl.Int64).alias("cdr_row"),
            pl.lit(cause).alias("cause"),
            *PRICE_COLUMNS,
        )
        .join(details, on="cdr_row", how="left", maintain_order="left")
        .select(pl.col(name).cast(dtype) for name, dtype in REPRICED.items())
    )


@lru_cache(maxsize=10_000)
def _compiled(text: str) -> CompiledTariff:
    return compile_tariff_text(text)
