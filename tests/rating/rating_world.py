"""A small warehouse to price: rows of `core` with defaults, each test changes what it is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl

from models.tables import BY_NAME

START = datetime(2026, 10, 5, 8, tzinfo=UTC)
KWH = (
    '{{"id":"{id}","currency":"EUR","elements":[{{"price_components":'
    '[{{"type":"ENERGY","price":{price},"vat":21,"step_size":1}}]}}]}}'
)
NIGHT = (
    '{"id":"T","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":0.2}],'
    '"restrictions":{"start_time":"10:00","end_time":"11:00"}},'
    '{"price_components":[{"type":"ENERGY","price":1}]}]}'
)


def insert(con: duckdb.DuckDBPyConnection, table: str, *rows: dict[str, Any]) -> None:
    schema = BY_NAME[table].polars_schema()
    full = {name: [row.get(name) for row in rows] for name in schema}
    con.register("given", pl.DataFrame(full, schema=schema, strict=False).to_arrow())
    con.execute(f"insert into {table} by name select * from given")  # noqa: S608 - a test's own
    con.unregister("given")


ORIGIN = {"partner": "voltix", "country_code": "NL", "party_id": "VOL", "content_hash": "h"}
SEEN = {"fetched_at": START, "page_id": "p"}


def insert_cdr(con: duckdb.DuckDBPyConnection, id: str, **changes: Any) -> None:
    row = {
        **ORIGIN, **SEEN, "id": id, "content_hash": f"cdr-{id}", "start_at": START,
        "end_at": START + timedelta(hours=1), "currency": "EUR", "period_count": 1,
        "credit": False, "home_charging_compensation": False, "country": "NLD", **changes,
    }  # fmt: skip
    tariff_id = row.pop("tariff_id", "T")
    insert(con, "core.cdrs", row)
    period = {**ORIGIN, "cdr_id": id, "period_index": 0, "start_at": row["start_at"]}
    insert(
        con, "core.charging_periods", {**period, "tariff_id": tariff_id, "energy_kwh": Decimal(10)}
    )


def insert_tariff(
    con: duckdb.DuckDBPyConnection, price: str, since: datetime, **changes: Any
) -> None:
    row = {
        **ORIGIN, **SEEN, "id": "T", "currency": "EUR", "valid_from_at": since,
        "content_hash": f"t-{price}", "tariff": KWH.format(id="T", price=price), **changes,
    }  # fmt: skip
    insert(con, "core.tariffs", row)


def prices(con: duckdb.DuckDBPyConnection, source: str = "published") -> dict[str, Any]:
    rows = con.execute(
        "select cdr_id, coalesce(expected_excl_vat::varchar, reason) from rating.cdrs "
        "where source = $source order by cdr_id",
        {"source": source},
    ).fetchall()
    return {key: value for key, value in rows}
