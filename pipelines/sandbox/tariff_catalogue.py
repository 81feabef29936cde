"""The tariff catalogue of each party: every shape that OCPI knows, with its history."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipelines.sandbox.numbers import DAY_S, RandomSource, key_of, offset
from pipelines.sandbox.parties import Partner, Party
from pipelines.sandbox.tariffs import (
    Component,
    Dimension,
    Element,
    Limit,
    Restrictions,
    Tariff,
    TariffLine,
)

HISTORY_DAYS = 400
CHANGES_DAYS = (64, 23)
NEXT_CHANGE_DAYS = 6
FACTORS = (940, 1080, 1000, 1060)
WORKDAYS = (0, 1, 2, 3, 4)
WEEKEND = (5, 6)
OPEN = Restrictions()
_STATED: dict[str, Dimension] = {
    "flat": "FLAT",
    "energy": "ENERGY",
    "time": "TIME",
    "parking": "PARKING_TIME",
}


@dataclass(frozen=True)
class TariffCatalogue:
    """A party's tariffs."""

    ac: tuple[TariffLine, ...]  # tariffs of AC connectors that drivers use
    dc: tuple[TariffLine, ...]  # tariffs of DC connectors that drivers use
    second: TariffLine  # the ad-hoc tariff that stands on connectors beside the first
    unbilled: tuple[TariffLine, ...]  # published tariffs that only spare connectors name

    @property
    def published(self) -> tuple[TariffLine, ...]:
        """The tariffs that the endpoint lists."""
        return tuple(
            line for line in (*self.ac, *self.dc, self.second, *self.unbilled) if line.published
        )


