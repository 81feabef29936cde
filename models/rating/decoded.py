"""Prices of CDRs as they were read from a file, by their own tariffs or by given ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from models.ocpi.priceable import PriceableCdrs
from models.ocpi.values.timestamps import is_zone
from models.rating.batch import rate_frames
from models.rating.columns import lengths_of, places_array
from models.rating.result import price_rows, unnest_lines
from models.rating.tariff import TariffSet, compile_tariff_text, tariff_set
from models.rating.zones import ONLY_ZONES
from models.terms import USUAL_TERMS, PriceTerms

SOURCE = "embedded"
PARTNER = "file"  # stands for whoever sent the CDRs


@dataclass(frozen=True)
class RatedFile:
    """CDRs with their prices."""

    cdrs: pl.DataFrame  # see `PriceableCdrs`
    prices: pl.DataFrame  # their rows of `rating.cdrs` but for the lines, in the same order
    problems: Sequence[str]  # what is wrong with each tariff that cannot be used
    placed: pl.DataFrame  # the CDRs with `partner`, `cdr_row` (place in `cdrs`) and zone
    periods: pl.DataFrame  # their charging periods as they were priced, with `cdr_row`
    # `cdr_row` and `tariff`, the place among `texts` of each tariff that it could be priced by
    offered: pl.DataFrame
    texts: Sequence[str]  # the JSON text of each tariff
    table: pa.Table  # rows of `rating.cdrs` with their lines nested in them

    def lines(self, rows: Sequence[int] | None = None) -> pl.DataFrame:
        """Return the rows of `rating.lines`, with `cdr_row`: whose each is.

        `rows`: those of the CDRs that are asked for; None: all.
        """
        places = np.arange(len(self.table)) if rows is None else np.array(rows, dtype=np.int64)
        table = self.table if rows is None else self.table.take(places_array(places))
        owners = pl.Series("cdr_row", np.repeat(places, lengths_of(table["lines"])))
        return unnest_lines(table).lines.with_columns(owners)


def rate_priceable(
    read: PriceableCdrs,
    *,
    tariffs: Sequence[str] = (),
    time_zone: str | None = None,
    terms: PriceTerms = USUAL_TERMS,
    compiled: bool | None = None,
) -> RatedFile:
    """Price CDRs of a file.

    Args:
        read: the CDRs.
        tariffs: canonical JSON of the tariffs to price by instead of the CDRs' own; a single
            one prices every period, whatever id the period states.
        time_zone: IANA zone to use instead of the CDR's own and its country's only one.
        terms: those of the contract.
        compiled: see `run.price`.
    """
    cdrs, periods = read.cdrs, read.periods
    if tariffs:
        texts = list(tariffs)
        offered = _offered([range(len(tariffs))] * cdrs.height)
    else:
        texts, offered = _own_tariffs(read)
    known = tariff_set([compile_tariff_text(text) for text in texts])
    if len(tariffs) == 1:
        periods = periods.with_columns(pl.lit(known.tariffs[0].id).alias("tariff_id"))
    offered = _mark_connectors(cdrs, offered, known)
    placed, contracts = _with_zones(cdrs, time_zone), {PARTNER: terms}
    table = rate_frames(placed, periods, {SOURCE: offered}, known, contracts, compiled=compiled)
    return RatedFile(
        cdrs=cdrs,
        prices=price_rows(table),
        problems=[f"{t.id}: {t.problem}" for t in known.tariffs if t.problem],
        placed=placed,
        periods=periods,
        offered=offered,
        texts=texts,
        table=table,
    )


def _own_tariffs(read: PriceableCdrs) -> tuple[list[str], pl.DataFrame]:
    """Return the tariffs embedded in the CDRs, each once, and which belong to which."""
    texts: dict[str, str] = {}
    places: dict[str, int] = {}
    of_cdrs: dict[int, list[int]] = {}
    for own in read.tariffs:
        if id(own) in of_cdrs:
            continue
        for tariff in own:
            texts.setdefault(tariff.content_hash, tariff.json_text)
            places.setdefault(tariff.content_hash, len(places))
        of_cdrs[id(own)] = [places[tariff.content_hash] for tariff in own]
    return list(texts.values()), _offered([of_cdrs[id(own)] for own in read.tariffs])


def _offered(of_cdrs: Sequence[Sequence[int]]) -> pl.DataFrame:
    """Return `cdr_row` and `tariff` for each tariff of each CDR."""
    counts = np.fromiter(map(len, of_cdrs), dtype=np.int64, count=len(of_cdrs))
    tariffs = [tariff for own in of_cdrs for tariff in own]
    rows = np.repeat(np.arange(len(of_cdrs)), counts)
    return pl.DataFrame({"cdr_row": rows, "tariff": np.array(tariffs, dtype=np.int64)})


def _mark_connectors(cdrs: pl.DataFrame, offered: pl.DataFrame, known: TariffSet) -> pl.DataFrame:
    """Add `by_connector`: the CDR's own connector names the tariff (a 2.1.1 CDR carries it)."""
    named = cdrs.get_column("connector_tariff_ids")
    if named.null_count() == named.len():
        return offered
    ids = pl.Series([one.id.lower() for one in known.tariffs], dtype=pl.String)
    own = named.list.eval(pl.element().str.to_lowercase())
    return offered.with_columns(
        pl.lit(ids).gather(pl.col("tariff"))
        .is_in(pl.lit(own).gather(pl.col("cdr_row")))
        .fill_null(value=False)
        .alias("by_connector")
    )  # fmt: skip


def _with_zones(cdrs: pl.DataFrame, time_zone: str | None) -> pl.DataFrame:
    """Add `partner`, `cdr_row`, `zone` and `zone_assumed`."""
    stated = pl.lit(time_zone, dtype=pl.String) if time_zone else pl.col("time_zone")
    names = [time_zone] if time_zone else cdrs.get_column("time_zone").unique().drop_nulls()
    zone = pl.when(stated.is_in([name for name in names if is_zone(name)])).then(stated)
    lone = pl.col("country").replace_strict(ONLY_ZONES, default=None, return_dtype=pl.String)
    return cdrs.with_columns(
        pl.lit(PARTNER).alias("partner"),
        pl.int_range(pl.len(), dtype=pl.Int64).alias("cdr_row"),
        pl.coalesce(zone, lone).alias("zone"),
        (zone.is_null() & lone.is_not_null()).alias("zone_assumed"),
    )
