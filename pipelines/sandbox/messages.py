"""OCPI messages about charges in each version: CDRs, sessions, tokens, invoices.

Each object is a plain dict that msgspec encodes. Numbers are written from whole units, so that no
amount passes through a float; parts that recur (places, tariffs, tokens) are encoded once.
"""

import json
from functools import lru_cache

import msgspec

from pipelines.sandbox.charges import Bill
from pipelines.sandbox.messages_published import (
    Json,
    Raw,
    encode,
    owner,
    place_of_charge,
    present,
    tariff,
)
from pipelines.sandbox.numbers import hours, iso, kwh, money, rate
from pipelines.sandbox.parties import EMSP_NAME, Partner, Token
from pipelines.sandbox.places import Evse
from pipelines.sandbox.pricing import Period

_TIME = {"CHARGING": "TIME", "PARKING": "PARKING_TIME", "RESERVATION": "RESERVATION_TIME"}
_TRUE = Raw(b"true")


def cdr(bill: Bill, partner: Partner) -> bytes:
    """Return a CDR, encoded (OCPI CDR object)."""
    version, old = partner.version, partner.version == "2.1.1"
    written = {
        **({} if old else owner((bill.country_code, bill.party_id))),
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
        "credit": _TRUE if bill.credit_of else None,
        "credit_reference_id": bill.credit_of,
        "home_charging_compensation": _TRUE if bill.home else None,
        "last_updated": iso(bill.last_updated),
    }
    return encode(present(written))


def session(bill: Bill, partner: Partner, last_updated: int) -> bytes:
    """Return a session, encoded, ended or under way (OCPI Session object)."""
    old, ended = partner.version == "2.1.1", bill.session_status != "ACTIVE"
    suffix = "datetime" if old else "date_time"
    cost = (bill.net, bill.gross) if bill.session_net is None else (bill.session_net, None)
    ids = {"location_id": bill.evse.site.id, "evse_uid": bill.evse.uid}
    written = {
        **({} if old else owner((bill.country_code, bill.party_id))),
        "id": bill.session_id,
        f"start_{suffix}": iso(bill.start),
        f"end_{suffix}": iso(bill.end) if ended else None,
        "kwh": kwh(bill.wh if bill.session_wh is None else bill.session_wh),
        **_token_used(bill.token, old=old),
        **({"location": _place(bill, partner.version)} if old else ids),
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
    return Raw(encode(place_of_charge(one, version)))


def _place(bill: Bill, version: str) -> Raw | Json:
    if bill.location_id is None and bill.evse_uid is None:
        return _usual_place(bill.evse, version)
    place = place_of_charge(bill.evse, version)
    if bill.location_id is not None:
        place["id"] = bill.location_id
    if bill.evse_uid is not None and version == "2.1.1":
        place["evses"][0] |= {"uid": bill.evse_uid, "evse_id": None}
    elif bill.evse_uid is not None:
        place |= {"evse_uid": bill.evse_uid, "evse_id": None}
    return place


def _periods(bill: Bill, partner: Partner) -> list[Json]:
    decimals, old = partner.hour_decimals, partner.version == "2.1.1"
    written: list[Json] = []
    for period in bill.periods:
        one = {
            "start_date_time": iso(period.start),
            "dimensions": _dimensions(bill, period, decimals, old=old),
        }
        if not old and bill.names_tariffs:
            one["tariff_id"] = period.tariff.id
        written.append(one)
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


def _price(bill: Bill, partner: Partner, net: int, gross: int | None) -> Json | Raw:
    if partner.version == "2.1.1":
        return money(net)
    if partner.version == "2.3.0":
        taxes = _taxes(bill, net, gross) or None
        return present({"before_taxes": money(net), "taxes": taxes})
    return present({"excl_vat": money(net), "incl_vat": None if gross is None else money(gross)})


def _taxes(bill: Bill, net: int, gross: int | None) -> list[Json]:
    """Return the taxes of a 2.3.0 Price; where no rate is in the tariff, those of the place."""
    if gross is not None and bill.tariffs and bill.tariffs[0].tax_included != "YES":
        rates = {c.vat for t in bill.tariffs for e in t.elements for c in e.components}
        stated = next((vat for vat in rates if vat is not None), 0)
        amounts = [("VAT", stated, gross - net)] if stated else []
    else:
        amounts = [
            (name, percent, (2 * net * percent + 100_000) // 200_000)
            for name, percent in bill.evse.site.taxes.items()
        ]
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
        value = bytes(kwh(reading)).decode()
        register = {"TX": mark, "RV": value, "RI": "1-b:1.8.0", "RU": "kWh", "ST": "G"}
        payload = json.dumps({"FV": "1.0", "GI": "sandbox", "RD": [register]})
        signed = f'OCMF|{payload}|{{"SD":"00"}}'
        values.append({"nature": nature, "plain_data": "", "signed_data": signed})
    return {
        "encoding_method": "OCMF",
        "encoding_method_version": 1,
        "public_key": "00",
        "signed_values": values,
    }


def token(one: Token, last_updated: int, *, valid: bool) -> bytes:
    """Return one of our tokens, encoded (OCPI mod_tokens, Token object)."""
    return encode(
        {
            **msgspec.to_builtins(one),
            "issuer": EMSP_NAME,
            "valid": valid,
            "whitelist": "ALLOWED" if valid else "NEVER",
            "last_updated": iso(last_updated),
        }
    )
