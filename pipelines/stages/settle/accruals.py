"""Prices of sessions without a CDR, made by the rating engine as their CDRs' will be."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
import polars as pl
from duckdb import DuckDBPyConnection as DuckDB

from models.agreement import discounted_tariff
from models.contract import Contract
from models.ocpi.priceable import read_priceable
from models.rating.batch import rate_frames
from models.rating.result import price_rows
from models.rating.tariff import compile_tariff_text, tariff_set
from models.rating.zones import zone_of
from models.tables.kinds import MONEY
from pipelines.stages.settle import query
from pipelines.warehouse.sql_files import fetch_frame

_SCHEMA = {
    "n": pl.Int64(),
    "source": pl.String(),
    "currency": pl.String(),
    "expected_excl_vat": MONEY,
}
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_HOUR_S = 3600


def price_sessions(con: DuckDB, contracts: Mapping[str, Contract], as_of: datetime) -> pl.DataFrame:
    """Price the sessions of `settle_open_sessions`, those that run as if they ended now.

    Returns:
        `n`, the row of each session that has a price, `source`, `currency` and
        `expected_excl_vat`; by what is agreed, else by the published tariff.
    """
    offered = fetch_frame(con, query("find_session_tariffs"))
    stated = offered.select("tariff", "discount").iter_rows()
    tariffs = tariff_set([compile_tariff_text(discounted_tariff(*row)) for row in stated])
    named = zip(offered["n"], (one.currency for one in tariffs.tariffs), strict=True)
    currencies = dict(named)
    rows = fetch_frame(con, query("read_open_sessions"), {"as_of": as_of}).to_dicts()
    sessions = {str(row["n"]): row for row in rows if row["n"] in currencies and _is_measured(row)}
    if not sessions:
        return pl.DataFrame(schema=_SCHEMA)
    read = read_priceable(
        [_as_cdr(row, currencies[row["n"]]) for row in sessions.values()], version="2.2.1"
    )
    read_rows = [sessions[name] for name in read.cdrs["id"]]
    rated = price_rows(
        rate_frames(
            _with_places(read.cdrs, read_rows),
            read.periods,
            _candidates(offered, read_rows),
            tariffs,
            {
                _terms(row): contracts[row["partner"]].in_month(row["month"]).price_terms
                for row in read_rows
            },
        )
    )
    return (
        rated.filter(pl.col("expected_excl_vat").is_not_null())
        .sort("cdr_id", "source")  # Of two the agreed price, which comes first.
        .unique("cdr_id", keep="first", maintain_order=True)
        .select(pl.col("cdr_id").alias("n"), "source", "currency", "expected_excl_vat")
        .cast(pl.Schema(_SCHEMA))
    )


def _is_measured(session: Mapping[str, Any]) -> bool:
    """Tell whether a session says what was charged in it."""
    return session["energy_kwh"] is not None or _has_periods(session)


def _has_periods(session: Mapping[str, Any]) -> bool:
    return session["charging_periods"] not in (None, "", "[]", "null")


def _terms(session: Mapping[str, Any]) -> str:
    return f"{session['partner']} {session['month']}"


def _with_places(cdrs: pl.DataFrame, sessions: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Add what rating needs of the sessions beside the CDRs that they will be."""
    zones = [zone_of(row["time_zone"], row["country"]) for row in sessions]
    return cdrs.with_columns(
        pl.Series("partner", [row["partner"] for row in sessions], dtype=pl.String),
        pl.Series("terms", [_terms(row) for row in sessions], dtype=pl.String),
        pl.Series("zone", [zone for zone, _ in zones], dtype=pl.String),
        pl.Series("zone_assumed", [assumed for _, assumed in zones], dtype=pl.Boolean),
    )


def _candidates(
    offered: pl.DataFrame, sessions: Sequence[Mapping[str, Any]]
) -> dict[str, pl.DataFrame]:
    """Return by source which tariffs, by their place, each session may be priced by."""
    places = pl.DataFrame({"n": [row["n"] for row in sessions]}).with_row_index("cdr_row")
    numbered = (
        offered.drop("tariff")
        .with_row_index("tariff")
        .join(places, on="n", maintain_order="left")
        .with_columns(pl.col("cdr_row", "tariff").cast(pl.Int64))
        .sort("cdr_row", maintain_order=True)
    )
    return {
        source: numbered.filter(source=source).select("cdr_row", "tariff", "is_only")
        for source in ("published", "agreement")
    }


def _as_cdr(session: Mapping[str, Any], currency: str) -> bytes:
    """Return a session as the CDR that it will be; one without periods is one period."""
    length_h = Decimal(int((session["end_at"] - session["start_at"]).total_seconds())) / _HOUR_S
    whole = {
        "start_date_time": session["start_at"],
        "dimensions": [
            {"type": "ENERGY", "volume": session["energy_kwh"] or Decimal()},
            {"type": "TIME", "volume": round(length_h, 6)},
        ],
    }
    return _ENCODER.encode(
        {
            "country_code": session["country_code"],
            "party_id": session["party_id"],
            "id": str(session["n"]),
            "start_date_time": session["start_at"],
            "end_date_time": session["end_at"],
            "currency": session["currency"] or currency,
            "charging_periods": msgspec.Raw(session["charging_periods"].encode())
            if _has_periods(session)
            else [whole],
            "total_energy": session["energy_kwh"],
            "total_time": round(length_h, 6),
        }
    )
