"""Who plays: the sandbox's partners, their parties, countries, tokens and what each speaks."""

from __future__ import annotations

from dataclasses import dataclass

EMSP = ("NL", "EMS")
EMSP_NAME = "Emmer Mobility"


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
    """An OCPI party with charge points.

    Args:
        country: where its charge points are.
        party_id: three letters.
        name: trading name.
        share: its part of all CDRs, in percent.
        sites: locations it has at least.
        price: typical AC price of a kWh, in ten-thousandths of its currency.
    """

    country: Country
    party_id: str
    name: str
    share: int
    sites: int
    price: int

    @property
    def code(self) -> tuple[str, str]:
        """`(country_code, party_id)`."""
        return (self.country.code, self.party_id)


@dataclass(frozen=True)
class Partner:
    """One connection: an OCPI platform with its own token and path.

    Args:
        name: our name for it.
        version: OCPI version whose modules it serves; older ones may be listed beside it.
        versions: all versions it lists.
        parties: the CPOs behind it.
        hub_party: the hub's own party; None for a plain CPO.
        base64_token: whether it expects the token base64-encoded.
        token: default token, plainly fake.
        modules: identifiers it offers.
        hour_decimals: decimals its hours are stated with.
        taxed: whether its CDRs carry taxes (False: reverse charge).
    """

    name: str
    version: str
    versions: tuple[str, ...]
    parties: tuple[Party, ...]
    hub_party: tuple[str, str] | None
    base64_token: bool
    token: str
    modules: tuple[str, ...]
    hour_decimals: int
    taxed: bool

    @property
    def token_env(self) -> str:
        """The environment variable that holds its token."""
        return f"{self.name.upper()}_TOKEN"


def _city(name: str, latitude: float, longitude: float, postal_code: str) -> City:
    return City(name, round(latitude * 1_000_000), round(longitude * 1_000_000), postal_code)


def _canadian(
    name: str, latitude: float, longitude: float, postal_code: str, state: str, *taxes: Tax
) -> City:
    centre = _city(name, latitude, longitude, postal_code)
    return City(name, centre.latitude, centre.longitude, postal_code, state, taxes)


_HST = Tax("HST", 13_000)
_QUEBEC = (Tax("GST", 5_000), Tax("QST", 9_975))

