"""Values of places: coordinates, power, opening times, EVSE ids.

OCPI GeoLocation, Connector, Hours, eMI3 EVSE id.
"""

import re
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from models.ocpi.issues import Issues
from models.ocpi.json.canonical import content_text
from models.ocpi.values.countries import lies_within
from models.ocpi.values.numbers import as_decimal, read_decimal
from models.ocpi.values.timestamps import read_time

_NOWHERE: tuple[None, None] = (None, None)
_LIMITS = {"latitude": 10, "longitude": 11}


def read_coordinates(
    value: Any, country: str | None, path: str, issues: Issues
) -> tuple[float | None, float | None]:
    """Degrees north and east; None, None where they are absent or impossible.

    Swapped coordinates are put right only where the country (alpha-3, where known) decides it:
    outside as sent, inside when swapped. Coordinates outside the country are noted and kept.
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


# Beyond the largest megawatt connector in service, and below any socket for a car: whoever says
# so has mistaken the unit (7,360,000 W for 7.36 kW, 22 W for 22 kW).
MOST_W = Decimal(1_500_000)
LEAST_W = Decimal(100)
_PHASES = {"AC_1_PHASE": 1, "AC_2_PHASE": 2, "AC_2_PHASE_SPLIT": 2, "AC_3_PHASE": 3, "DC": 1}
_SQRT_3 = Decimal("1.7320508")
# `max_voltage` is line to neutral by the spec: 120 to 277 V on AC. Above that it is line to line
# (400 V, 480 V), which is the square root of three times as much, or twice on a split phase.
_LINE_TO_LINE_V = 300
_SPLIT_LINE_TO_LINE_V = 200
_WATT = Decimal("0.001")


def power_kw(
    power_type: str | None,
    voltage_v: int | None,
    amperage_a: int | None,
    stated_w: int | None,
    path: str,
    issues: Issues,
) -> Decimal | None:
    """Kilowatts: as stated, else voltage times amperage times phases; None: unknown or absurd.

    Volts are line to neutral by the spec, line to line by some partners; `stated_w` are the watts
    of `max_electric_power`. An absurd result is a deviation of the connector at `path`.
    """
    if stated_w is not None:
        watts, at = Decimal(stated_w), "max_electric_power"
    else:
        computed = _computed_w(power_type, voltage_v, amperage_a)
        if computed is None:
            return None
        watts, at = computed, "max_amperage"
    if not LEAST_W <= watts <= MOST_W:
        issues.add_deviation(path + at, "unusable", watts)
        return None
    return (watts / 1000).quantize(_WATT, rounding=ROUND_HALF_EVEN)


def _computed_w(
    power_type: str | None, voltage_v: int | None, amperage_a: int | None
) -> Decimal | None:
    phases = _PHASES.get(power_type or "")
    if phases is None or voltage_v is None or amperage_a is None:
        return None
    watts = Decimal(voltage_v) * amperage_a * phases
    if power_type == "AC_3_PHASE" and voltage_v > _LINE_TO_LINE_V:
        watts /= _SQRT_3
    elif power_type == "AC_2_PHASE_SPLIT" and voltage_v > _SPLIT_LINE_TO_LINE_V:
        watts /= 2
    return watts


_SEPARATORS = re.compile(r"[*\-\s]")
_EMI3 = re.compile(r"[A-Z]{2}[A-Z0-9]{3}E[A-Z0-9]{1,41}")


def canonical_evse(
    evse_id: str | None, *, partner: str, country_code: str, party_id: str, uid: str
) -> str:
    """Return the EVSE id in upper case without separators; without one partner, party and uid."""
    compact = _SEPARATORS.sub("", evse_id or "").upper()
    if _EMI3.fullmatch(compact):
        return compact
    return f"{partner}/{country_code}/{party_id}/{uid}"


def read_opening_times(sent: Any, issues: Issues) -> str | None:
    """Return the opening times, times as HH:MM, weekdays as numbers; None: nothing stated."""
    if not isinstance(sent, dict):
        issues.add_deviation("opening_times", "unusable", sent)
        return None
    hours = dict(sent)
    regular = sent.get("regular_hours")
    if isinstance(regular, list):
        hours["regular_hours"] = [
            _regular(item, f"opening_times.regular_hours[{i}]", issues)
            for i, item in enumerate(regular)
        ]
    return content_text(hours)


def _regular(sent: Any, path: str, issues: Issues) -> Any:
    if not isinstance(sent, dict):
        return sent
    hours = dict(sent)
    for name, is_end in (("period_begin", False), ("period_end", True)):
        time = read_time(sent.get(name), f"{path}.{name}", issues, is_end=is_end)
        hours[name] = time if time is not None else sent.get(name)
    if isinstance(sent.get("weekday"), str):
        hours["weekday"] = read_decimal(sent["weekday"], f"{path}.weekday", issues)
    return hours
