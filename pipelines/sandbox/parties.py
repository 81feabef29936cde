"""The sandbox's partners, their parties with countries and tariffs, and our own drivers' tokens.

`tariffs.yaml` states every shape of a tariff that OCPI knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, get_args

import msgspec

from pipelines.sandbox.numbers import DAY_S, RandomSource, key_of, offset, tax_of
from pipelines.sandbox.tariffs import (
    Component,
    Dimension,
    Element,
    Limit,
    Restrictions,
    Tariff,
    TariffLine,
)

T = TypeVar("T")
EMSP = ("NL", "EMS")
EMSP_NAME = "Emmer Mobility"
RETIRED = 40


class City(msgspec.Struct, frozen=True, array_like=True):
    """A city centre; position in millionths of a degree, taxes where they differ by region."""

    name: str
    latitude: int
    longitude: int
    postal_code: str
    state: str | None = None
    taxes: dict[str, int] | None = None


@dataclass(frozen=True)
class Country:
    """A country that parties charge in; tax rates in thousandths of a percent (21 % is 21,000)."""

    code: str
    alpha3: str
    currency: str
    time_zone: str
    vat: int | None
    streets: tuple[str, ...]
    cities: tuple[City, ...]


@dataclass(frozen=True)
class Party:
    """An OCPI party with charge points."""

    country: Country  # where its charge points are
    party_id: str  # three letters
    name: str  # trading name
    share: int  # its part of all CDRs, in percent
    sites: int  # locations it has at least
    price: int  # typical AC price of a kWh, in ten-thousandths of its currency

    @property
    def code(self) -> tuple[str, str]:
        """`(country_code, party_id)`."""
        return (self.country.code, self.party_id)


@dataclass(frozen=True)
class Partner:
    """One connection: an OCPI platform with its own token and path."""

    name: str  # our name for it
    version: str  # OCPI version whose modules it serves; older ones may be listed beside it
    versions: tuple[str, ...]  # all versions it lists
    parties: tuple[Party, ...]  # the CPOs behind it
    modules: tuple[str, ...]  # identifiers it offers
    hour_decimals: int  # decimals its hours are stated with
    taxed: bool  # whether its CDRs carry taxes (False: reverse charge)
    base64_token: bool = True  # whether it expects the token base64-encoded
    hub_party: tuple[str, str] | None = None  # the hub's own party; None for a plain CPO

    @property
    def token(self) -> str:
        """The default token, plainly fake."""
        return f"sandbox-token-{self.name}-not-a-secret"

    @property
    def token_env(self) -> str:
        """The environment variable that holds its token."""
        return f"{self.name.upper()}_TOKEN"


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """One of our drivers' tokens, as CDRs and sessions state it (OCPI CdrToken)."""

    country_code: str = EMSP[0]
    party_id: str = EMSP[1]
    uid: str
    kind: str = msgspec.field(default="RFID", name="type")
    contract_id: str


def token(number: int) -> Token:
    """Return the token with this number; its uid and contract id are the same in every module."""
    contract_id = f"{'-'.join(EMSP)}-C{number:07d}-{'ABCDEFGHKX'[number % 10]}"
    if number % 5 == 4:
        return Token(uid=f"APP{number:08d}", kind="APP_USER", contract_id=contract_id)
    return Token(uid=f"{0x04A2B3C4D50000 + number * 97:014X}", contract_id=contract_id)


def retired(number: int) -> Token:
    """Return a token that is no longer valid."""
    return Token(uid=f"04FFEE{number:08X}", contract_id=f"{'-'.join(EMSP)}-X{number:07d}-Z")


def read_yaml(file: str, kind: type[T]) -> T:
    """Return what a YAML file of the sandbox states."""
    return msgspec.yaml.decode(Path(__file__).with_name(file).read_bytes(), type=kind)


def _partners() -> tuple[Partner, ...]:
    """Read `parties.yaml`, and put each party's country in place of its code."""
    file = read_yaml("parties.yaml", dict[str, Any])
    countries = {code: {"code": code, **one} for code, one in file["countries"].items()}
    for partner in file["partners"]:
        for party in partner["parties"]:
            party["country"] = countries[party["country"]]
    return msgspec.convert(file["partners"], tuple[Partner, ...])


PARTNERS = _partners()


HISTORY_DAYS = 400
CHANGES_DAYS = (64, 23)
NEXT_CHANGE_DAYS = 6
FACTORS = (940, 1080, 1000, 1060)
DC_PERCENT = 140
STATED = read_yaml("tariffs.yaml", dict[str, dict[str, Any]])


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
        lines = (*self.ac, *self.dc, self.second, *self.unbilled)
        return tuple(line for line in lines if line.published)

    def named(self, name: str) -> TariffLine:
        """Return the published tariff of an id."""
        return next(line for line in self.published if line.id == name)


