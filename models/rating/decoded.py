"""Prices of CDRs as they were decoded from a file, by their own tariffs or by given ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from models.contract import Contract
from models.ocpi import Decoded
from models.rating.batch import RatingBatch, rate_batch
from models.rating.countries import ONLY_ZONES
from models.rating.result import Rated
from models.rating.tariff import compile_tariff_text
from models.rating.tariff_set import TariffSet, tariff_set
from models.rating.zones import is_zone

SOURCE = "embedded"
_OFFERED = {"cdr_row": pl.Int64, "tariff": pl.Int64}


@dataclass(frozen=True)
class RatedFile:
    """CDRs with their prices.

    Args:
        cdrs: rows of `core.cdrs`.
        rated: their rows of `rating.cdrs`, in the same order, and of `rating.lines`.
        problems: what is wrong with each tariff that cannot be used.
        batch: what was priced; `cdr_row` is the place of a CDR in `cdrs`.
        offered: `cdr_row` and `tariff`, the JSON text of each tariff that the CDR could be
            priced by.
    """

    cdrs: pl.DataFrame
    rated: Rated
    problems: Sequence[str]
    batch: RatingBatch
    offered: pl.DataFrame


def rate_decoded(
    decoded: Decoded,
    *,
    tariffs: Sequence[str] = (),
    time_zone: str | None = None,
    contract: Contract | None = None,
) -> RatedFile:
    """Price decoded CDRs.

    Args:
        decoded: what `models.ocpi` made of the CDRs.
        tariffs: canonical JSON of the tariffs to price by instead of the CDRs' own; a single
            one prices every period, whatever id the period states.
        time_zone: IANA zone to use instead of the CDR's own and its country's only one.
        contract: rounding and tax terms; None: the defaults.
    """
    cdrs = decoded.frames["core.cdrs"].with_row_index("cdr_row")
    periods = _periods(cdrs, decoded.frames["core.charging_periods"])
    if tariffs:
        texts = list(tariffs)
        compiled = _compiled(texts)
        offered = cdrs.select(pl.col("cdr_row").cast(pl.Int64)).join(
            pl.DataFrame({"tariff": range(len(tariffs))}), how="cross", maintain_order="left"
        )
        if len(tariffs) == 1:
            periods = periods.with_columns(pl.lit(compiled.tariffs[0].id).alias("tariff_id"))
    else:
        texts, offered = _own_tariffs(cdrs, decoded.frames["core.embedded_tariffs"])
        compiled = _compiled(texts)
    offered = _mark_connectors(cdrs, offered, compiled)
    partners = cdrs["partner"].unique().to_list()
    batch = RatingBatch(
        cdrs=_with_zones(cdrs, time_zone),
        periods=periods,
        tariffs=compiled,
        contracts=dict.fromkeys(partners, contract or Contract()),
    )
    problems = [f"{tariff.id}: {tariff.problem}" for tariff in compiled.tariffs if tariff.problem]
    return RatedFile(
        cdrs=cdrs.drop("cdr_row"),
        rated=rate_batch(batch, {SOURCE: offered}),
        problems=problems,
        batch=batch,
        offered=_with_texts(offered, texts),
    )


def _compiled(texts: Sequence[str]) -> TariffSet:
    return tariff_set([compile_tariff_text(text) for text in texts])


def _with_texts(offered: pl.DataFrame, texts: Sequence[str]) -> pl.DataFrame:
    places = pl.DataFrame(
        {"tariff": range(len(texts)), "text": texts},
        schema={"tariff": pl.Int64, "text": pl.String},
    )
    named = offered.drop_nulls().join(places, on="tariff", maintain_order="left")
    return named.select("cdr_row", pl.col("text").alias("tariff"))


def _periods(cdrs: pl.DataFrame, periods: pl.DataFrame) -> pl.DataFrame:
    """Return the periods with the row of their CDR, in order."""
    key = ["partner", "country_code", "party_id"]
    owners = cdrs.select(pl.col("cdr_row").cast(pl.Int64), *key, pl.col("id").alias("cdr_id"))
    owned = periods.join(owners.unique([*key, "cdr_id"], keep="first"), on=[*key, "cdr_id"])
    return owned.sort("cdr_row", "period_index")


def _own_tariffs(cdrs: pl.DataFrame, embedded: pl.DataFrame) -> tuple[list[str], pl.DataFrame]:
    """Return the tariffs embedded in the CDRs, and which belong to which."""
    distinct = embedded.unique("content_hash", keep="first", maintain_order=True)
    places = distinct.select("content_hash").with_row_index("tariff")
    offered = (
        cdrs.select(pl.col("cdr_row").cast(pl.Int64), pl.col("tariff_hashes").alias("content_hash"))
        .explode("content_hash")
        .join(places, on="content_hash", maintain_order="left")
        .select("cdr_row", pl.col("tariff").cast(pl.Int64))
    )
    return distinct["tariff"].to_list(), pl.DataFrame(offered, schema=_OFFERED)


def _mark_connectors(cdrs: pl.DataFrame, offered: pl.DataFrame, known: TariffSet) -> pl.DataFrame:
    """Add `by_connector`: the CDR's own connector names the tariff (a 2.1.1 CDR carries it)."""
    ids = pl.DataFrame(
        {"tariff": range(len(known.tariffs)), "id": [one.id.lower() for one in known.tariffs]},
        schema={"tariff": pl.Int64, "id": pl.String},
    )
    own = pl.col("connector_tariff_ids").list.eval(pl.element().str.to_lowercase())
    named = cdrs.select(pl.col("cdr_row").cast(pl.Int64), own)
    return (
        offered.join(ids, on="tariff", how="left", maintain_order="left")
        .join(named, on="cdr_row", how="left", maintain_order="left")
        .select(
            "cdr_row",
            "tariff",
            pl.col("id").is_in("connector_tariff_ids").fill_null(value=False).alias("by_connector"),
        )
    )


def _with_zones(cdrs: pl.DataFrame, time_zone: str | None) -> pl.DataFrame:
    """Add `zone` and `zone_assumed`."""
    stated = pl.lit(time_zone, dtype=pl.String) if time_zone else pl.col("time_zone")
    known = stated.map_elements(is_zone, return_dtype=pl.Boolean, skip_nulls=True)
    zone = pl.when(known.fill_null(value=False)).then(stated)
    lone = pl.col("country").replace_strict(ONLY_ZONES, default=None, return_dtype=pl.String)
    return cdrs.with_columns(
        pl.coalesce(zone, lone).alias("zone"),
        (zone.is_null() & lone.is_not_null()).alias("zone_assumed"),
    )
