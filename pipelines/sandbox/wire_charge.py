"""Writes CDRs and sessions in each version of OCPI, with as little work for each as can be."""

from __future__ import annotations

import json
from functools import lru_cache

from pipelines.sandbox.bill import Bill
from pipelines.sandbox.billing import PARTS
from pipelines.sandbox.cast import EMSP, Partner
from pipelines.sandbox.clock import iso
from pipelines.sandbox.numbers import hours, kwh, money, rate
from pipelines.sandbox.places import Evse
from pipelines.sandbox.shapes import Component, Tariff
from pipelines.sandbox.timeline import Period
from pipelines.sandbox.tokens import Token
from pipelines.sandbox.wire_place import place_of_charge
from pipelines.sandbox.wire_tariff import tariff_json

_TIME = {"CHARGING": "TIME", "PARKING": "PARKING_TIME", "RESERVATION": "RESERVATION_TIME"}


def cdr(bill: Bill, partner: Partner) -> str:
    """A CDR (OCPI mod_cdrs, CDR object)."""
    if partner.version == "2.1.1":
        return _old_cdr(bill, partner)
    tariffs = ",".join([tariff_json(tariff, partner.version) for tariff in bill.tariffs])
    tail = _tail(bill, partner)
    session = f'"session_id":"{bill.session_id}",' if bill.session_id else ""
    return (
        f'{{"country_code":"{bill.country_code}","party_id":"{bill.party_id}",'
        f'"id":"{bill.cdr_id}","start_date_time":"{iso(bill.start)}",'
        f'"end_date_time":"{iso(bill.end)}",{session}"cdr_token":{_token(bill.token)},'
        f'"auth_method":"{_auth(bill.token)}","cdr_location":{_place(bill, partner.version)},'
        f'"meter_id":"MTR-{bill.evse.uid}","currency":"{bill.currency}",'
        + (f'"tariffs":[{tariffs}],' if tariffs else "")
        + f'"charging_periods":[{_periods(bill, partner)}],{_totals(bill, partner)}{tail}'
        f'"last_updated":"{iso(bill.last_updated)}"}}'
    )


def session(bill: Bill, partner: Partner, last_updated: int) -> str:
    """A session (OCPI mod_sessions, Session object), ended or under way."""
    ended = bill.session_status != "ACTIVE"
    old = partner.version == "2.1.1"
    end_name, start_name = ("end_datetime", "start_datetime") if old else _SESSION_TIMES
    end = f'"{end_name}":"{iso(bill.end)}",' if ended else ""
    energy = bill.wh if bill.session_wh is None else bill.session_wh
    cost = ""
    if ended:
        net, gross = bill.net, bill.gross
        if bill.session_net is not None:
            net, gross = bill.session_net, None
        total = money(net) if old else _price(bill, partner, net, gross)
        cost = f'"total_cost":{total},'
    owner = "" if old else f'"country_code":"{bill.country_code}","party_id":"{bill.party_id}",'
    return (
        f'{{{owner}"id":"{bill.session_id}","{start_name}":"{iso(bill.start)}",{end}'
        f'"kwh":{kwh(energy)},{_session_place(bill, partner.version)},'
        f'"currency":"{bill.currency}","charging_periods":[{_periods(bill, partner)}],{cost}'
        f'"status":"{bill.session_status}","last_updated":"{iso(last_updated)}"}}'
    )


_SESSION_TIMES = ("end_date_time", "start_date_time")


def _session_place(bill: Bill, version: str) -> str:
    if version == "2.1.1":
        return (
            f'"auth_id":"{bill.token.uid}","auth_method":"{_auth(bill.token)}",'
            f'"location":{_place(bill, version)}'
        )
    return (
        f'"cdr_token":{_token(bill.token)},"auth_method":"{_auth(bill.token)}",'
        f'"location_id":"{bill.evse.site.id}","evse_uid":"{bill.evse.uid}",'
        f'"connector_id":"{bill.plug.id}"'
    )


def _old_cdr(bill: Bill, partner: Partner) -> str:
    tariffs = ",".join([tariff_json(tariff, "2.1.1") for tariff in bill.tariffs])
    remark = f'"remark":{json.dumps(bill.remark)},' if bill.remark else ""
    return (
        f'{{"id":"{bill.cdr_id}","start_date_time":"{iso(bill.start)}",'
        f'"stop_date_time":"{iso(bill.end)}","auth_id":"{bill.token.uid}",'
        f'"auth_method":"{_auth(bill.token)}","location":{_place(bill, "2.1.1")},'
        f'"meter_id":"MTR-{bill.evse.uid}","currency":"{bill.currency}",'
        + (f'"tariffs":[{tariffs}],' if tariffs else "")
        + f'"charging_periods":[{_periods(bill, partner)}],"total_cost":{money(bill.net)},'
        f'"total_energy":{kwh(bill.wh * bill.kwh_scale)},'
        f'"total_time":{hours(bill.total_s, partner.hour_decimals)},'
        f'"total_parking_time":{hours(bill.parking_s, partner.hour_decimals)},'
        f'{remark}"last_updated":"{iso(bill.last_updated)}"}}'
    )


def _periods(bill: Bill, partner: Partner) -> str:
    decimals, old = partner.hour_decimals, partner.version == "2.1.1"
    named = not old and bool(bill.tariffs)
    flat = old and any(c.dimension == "FLAT" for t in bill.tariffs for c in _components(t))
    written = []
    for period in bill.periods:
        head = f'{{"start_date_time":"{iso(period.start)}","dimensions":['
        tail = f'],"tariff_id":"{period.tariff.id}"}}' if named else "]}"
        first = '{"type":"FLAT","volume":1},' if flat and period is bill.periods[0] else ""
        written.append(head + first + _dimensions(bill, period, decimals, old=old) + tail)
    return ",".join(written)


