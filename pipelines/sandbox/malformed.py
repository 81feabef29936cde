"""Malformed objects: each entry changes one decoded OCPI object as some platform writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from pipelines.sandbox.numbers import key_of

Json = dict[str, Any]
Malformation = Callable[[Json], None]
_NUMBERS = ("kwh", "total_energy", "total_time", "total_parking_time")
_STAMPS = ("last_updated", "start_date_time", "end_date_time", "stop_date_time", "start_datetime")
_VENDOR = {"AVAILABLE": "WORKING", "OUTOFORDER": "FAULTED", "CHARGING": "IN_USE"}
_VENDOR_PLUGS = {"IEC_62196_T2_COMBO": "CCS2"}
_ALPHA_2 = {"NLD": "NL", "GBR": "GB", "FIN": "FI", "PRT": "PT", "CAN": "CA"}


def _rewrite(holders: list[Json], names: tuple[str, ...], change: Callable[[Any], Any]) -> None:
    """Change the members of these names wherever they are stated."""
    for holder in holders:
        holder.update({n: change(holder[n]) for n in names if holder.get(n) is not None})


def _name(one: Json, change: Callable[[str], str]) -> None:
    one["name"] = change(str(one.get("name", "")))


def _coordinates(one: Json, change: Callable[[str], Any]) -> None:
    place = one.get("coordinates", {})
    one["coordinates"] = {name: change(value) for name, value in place.items()}


def _evses(one: Json) -> list[Json]:
    evses: list[Json] = one.get("evses", [])
    return evses


def _connectors(one: Json) -> list[Json]:
    return [connector for evse in _evses(one) for connector in evse["connectors"]]


def _components(one: Json) -> list[Json]:
    return [c for element in one.get("elements", []) for c in element["price_components"]]


def _limits(one: Json) -> list[Json]:
    return [element.get("restrictions", {}) for element in one.get("elements", [])]


def _remove(holders: list[Json], *names: str) -> None:
    for holder in holders:
        for name in names:
            holder.pop(name, None)


def _numbers_as_strings(one: Json) -> None:
    _rewrite([one], _NUMBERS, str)
    _rewrite(_components(one), ("price",), str)


def _lower_case(one: Json) -> None:
    _rewrite([one], ("party_id", "status", "auth_method", "type"), str.lower)
    _rewrite(_evses(one), ("status",), str.lower)


def _vendor_values(one: Json) -> None:
    _rewrite(_evses(one), ("status",), lambda status: _VENDOR.get(status, status))
    _rewrite(_connectors(one), ("standard",), lambda plug: _VENDOR_PLUGS.get(plug, plug))


def _swapped_coordinates(one: Json) -> None:
    if place := one.get("coordinates"):
        latitude, longitude = place["longitude"], place["latitude"]
        one["coordinates"] = {"latitude": latitude, "longitude": longitude}


def _camel_case_days(one: Json) -> None:
    for limits in _limits(one):
        if "day_of_week" in limits:
            limits["dayOfWeek"] = limits.pop("day_of_week")
        _rewrite([limits], ("start_time", "end_time"), lambda clock: f"{clock}:00")


MALFORMATIONS: Mapping[str, Malformation] = {
    "integer_id": lambda one: one.update(id=key_of(0, str(one.get("id"))) % 1_000_000_000),
    "numbers_as_strings": _numbers_as_strings,
    "empty_strings": lambda one: _rewrite([one], ("remark", "meter_id", "name"), lambda _: ""),
    "lower_case": _lower_case,
    "vendor_values": _vendor_values,  # a vendor's own words for a status and a plug
    "float_coordinates": lambda one: _coordinates(one, float),
    "comma_coordinates": lambda one: _coordinates(one, lambda v: str(v).replace(".", ",")),
    "swapped_coordinates": _swapped_coordinates,
    "zero_coordinates": lambda one: one.update(coordinates={"latitude": "0.0", "longitude": "0.0"}),
    "no_zone": lambda one: _rewrite([one], _STAMPS, lambda at: at.rstrip("Z")),
    "with_offset": lambda one: _rewrite([one], _STAMPS, lambda at: at.replace("Z", ".000+00:00")),
    "alpha_2": lambda one: _rewrite([one], ("country",), lambda code: _ALPHA_2[code]),
    "over_long": lambda one: _name(one, lambda name: (name or "x").ljust(300, "x")),
    "control_characters": lambda one: _name(one, lambda name: f"  {name}\u0007\t "),
    "mojibake": lambda one: _name(one, lambda name: f"{name} Caf\u00c3\u00a9"),
    "html": lambda one: _name(one, lambda _: "<b>=1+1</b>"),  # markup and a formula
    "no_party": lambda one: _remove([one], "country_code", "party_id"),
    "no_tariff_ids": lambda one: _remove(_connectors(one), "tariff_ids", "tariff_id"),
    "camel_case_days": _camel_case_days,  # and times with seconds
    "unknown_zone": lambda one: _rewrite([one], ("time_zone",), lambda _: "Europe/Atlantis"),
    # kilowatts taken for watts
    "absurd_power": lambda one: _rewrite(
        _connectors(one), ("max_electric_power",), lambda watt: watt * 1000
    ),
    # of these nothing is left to repair: the object is refused, the rest of the page kept
    "no_id": lambda one: _remove([one], "id", "uid"),
    "null_times": lambda one: _rewrite([one], _STAMPS, lambda _: None),
    "evse_without_uid": lambda one: _rewrite(_evses(one)[:1], ("uid",), lambda _: None),
}


def malformed(encoded: bytes, data: Mapping[str, int]) -> bytes:
    """Return an object with the malformations whose turn it is; most objects have none.

    `data`: malformation → every so manyth object, by the object's own content.
    """
    drawn = key_of(0, encoded[:480].decode(errors="ignore")[:120])
    due = [name for name, every in data.items() if (drawn + key_of(1, name)) % every == 0]
    if not due:
        return encoded
    one = msgspec.json.decode(encoded)  # its numbers are short enough to survive a float unchanged
    for name in due:
        MALFORMATIONS[name](one)
    return msgspec.json.encode(one)
