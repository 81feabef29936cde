"""Odd objects: each function spoils one OCPI object the way some platform does.

An oddity changes a decoded object in place. Those in `FATAL` leave nothing that could be repaired:
a pipeline has to refuse the object and keep the rest of the page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pipelines.sandbox.chance import key_of

Json = dict[str, Any]
Oddity = Callable[[Json], None]
_TIMES = ("last_updated", "start_date_time", "end_date_time", "stop_date_time", "start_datetime")
_VENDOR = {"AVAILABLE": "WORKING", "OUTOFORDER": "FAULTED", "CHARGING": "IN_USE"}


def integer_id(one: Json) -> None:
    """A whole number where a string belongs."""
    one["id"] = key_of(0, str(one.get("id"))) % 1_000_000_000


def numbers_as_strings(one: Json) -> None:
    """Numbers in quotes."""
    for name in ("kwh", "total_energy", "total_time", "total_parking_time"):
        if isinstance(one.get(name), int | float):
            one[name] = f"{one[name]}"
    for component in _components(one):
        component["price"] = str(component["price"])


def empty_strings(one: Json) -> None:
    """Empty strings where nothing is meant."""
    one.update({name: "" for name in ("remark", "meter_id", "name") if name in one})


def lower_case(one: Json) -> None:
    """Enum values and the party in lower case."""
    for name in ("party_id", "status", "auth_method", "type"):
        if isinstance(one.get(name), str):
            one[name] = one[name].lower()
    for evse in one.get("evses", []):
        evse["status"] = evse["status"].lower()


def vendor_values(one: Json) -> None:
    """A vendor's own words for a status and a plug."""
    for evse in one.get("evses", []):
        evse["status"] = _VENDOR.get(evse["status"], evse["status"])
        for connector in evse["connectors"]:
            if connector["standard"] == "IEC_62196_T2_COMBO":
                connector["standard"] = "CCS2"


def float_coordinates(one: Json) -> None:
    """Coordinates as numbers."""
    place = one.get("coordinates", {})
    one["coordinates"] = {name: float(value) for name, value in place.items()}


def comma_coordinates(one: Json) -> None:
    """Coordinates with a decimal comma."""
    place = one.get("coordinates", {})
    one["coordinates"] = {name: str(value).replace(".", ",") for name, value in place.items()}


def swapped_coordinates(one: Json) -> None:
    """Latitude and longitude changed about."""
    place = one.get("coordinates", {})
    if place:
        one["coordinates"] = {
            "latitude": place["longitude"],
            "longitude": place["latitude"],
        }


def zero_coordinates(one: Json) -> None:
    """A place in the Gulf of Guinea."""
    one["coordinates"] = {"latitude": "0.0", "longitude": "0.0"}


def no_zone(one: Json) -> None:
    """Timestamps without Z."""
    for holder, name in _stamps(one):
        holder[name] = holder[name].rstrip("Z")


def with_offset(one: Json) -> None:
    """Timestamps with an offset and fractions."""
    for holder, name in _stamps(one):
        holder[name] = holder[name].replace("Z", ".000+00:00")


def alpha_2(one: Json) -> None:
    """A two-letter country where three letters belong."""
    if "country" in one:
        one["country"] = {"NLD": "NL", "GBR": "GB", "FIN": "FI", "PRT": "PT", "CAN": "CA"}[
            one["country"]
        ]


def over_long(one: Json) -> None:
    """A name of three hundred characters."""
    one["name"] = str(one.get("name", "x")).ljust(300, "x")


def control_characters(one: Json) -> None:
    """Control characters and spaces around a name."""
    one["name"] = f"  {one.get('name', '')}\u0007\t "


def mojibake(one: Json) -> None:
    """A name that was decoded wrongly, twice."""
    one["name"] = f"{one.get('name', '')} Caf\u00c3\u00a9"


def html(one: Json) -> None:
    """Markup and a formula in texts that people read."""
    one["name"] = "<b>=1+1</b>"


def no_party(one: Json) -> None:
    """No owner: it is the partner's own, if that is one party."""
    one.pop("country_code", None)
    one.pop("party_id", None)


def no_tariff_ids(one: Json) -> None:
    """Connectors that name no tariff."""
    for evse in one.get("evses", []):
        for connector in evse["connectors"]:
            connector.pop("tariff_ids", None)
            connector.pop("tariff_id", None)


def camel_case_days(one: Json) -> None:
    """`dayOfWeek` for `day_of_week`, and times with seconds."""
    for element in one.get("elements", []):
        limits = element.get("restrictions", {})
        if "day_of_week" in limits:
            limits["dayOfWeek"] = limits.pop("day_of_week")
        for name in ("start_time", "end_time"):
            if name in limits:
                limits[name] += ":00"


def unknown_zone(one: Json) -> None:
    """A time zone that does not exist."""
    if "time_zone" in one:
        one["time_zone"] = "Europe/Atlantis"


def absurd_power(one: Json) -> None:
    """Kilowatts taken for watts, a thousand times too much."""
    for evse in one.get("evses", []):
        for connector in evse["connectors"]:
            if "max_electric_power" in connector:
                connector["max_electric_power"] *= 1000


def no_id(one: Json) -> None:
    """No id at all."""
    one.pop("id", None)
    one.pop("uid", None)


def null_times(one: Json) -> None:
    """Nulls where times are required."""
    for name in _TIMES:
        if name in one:
            one[name] = None


def evse_without_uid(one: Json) -> None:
    """One EVSE of a good location without its uid."""
    for evse in one.get("evses", [])[:1]:
        evse["uid"] = None


def _components(one: Json) -> Iterator[Json]:
    for element in one.get("elements", []):
        yield from element["price_components"]


def _stamps(one: Json) -> Iterator[tuple[Json, str]]:
    for name in _TIMES:
        if isinstance(one.get(name), str):
            yield one, name


ODDITIES: Mapping[str, Oddity] = {
    oddity.__name__: oddity
    for oddity in (
        integer_id, numbers_as_strings, empty_strings, lower_case, vendor_values,
        float_coordinates, comma_coordinates, swapped_coordinates, zero_coordinates, no_zone,
        with_offset, alpha_2, over_long, control_characters, mojibake, html, no_party,
        no_tariff_ids, camel_case_days, unknown_zone, absurd_power, no_id, null_times,
        evse_without_uid,
    )
}  # fmt: skip
FATAL = frozenset({"no_id", "null_times", "evse_without_uid"})


def spoiled(text: str, data: Mapping[str, int]) -> str:
    """An object as written, with the oddities whose turn it is; most objects have none.

    Args:
        text: the object as JSON.
        data: oddity → every so manyth object, by the object's own content.
    """
    drawn = key_of(0, text[:120])
    due = [name for name, every in data.items() if (drawn + key_of(1, name)) % every == 0]
    if not due:
        return text
    one = json.loads(text)  # its numbers are short enough to survive a float unchanged
    for name in due:
        ODDITIES[name](one)
    return json.dumps(one, ensure_ascii=False, separators=(",", ":"))