NETHERLANDS = Country(
    "NL", "NLD", "EUR", "Europe/Amsterdam", 21_000,
    ("Lindenlaan", "Stationsweg", "Molenstraat", "Kerkpad", "Parallelweg"),
    (
        _city("Utrecht", 52.0907, 5.1214, "3511"),
        _city("Eindhoven", 51.4416, 5.4697, "5611"),
        _city("Arnhem", 51.9851, 5.8987, "6811"),
        _city("Apeldoorn", 52.2112, 5.9699, "7311"),
        _city("Groningen", 53.2194, 6.5665, "9711"),
        _city("Maastricht", 50.8514, 5.6910, "6211"),
        _city("Breda", 51.5719, 4.7683, "4811"),
        _city("Tilburg", 51.5555, 5.0913, "5011"),
        _city("Enschede", 52.2215, 6.8937, "7511"),
        _city("Amersfoort", 52.1561, 5.3878, "3811"),
    ),
)  # fmt: skip
BRITAIN = Country(
    "GB", "GBR", "GBP", "Europe/London", 20_000,
    ("High Street", "Station Road", "Mill Lane", "Church Road", "Park Avenue"),
    (
        _city("Leeds", 53.8008, -1.5491, "LS1 1AA"),
        _city("Birmingham", 52.4862, -1.8904, "B1 1AA"),
        _city("Manchester", 53.4808, -2.2426, "M1 1AA"),
        _city("Oxford", 51.7520, -1.2577, "OX1 1AA"),
        _city("Nottingham", 52.9548, -1.1581, "NG1 1AA"),
        _city("Derby", 52.9225, -1.4746, "DE1 1AA"),
        _city("Reading", 51.4543, -0.9781, "RG1 1AA"),
        _city("Sheffield", 53.3811, -1.4701, "S1 1AA"),
    ),
)  # fmt: skip
FINLAND = Country(
    "FI", "FIN", "EUR", "Europe/Helsinki", 25_500,
    ("Asematie", "Koivukatu", "Rantatie", "Kauppakatu", "Myllytie"),
    (
        _city("Tampere", 61.4978, 23.7610, "33100"),
        _city("Lahti", 60.9827, 25.6612, "15110"),
        _city("Jyväskylä", 62.2426, 25.7473, "40100"),
        _city("Kuopio", 62.8924, 27.6770, "70100"),
        _city("Hämeenlinna", 60.9929, 24.4590, "13100"),
        _city("Seinäjoki", 62.7903, 22.8403, "60100"),
    ),
)  # fmt: skip
PORTUGAL = Country(
    "PT", "PRT", "EUR", "Europe/Lisbon", 23_000,
    ("Rua das Flores", "Avenida da Liberdade", "Rua do Sol", "Largo da Igreja", "Rua Nova"),
    (
        _city("Braga", 41.5454, -8.4265, "4700-001"),
        _city("Coimbra", 40.2033, -8.4103, "3000-001"),
        _city("Évora", 38.5714, -7.9135, "7000-001"),
        _city("Viseu", 40.6566, -7.9125, "3500-001"),
        _city("Leiria", 39.7436, -8.8071, "2400-001"),
        _city("Santarém", 39.2362, -8.6868, "2000-001"),
    ),
)  # fmt: skip
CANADA = Country(
    "CA", "CAN", "CAD", "America/Toronto", None,
    ("Maple Street", "King Street", "Lakeview Road", "Queen Street", "Mill Road"),
    (
        _canadian("Kitchener", 43.4516, -80.4925, "N2G 1A1", "ON", _HST),
        _canadian("London", 42.9849, -81.2453, "N6A 1A1", "ON", _HST),
        _canadian("Guelph", 43.5448, -80.2482, "N1H 1A1", "ON", _HST),
        _canadian("Sherbrooke", 45.4042, -71.8929, "J1H 1A1", "QC", *_QUEBEC),
        _canadian("Granby", 45.4001, -72.7329, "J2G 1A1", "QC", *_QUEBEC),
    ),
)  # fmt: skip

_CPO = ("credentials", "locations", "tariffs", "sessions", "cdrs")

PARTNERS = (
    Partner(
        name="voltix", version="2.2.1", versions=("2.1.1", "2.2.1"),
        parties=(Party(NETHERLANDS, "VLX", "Voltix Laden", 36, 120, 4200),),
        hub_party=None, base64_token=True, token="sandbox-token-voltix-not-a-secret",  # noqa: S106
        modules=(*_CPO, "tokens"), hour_decimals=4, taxed=True,
    ),
    Partner(
        name="lumen", version="2.1.1", versions=("2.1.1",),
        parties=(Party(BRITAIN, "LMN", "Lumen Charging", 20, 90, 5200),),
        hub_party=None, base64_token=False, token="sandbox-token-lumen-not-a-secret",  # noqa: S106
        modules=_CPO, hour_decimals=4, taxed=False,
    ),
    Partner(
        name="borealis", version="2.3.0", versions=("2.2.1", "2.3.0"),
        parties=(
            Party(CANADA, "BRL", "Borealis Canada", 12, 50, 4500),
            Party(FINLAND, "BRF", "Borealis Suomi", 10, 40, 2900),
        ),
        hub_party=None, base64_token=True, token="sandbox-token-borealis-not-a-secret",  # noqa: S106
        modules=(*_CPO, "invoicereconciliation"), hour_decimals=6, taxed=True,
    ),
    Partner(
        name="gridlink", version="2.2.1", versions=("2.2.1",),
        parties=(
            Party(NETHERLANDS, "KAD", "Kade Stroom", 8, 40, 3900),
            Party(PORTUGAL, "SOL", "Solar Rede", 8, 40, 3500),
            Party(FINLAND, "TUN", "Tunturi Lataus", 6, 40, 3100),
        ),
        hub_party=("DE", "GRL"), base64_token=True, token="sandbox-token-gridlink-not-a-secret",  # noqa: S106
        modules=(*_CPO, "tokens", "hubclientinfo"), hour_decimals=6, taxed=False,
    ),
)  # fmt: skip
