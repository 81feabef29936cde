"""The sandbox's partners, their parties and countries, and the tokens of our own drivers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec
import yaml

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


def _partners() -> tuple[Partner, ...]:
    """Read `parties.yaml`, and put each party's country in place of its code."""
    text = Path(__file__).with_name("parties.yaml").read_text(encoding="utf-8")
    stated = yaml.safe_load(text)
    countries = {code: {"code": code, **one} for code, one in stated["countries"].items()}
    for partner in stated["partners"]:
        for party in partner["parties"]:
            party["country"] = countries[party["country"]]
    return msgspec.convert(stated["partners"], tuple[Partner, ...])


PARTNERS = _partners()
