"""The partners as they are: what each lists, and how that changes. Knows nothing of the product.

Objects are OCPI 2.2.1 and never changed in place: a change puts a new object in its place, so
that what was served stays what it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from simulation import steps
from simulation.objects import (
    CENT,
    LONG_AGO,
    MODULES,
    Clock,
    Json,
    PartnerSetup,
    Publisher,
    read,
    taxed,
    wire,
)
from simulation.steps import VAT, Change


@dataclass
class Partner(Publisher):
    """One partner: its lists by id, in the state that they are in now.

    Args:
        setup: how it began.
        clock: the true time.
    """

    lists: dict[str, dict[str, Json]] = field(default_factory=dict)
    history: dict[str, list[tuple[datetime, Json]]] = field(default_factory=dict)
    broken: set[tuple[str, int]] = field(default_factory=set)
    down: bool = False
    while_read: list[steps.WhileRead] = field(default_factory=list)

    def __post_init__(self) -> None:
        """List what it lists at the beginning."""
        self.lists = {name: {} for name in MODULES}
        for tariff, price in self.setup.tariffs:
            first = steps.Price(self.setup.name, tariff, price)
            self._publish(self.tariff(first, None, LONG_AGO), LONG_AGO)
        for number in range(1, self.setup.locations + 1):
            name = f"Loc{number}"
            self.lists["locations"][name] = self.location(name, "AVAILABLE", LONG_AGO)

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
        stamp = self.stamp(change.ahead_h) if change.stamped else read(old["last_updated"])
        self.lists["locations"][change.location] = self.location(
            change.location, change.status, stamp
        )

    def _recase(self, change: steps.Recase) -> None:
        old = self.lists["locations"].get(change.location)
        if old is None:
            return
        stamp = wire(self.clock.now)
        evse = old["evses"][0]
        connector = evse["connectors"][0]
        self.lists["locations"][change.location] = {
            **old,
            "id": old["id"].swapcase(),
            "last_updated": stamp,
            "evses": [
                {
                    **evse,
                    "uid": evse["uid"].swapcase(),
                    "last_updated": stamp,
                    "connectors": [{**connector, "id": connector["id"].swapcase()}],
                }
            ],
        }

    def _vanish(self, change: steps.Vanish) -> None:
        for name in change.locations:
            self.lists["locations"].pop(name, None)

    def _appear(self, change: steps.Appear) -> None:
        if change.location not in self.lists["locations"]:
            self.lists["locations"][change.location] = self.location(
                change.location, "AVAILABLE", self.stamp(change.ahead_h)
            )

    def _price(self, change: steps.Price) -> None:
        start = None
        if change.starts_in_h is not None:
            start = self.clock.now + timedelta(hours=change.starts_in_h)
        stamp = self.stamp(change.ahead_h)
        self._publish(self.tariff(change, start, stamp), self.clock.now)

    def _withdraw(self, change: steps.Withdraw) -> None:
        self.lists["tariffs"].pop(change.tariff, None)

    def _charge(self, change: steps.Charge) -> None:
        cdrs, sessions = self.lists["cdrs"], self.lists["sessions"]
        priced = self.price(change)
        if change.cdr in cdrs or priced is None:
            return
        cdr = self.cdr(change, *priced)
        if change.embed:
            cdr["tariffs"] = [self.history[change.tariff][-1][1]]
        cdrs[change.cdr] = cdr
        if change.session and self.setup.sessions and change.of_session is None:
            kwh = change.kwh if change.session_kwh is None else change.session_kwh
            sessions[change.cdr] = self.session_of(cdr, "COMPLETED", kwh)

    def _credit(self, change: steps.Credit) -> None:
        cdrs = self.lists["cdrs"]
        original = cdrs.get(change.of)
        if original is None or change.cdr in cdrs or original.get("credit"):
            return
        net = original["total_cost"]["excl_vat"]
        amount = -Decimal(str(net)) if not change.amount else Decimal(change.amount)
        kwh = original["total_energy"] if change.kwh is None else change.kwh
        cost: Json = {"excl_vat": float(amount)}
        if "incl_vat" in original["total_cost"]:
            whole = -Decimal(str(original["total_cost"]["incl_vat"]))
            cost["incl_vat"] = float(taxed(amount, VAT) if change.amount else whole)
        cdrs[change.cdr] = {
            **original,
            "id": change.cdr,
            "credit": True,
            "credit_reference_id": original["id"],
            "total_cost": cost,
            "total_energy": kwh * (-1 if change.negative_energy else 1),
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
            again["total_cost"] = {"excl_vat": float(net), "incl_vat": float(taxed(net, VAT))}
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

    def _invoice(self, change: steps.Invoice) -> None:
        records = self.lists["invoicereconciliation"]
        if change.cdrs:
            records[change.record] = self.invoice(change)
        else:
            records.pop(change.record, None)

    def _breakpage(self, change: steps.BreakPage) -> None:
        self.broken.add((change.module, change.page))

    def _mend(self, change: steps.Mend) -> None:
        self.broken.clear()
        self.down = False

    def _down(self, change: steps.Down) -> None:
        self.down = True

    def _whileread(self, change: steps.WhileRead) -> None:
        self.while_read.append(change)

    def price(self, charge: steps.Charge) -> tuple[Decimal, int] | None:
        """Price a charge by the tariff in force at its start; None: there was none.

        Returns:
            The price and the percent of tax on it.
        """
        start = self.start_of(charge)
        for published, tariff in reversed(self.history.get(charge.tariff, [])):
            begins = tariff.get("start_date_time")
            if published <= start and (begins is None or read(begins) <= start):
                components = tariff["elements"][0]["price_components"]
                parts = {part["type"]: Decimal(str(part["price"])) for part in components}
                exact = parts["ENERGY"] * charge.kwh + parts.get("FLAT", Decimal())
                return exact.quantize(CENT, ROUND_HALF_UP), components[0]["vat"]
        return None

    def _publish(self, tariff: Json, at: datetime) -> None:
        self.lists["tariffs"][tariff["id"]] = tariff
        self.history.setdefault(tariff["id"], []).append((at, tariff))


@dataclass
class World:
    """All partners, on one clock.

    Args:
        clock: the true time.
        partners: by their names as the year begins.
        called: that name → what the partners file calls it now, of those that were renamed.
    """

    clock: Clock
    partners: dict[str, Partner]
    called: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, setups: tuple[PartnerSetup, ...]) -> World:
        """Make the world as the year begins."""
        clock = Clock()
        return cls(clock, {setup.name: Partner(replace(setup), clock) for setup in setups})

    def happen(self, change: Change) -> None:
        """Let a change happen at its partner."""
        if change.partner in self.partners:
            self.partners[change.partner].happen(change)

    def name_of(self, partner: str) -> str:
        """Tell what the partners file calls a partner now."""
        return self.called.get(partner, partner)

    def partner(self, name: str) -> Partner:
        """Find a partner by any name that it has or had in the partners file."""
        return self.partners[name.rpartition("_")[2]]
