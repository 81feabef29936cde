"""Looks for root causes: prices the CDRs that differ again, with one mistake at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import duckdb
import polars as pl

from models.contract import Contract
from models.rating.zones import zone_of
from models.recon import price
from models.recon.case import Case
from models.recon.causes import add_causes
from models.recon.units import restate_in_kwh, with_wh_signs
from models.recon.variants import REPRICED, reprice
from pipelines.stages.recon import create_table, execute, query

_ZONED = pl.Struct({"zone": pl.String(), "zone_assumed": pl.Boolean()})
_OTHERS = {"WRONG_TARIFF_VERSION": "other_versions", "OTHER_TARIFF": "other_tariffs"}


def with_causes(
    con: duckdb.DuckDBPyConnection, facts: pl.DataFrame, contracts: Mapping[str, Contract]
) -> pl.DataFrame:
    """Add `cause` and `cause_detail` to the CDRs whose price differs, and restate Wh in kWh."""
    facts = with_wh_signs(facts, contracts)
    differs = price.comparison().is_in(["overclaimed", "underclaimed"])
    differing = facts.filter(
        pl.col("tariff_source").is_not_null() & (differs | pl.col("looks_like_wh"))
    )
    if differing.is_empty():
        return _explain(facts, pl.DataFrame(schema=REPRICED))
    create_table(con, "recon_differing_rows", differing.select("n", "tariff_source", "tariff_ids"))
    execute(con, "differing")
    own = _own_case(con, contracts)
    others = {
        cause: replace(own, offered=con.sql(query(name)).pl()) for cause, name in _OTHERS.items()
    }
    return _explain(facts, reprice(own, others))


def _explain(facts: pl.DataFrame, repriced: pl.DataFrame) -> pl.DataFrame:
    return add_causes(restate_in_kwh(facts, repriced), repriced)


def _own_case(con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract]) -> Case:
    """Gather the differing CDRs and the tariffs that they should be priced by."""
    cdrs = con.sql("select * from recon_differing order by cdr_row").pl()
    places = cdrs.select("stated_zone", "country").unique()
    zones = pl.Series(
        [
            dict(zip(("zone", "zone_assumed"), zone_of(stated, country), strict=True))
            for stated, country in places.iter_rows()
        ],
        dtype=_ZONED,
    )
    known = pl.concat([places, zones.struct.unnest()], how="horizontal")
    return Case(
        cdrs=cdrs.join(
            known, on=["stated_zone", "country"], nulls_equal=True, maintain_order="left"
        ).with_columns(pl.lit("").alias("input_hash")),
        periods=con.sql(query("differing_periods")).pl(),
        offered=con.sql(query("own_tariffs")).pl(),
        contracts=contracts,
    )
