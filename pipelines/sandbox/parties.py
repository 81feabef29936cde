"""The sandbox's partners, their parties and countries, and the tokens of our own drivers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

EMSP = ("NL", "EMS")
EMSP_NAME = "Emmer Mobility"
RETIRED = 40


@dataclass(frozen=True)
class Tax:
    """One tax on a charge; `rate` in thousandths of a percent (21 % is 21,000)."""

    name: str
    rate: int


@dataclass(frozen=True)
class City:
    """A city centre; position in millionths of a degree, taxes where they differ by region."""

    name: str
    latitude: int
    longitude: int
    postal_code: str
    state: str | None = None
    taxes: tuple[Tax, ...] | None = None


@dataclass(frozen=True)
class Country:
    """A country that parties charge in."""

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


@dataclass(frozen=True)
class Token:
    """One of our drivers' tokens (OCPI Token)."""

    uid: str
    kind: str
    contract_id: str
    valid: bool = True


def token(number: int) -> Token:
    """Return the token with this number; its uid and contract id are the same in every module."""
    contract_id = f"{'-'.join(EMSP)}-C{number:07d}-{'ABCDEFGHKX'[number % 10]}"
    if number % 5 == 4:
        return Token(f"APP{number:08d}", "APP_USER", contract_id)
    return Token(f"{0x04A2B3C4D50000 + number * 97:014X}", "RFID", contract_id)


def retired(number: int) -> Token:
    """Return a token that is no longer valid."""
    return Token(f"04FFEE{number:08X}", "RFID", f"{'-'.join(EMSP)}-X{number:07d}-Z", False)


def _city(name: str, latitude: int, longitude: int, postal_code: str, *region: Any) -> City:
    if not region:
        return City(name, latitude, longitude, postal_code)
    state, taxes = region
    rates = tuple(Tax(tax, rate) for tax, rate in taxes.items())
    return City(name, latitude, longitude, postal_code, state, rates)


def _country(code: str, stated: dict[str, Any]) -> Country:
    cities = tuple(_city(*city) for city in stated["cities"])
    return Country(code, **{**stated, "streets": tuple(stated["streets"]), "cities": cities})


_COUNTRIES = {
    code: _country(code, stated)
    for code, stated in yaml.safe_load(
        Path(__file__).with_name("countries.yaml").read_text(encoding="utf-8")
    ).items()
}
_CPO = ("credentials", "locations", "tariffs", "sessions", "cdrs")


def _party(country: str, party_id: str, name: str, share: int, sites: int, price: int) -> Party:
    return Party(_COUNTRIES[country], party_id, name, share, sites, price)


PARTNERS = (
    Partner(
        "voltix", "2.2.1", ("2.1.1", "2.2.1"),
        (_party("NL", "VLX", "Voltix Laden", 36, 120, 4200),),
        (*_CPO, "tokens"), hour_decimals=4, taxed=True,
    ),
    Partner(
        "lumen", "2.1.1", ("2.1.1",), (_party("GB", "LMN", "Lumen Charging", 20, 90, 5200),),
        _CPO, hour_decimals=4, taxed=False, base64_token=False,
    ),
    Partner(
        "borealis", "2.3.0", ("2.2.1", "2.3.0"),
        (
            _party("CA", "BRL", "Borealis Canada", 12, 50, 4500),
            _party("FI", "BRF", "Borealis Suomi", 10, 40, 2900),
        ),
        (*_CPO, "invoicereconciliation"), hour_decimals=6, taxed=True,
    ),
    Partner(
        "gridlink", "2.2.1", ("2.2.1",),
        (
            _party("NL", "KAD", "Kade Stroom", 8, 40, 3900),
            _party("PT", "SOL", "Solar Rede", 8, 40, 3500),
            _party("FI", "TUN", "Tunturi Lataus", 6, 40, 3100),
        ),
        (*_CPO, "tokens", "hubclientinfo"), hour_decimals=6, taxed=False,
        hub_party=("DE", "GRL"),
    ),
)  # fmt: skip
