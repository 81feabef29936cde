"""Where one can charge: the locations and EVSEs of each party."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from pipelines.sandbox.cast import City, Party, Tax
from pipelines.sandbox.catalogue import Shelf
from pipelines.sandbox.chance import Dice
from pipelines.sandbox.clock import DAY_S
from pipelines.sandbox.shapes import TariffLine

Current = Literal["AC", "DC"]
SPARE_EVERY = 15
BUILT_DAYS = 420
AC_SHARE = 70
PLAIN_PERCENT = 40


@dataclass(frozen=True)
class Plug:
    """A connector (OCPI Connector); power in W, as its voltage and current give it."""

    id: str
    standard: str
    format: str
    power_type: str
    volt: int
    ampere: int
    watt: int


@dataclass(frozen=True, eq=False)
class Evse:
    """A charge point with its connectors.

    Args:
        uid: unique within the party.
        evse_id: eMI3 id.
        site: where it stands.
        plugs: connectors; charges use the first.
        line: the tariff its charges are billed by.
        tariff_ids: what its connectors name, which may lead nowhere.
        spare: stands ready for no charge: out of order, planned or simply idle.
    """

    uid: str
    evse_id: str
    site: Site
    plugs: tuple[Plug, ...]
    line: TariffLine
    tariff_ids: tuple[str, ...]
    spare: bool


@dataclass(frozen=True, eq=False)
class Site:
    """A location (OCPI Location); position in millionths of a degree.

    Args:
        opened_at: epoch seconds from which it is published.
    """

    party: Party
    id: str
    name: str
    address: str
    city: City
    latitude: int
    longitude: int
    kind: Current
    opened_at: int

    @property
    def zone(self) -> str:
        """IANA time zone."""
        return self.party.country.time_zone

    @property
    def taxes(self) -> tuple[Tax, ...]:
        """Taxes on a charge here."""
        if self.city.taxes is not None:
            return self.city.taxes
        vat = self.party.country.vat
        return () if vat is None else (Tax("VAT", vat),)


@dataclass(frozen=True)
class Places:
    """All EVSEs of a party, by use; `spare` ones never see a charge of the clean world."""

    sites: tuple[Site, ...]
    ac: tuple[Evse, ...]
    dc: tuple[Evse, ...]
    spare: tuple[Evse, ...]

    @cached_property
    def by_site(self) -> dict[str, list[Evse]]:
        """The EVSEs of each location, in order of uid."""
        found: dict[str, list[Evse]] = {site.id: [] for site in self.sites}
        for evse in sorted((*self.ac, *self.dc, *self.spare), key=lambda evse: evse.uid):
            found[evse.site.id].append(evse)
        return found


def plugs_of(kind: Current, dice: Dice) -> tuple[Plug, ...]:
    """A plausible set of connectors."""
    if kind == "AC":
        ampere = dice.pick((16, 16, 32))
        return (Plug("1", "IEC_62196_T2", "SOCKET", "AC_3_PHASE", 230, ampere, 690 * ampere),)
    volt, ampere = dice.pick(((500, 125), (500, 300), (920, 330)))
    first = Plug("1", "IEC_62196_T2_COMBO", "CABLE", "DC", volt, ampere, volt * ampere)
    if volt * ampere > 100_000:
        return (first,)
    return (first, Plug("2", "CHADEMO", "CABLE", "DC", 500, 100, 50_000))


def places_of(
    party: Party, shelf: Shelf, seed: int, now: int, wanted: dict[Current, int]
) -> Places:
    """All places of a party.

    Args:
        party: the party.
        shelf: its tariffs.
        seed: the sandbox's seed.
        now: epoch seconds.
        wanted: EVSEs that the traffic needs at least, by current.
    """
    dice = Dice(seed, "places", *party.code)
    sites: list[Site] = []
    evses: dict[Current, list[Evse]] = {"AC": [], "DC": []}
    spare: list[Evse] = []
    number = 0
    while len(sites) < party.sites or any(len(evses[k]) < wanted[k] for k in evses):
        site = _site(party, len(sites) + 1, dice, now, _kind(dice, evses, wanted))
        sites.append(site)
        for _ in range(dice.between(2, 6)):
            number += 1
            evse = _evse(site, number, shelf, dice)
            (spare if evse.spare else evses[site.kind]).append(evse)
    return Places(tuple(sites), tuple(evses["AC"]), tuple(evses["DC"]), tuple(spare))


def _kind(dice: Dice, evses: dict[Current, list[Evse]], wanted: dict[Current, int]) -> Current:
    drawn: Current = "AC" if dice.below(100) < AC_SHARE else "DC"
    other: Current = "DC" if drawn == "AC" else "AC"
    starved = len(evses[other]) < wanted[other] and len(evses[drawn]) >= wanted[drawn]
    return other if starved and wanted[other] > 100 else drawn


def _site(party: Party, number: int, dice: Dice, now: int, kind: Current) -> Site:
    city = dice.pick(party.country.cities)
    street = dice.pick(party.country.streets)
    return Site(
        party=party,
        id=f"{party.party_id}{number:05d}",
        name=f"{city.name} {street}",
        address=f"{street} {dice.between(1, 180)}",
        city=city,
        latitude=city.latitude + dice.between(-15_000, 15_000),
        longitude=city.longitude + dice.between(-15_000, 15_000),
        kind=kind,
        opened_at=now - BUILT_DAYS * DAY_S + dice.below(200 * DAY_S),
    )


def _evse(site: Site, number: int, shelf: Shelf, dice: Dice) -> Evse:
    country_code, party_id = site.party.code
    lines: Sequence[TariffLine] = shelf.ac if site.kind == "AC" else shelf.dc
    line = lines[0] if dice.below(100) < PLAIN_PERCENT else dice.pick(lines)
    spare = number % SPARE_EVERY == 0
    named = (dice.pick(shelf.shown) if spare else line).id
    ids = (named, shelf.second.id) if dice.below(4) == 0 else (named,)
    return Evse(
        uid=f"{party_id}-{number:06d}",
        evse_id=f"{country_code}*{party_id}*E{number:06d}",
        site=site,
        plugs=plugs_of(site.kind, dice),
        line=line,
        tariff_ids=ids,
        spare=spare,
    )
