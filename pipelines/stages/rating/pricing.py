"""Prices of the CDRs of a file: read, decode, rate, compare; some thousand at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from models.ocpi.priceable import read_priceable
from models.rating.decoded import PARTNER, RatedFile, rate_priceable
from models.recon import price
from models.recon.causes import UNKNOWN, add_causes
from models.recon.mistakes import Case
from models.recon.units import restate_in_kwh, with_wh_signs
from models.recon.variants import PRICE_COLUMNS, reprice
from models.tables.kinds import MONEY, QUANTITY
from models.terms import USUAL_TERMS
from pipelines.stages.rating.files import FileError, read_objects

if TYPE_CHECKING:
    from models.contract import Contract

#: Verdicts of claims that differ, or cannot be told.
DIFFERENT = ("overclaimed", "underclaimed", "unpriceable", "unclaimed")
_BATCH = 10_000


@dataclass(frozen=True)
class PricedCdrs:
    """Some of the CDRs of a file, priced."""

    rated: RatedFile  # the CDRs with their prices, in order
    judged: pl.DataFrame  # for each its `verdict` and `cause` (`causes.judge_claims`)
    # for each object that is no usable CDR its id, where it has one, and why
    refused: Sequence[tuple[str | None, Sequence[str]]]

    @property
    def differs(self) -> bool:
        """True where a claim differs, or cannot be told."""
        verdicts = self.judged.get_column("verdict")
        return bool(self.refused) or verdicts.is_in(DIFFERENT).any()


def price_file(
    path: Path,
    *,
    tariffs: Sequence[str] = (),
    time_zone: str | None = None,
    contract: Contract | None = None,
) -> Iterator[PricedCdrs]:
    """Price every CDR in a file; in memory is only what was yielded last.

    Args:
        path: one object, a list, an envelope or NDJSON.
        tariffs: canonical JSON of tariffs to use instead of the CDRs' own.
        time_zone: IANA zone to use instead of the CDRs' own.
        contract: the terms to price and judge by; None: the usual ones, without a tolerance.

    Raises:
        FileError: the file cannot be read, or there is no CDR in it.
    """
    count = 0
    terms = contract.price_terms if contract else USUAL_TERMS
    for objects in read_objects(path, "cdrs", _BATCH):
        read = read_priceable(objects, first=count)
        rated = rate_priceable(read, tariffs=tariffs, time_zone=time_zone, terms=terms)
        judged = judge_claims(rated, contract)
        yield PricedCdrs(rated, judged, read.refused)
        count += len(objects)
    if not count:
        raise FileError(f"{path}: no CDR in it")


#: What only a warehouse knows of a charge.
_UNKNOWN_FACTS: dict[str, pl.DataType] = {
    "session_energy_kwh": QUANTITY,
    "session_status": pl.String(),
    "connector_power_kw": QUANTITY,
    "reservation_s": pl.Int64(),
    "tariff_source": pl.String(),
    **{
        f"expected_{source}_{side}_vat": MONEY
        for source in ("published", "embedded")
        for side in ("excl", "incl")
    },
}


def judge_claims(file: RatedFile, contract: Contract | None) -> pl.DataFrame:
    """Judge the claim of each CDR by reconciliation's own rules for prices.

    A file has neither other versions of a tariff nor other tariffs of the connector, so that those
    two causes are never named here; nor has it sessions and connectors.

    Returns:
        For each CDR its `verdict`: agreed, tolerated, overclaimed, underclaimed; `unclaimed` where
        no total is stated that can be compared; else the price's own state; and its `cause`: the
        mistake that makes exactly the claimed amount, null where there is none.
    """
    contracts = {PARTNER: contract} if contract else {}
    facts = with_wh_signs(_facts(file, contract), contracts).with_columns(_verdict())
    differs = pl.col("verdict").is_in(["overclaimed", "underclaimed"])
    again = facts.filter(differs | ((pl.col("state") == "priced") & pl.col("looks_like_wh")))
    if again.is_empty():
        return facts.select("verdict", pl.lit(None, dtype=pl.String).alias("cause"))
    repriced = reprice(_case(file, contract, again["n"]), {})
    judged = add_causes(restate_in_kwh(again, repriced), repriced)
    cause = pl.when("states_wh").then(pl.lit("WH_FOR_KWH")).otherwise("cause")
    known = judged.select("n", _verdict(), pl.when(cause != UNKNOWN).then(cause).alias("cause"))
    stated = facts.select("n", pl.col("verdict").alias("stated"))
    return stated.join(known, on="n", how="left", maintain_order="left").select(
        pl.coalesce("verdict", "stated").alias("verdict"), "cause"
    )


def _verdict() -> pl.Expr:
    return (
        pl.when(pl.col("state") == "priced")
        .then(price.comparison().fill_null("unclaimed"))
        .otherwise("state")
        .alias("verdict")
    )


def _facts(file: RatedFile, contract: Contract | None) -> pl.DataFrame:
    """Return the facts of each CDR that prices are judged by, as `models.recon` names them."""
    energy = file.periods.group_by("cdr_row").agg(
        pl.col("energy_kwh").sum().alias("period_energy_kwh"),
        pl.col("energy_kwh").min().alias("least_period_energy_kwh"),
        pl.col("time_h").sum().alias("period_time_h"),
    )
    claimed = file.placed.join(energy, on="cdr_row", how="left", maintain_order="left").select(
        "partner",
        "currency",
        "start_at",
        "end_at",
        pl.col("total_cost_excl_vat").alias("claimed_excl_vat"),
        pl.col("total_cost_incl_vat").alias("claimed_incl_vat"),
        "total_energy_kwh",
        "total_parking_time_h",
        "period_energy_kwh",
        "least_period_energy_kwh",
        "period_time_h",
        *(pl.lit(None, dtype=dtype).alias(name) for name, dtype in _UNKNOWN_FACTS.items()),
        *(
            pl.lit(getattr(contract.tolerance, kind) if contract else Decimal(0)).alias(
                f"tolerance_{kind}"
            )
            for kind in ("absolute", "relative")
        ),
    )
    expected = file.prices.select(
        "state", *(pl.col(column).alias(name) for column, name in PRICE_COLUMNS.items())
    )
    return pl.concat([claimed, expected], how="horizontal").with_row_index("n")


def _case(file: RatedFile, contract: Contract | None, rows: pl.Series) -> Case:
    """Return the CDRs of these rows, their periods in the order of time, and their tariffs."""
    chosen = pl.col("cdr_row").is_in(rows.cast(pl.Int64).implode())
    cdrs = file.placed.filter(chosen).drop("period_count")
    ends = cdrs.select("cdr_row", "end_at")
    texts = pl.Series("tariff", file.texts, dtype=pl.String)
    next_at = pl.col("start_at").shift(-1).over("cdr_row")
    periods = (
        file.periods.filter(chosen)
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
        cdrs=cdrs,
        periods=periods,
        offered=file.offered.filter(chosen).with_columns(
            pl.lit(texts).gather(pl.col("tariff")).alias("tariff"),
            pl.lit(None, dtype=pl.String).alias("detail"),
        ),
        contracts={PARTNER: contract.price_terms if contract else USUAL_TERMS},
    )
