"""OCPI messages in each version: locations, tariffs, CDRs and sessions.

Each object is a plain dict that msgspec encodes. Numbers are written from whole units, so that no
amount passes through a float; parts that recur (places, tariffs) are encoded once.
"""

import json
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from pipelines.sandbox.charges import Bill
from pipelines.sandbox.numbers import degrees, hours, iso, kwh, money, price, rate, tax_of
from pipelines.sandbox.parties import Partner, Token
from pipelines.sandbox.places import Evse, EvseStatus, Plug, Site
from pipelines.sandbox.pricing import Period
from pipelines.sandbox.tariffs import WEEKDAYS, Component, Element, Restrictions, Tariff

Json = dict[str, Any]
Raw = msgspec.Raw
encode = msgspec.json.Encoder(decimal_format="number").encode
_TIME = {"CHARGING": "TIME", "PARKING": "PARKING_TIME", "RESERVATION": "RESERVATION_TIME"}


def owner(code: tuple[str, str], version: str = "") -> Json:
    """Return the members that say whose an object is; 2.1.1 does not say it in the object."""
    return {} if version == "2.1.1" else {"country_code": code[0], "party_id": code[1]}


def present(members: Json) -> Json:
    """Return the members that are stated: None is not."""
    return {name: value for name, value in members.items() if value is not None}


def location(
    site: Site, evses: Sequence[tuple[Evse, EvseStatus]], changed: int, version: str
) -> Json:
    """Return a location with its EVSEs (OCPI Location object)."""
    old = version == "2.1.1"
    parking = "ON_STREET" if site.kind == "AC" else "PARKING_LOT"
    written = {
        **owner(site.party.code, version),
        "id": site.id,
        **({"type": parking} if old else {"publish": True}),
        **_address(site, with_state=not old),
        "parking_type": None if old else parking,
        "evses": [_evse(one, status, version) for one, status in evses],
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


def _place_of_charge(one: Evse, version: str) -> Json:
    """Return where a charge took place: a CdrLocation, or the 2.1.1 location with one EVSE."""
    site, plug = one.site, one.plugs[0]
    if version == "2.1.1":
        free = EvseStatus("AVAILABLE", site.opened_at)
        whole = location(site, [(one, free)], site.opened_at, version)
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
        **owner((one.country_code, one.party_id), version),
        "id": one.id,
        "currency": one.currency,
        "type": None if old or one.kind == "REGULAR" else one.kind,
        "tariff_alt_text": one.text and [{"language": "en", "text": one.text}],
        **{name: one and _sides(one.net, one.gross, version) for name, one in limits.items()},
        "elements": [_element(element, old=old) for element in one.elements],
        "tax_included": one.tax_included if version == "2.3.0" else None,
        "end_date_time": None if one.end is None else iso(one.end),
        "last_updated": iso(one.last_updated),
    }
    return Raw(encode(present(written)))


def _sides(net: int, gross: int | None, version: str) -> Json:
    """Return an amount before taxes and, where it is known, after them."""
    new = version == "2.3.0"
    before, after = ("before_taxes", "after_taxes") if new else ("excl_vat", "incl_vat")
    return present({before: money(net), after: None if gross is None else money(gross)})


def _element(element: Element, *, old: bool) -> Json:
    components = [_component(one, old=old) for one in element.components]
    restrictions = _restrictions(element.restrictions) or None
    return present({"price_components": components, "restrictions": restrictions})


