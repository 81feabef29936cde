"""The objects that a partner publishes, in OCPI 2.2.1, and the clock that stamps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from simulation import steps

Json = dict[str, Any]
BEGIN = datetime(2025, 1, 6, 8, tzinfo=UTC)
LONG_AGO = datetime(2024, 12, 1, tzinfo=UTC)
CENT = Decimal("0.01")
MODULES = ("locations", "tariffs", "sessions", "cdrs", "invoicereconciliation")


@dataclass(frozen=True)
class PartnerSetup:
    """A partner as the year begins.

    Args:
        name: our key for it; its party is NL and the upper case of that.
        locations: how many it lists, `Loc1` and on, with one EVSE each.
        tariffs: id → price of energy, as text.
        sessions: whether it has the module.
        by_update: whether its lists are in order of `last_updated`, else of the id.
        terms: its contract, as (key, value) pairs (`steps.Contract`).
        hub: whether it is a hub of two parties: the second has every other location and tariff.
        currency: of its prices.
        version: of OCPI; from 2.3.0 on it has invoice reconciliation records.
    """

    name: str
    locations: int = 3
    tariffs: tuple[tuple[str, str], ...] = (("T1", "0.25"), ("T2", "0.40"))
    sessions: bool = True
    by_update: bool = False
    terms: tuple[tuple[str, str], ...] = ()
    hub: bool = False
    currency: str = "EUR"
    version: str = "2.2.1"

    @property
    def modules(self) -> tuple[str, ...]:
        """The lists that it has."""
        has = {"sessions": self.sessions, "invoicereconciliation": self.version >= "2.3.0"}
        return tuple(name for name in MODULES if has.get(name, True))

    @property
    def parties(self) -> tuple[str, ...]:
        """The ids of its parties, all of NL."""
        own = self.name.upper()
        return (own, chr(ord(own[0]) + 23) + own[1:]) if self.hub else (own,)

    def party_of(self, number: int) -> str:
        """Tell whose a location or a tariff is, by its number, from one."""
        return self.parties[(number - 1) % len(self.parties)]


def wire(moment: datetime) -> str:
    """Write a moment as OCPI does: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(text: str) -> datetime:
    """Read a moment as OCPI writes it."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def written(thing: Json, version: str) -> Json:
    """Write an object of 2.2.1 in the words of a version."""
    if version < "2.3.0":
        return thing
    made = dict(thing)
    if "elements" in made:
        made["tax_included"] = "NO"
    if "tariffs" in made:
        made["tariffs"] = [written(each, version) for each in made["tariffs"]]
    if cost := made.get("total_cost"):
        made["total_cost"] = {"before_taxes": cost["excl_vat"]}
        if "incl_vat" in cost:
            tax = Decimal(str(cost["incl_vat"])) - Decimal(str(cost["excl_vat"]))
            made["total_cost"]["taxes"] = [{"name": "VAT", "amount": float(tax)}]
    return made


@dataclass
class Clock:
    """The true time, and how far our own clock is ahead of it."""

    now: datetime = BEGIN
    ahead: timedelta = timedelta()

    def ours(self) -> datetime:
        """Tell the time as our own clock shows it."""
        return self.now + self.ahead

    def tick(self) -> None:
        """Let a second pass."""
        self.now += timedelta(seconds=1)


def taxed(net: Decimal, vat: int) -> Decimal:
    """Add the tax, rounded to the cent."""
    return (net * (100 + vat) / 100).quantize(CENT, ROUND_HALF_UP)


@dataclass
class Publisher:
    """A partner as it writes its objects.

    Args:
        setup: how it began.
        clock: the true time.
    """

    setup: PartnerSetup
    clock: Clock

    def owner(self, number: int) -> Json:
        """Name the party that a location or tariff of this number belongs to."""
        return {"country_code": "NL", "party_id": self.setup.party_of(number)}

    def number_of(self, tariff: str) -> int:
        """Number the tariffs, from one."""
        return [name for name, _ in self.setup.tariffs].index(tariff) + 1

    def start_of(self, charge: steps.Charge) -> datetime:
        """Tell when a charge began."""
        if charge.year_2099:
            return datetime(2099, 1, 1, 10, tzinfo=UTC)
        end = self.clock.now - timedelta(hours=charge.ended_h)
        return end.replace(microsecond=0) - timedelta(hours=1)

    def stamp(self, ahead_h: int) -> datetime:
        """Tell the time so many hours ahead."""
        return self.clock.now + timedelta(hours=ahead_h)

    def tariff(self, change: steps.Price, start: datetime | None, stamp: datetime) -> Json:
        """Write a tariff."""
        prices = {"ENERGY": change.per_kwh, "FLAT": change.flat}
        components = [
            {"type": kind, "price": float(price), "step_size": 1, "vat": change.vat}
            for kind, price in prices.items()
            if price
        ]
        tariff: Json = {
            **self.owner(self.number_of(change.tariff)),
            "id": change.tariff,
            "currency": self.setup.currency,
            "elements": [{"price_components": components}],
            "last_updated": wire(stamp),
        }
        if start is not None:
            tariff["start_date_time"] = wire(start)
        return tariff

    def location(self, name: str, status: str, stamp: datetime) -> Json:
        """Write a location with its one EVSE."""
        number = int(name.removeprefix("Loc"))
        tariffs = [tariff for tariff, _ in self.setup.tariffs]
        connector = {
            "id": "Con-a",
            "standard": "IEC_62196_T2",
            "format": "SOCKET",
            "power_type": "AC_3_PHASE",
            "max_voltage": 230,
            "max_amperage": 32,
            "tariff_ids": [tariffs[(number - 1) % len(tariffs)]],
            "last_updated": wire(LONG_AGO),
        }
        evse = {
            "uid": f"Evse{number}",
            "evse_id": f"NL*{self.setup.party_of(number)}*E{number}",
            "status": status,
            "connectors": [connector],
            "last_updated": wire(stamp),
        }
        return {
            **self.owner(number),
            "id": name,
            "publish": True,
            "name": name,
            "address": f"Kade {number}",
            "city": "Delft",
            "country": "NLD",
            "coordinates": {"latitude": f"52.{number:02d}", "longitude": "4.36"},
            "time_zone": "Europe/Amsterdam",
            "evses": [evse],
            "last_updated": wire(stamp),
        }

    def invoice(self, change: steps.Invoice) -> Json:
        """Write an invoice reconciliation record."""
        return {
            **self.owner(1),
            "id": change.record,
            "invoice_id": f"No {change.record}",
            "cdrs": list(change.cdrs),
            "last_updated": wire(self.clock.now),
        }

    def _place(self, change: steps.Charge) -> Json:
        """Name the place: a known EVSE for a charge without tariff id, else one of its own.

        Two charges never share an EVSE, so that none overlap.
        """
        number = self.number_of(change.tariff)
        place = {"id": f"Loc{number}", "evse_uid": f"X-{change.cdr}", "connector_id": "Con-a"}
        if change.case:
            place["evse_uid"] = f"Evse{number}"
            place = {key: value.swapcase() for key, value in place.items()}
        return {
            **place,
            "evse_id": f"NL*{self.setup.party_of(number)}*EX{change.cdr}",
            "address": f"Kade {number}",
            "city": "Delft",
            "country": "NLD",
            "coordinates": {"latitude": f"52.{number:02d}", "longitude": "4.36"},
            "connector_standard": "IEC_62196_T2",
            "connector_format": "SOCKET",
            "connector_power_type": "AC_3_PHASE",
        }

    def cdr(self, change: steps.Charge, priced: Decimal, vat: int) -> Json:
        """Write the CDR of a charge: what its tariff gives, and that tariff's tax."""
        start = self.start_of(change)
        end = start + timedelta(hours=1)
        energy = change.kwh * (1000 if change.in_wh else 1)
        net = priced + Decimal(change.extra)
        period: Json = {
            "start_date_time": wire(start),
            "dimensions": [{"type": "ENERGY", "volume": energy}, {"type": "TIME", "volume": 1}],
        }
        if not change.case:
            period["tariff_id"] = change.tariff
        cdr: Json = {
            **self.owner(self.number_of(change.tariff)),
            "id": change.cdr,
            "session_id": f"S-{change.of_session or change.cdr}",
            "start_date_time": wire(start),
            "end_date_time": wire(end),
            "cdr_token": self._token(change.cdr),
            "auth_method": "WHITELIST",
            "cdr_location": self._place(change),
            "currency": self.setup.currency,
            "charging_periods": [period],
            "total_cost": {"excl_vat": float(net)},
            "total_energy": energy,
            "total_time": 1,
            "last_updated": wire(end if change.year_2099 else self.stamp(-change.made_h)),
        }
        if change.taxed:
            cdr["total_cost"]["incl_vat"] = float(taxed(net, change.vat or vat))
        return cdr

    def session_of(self, cdr: Json, status: str, kwh: int) -> Json:
        """Write the session of a CDR."""
        return {
            "country_code": cdr["country_code"],
            "party_id": cdr["party_id"],
            "id": cdr["session_id"],
            "start_date_time": cdr["start_date_time"],
            "end_date_time": cdr["end_date_time"],
            "kwh": kwh,
            "cdr_token": cdr["cdr_token"],
            "auth_method": "WHITELIST",
            "location_id": cdr["cdr_location"]["id"],
            "evse_uid": cdr["cdr_location"]["evse_uid"],
            "connector_id": "Con-a",
            "currency": cdr["currency"],
            "status": status,
            "last_updated": cdr["last_updated"],
        }

    def _token(self, cdr: str) -> Json:
        """A card of its own for each charge, so that no two share one."""
        return {
            "country_code": "NL",
            "party_id": "EMS",
            "uid": f"U-{self.setup.name}-{cdr}",
            "type": "RFID",
            "contract_id": f"NL-EMS-{cdr}",
        }
