"""Fills `mart` of prices: standard baskets at every connector, and what versions changed."""

from __future__ import annotations

from datetime import datetime

import duckdb
import polars as pl

from models.marts.prices_baskets import Named, next_weekday, offered_tariffs, price_offers
from models.marts.prices_changes import price_changes
from models.rating.zones import ONLY_ZONES
from pipelines.warehouse.sql_files import query


def fill_prices(con: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
    """Fill every table of `models.tables.mart_prices`; `mart.evses` is there.

    Args:
        con: the warehouse, in time zone UTC; the tables are empty.
        as_of: when the newest page was fetched; baskets are charged on the weekday after.
    """
    _fill_connectors(con)
    offers = con.sql(query("marts", "price_offers")).pl()
    named = con.sql("from named_tariffs($as_of)", params={"as_of": as_of}).pl()
    lookup = _lookup(named)
    _insert(con, "offered", offered_tariffs(offers, lookup), "offers")
    baskets = price_offers(offers, lookup, next_weekday(as_of))
    _insert(con, "baskets", baskets, "price_baskets")
    pairs = con.sql(query("marts", "price_versions"), params={"as_of": as_of}).pl()
    _insert(con, "changes", price_changes(pairs, _uses(offers, named)), "price_changes")


def _fill_connectors(con: duckdb.DuckDBPyConnection) -> None:
    zones = pl.DataFrame({"country": [*ONLY_ZONES], "zone": [*ONLY_ZONES.values()]})
    con.register("only_zones", zones.to_arrow())
    con.execute(query("marts", "connectors"))
    con.unregister("only_zones")


def _lookup(named: pl.DataFrame) -> dict[tuple[str, str, str, str], Named]:
    return {
        (row["partner"], row["country_code"], row["party_id"], row["id_key"]): Named(
            row["state"], row["tariff"]
        )
        for row in named.iter_rows(named=True)
    }


def _uses(offers: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Count connectors by the tariff they lead to, power class and zone."""
    owner = ["partner", "country_code", "party_id"]
    known = named.filter(pl.col("state") == "known")
    return (
        offers.explode("tariff_ids")
        .rename({"tariff_ids": "id_key"})
        .join(known, on=[*owner, "id_key"])
        .group_by(
            "partner",
            pl.col("owner_country_code").alias("country_code"),
            pl.col("owner_party_id").alias("party_id"),
            "id_key",
            "power_class",
            "zone",
        )
        .agg(pl.col("connector_count").sum())
    )


def _insert(con: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame, text: str) -> None:
    con.register(name, frame.to_arrow())
    con.execute(query("marts", text))
    con.unregister(name)
