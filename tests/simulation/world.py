"""The partners as they are: what each lists, and how that changes. Knows nothing of the product.

Objects are OCPI 2.2.1 and never changed in place: a change puts a new object in its place, so
that what was served stays what it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from simulation import steps
from simulation.steps import Change

Json = dict[str, Any]
BEGIN = datetime(2025, 1, 6, 8, tzinfo=UTC)
LONG_AGO = datetime(2024, 12, 1, tzinfo=UTC)
CENT = Decimal("0.01")
VAT = 21


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
    """

    name: str
    locations: int = 3
    tariffs: tuple[tuple[str, str], ...] = (("T1", "0.25"), ("T2", "0.40"))
    sessions: bool = True
    by_update: bool = False
    terms: tuple[tuple[str, str], ...] = ()


def wire(moment: datetime) -> str:
    """Write a moment as OCPI does: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(text: str) -> datetime:
    """Read a moment as OCPI writes it."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


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


@dataclass
class Partner:
    """One partner: its lists by id, in the state that they are in now.

    Args:
        setup: how it began.
        clock: the true time.
    """

    setup: PartnerSetup
    clock: Clock
    lists: dict[str, dict[str, Json]] = field(default_factory=dict)
    history: dict[str, list[tuple[datetime, Json]]] = field(default_factory=dict)
    broken: set[tuple[str, int]] = field(default_factory=set)
    down: bool = False
    while_read: list[steps.WhileRead] = field(default_factory=list)

    def __post_init__(self) -> None:
        """List what it lists at the beginning."""
        self.lists = {"locations": {}, "tariffs": {}, "sessions": {}, "cdrs": {}}
        for tariff, price in self.setup.tariffs:
            self._publish(self._tariff(tariff, price, "", None, LONG_AGO), LONG_AGO)
        for number in range(1, self.setup.locations + 1):
            name = f"Loc{number}"
            self.lists["locations"][name] = self._location(name, "AVAILABLE", LONG_AGO)

    @property
    def owner(self) -> Json:
        """The members that name the party."""
        return {"country_code": "NL", "party_id": self.setup.name.upper()}

    def happen(self, change: Change) -> None:
        """Change what is listed, or how; nothing where what it is about is not there."""
        handler = getattr(self, "_" + type(change).__name__.lower())
        handler(change)

    def listing(self, module: str) -> list[Json]:
        """List the objects of a module in the order of the list."""
        objects = list(self.lists[module].items())
        if self.setup.by_update:
            objects.sort(key=lambda item: (item[1]["last_updated"], item[0]))
        else:
            objects.sort(key=lambda item: item[0])
        return [each for _, each in objects]

    def _status(self, change: steps.Status) -> None:
        old = self.lists["locations"].get(change.location)
        if old is None:
            return
        stamp = self._stamp(change.ahead_h) if change.stamped else read(old["last_updated"])
        self.lists["locations"][change.location] = self._location(
            change.location, change.status, stamp
        )

    def _vanish(self, change: steps.Vanish) -> None:
        for name in change.locations:
            self.lists["locations"].pop(name, None)

    def _appear(self, change: steps.Appear) -> None:
        if change.location not in self.lists["locations"]:
            self.lists["locations"][change.location] = self._location(
                change.location, "AVAILABLE", self._stamp(change.ahead_h)
            )

    def _price(self, change: steps.Price) -> None:
        start = None
        if change.starts_in_h is not None:
            start = self.clock.now + timedelta(hours=change.starts_in_h)
        stamp = self._stamp(change.ahead_h)
        tariff = self._tariff(change.tariff, change.per_kwh, change.flat, start, stamp)
        self._publish(tariff, self.clock.now)

    def _withdraw(self, change: steps.Withdraw) -> None:
        self.lists["tariffs"].pop(change.tariff, None)

    def _charge(self, change: steps.Charge) -> None:
        cdrs, sessions = self.lists["cdrs"], self.lists["sessions"]
        priced = self.price(change)
        if change.cdr in cdrs or priced is None:
            return
        cdr = self._cdr(change, priced)
        cdrs[change.cdr] = cdr
        if change.session and self.setup.sessions and change.of_session is None:
            kwh = change.kwh if change.session_kwh is None else change.session_kwh
            sessions[change.cdr] = self._session_of(cdr, change, "COMPLETED", kwh)

    def _credit(self, change: steps.Credit) -> None:
        cdrs = self.lists["cdrs"]
        original = cdrs.get(change.of)
        if original is None or change.cdr in cdrs or original.get("credit"):
            return
        net = original["total_cost"]["excl_vat"]
        amount = -Decimal(str(net)) if not change.amount else Decimal(change.amount)
        cost: Json = {"excl_vat": float(amount)}
        if "incl_vat" in original["total_cost"]:
            cost["incl_vat"] = float(taxed(amount))
        cdrs[change.cdr] = {
            **original,
            "id": change.cdr,
            "credit": True,
            "credit_reference_id": original["id"],
            "total_cost": cost,
            "total_energy": original["total_energy"] * (-1 if change.negative_energy else 1),
            "last_updated": wire(self.clock.now),
        }

    def _resend(self, change: steps.Resend) -> None:
        cdrs = self.lists["cdrs"]
        first = cdrs.get(change.cdr)
        if first is None:
            return
        again = {**first, "last_updated": wire(self.clock.now)}
        if Decimal(change.extra):
            net = Decimal(str(first["total_cost"]["excl_vat"])) + Decimal(change.extra)
            again["total_cost"] = {"excl_vat": float(net), "incl_vat": float(taxed(net))}
        if change.case:
            again["id"] = first["id"].swapcase()
        cdrs[again["id"]] = again

    def _session(self, change: steps.Session) -> None:
        sessions = self.lists["sessions"]
        old = sessions.get(change.cdr)
        if old is None:
            return
        kwh = old["kwh"] if change.kwh is None else change.kwh
        sessions[change.cdr] = {
            **old,
            "status": change.status,
            "kwh": kwh,
            "last_updated": wire(self.clock.now),
        }

    def _breakpage(self, change: steps.BreakPage) -> None:
        self.broken.add((change.module, change.page))

    def _mend(self, change: steps.Mend) -> None:
        self.broken.clear()
        self.down = False

    def _down(self, change: steps.Down) -> None:
        self.down = True

    def _whileread(self, change: steps.WhileRead) -> None:
        self.while_read.append(change)

    def price(self, charge: steps.Charge) -> Decimal | None:
        """Price a charge by the tariff in force at its start; None: there was none."""
        start = self.start_of(charge)
        for published, tariff in reversed(self.history.get(charge.tariff, [])):
            begins = tariff.get("start_date_time")
            if published <= start and (begins is None or read(begins) <= start):
                parts = {
                    part["type"]: Decimal(str(part["price"]))
                    for part in tariff["elements"][0]["price_components"]
                }
                exact = parts["ENERGY"] * charge.kwh + parts.get("FLAT", Decimal())
                return exact.quantize(CENT, ROUND_HALF_UP)
        return None

    def start_of(self, charge: steps.Charge) -> datetime:
        """Tell when a charge began."""
        if charge.year_2099:
            return datetime(2099, 1, 1, 10, tzinfo=UTC)
        end = self.clock.now - timedelta(hours=charge.ended_h)
        return end.replace(microsecond=0) - timedelta(hours=1)

    def _publish(self, tariff: Json, at: datetime) -> None:
        self.lists["tariffs"][tariff["id"]] = tariff
        self.history.setdefault(tariff["id"], []).append((at, tariff))

    def _stamp(self, ahead_h: int) -> datetime:
        return self.clock.now + timedelta(hours=ahead_h)

    def _tariff(
        self, name: str, per_kwh: str, flat: str, start: datetime | None, stamp: datetime
    ) -> Json:
        components = [{"type": "ENERGY", "price": float(per_kwh), "step_size": 1, "vat": VAT}]
        if flat:
            components.append({"type": "FLAT", "price": float(flat), "step_size": 1, "vat": VAT})
        tariff: Json = {
            **self.owner,
            "id": name,
            "currency": "EUR",
            "elements": [{"price_components": components}],
            "last_updated": wire(stamp),
        }
        if start is not None:
            tariff["start_date_time"] = wire(start)
        return tariff

    def _location(self, name: str, status: str, stamp: datetime) -> Json:
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
            "evse_id": f"NL*{self.owner['party_id']}*E{number}",
            "status": status,
            "connectors": [connector],
            "last_updated": wire(stamp),
        }
        return {
            **self.owner,
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

    def _place(self, change: steps.Charge) -> Json:
        """Name the place: a known EVSE for a charge without tariff id, else one of its own.

        Two charges never share an EVSE, so that none overlap.
        """
        names = [name for name, _ in self.setup.tariffs]
        number = names.index(change.tariff) + 1
        place = {"id": f"Loc{number}", "evse_uid": f"X-{change.cdr}", "connector_id": "Con-a"}
        if change.case:
            place["evse_uid"] = f"Evse{number}"
            place = {key: value.swapcase() for key, value in place.items()}
        return {
            **place,
            "evse_id": f"NL*{self.owner['party_id']}*EX{change.cdr}",
            "address": f"Kade {number}",
            "city": "Delft",
            "country": "NLD",
            "coordinates": {"latitude": f"52.{number:02d}", "longitude": "4.36"},
            "connector_standard": "IEC_62196_T2",
            "connector_format": "SOCKET",
            "connector_power_type": "AC_3_PHASE",
        }

    def _cdr(self, change: steps.Charge, priced: Decimal) -> Json:
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
            **self.owner,
            "id": change.cdr,
            "session_id": f"S-{change.of_session or change.cdr}",
            "start_date_time": wire(start),
            "end_date_time": wire(end),
            "cdr_token": self._token(change.cdr),
            "auth_method": "WHITELIST",
            "cdr_location": self._place(change),
            "currency": "EUR",
            "charging_periods": [period],
            "total_cost": {"excl_vat": float(net)},
            "total_energy": energy,
            "total_time": 1,
            "last_updated": wire(end if change.year_2099 else self._stamp(-change.made_h)),
        }
        if change.taxed:
            cdr["total_cost"]["incl_vat"] = float(taxed(net))
        if change.embed:
            published = [tariff for _, tariff in self.history[change.tariff]]
            cdr["tariffs"] = [published[-1]]
        return cdr

    def _session_of(self, cdr: Json, change: steps.Charge, status: str, kwh: int) -> Json:
        return {
            **self.owner,
            "id": cdr["session_id"],
            "start_date_time": cdr["start_date_time"],
            "end_date_time": cdr["end_date_time"],
            "kwh": kwh,
            "cdr_token": cdr["cdr_token"],
            "auth_method": "WHITELIST",
            "location_id": cdr["cdr_location"]["id"],
            "evse_uid": cdr["cdr_location"]["evse_uid"],
            "connector_id": "Con-a",
            "currency": "EUR",
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


def taxed(net: Decimal) -> Decimal:
    """Add the tax, rounded to the cent."""
    return (net * (100 + VAT) / 100).quantize(CENT, ROUND_HALF_UP)


@dataclass
class World:
    """All partners, on one clock."""

    clock: Clock
    partners: dict[str, Partner]

    @classmethod
    def of(cls, setups: tuple[PartnerSetup, ...]) -> World:
        """Make the world as the year begins."""
        clock = Clock()
        return cls(clock, {setup.name: Partner(replace(setup), clock) for setup in setups})

    def happen(self, change: Change) -> None:
        """Let a change happen at its partner."""
        if change.partner in self.partners:
            self.partners[change.partner].happen(change)
