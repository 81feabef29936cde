"""Simulator: what would a charge cost at this connector, or by this tariff, and why?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

import streamlit as st

from dashboards import data
from dashboards.baskets import REASONS
from dashboards.filters import amount, clock, day, one_of, text
from dashboards.format import money, number, plain, price
from dashboards.navigation import go
from dashboards.parts import figures, heading, report_empty, table
from dashboards.price_lines import local_time, price_lines
from models.marts.prices_charge import Charge
from models.marts.prices_simulation import Simulated, simulate, wanted_charge

_OWNER: Final = ("partner", "country_code", "party_id")
_TARIFF: Final = (*_OWNER, "id")
_CONNECTOR: Final = (*_OWNER, "location_id", "evse_uid", "connector_id")
_FALLBACK_KW: Final = 11.0


@dataclass(frozen=True)
class _Offer:
    """Tariffs in order of preference, with the place and power of the connector."""

    name: str
    tariffs: tuple[str, ...]
    ids: tuple[str, ...]
    zone: str | None
    power_kw: float


def draw() -> None:
    """Draw the page."""
    st.title("Simulator")
    asked = text("Find a connector or a tariff", "find", hint="Place, address, EVSE or tariff id")
    given = st.query_params.to_dict()
    if asked or not (_has(given, _TARIFF) or _has(given, _CONNECTOR)):
        _found(asked)
        return
    offer = _connector(given) if _has(given, _CONNECTOR) else _tariff(given)
    if offer is None:
        report_empty("There is no such connector or tariff in this snapshot. Look for another.")
        return
    st.markdown(f"### {plain(offer.name)}")
    if not offer.tariffs:
        report_empty(
            "None of its tariffs is known, so its price is unknown. " + ", ".join(offer.ids)
        )
        return
    zone = offer.zone or _zone(given)
    charge = _asked(offer, zone)
    _result(charge, simulate(charge, offer.tariffs, zone), zone)


def _has(given: dict[str, str], names: tuple[str, ...]) -> bool:
    return all(name in given for name in names)


def _found(asked: str) -> None:
    connectors, tariffs = st.tabs(["Connectors", "Tariffs"])
    with connectors:
        picked = table(
            data.listing("simulator/connectors", asked=asked),
            "connectors",
            empty="No connector has that in its place, address or id.",
            labels={"evse_uid": "EVSE", "connector_id": "Connector", "name": "Location"},
            hide=["location_id", "power_type", "time_zone"],
            height=380,
            selectable=True,
        )
        if picked:
            _open(picked, _CONNECTOR)
    with tariffs:
        picked = table(
            data.listing("tariff/find", asked=asked, partner=None),
            "tariffs",
            empty="No tariff has that in its id.",
            labels={"id": "Tariff", "tariff_currency": "Currency"},
            height=380,
            selectable=True,
        )
        if picked:
            _open(picked, _TARIFF)


def _open(row: dict[str, Any], names: tuple[str, ...]) -> None:
    st.session_state.pop("find", None)
    go("simulator", **{name: str(row[name]) for name in names})


def _connector(given: dict[str, str]) -> _Offer | None:
    key = {name: given[name] for name in _CONNECTOR}
    row = data.one("simulator/connector", **key)
    if row is None:
        return None
    ids = [name.lower() for name in row["tariff_ids"] or []]
    owner = {name: given[name] for name in _OWNER}
    named = data.query("simulator/named", **owner, ids=ids)
    place = row["name"] or row["address"] or row["location_id"]
    return _Offer(
        f"{place}, {row['evse_id'] or row['evse_uid']}, connector {row['connector_id']}",
        tuple(named["tariff"]),
        tuple(row["tariff_ids"] or ()),
        row["time_zone"],
        float(row["power_kw"] or _FALLBACK_KW),
    )


def _tariff(given: dict[str, str]) -> _Offer | None:
    key = {name: given[name] for name in _TARIFF}
    versions = data.query("tariff/versions", **key)
    if versions.is_empty():
        return None
    newest = versions.row(0, named=True)
    return _Offer(
        f"Tariff {newest['id']}", (newest["tariff"],), (newest["id"],), None, _FALLBACK_KW
    )


def _zone(given: dict[str, str]) -> str | None:
    """Ask for the zone of a tariff's places; one can choose where there are several."""
    if not _has(given, _TARIFF):
        return None
    used = data.query("tariff/places", **{name: given[name] for name in _TARIFF})
    zones = list(dict.fromkeys(zone for zone in used["zone"] if zone != "unknown"))
    if not zones:
        return None
    left, _ = st.columns([1, 3])
    with left:
        return one_of("Time zone", zones, "zone")


def _asked(offer: _Offer, zone: str | None) -> Charge:
    as_of: datetime = data.query("snapshot").item()
    cells = st.columns(5)
    with cells[0]:
        starts_on = day("Day", "day", (as_of + timedelta(days=1)).date())
    with cells[1]:
        starts_at = clock("Start", "start", time(12))
    with cells[2]:
        energy = _exact(amount("Energy, kWh", "kwh", 22.0, 0.1, 2000.0, 1.0))
    with cells[3]:
        power = _exact(amount("Power, kW", "kw", offer.power_kw, 0.1, 5000.0, 1.0))
    with cells[4]:
        stay = amount("Stay, minutes", "stay", 180, 1, 60 * 24 * 14, 15)
    return wanted_charge(
        starts_on, starts_at, zone, energy_kwh=energy, power_kw=power, stay_min=stay
    )


def _exact(value: float) -> Decimal:
    return Decimal(str(round(value, 3)))


def _result(charge: Charge, simulated: Simulated, zone: str | None) -> None:
    total = simulated.total
    currency = total["currency"]
    st.caption(
        f"{number(charge.energy_kwh, digits=3, unit='kWh')} until "
        f"{local_time(charge.charging_ends_at, zone)}, "
        f"leaving {local_time(charge.end_at, zone)}, in "
        + (f"the time of {plain(zone)}." if zone else "UTC: no time zone is known.")
    )
    if total["state"] != "priced":
        report_empty("The price is unknown. " + REASONS.get(total["reason"], str(total["reason"])))
        return
    net, gross = total["expected_excl_vat"], total["expected_incl_vat"]
    figures(
        ("Before taxes", money(net, currency), None, "rounded once, at the end"),
        ("After taxes", money(gross, currency), None, "unknown where no VAT is stated"),
        ("For each kWh", price(_each(net, charge), currency), None, "before taxes"),
        ("By tariff", plain(", ".join(total["tariff_ids"] or [])), None, "of those it names"),
    )
    heading("Price lines")
    table(
        price_lines(simulated.lines, zone),
        "price_lines",
        empty="Nothing is charged for.",
        labels={"start": "From, local", "tariff_id": "Tariff"},
    )
    for name in total["notes"] or ():
        st.caption(plain(name))


def _each(amount: Decimal | None, charge: Charge) -> Decimal | None:
    return None if amount is None else amount / charge.energy_kwh


if __name__ == "__main__":
    draw()
