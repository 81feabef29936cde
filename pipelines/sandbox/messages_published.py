"""OCPI messages about the network in each version: locations with their EVSEs, and tariffs.

Each object is a plain dict that msgspec encodes; numbers are written from whole units.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from pipelines.sandbox.numbers import degrees, iso, kwh, money, price, rate
from pipelines.sandbox.places import Evse, EvseStatus, Plug, Site
from pipelines.sandbox.tariffs import WEEKDAYS, Component, Element, Limit, Restrictions, Tariff

Json = dict[str, Any]
Raw = msgspec.Raw
encode = msgspec.json.Encoder().encode


def owner(code: tuple[str, str]) -> Json:
    """Return the members that say whose an object is."""
    return {"country_code": code[0], "party_id": code[1]}


def envelope(objects: Sequence[bytes], shape: str, module: str, timestamp: str) -> bytes:
    """Return the body of a list: an OCPI envelope, or what stands for one."""
    listed = [Raw(one) for one in objects]
    if shape == "bare":
        return encode(listed)
    shapes: Json = {
        "keyed": {module: listed},
        "nested": {"data": {module: listed}},
        "items": {"items": listed, "next": None},
        "null": {"data": listed or None},
        "absent": {"data": listed} if listed else {},
        "object": {"data": listed[0] if len(listed) == 1 else listed},
    }
    status = {"status_code": 1000, "status_message": "Success", "timestamp": timestamp}
    return encode(shapes.get(shape, {"data": listed}) | status)


def location(site: Site, evses: Iterable[tuple[Evse, EvseStatus]], version: str) -> Json:
    """Return a location with its EVSEs (OCPI Location object)."""
    listed = list(evses)
    old = version == "2.1.1"
    parking = "ON_STREET" if site.kind == "AC" else "PARKING_LOT"
    changed = max([site.opened_at, *(status.since for _, status in listed)])
    written = {
        **({} if old else owner(site.party.code)),
        "id": site.id,
        **({"type": parking} if old else {"publish": True}),
        **_address(site, with_state=not old),
        "parking_type": None if old else parking,
        "evses": [_evse(one, status, version) for one, status in listed],
        "operator": {"name": site.party.name},
        "time_zone": site.zone,
        "opening_times": {"twentyfourseven": True},
        "help_phone": "+000000000" if version == "2.3.0" else None,
        "last_updated": iso(changed),
    }
    return present(written)


def _address(site: Site, *, with_state: bool) -> Json:
    return {
        "name": site.name,
        "address": site.address,
        "city": site.city.name,
        "postal_code": site.city.postal_code,
        "state": site.city.state if with_state else None,
        "country": site.party.country.alpha3,
        "coordinates": {"latitude": degrees(site.latitude), "longitude": degrees(site.longitude)},
    }


def _evse(one: Evse, status: EvseStatus, version: str) -> Json:
    return {
        "uid": one.uid,
        "evse_id": one.evse_id,
        "status": status.status,
        "capabilities": ["RFID_READER", "REMOTE_START_STOP_CAPABLE"],
        "connectors": [_connector(one, plug, old=version == "2.1.1") for plug in one.plugs],
        "physical_reference": one.uid[-3:],
        "last_updated": iso(max(status.since, one.site.opened_at)),
    }


def _connector(one: Evse, plug: Plug, *, old: bool) -> Json:
    power: Json = {
        "max_voltage": plug.volt,
        "max_amperage": plug.ampere,
        "max_electric_power": plug.watt,
        "tariff_ids": one.tariff_ids,
    }
    if old:
        power = {"voltage": plug.volt, "amperage": plug.ampere, "tariff_id": one.tariff_ids[0]}
    return {
        "id": plug.id,
        "standard": plug.standard,
        "format": plug.format,
        "power_type": plug.power_type,
        **power,
        "last_updated": iso(one.site.opened_at),
    }


def place_of_charge(one: Evse, version: str) -> Json:
    """Return where a charge took place: a CdrLocation, or the 2.1.1 location with one EVSE."""
    site, plug = one.site, one.plugs[0]
    if version == "2.1.1":
        whole = location(site, [(one, EvseStatus("AVAILABLE", site.opened_at))], version)
        whole["evses"][0]["connectors"] = whole["evses"][0]["connectors"][:1]
        return whole
    written = {
        "id": site.id,
        **_address(site, with_state=True),
        "evse_uid": one.uid,
        "evse_id": one.evse_id,
        "connector_id": plug.id,
        "connector_standard": plug.standard,
        "connector_format": plug.format,
        "connector_power_type": plug.power_type,
    }
    return present(written)


@lru_cache(maxsize=20_000)
def tariff(one: Tariff, version: str) -> Raw:
    """Return a tariff as its party publishes and embeds it (OCPI Tariff object)."""
    old = version == "2.1.1"
    limits = {"min_price": one.min_price, "max_price": one.max_price}
    written = {
        **({} if old else owner((one.country_code, one.party_id))),
        "id": one.id,
        "currency": one.currency,
        "type": None if old or one.kind == "REGULAR" else one.kind,
        "tariff_alt_text": one.text and [{"language": "en", "text": one.text}],
        **{name: limit and _limit(limit, version) for name, limit in limits.items()},
        "elements": [_element(element, old=old) for element in one.elements],
        "tax_included": one.tax_included if version == "2.3.0" else None,
        "end_date_time": None if one.end is None else iso(one.end),
        "last_updated": iso(one.last_updated),
    }
    return Raw(encode(present(written)))


def present(members: Json) -> Json:
    """Return the members that are stated: None is not."""
    return {name: value for name, value in members.items() if value is not None}


def _limit(limit: Limit, version: str) -> Json:
    net, gross = ("before_taxes", "after_taxes") if version == "2.3.0" else ("excl_vat", "incl_vat")
    after = None if limit.gross is None else money(limit.gross)
    return present({net: money(limit.net), gross: after})


def _element(element: Element, *, old: bool) -> Json:
    components = [_component(one, old=old) for one in element.components]
    restrictions = _restrictions(element.restrictions) or None
    return present({"price_components": components, "restrictions": restrictions})


def _component(component: Component, *, old: bool) -> Json:
    # 2.1.1 writes prices as strings in its own examples, and so do its platforms
    stated = price(component.price)
    written = {
        "type": component.dimension,
        "price": bytes(stated).decode() if old else stated,
        "vat": None if old or component.vat is None else rate(component.vat),
        "step_size": component.step,
    }
    return present(written)


def _restrictions(limits: Restrictions) -> Json:
    thousandths = ("min_wh", "max_wh", "min_power", "max_power")
    stated: Json = {
        name.replace("wh", "kwh"): kwh(value) if name in thousandths else value
        for name, value in present(vars(limits)).items()
        if name not in ("weekdays", "reservation")
    }
    for name in ("start_time", "end_time"):
        if name in stated:
            stated[name] = f"{stated[name] // 60:02d}:{stated[name] % 60:02d}"
    days = [WEEKDAYS[day] for day in limits.weekdays]
    return present({**stated, "day_of_week": days or None, "reservation": limits.reservation})