def catalogue_of(partner: Partner, party: Party, seed: int, now: int) -> TariffCatalogue:
    """Return all tariffs of a party; a platform of 2.1.1 knows fewer shapes."""
    make = _TariffMaker(party, party.country.vat if partner.taxed else None, seed, now)
    lines = {
        name: make.line(name, stated)
        for name, stated in STATED.items()
        if partner.version >= stated.get("since", "")
    }

    def group(prefix: str) -> tuple[TariffLine, ...]:
        return tuple(line for name, line in lines.items() if name.startswith(prefix))

    return TariffCatalogue(group("AC-"), group("DC-"), lines["ADHOC"], group("SHOW-"))


class _TariffMaker:
    """Makes a party's tariffs of what `tariffs.yaml` states."""

    def __init__(self, party: Party, vat: int | None, seed: int, now: int) -> None:
        self.party, self.vat, self.seed, self.now = party, vat, seed, now
        self.draws = RandomSource(seed, "tariffs", *party.code)

    def line(self, name: str, stated: Mapping[str, Any]) -> TariffLine:
        """Return a tariff with its versions."""
        first = self._tariff(name, stated)
        if "hourly" in stated:
            return self._hourly(first, self._energy_price(name, stated["hourly"]))
        versions = [first] if stated.get("fixed") else self._history(first)
        return TariffLine(versions, published=stated.get("published", True))

    def _tariff(self, name: str, stated: Mapping[str, Any]) -> Tariff:
        """Return a tariff before any change of its prices."""
        vat = self.vat if stated.get("taxed", True) else None
        return Tariff(
            *self.party.code,
            name,
            self.party.country.currency,
            tuple(self._element(name, one, vat) for one in stated.get("elements", ())),
            self._evening(HISTORY_DAYS),
            kind=stated.get("kind", "REGULAR"),
            min_price=self._limit(stated.get("min_price")),
            max_price=self._limit(stated.get("max_price")),
            tax_included=stated.get("tax_included", "NO"),
            text=stated.get("text"),
        )

    def _element(self, name: str, stated: Mapping[Any, Any], vat: int | None) -> Element:
        components: list[Component] = []
        restrictions: dict[str, Any] = {}
        for member, value in stated.items():
            if member not in get_args(Dimension):
                restrictions[member] = tuple(value) if isinstance(value, list) else value
                continue
            price, step = value if isinstance(value, list) else (value, 1)
            if member == "ENERGY":
                price = self._energy_price(name, price)
            components.append(Component(member, price, step, vat))
        return Element(tuple(components), Restrictions(**restrictions))

    def _energy_price(self, name: str, percent: int) -> int:
        base = self.party.price
        return (base * DC_PERCENT // 100 if name.startswith("DC-") else base) * percent // 100

    def _limit(self, net: int | None) -> Limit | None:
        gross = None if net is None or self.vat is None else net + tax_of(net, self.vat)
        return None if net is None else Limit(net, gross)

    def _history(self, first: Tariff) -> list[Tariff]:
        """Return versions: prices changed twice in the quarter, and change once more soon."""
        shift = self.draws.below(12)
        days = (HISTORY_DAYS, *(day - shift for day in CHANGES_DAYS), -NEXT_CHANGE_DAYS)
        versions = []
        for factor, day in zip(FACTORS, days, strict=True):
            scaled = first.with_components(partial(_scaled, factor=factor))
            versions.append(replace(scaled, last_updated=self._evening(day)))
        return versions

    def _hourly(self, plain: Tariff, level: int) -> TariffLine:
        """Return a dynamic tariff: other prices every hour, all made anew each local midnight."""
        zone = self.party.country.time_zone

        def of_day(moment: int) -> Tariff:
            midnight = (moment + offset(zone, moment)) // DAY_S * DAY_S
            draws = RandomSource(key_of(self.seed, plain.id, *self.party.code), str(midnight))
            elements = []
            for hour in range(24):
                price = Component("ENERGY", level + 20 * draws.below(80), vat=self.vat)
                clock = Restrictions(start_time=hour * 60, end_time=(hour + 1) % 24 * 60)
                elements.append(Element((price,), clock))
            changed = midnight - offset(zone, midnight - offset(zone, midnight))
            return replace(plain, elements=tuple(elements), last_updated=changed)

        return TariffLine([of_day(self.now)], daily=of_day)

    def _evening(self, days_ago: int) -> int:
        return (self.now // DAY_S - days_ago) * DAY_S + 22 * 3600


def _scaled(one: Component, factor: int) -> Component:
    """Return a price of energy at so many thousandths, in steps of a thousandth."""
    scaled = replace(one, price=one.price * factor // 10_000 * 10)
    return scaled if one.dimension == "ENERGY" else one
