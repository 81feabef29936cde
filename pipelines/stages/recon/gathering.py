"""Reads the facts about CDRs from the warehouse, a chunk at a time."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import polars as pl

from models.tables.rating import LINE_DIMENSIONS, PARTS
from pipelines.stages.recon.queries import statement

CHUNK_ROWS = 122_880

_SOURCE = (
    "case when t.tariff_source = 'embedded' and em.state = 'priced' then 'embedded' "
    "when pu.state = 'priced' then 'published' when em.state = 'priced' then 'embedded' end"
)
_CHOSEN = {
    "expected_excl_vat": "expected_excl_vat",
    "expected_incl_vat": "expected_incl_vat",
    "billed_energy_kwh": "billed_energy_kwh",
    "billed_time_h": "billed_time_h",
    "tariff_ids": "tariff_ids",
    "notes": "notes",
    **{f"expected_{part}_cost_excl_vat": f"{part}_cost_excl_vat" for part in PARTS},
}
_PRICE_COLUMNS = ", ".join(f"r.{column}" for column in _CHOSEN.values())
_WHOLE = {"period_facts": "recon_periods", "carried": "recon_carried", "limits": "recon_limits"}


def _chosen() -> str:
    """The columns of the price that the contract prefers."""
    chosen = [
        f"case {_SOURCE} when 'embedded' then em.{column} when 'published' then pu.{column} end "
        f"as {name}"
        for name, column in _CHOSEN.items()
    ]
    limited = (
        f"coalesce(list_contains(case {_SOURCE} when 'embedded' then em.notes "
        "when 'published' then pu.notes end, 'LIMIT_APPLIED'), false) as limit_applied"
    )
    return ",\n  ".join([f"{_SOURCE} as tariff_source", *chosen, limited])


def chunks(con: duckdb.DuckDBPyConnection) -> Iterator[pl.DataFrame]:
    """The facts of every CDR of `recon_focus`, in chunks that fit in memory.

    Args:
        con: after `matching.match`.

    Yields:
        Rows of `models/sql/recon/facts.sql`.
    """
    for name in _WHOLE:
        con.execute(statement(name, limit=str(LINE_DIMENSIONS.index("LIMIT"))))
    facts = statement("facts", chosen=_chosen(), source=_SOURCE, price_columns=_PRICE_COLUMNS)
    for low, high in con.execute(statement("chunk_bounds"), {"rows": CHUNK_ROWS}).fetchall():
        con.execute(statement("chunk"), {"low": low, "high": high})
        yield con.sql(facts, params={"low": low, "high": high}).pl()
        con.execute("drop table recon_chunk")
    for table in _WHOLE.values():
        con.execute(f"drop table {table}")
