"""Prices CDRs again with one mistake at a time, to see which of them gives the claim.

A mistake is made in what the rating engine is fed, never in the engine: other volumes, other
tariffs, another contract (`models.recon.mistakes`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import polars as pl
import pyarrow as pa

from models.rating.batch import rate_frames
from models.rating.result import price_rows, unnest_lines
from models.rating.run import WORTH_COMPILING
from models.rating.tariff import CompiledTariff, compile_tariff_text, tariff_set
from models.recon.mistakes import MISTAKES, Case, component_steps
from models.tables.rating import PARTS, RATING_CDRS

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
    if own.cdrs.is_empty():
        return pl.DataFrame(schema=REPRICED)
    # Each CDR is priced once for every mistake: together they are soon worth the compiled kernel.
    compiled = True if own.cdrs.height * len(MISTAKES) >= WORTH_COMPILING else None
    steps = component_steps(own, unnest_lines(_rated(own, compiled)))
    cases = [(cause, mistake(own, steps)) for cause, mistake in MISTAKES]
    cases += [(cause, alone) for cause, case in others.items() for alone in _one_by_one(case)]
    span = int(own.cdrs["cdr_row"].cast(pl.Int64).max() or 0) + 1  # type: ignore[arg-type]
    stacked = _stacked([case for _, case in cases], span)
    return _totals(
        price_rows(_rated(stacked, compiled)), stacked, [cause for cause, _ in cases], span
    )


def _stacked(cases: Sequence[Case], span: int) -> Case:
    """Put cases one upon another, to be priced by one call: a call costs more than a few CDRs.

    Args:
        cases: the cases; each partner of each gets a name of its own, as terms may differ.
        span: by how much the `cdr_row` of each is above that of the one before.
    """
    cdrs = _numbered([case.cdrs for case in cases], span)
    periods = _numbered([case.periods for case in cases], span)
    offered = [case.offered.select("cdr_row", "tariff", "detail") for case in cases]
    return Case(
        cdrs=cdrs.with_columns(pl.format("{} {}", "case", "partner").alias("partner")),
        periods=periods.drop("case"),
        offered=_numbered(offered, span),
        contracts={
            f"{place} {partner}": contract
            for place, case in enumerate(cases)
            for partner, contract in case.contracts.items()
        },
    )


def _numbered(frames: Sequence[pl.DataFrame], span: int) -> pl.DataFrame:
    """Put frames one upon another, with `case`, the place of each, and `cdr_row` above the last."""
    places = np.repeat(np.arange(len(frames)), [frame.height for frame in frames])
    case = pl.Series("case", places)
    row = pl.col("cdr_row").cast(pl.Int64) + case * span
    return pl.concat(frames, how="vertical_relaxed").with_columns(row, case)


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


def _rated(case: Case, compiled: bool | None) -> pa.Table:
    """Return the rows of `rating.cdrs` of a case; their `cdr_id` is the `cdr_row` as text."""
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
    tariffs = tariff_set([_compiled(text) for text in texts])
    return rate_frames(cdrs, periods, {SOURCE: offered}, tariffs, case.contracts, compiled=compiled)


def _totals(rated: pl.DataFrame, stacked: Case, causes: Sequence[str], span: int) -> pl.DataFrame:
    details = stacked.offered.group_by("cdr_row", maintain_order=True).agg(pl.col("detail").first())
    names = pl.lit(pl.Series("cause", causes, dtype=pl.String))
    return (
        rated.filter(pl.col("state") == "priced")
        .with_columns(pl.col("cdr_id").cast(pl.Int64).alias("cdr_row"))
        .join(details, on="cdr_row", how="left", maintain_order="left")
        .with_columns(
            names.gather(pl.col("cdr_row") // span).alias("cause"), pl.col("cdr_row") % span
        )
        .select(pl.col(name).cast(dtype) for name, dtype in REPRICED.items())
    )


@lru_cache(maxsize=10_000)
def _compiled(text: str) -> CompiledTariff:
    return compile_tariff_text(text)
