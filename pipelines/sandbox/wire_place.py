"""Writes locations in each version of OCPI."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from pipelines.sandbox.clock import iso
from pipelines.sandbox.numbers import degrees
from pipelines.sandbox.places import Evse, Plug, Site
from pipelines.sandbox.standing import Standing

Json = dict[str, Any]


def location(site: Site, evses: Iterable[tuple[Evse, Standing]], version: str) -> Json:
    """A location with its EVSEs (OCPI mod_locations, Location object)."""
    listed = list(evses)
    old = version == "2.1.1"
    head: Json = {} if old else _owner(site)
    if old:
        head |= {"id": site.id, "type": "ON_STREET" if site.kind == "AC" else "PARKING_LOT"}
    else:
        head |= {"id": site.id, "publish": True}
    last_updated = max((standing.since for _, standing in listed), default=site.opened_at)
    body: Json = {
        "name": site.name,
        "address": site.address,
        "city": site.city.name,
        "postal_code": site.city.postal_code,
        **({"state": site.city.state} if site.city.state and not old else {}),
        "country": site.party.country.alpha3,
        "coordinates": coordinates(site),
        **({} if old else {"parking_type": "ON_STREET" if site.kind == "AC" else "PARKING_LOT"}),
        "evses": [evse(one, standing, version) for one, standing in listed],
        "operator": {"name": site.party.name},
        "time_zone": site.zone,
        "opening_times": {"twentyfourseven": True},
        **({"help_phone": "+000000000"} if version == "2.3.0" else {}),
        "last_updated": iso(max(last_updated, site.opened_at)),
    }
    return head | body


def _owner(site: Site) -> Json:
    country_code, party_id = site.party.code
    return {"country_code": country_code, "party_id": party_id}


def coordinates(site: Site) -> Json:
    """A GeoLocation: strings, as the spec wants."""
    return {"latitude": degrees(site.latitude), "longitude": degrees(site.longitude)}


def evse(one: Evse, standing: Standing, version: str) -> Json:
    """An EVSE (OCPI mod_locations, EVSE object)."""
    return {
        "uid": one.uid,
        "evse_id": one.evse_id,
        "status": standing.status,
        "capabilities": ["RFID_READER", "REMOTE_START_STOP_CAPABLE"],
        "connectors": [connector(one, plug, version) for plug in one.plugs],
        "physical_reference": one.uid[-3:],
        "last_updated": iso(max(standing.since, one.site.opened_at)),
    }


def connector(one: Evse, plug: Plug, version: str) -> Json:
    """A connector (OCPI mod_locations, Connector object)."""
    head: Json = {
        "id": plug.id,
        "standard": plug.standard,
        "format": plug.format,
        "power_type": plug.power_type,
    }
    opened = iso(one.site.opened_at)
    if version == "2.1.1":
        return head | {
            "voltage": plug.volt,
            "amperage": plug.ampere,
            "tariff_id": one.tariff_ids[0],
            "last_updated": opened,
        }
    return head | {
        "max_voltage": plug.volt,
        "max_amperage": plug.ampere,
        "max_electric_power": plug.watt,
        "tariff_ids": list(one.tariff_ids),
        "last_updated": opened,
    }


@lru_cache(maxsize=100_000)
def place_of_charge(one: Evse, version: str) -> Json:
    """Where a charge took place: the 2.2 CdrLocation, or the 2.1.1 location with one EVSE."""
    site = one.site
    if version == "2.1.1":
        used = Standing("AVAILABLE", site.opened_at)
        whole = location(site, [(one, used)], version)
        whole["evses"][0]["connectors"] = whole["evses"][0]["connectors"][:1]
        return whole
    plug = one.plugs[0]
    return {
        "id": site.id,
        "name": site.name,
        "address": site.address,
        "city": site.city.name,
        "postal_code": site.city.postal_code,
        **({"state": site.city.state} if site.city.state else {}),
        "country": site.party.country.alpha3,
        "coordinates": coordinates(site),
        "evse_uid": one.uid,
        "evse_id": one.evse_id,
        "connector_id": plug.id,
        "connector_standard": plug.standard,
        "connector_format": plug.format,
        "connector_power_type": plug.power_type,
    }
