"""Signed meter data (OCPI mod_cdrs SignedData, OCMF): how much energy the meter vouches for.

Only the readings are read; whether the signature is right is for the driver's own software.
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any

_KWH_IN = {"KWH": Decimal(1), "WH": Decimal("0.001")}
_BEGIN, _END = "B", ("E", "L", "R", "A", "P")


def signed_kwh(signed_data: str) -> Decimal | None:
    """Return the energy between the first and the last signed reading.

    `signed_data`: OCPI SignedData object as JSON.

    Returns:
        kWh; None: not OCMF, or without both readings.
    """
    try:
        stated = json.loads(signed_data)
        values = [value["signed_data"] for value in stated["signed_values"]]
        readings = [reading for value in values for reading in _readings(value)]
        first = [kwh for mark, kwh in readings if mark == _BEGIN]
        last = [kwh for mark, kwh in readings if mark in _END]
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        return None
    return last[-1] - first[0] if first and last else None


def _readings(ocmf: str) -> list[tuple[str, Decimal]]:
    """Mark and kWh of each reading in one `OCMF|{…}|{…}` text."""
    head, payload, *_ = ocmf.split("|")
    if head.strip().upper() != "OCMF":
        return []
    found: list[tuple[str, Decimal]] = []
    document: dict[str, Any] = json.loads(payload, parse_float=Decimal)
    for reading in document["RD"]:
        factor = _KWH_IN.get(str(reading.get("RU", "kWh")).upper())
        if factor is None:
            continue
        try:
            value = Decimal(str(reading["RV"]))
        except InvalidOperation as error:
            raise ValueError("a reading that is no number") from error
        found.append((str(reading.get("TX", "")), value * factor))
    return found