class _Maker:
    """Builds a party's tariffs around its typical price of a kWh."""

    def __init__(self, partner: Partner, party: Party, seed: int, now: int) -> None:
        self.partner, self.party, self.now = partner, party, now
        self.draws = RandomSource(seed, "tariffs", *party.code)
        self.seed = seed
        self.vat = party.country.vat if partner.taxed else None
        self.base = party.price

    def element(
        self, restrictions: Restrictions = OPEN, **prices: int | tuple[int, int]
    ) -> Element:
        """Return an element; each price may stand with its step size, in Wh or seconds."""
        components = []
        for name, stated in prices.items():
            price, step = stated if isinstance(stated, tuple) else (stated, 1)
            components.append(Component(_STATED[name], price, step, self.vat))
        return Element(tuple(components), restrictions)

    def tariff(self, name: str, *elements: Element, **more: object) -> Tariff:
        """Return the tariff before any change of price."""
        country_code, party_id = self.party.code
        currency = self.party.country.currency
        began = self._evening(HISTORY_DAYS)
        plain = Tariff(country_code, party_id, name, currency, elements, began)
        return replace(plain, **more)  # type: ignore[arg-type]  # names are Tariff's own

    def line(
        self, name: str, *elements: Element, published: bool = True, **more: object
    ) -> TariffLine:
        """Return a tariff whose prices changed twice in the quarter, and change once more soon."""
        first = self.tariff(name, *elements, **more)
        shift = self.draws.below(12)
        days = (HISTORY_DAYS, *(day - shift for day in CHANGES_DAYS), -NEXT_CHANGE_DAYS)
        versions = [
            _scaled(first, factor, self._evening(day))
            for factor, day in zip(FACTORS, days, strict=True)
        ]
        return TariffLine(versions, published=published)

    def fixed(
        self, name: str, *elements: Element, published: bool = True, **more: object
    ) -> TariffLine:
        """Return a tariff that never changed."""
        return TariffLine([self.tariff(name, *elements, **more)], published=published)

    def hourly(self, name: str, level: int) -> TariffLine:
        """Return a dynamic tariff: other prices every hour, all made anew each local midnight."""
        zone = self.party.country.time_zone
        plain = self.tariff(name, text="Hourly prices, published for each day.")

        def of_day(moment: int) -> Tariff:
            local = moment + offset(zone, moment)
            midnight = local // DAY_S * DAY_S
            draws = RandomSource(key_of(self.seed, name, *self.party.code), str(midnight))
            elements = tuple(
                self.element(
                    Restrictions(start_time=hour * 60, end_time=(hour + 1) % 24 * 60),
                    energy=level + 20 * draws.below(80),
                )
                for hour in range(24)
            )
            return replace(plain, elements=elements, last_updated=_utc(midnight, zone))

        return TariffLine([of_day(self.now)], daily=of_day)

    def _evening(self, days_ago: int) -> int:
        return (self.now // DAY_S - days_ago) * DAY_S + 22 * 3600


def _utc(local: int, zone: str) -> int:
    return local - offset(zone, local - offset(zone, local))


def _scaled(tariff: Tariff, factor: int, last_updated: int) -> Tariff:
    """Return the tariff with energy prices at so many thousandths, in force from a moment."""
    elements = tuple(
        replace(
            element,
            components=tuple(
                replace(c, price=c.price * factor // 10_000 * 10) if c.dimension == "ENERGY" else c
                for c in element.components
            ),
        )
        for element in tariff.elements
    )
    return replace(tariff, elements=elements, last_updated=last_updated)


def catalogue_of(partner: Partner, party: Party, seed: int, now: int) -> TariffCatalogue:
    """Return all tariffs of a party.

    Args:
        partner: its platform; 2.1.1 knows fewer shapes.
        party: the party.
        seed: the sandbox's seed.
        now: epoch seconds.
    """
    make = _Maker(partner, party, seed, now)
    old = partner.version == "2.1.1"
    ac = _plain_ac(make) + ([] if old else _modern_ac(make))
    dc = _plain_dc(make) + ([] if old else _modern_dc(make))
    if partner.version == "2.3.0":
        ac.append(
            make.line("AC-GROSS", make.element(energy=make.base * 5 // 4), tax_included="YES")
        )
    kind = "REGULAR" if old else "AD_HOC_PAYMENT"
    second = make.fixed("ADHOC", make.element(energy=make.base * 3 // 2, flat=5000), kind=kind)
    return TariffCatalogue(tuple(ac), tuple(dc), second, tuple(_unbilled(make, old=old)))


def _plain_ac(make: _Maker) -> list[TariffLine]:
    base, e = make.base, make.element
    night = Restrictions(start_time=23 * 60, end_time=7 * 60)
    return [
        make.line("AC-KWH", e(energy=base)),
        make.line("AC-START", e(energy=base * 9 // 10, flat=3500)),
        make.line("AC-STAY", e(energy=base, parking=(12_000, 300))),
        make.line(
            "AC-GRACE", e(Restrictions(min_duration=4 * 3600), parking=(20_000, 60)), e(energy=base)
        ),
        make.line("AC-NIGHT", e(night, energy=base * 7 // 10), e(energy=base * 11 // 10)),
        make.line("AC-TIME", e(time=(18_000, 900))),
        make.line("AC-TIMEPARK", e(time=(15_000, 300), parking=(6_000, 900))),
        make.line("AC-STEP", e(energy=(base, 1000))),
        make.fixed("AC-PRIVATE", e(energy=base * 8 // 10), published=False),
        make.fixed("AC-FREE", e(flat=0)),
    ]


def _modern_ac(make: _Maker) -> list[TariffLine]:
    base, e = make.base, make.element
    work = Restrictions(start_time=8 * 60, end_time=18 * 60, weekdays=WORKDAYS)
    weekend = Restrictions(weekdays=WEEKEND)
    vat = make.vat
    no_tax = Element((Component("ENERGY", base, 1, None),))
    return [
        make.line("AC-WORK", e(work, energy=base * 12 // 10), e(weekend, energy=base * 8 // 10),
                  e(energy=base)),
        make.line("AC-LIMIT", e(energy=base, flat=2000), min_price=_limit(300, vat),
                  max_price=_limit(1200, vat)),
        make.line("AC-KWHTIER", e(Restrictions(max_wh=10_000), energy=base * 9 // 10),
                  e(Restrictions(min_wh=10_000), energy=base * 11 // 10)),
        make.line("AC-LONG", e(Restrictions(max_duration=2 * 3600), time=12_000),
                  e(Restrictions(min_duration=2 * 3600), time=24_000)),
        make.line("AC-RESERVE",
                  e(Restrictions(reservation="RESERVATION_EXPIRES"), flat=20_000,
                    time=(60_000, 300)),
                  e(Restrictions(reservation="RESERVATION"), time=(30_000, 60), flat=5000),
                  e(energy=base)),
        make.line("AC-NOTAX", no_tax),
        make.hourly("AC-HOURLY", base * 7 // 10),
    ]  # fmt: skip


def _plain_dc(make: _Maker) -> list[TariffLine]:
    base, e = make.base * 14 // 10, make.element
    peak = Restrictions(start_time=16 * 60, end_time=20 * 60)
    return [
        make.line("DC-KWH", e(energy=base)),
        make.line("DC-SESSION", e(energy=base * 9 // 10, flat=10_000)),
        make.line("DC-KWHTIER", e(Restrictions(max_wh=30_000), energy=base),
                  e(energy=base * 12 // 10)),
        make.line("DC-PEAK", e(peak, energy=base * 12 // 10), e(energy=base)),
    ]  # fmt: skip


def _modern_dc(make: _Maker) -> list[TariffLine]:
    base, e, vat = make.base * 14 // 10, make.element, make.vat
    return [
        make.line("DC-POWER", e(Restrictions(max_power=50_000), energy=base * 8 // 10),
                  e(Restrictions(min_power=50_000), energy=base * 11 // 10)),
        make.line("DC-MAX", e(energy=base), max_price=_limit(2500, vat)),
        make.line("DC-STAY", e(Restrictions(min_duration=2700), parking=(60_000, 60)),
                  e(energy=(base, 100))),
        make.hourly("DC-HOURLY", base * 8 // 10),
    ]  # fmt: skip


def _unbilled(make: _Maker, *, old: bool) -> list[TariffLine]:
    """Published, never billed: what a linter should see."""
    base, e = make.base, make.element
    shapes = [
        make.fixed("SHOW-OVERSTAY", e(energy=base, parking=(100_000, 86_400))),
        make.fixed("SHOW-LASTMINUTE", e(Restrictions(start_time=0, end_time=1439), energy=base)),
    ]
    if not old:
        never = Restrictions(start_date="2026-06-01", end_date="2026-06-01")
        weak = Restrictions(max_current=16)
        shapes += [
            make.fixed("SHOW-NEVER", e(never, energy=base)),
            make.fixed("SHOW-CURRENT", e(weak, energy=base * 9 // 10), e(energy=base)),
            make.fixed("SHOW-GREEN", e(energy=base), kind="PROFILE_GREEN"),
        ]
    return shapes


def _limit(net: int, vat: int | None) -> Limit:
    return Limit(net, None if vat is None else (net * (100_000 + vat) + 50_000) // 100_000)