def _component(component: Component, *, old: bool) -> Json:
    # 2.1.1 writes prices as strings in its own examples, and so do its platforms
    stated = price(component.price)
    written = {
        "type": component.dimension,
        "price": str(stated) if old else stated,
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


def cdr(bill: Bill, partner: Partner) -> bytes:
    """Return a CDR, encoded (OCPI CDR object)."""
    version, old = partner.version, partner.version == "2.1.1"
    written = {
        **owner((bill.country_code, bill.party_id), version),
        "id": bill.cdr_id,
        "start_date_time": iso(bill.start),
        "stop_date_time" if old else "end_date_time": iso(bill.end),
        "session_id": None if old else bill.session_id,
        **_token_used(bill.token, old=old),
        "location" if old else "cdr_location": _place(bill, version),
        "meter_id": f"MTR-{bill.evse.uid}",
        "currency": bill.currency,
        "tariffs": [tariff(one, version) for one in bill.tariffs] or None,
        "charging_periods": _periods(bill, partner),
        **_totals(bill, partner),
        "remark": bill.remark,
        "signed_data": None if bill.signed_wh is None else _signed(bill.signed_wh),
        "credit": True if bill.credit_of else None,
        "credit_reference_id": bill.credit_of,
        "home_charging_compensation": True if bill.home else None,
        "last_updated": iso(bill.last_updated),
    }
    return encode(present(written))


def session(bill: Bill, partner: Partner, last_updated: int) -> bytes:
    """Return a session, encoded, ended or under way (OCPI Session object)."""
    version, old = partner.version, partner.version == "2.1.1"
    ended = bill.session_status != "ACTIVE"
    suffix = "datetime" if old else "date_time"
    cost = (bill.net, bill.gross) if bill.session_net is None else (bill.session_net, None)
    ids = {"location_id": bill.evse.site.id, "evse_uid": bill.evse.uid}
    written = {
        **owner((bill.country_code, bill.party_id), version),
        "id": bill.session_id,
        f"start_{suffix}": iso(bill.start),
        f"end_{suffix}": iso(bill.end) if ended else None,
        "kwh": kwh(bill.wh if bill.session_wh is None else bill.session_wh),
        **_token_used(bill.token, old=old),
        **({"location": _place(bill, version)} if old else ids),
        "connector_id": None if old else bill.plug.id,
        "currency": bill.currency,
        "charging_periods": _periods(bill, partner),
        "total_cost": _price(bill, partner, *cost) if ended else None,
        "status": bill.session_status,
        "last_updated": iso(last_updated),
    }
    return encode(present(written))


@lru_cache(maxsize=100_000)
def _usual_place(one: Evse, version: str) -> Raw:
    return Raw(encode(_place_of_charge(one, version)))


def _place(bill: Bill, version: str) -> Raw | Json:
    if bill.location_id is None and bill.evse_uid is None:
        return _usual_place(bill.evse, version)
    place = _place_of_charge(bill.evse, version)
    if bill.location_id is not None:
        place["id"] = bill.location_id
    if bill.evse_uid is not None and version == "2.1.1":
        place["evses"][0] |= {"uid": bill.evse_uid, "evse_id": None}
    elif bill.evse_uid is not None:
        place |= {"evse_uid": bill.evse_uid, "evse_id": None}
    return place


def _periods(bill: Bill, partner: Partner) -> list[Json]:
    old = partner.version == "2.1.1"
    names_tariffs = not old and bill.names_tariffs
    written: list[Json] = [
        {
            "start_date_time": iso(period.start),
            "dimensions": _dimensions(bill, period, partner.hour_decimals, old=old),
            **({"tariff_id": period.tariff.id} if names_tariffs else {}),
        }
        for period in bill.periods
    ]
    # A session that has just begun has no period yet.
    if written and old and any("FLAT" in one.rates for one in bill.tariffs):
        written[0]["dimensions"].insert(0, {"type": "FLAT", "volume": 1})
    return written


def _dimensions(bill: Bill, period: Period, decimals: int, *, old: bool) -> list[Json]:
    volumes: Json = {}
    if period.kind == "CHARGING":
        volumes["ENERGY"] = kwh(period.wh * bill.kwh_scale)
        if not old and not period.tariff.flat:
            volumes["MIN_POWER"] = volumes["MAX_POWER"] = kwh(period.power)
    volumes[_TIME[period.kind]] = hours(period.seconds, decimals)
    return [{"type": kind, "volume": volume} for kind, volume in volumes.items()]


def _totals(bill: Bill, partner: Partner) -> Json:
    """Return the totals and, but for 2.1.1, the parts that cost something."""
    decimals = partner.hour_decimals
    parts = {} if partner.version == "2.1.1" else bill.parts
    costs = {part: _price(bill, partner, *stated) for part, stated in parts.items()}
    return {
        "total_cost": _price(bill, partner, bill.net, bill.gross),
        "total_fixed_cost": costs.get("fixed"),
        "total_energy": kwh(bill.wh * bill.kwh_scale),
        "total_energy_cost": costs.get("energy"),
        "total_time": hours(bill.total_s, decimals),
        "total_time_cost": costs.get("time"),
        "total_parking_time": hours(bill.parking_s, decimals),
        "total_parking_cost": costs.get("parking"),
        "total_reservation_cost": costs.get("reservation"),
    }


def _price(bill: Bill, partner: Partner, net: int, gross: int | None) -> Json | Decimal:
    if partner.version == "2.1.1":
        return money(net)
    if partner.version == "2.3.0":
        return present({"before_taxes": money(net), "taxes": _taxes(bill, net, gross) or None})
    return _sides(net, gross, partner.version)


def _taxes(bill: Bill, net: int, gross: int | None) -> list[Json]:
    """Return the taxes of a 2.3.0 Price; where no rate is in the tariff, those of the place."""
    if gross is not None and bill.tariffs and bill.tariffs[0].tax_included != "YES":
        rates = {c.vat for t in bill.tariffs for e in t.elements for c in e.components}
        stated = next((vat for vat in rates if vat is not None), 0)
        amounts = [("VAT", stated, gross - net)] if stated else []
    else:
        taxes = bill.evse.site.taxes.items()
        amounts = [(name, percent, tax_of(net, percent)) for name, percent in taxes]
        if gross is not None and amounts:  # the last takes what rounding left
            name, last_rate, _ = amounts[-1]
            amounts[-1] = (name, last_rate, gross - net - sum(a for _, _, a in amounts[:-1]))
    return [
        {"name": name, "percentage": rate(percent), "amount": money(amount)}
        for name, percent, amount in amounts
    ]


def _token_used(one: Token, *, old: bool) -> Json:
    """Return the token that a charge was made with, and how it was authorised."""
    token = {"auth_id": one.uid} if old else {"cdr_token": one}
    return {**token, "auth_method": "WHITELIST" if one.kind == "RFID" else "AUTH_REQUEST"}


def _signed(wh: int) -> Json:
    """Return OCMF readings of a meter at start and end; the signature is only shaped like one."""
    values = []
    for nature, mark, reading in (("Start", "B", 1_000_000), ("End", "E", 1_000_000 + wh)):
        register = {"TX": mark, "RV": str(kwh(reading)), "RI": "1-b:1.8.0", "RU": "kWh", "ST": "G"}
        payload = json.dumps({"FV": "1.0", "GI": "sandbox", "RD": [register]})
        signed = f'OCMF|{payload}|{{"SD":"00"}}'
        values.append({"nature": nature, "plain_data": "", "signed_data": signed})
    return {
        "encoding_method": "OCMF",
        "encoding_method_version": 1,
        "public_key": "00",
        "signed_values": values,
    }