def _components(tariff: Tariff) -> list[Component]:
    return [component for element in tariff.elements for component in element.components]


def _dimensions(bill: Bill, period: Period, decimals: int, *, old: bool) -> str:
    time = f'{{"type":"{_TIME[period.kind]}","volume":{hours(period.seconds, decimals)}}}'
    if period.kind != "CHARGING":
        return time
    energy = f'{{"type":"ENERGY","volume":{kwh(period.wh * bill.kwh_scale)}}},'
    if old or period.tariff.flat:
        return energy + time
    power = kwh(period.power)
    return (
        f'{energy}{{"type":"MIN_POWER","volume":{power}}},'
        f'{{"type":"MAX_POWER","volume":{power}}},{time}'
    )


def _totals(bill: Bill, partner: Partner) -> str:
    decimals = partner.hour_decimals
    parts = {
        part: f'"total_{part}_cost":{_price(bill, partner, *bill.parts[part])},'
        for part in PARTS
        if part in bill.parts
    }
    total = _price(bill, partner, bill.net, bill.gross)
    return (
        f'"total_cost":{total},{parts.get("fixed", "")}'
        f'"total_energy":{kwh(bill.wh * bill.kwh_scale)},{parts.get("energy", "")}'
        f'"total_time":{hours(bill.total_s, decimals)},{parts.get("time", "")}'
        f'"total_parking_time":{hours(bill.parking_s, decimals)},{parts.get("parking", "")}'
        f"{parts.get('reservation', '')}"
    )


def _price(bill: Bill, partner: Partner, net: int, gross: int | None) -> str:
    if partner.version != "2.3.0":
        after = "" if gross is None else f',"incl_vat":{money(gross)}'
        return f'{{"excl_vat":{money(net)}{after}}}'
    return f'{{"before_taxes":{money(net)}{_taxes(bill, net, gross)}}}'


def _taxes(bill: Bill, net: int, gross: int | None) -> str:
    """The taxes of a 2.3.0 Price; where no rate is in the tariff, those of the place."""
    if gross is not None and bill.tariffs and bill.tariffs[0].tax_included != "YES":
        rates = {c.vat for t in bill.tariffs for e in t.elements for c in e.components}
        stated = next((vat for vat in rates if vat is not None), 0)
        amounts = [("VAT", stated, gross - net)] if stated else []
    else:
        taxes = bill.evse.site.taxes
        amounts = [(tax.name, tax.rate, _tax(net, tax.rate)) for tax in taxes]
        if gross is not None and amounts:  # the last takes what rounding left
            name, last_rate, _ = amounts[-1]
            amounts[-1] = (name, last_rate, gross - net - sum(a for _, _, a in amounts[:-1]))
    written = ",".join(
        f'{{"name":"{name}","percentage":{rate(percent)},"amount":{money(amount)}}}'
        for name, percent, amount in amounts
    )
    return f',"taxes":[{written}]' if written else ""


def _tax(net: int, thousandths: int) -> int:
    return (2 * net * thousandths + 100_000) // 200_000


def _tail(bill: Bill, partner: Partner) -> str:
    members = ""
    if bill.remark:
        members += f'"remark":{json.dumps(bill.remark)},'
    if bill.signed_wh is not None:
        members += f'"signed_data":{_signed(bill.signed_wh)},'
    if bill.credit_of:
        members += f'"credit":true,"credit_reference_id":"{bill.credit_of}",'
    if bill.home:
        members += '"home_charging_compensation":true,'
    return members


@lru_cache(maxsize=100_000)
def _token(token: Token) -> str:
    country_code, party_id = EMSP
    return (
        f'{{"country_code":"{country_code}","party_id":"{party_id}","uid":"{token.uid}",'
        f'"type":"{token.kind}","contract_id":"{token.contract_id}"}}'
    )


def _auth(token: Token) -> str:
    return "WHITELIST" if token.kind == "RFID" else "AUTH_REQUEST"


def _place(bill: Bill, version: str) -> str:
    if bill.location_id is None and bill.evse_uid is None:
        return _place_json(bill.evse, version)
    place = json.loads(_place_json(bill.evse, version))
    if bill.location_id is not None:
        place["id"] = bill.location_id
    if bill.evse_uid is not None:
        (place["evses"][0] if version == "2.1.1" else place).update(
            {"uid" if version == "2.1.1" else "evse_uid": bill.evse_uid, "evse_id": None}
        )
    return json.dumps(place)


@lru_cache(maxsize=100_000)
def _place_json(evse: Evse, version: str) -> str:
    return json.dumps(place_of_charge(evse, version), ensure_ascii=False, separators=(",", ":"))


def _signed(wh: int) -> str:
    """OCMF readings of a meter at start and end; the signature is only shaped like one."""

    def reading(mark: str, value: str) -> str:
        register = {"TX": mark, "RV": value, "RI": "1-b:1.8.0", "RU": "kWh", "ST": "G"}
        payload = json.dumps({"FV": "1.0", "GI": "sandbox", "RD": [register]})
        return f'OCMF|{payload}|{{"SD":"00"}}'

    values = [
        {"nature": nature, "plain_data": "", "signed_data": reading(mark, value)}
        for nature, mark, value in (
            ("Start", "B", kwh(1_000_000)),
            ("End", "E", kwh(1_000_000 + wh)),
        )
    ]
    return json.dumps(
        {
            "encoding_method": "OCMF",
            "encoding_method_version": 1,
            "public_key": "00",
            "signed_values": values,
        }
    )
