"""The lines of a simulated price in words, each in its own unit."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl

from dashboards.format import UNKNOWN, number, price

_UNITS: Final = {"ENERGY": "kWh", "TIME": "h", "PARKING_TIME": "h", "RESERVATION_TIME": "h"}
_NAMES: Final = {
    "ENERGY": "Energy",
    "TIME": "Charging time",
    "PARKING_TIME": "Parking",
    "FLAT": "Fixed fee",
    "RESERVATION_TIME": "Reservation",
    "LIMIT": "Lowest or highest price",
    "ROUNDING": "Rounding of the total",
}


def local_time(at: datetime, zone: str | None) -> str:
    """Return a timestamp in a zone, to the minute; None: in UTC."""
    return f"{at.astimezone(ZoneInfo(zone or 'UTC')):%Y-%m-%d %H:%M}"


def price_lines(lines: pl.DataFrame, zone: str | None) -> pl.DataFrame:
    """Return the lines, quantities and prices in words: their units differ from line to line."""
    rows = [
        {
            "start": None if row["start_at"] is None else local_time(row["start_at"], zone),
            "what": _NAMES[row["dimension"]],
            "billed": _quantity(row["billed_quantity"], row["dimension"]),
            "unit_price": _price(row),
            "unrounded_excl_vat": row["amount_excl_vat"],
            "vat": _rate(row),
            "unrounded_incl_vat": row["amount_incl_vat"],
            "measured": _quantity(row["quantity"], row["dimension"]),
            "tariff_id": row["tariff_id"],
            "element": None if row["element_index"] is None else str(row["element_index"] + 1),
            "currency": row["currency"],
        }
        for row in lines.iter_rows(named=True)
    ]
    money_type = lines.schema["amount_excl_vat"]
    amounts = {"unrounded_excl_vat": money_type, "unrounded_incl_vat": money_type}
    # Named, so that one without any text is a column of texts, too: nothing applies there.
    texts = dict.fromkeys(
        ("start", "measured", "billed", "unit_price", "vat", "element"), pl.String()
    )
    return pl.DataFrame(rows, schema_overrides={**amounts, **texts})


def _quantity(value: Decimal | None, dimension: str) -> str | None:
    if value is None or dimension == "FLAT":
        return None
    return number(value, digits=3, unit=_UNITS.get(dimension, ""))


def _rate(row: dict[str, Any]) -> str | None:
    """Return the rate of tax; what the total is rounded by has none of its own."""
    if row["vat_rate"] is None:
        return None if row["dimension"] == "ROUNDING" else UNKNOWN
    return f"{row['vat_rate'].normalize():f} %"


def _price(row: dict[str, Any]) -> str | None:
    if row["unit_price"] is None:
        return None
    unit = _UNITS.get(row["dimension"])
    return price(row["unit_price"], row["currency"]) + (f" / {unit}" if unit else "")
