"""Coordinates as texts, floats, swapped, impossible (OCPI GeoLocation)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from models.ocpi.issues import Issues
from models.ocpi.values.countries import lies_within
from models.ocpi.values.numbers import as_decimal

_NOWHERE: tuple[None, None] = (None, None)
_LIMITS = {"latitude": 10, "longitude": 11}


def read_coordinates(
    value: Any, country: str | None, path: str, issues: Issues
) -> tuple[float | None, float | None]:
    """Degrees north and east; None, None where they are absent or impossible.

    Swapped coordinates are put right only where the country decides it: outside as sent, inside
    when swapped. Coordinates outside the country are noted and kept.

    Args:
        value: the JSON value of `coordinates`, not null.
        country: alpha-3 code of the place's country, where known.
        path: where it stands.
        issues: takes deviations.
    """
    if not isinstance(value, dict):
        issues.add_deviation(path, "unusable", value)
        return _NOWHERE
    latitude = _degrees(value, "latitude", path, issues)
    longitude = _degrees(value, "longitude", path, issues)
    if latitude is None or longitude is None:
        return _NOWHERE
    if latitude == 0 and longitude == 0:
        issues.add_deviation(path, "unusable", value)
        return _NOWHERE
    return _placed(float(latitude), float(longitude), country, value, path, issues)


def _placed(
    latitude: float, longitude: float, country: str | None, sent: Any, path: str, issues: Issues
) -> tuple[float | None, float | None]:
    possible = abs(latitude) <= 90 and abs(longitude) <= 180
    at_home = lies_within(country, latitude, longitude) if country else None
    if possible and at_home in (True, None):
        return latitude, longitude
    if country and lies_within(country, longitude, latitude):
        swapped = {"latitude": str(longitude), "longitude": str(latitude)}
        issues.add_deviation(path, "normalised", sent, swapped)
        return longitude, latitude
    issues.add_deviation(path, "unusable", sent, sent if possible else None)
    return (latitude, longitude) if possible else _NOWHERE


def _degrees(value: dict[str, Any], name: str, path: str, issues: Issues) -> Decimal | None:
    sent = value.get(name)
    at = f"{path}.{name}"
    if sent is None:
        issues.add_deviation(at, "absent")
        return None
    degrees = as_decimal(sent)
    if degrees is None or degrees.adjusted() > 3:
        issues.add_deviation(at, "empty" if sent == "" else "unusable", sent)
        return None
    if not isinstance(sent, str):
        issues.add_deviation(at, "coerced", sent, str(sent))
    elif "," in sent or sent != sent.strip():
        issues.add_deviation(at, "normalised", sent, str(degrees))
    elif len(sent) > _LIMITS[name]:
        issues.add_deviation(at, "too_long", sent, sent)
    return degrees
