"""The locations and EVSEs of each party, and the status of those that nobody charges at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from pipelines.sandbox.numbers import DAY_S, RandomSource, key_of
from pipelines.sandbox.parties import City, Party, TariffCatalogue
from pipelines.sandbox.tariffs import TariffLine

Current = Literal["AC", "DC"]
SPARE_EVERY = 15
BUILT_DAYS = 420
AC_SHARE = 70
PLAIN_PERCENT = 40
METRES_OF_A_DEGREE = 111_000


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
    """A charge point with its connectors."""

    uid: str  # unique within the party
    evse_id: str  # eMI3 id
    site: Site  # where it stands
    plugs: tuple[Plug, ...]  # connectors; charges use the first
    line: TariffLine  # the tariff its charges are billed by
    tariff_ids: tuple[str, ...]  # what its connectors name, which may lead nowhere


@dataclass(frozen=True, eq=False)
class Site:
    """A location (OCPI Location); position in millionths of a degree."""

    party: Party
    id: str
    name: str
    address: str
    city: City
    latitude: int
    longitude: int
    kind: Current
    opened_at: int  # epoch seconds, from when it is published

    @property
    def zone(self) -> str:
        """IANA time zone."""
        return self.party.country.time_zone

    @property
    def taxes(self) -> dict[str, int]:
        """The rate of each tax on a charge here, in thousandths of a percent."""
        vat = self.party.country.vat
        if self.city.taxes is not None:
            return self.city.taxes
        return {} if vat is None else {"VAT": vat}


@dataclass(frozen=True)
class Places:
    """All EVSEs of a party, by use; `spare` ones are out of order, planned or simply idle."""

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


def plugs_of(kind: Current, draws: RandomSource) -> tuple[Plug, ...]:
    """Return a plausible set of connectors."""
    if kind == "AC":
        ampere = draws.pick((16, 16, 32))
        return (Plug("1", "IEC_62196_T2", "SOCKET", "AC_3_PHASE", 230, ampere, 690 * ampere),)
    volt, ampere = draws.pick(((500, 125), (500, 300), (920, 330)))
    first = Plug("1", "IEC_62196_T2_COMBO", "CABLE", "DC", volt, ampere, volt * ampere)
    if volt * ampere > 100_000:
        return (first,)
    return (first, Plug("2", "CHADEMO", "CABLE", "DC", 500, 100, 50_000))


def places_of(
    party: Party, catalogue: TariffCatalogue, seed: int, now: int, wanted: dict[Current, int]
) -> Places:
    """Return all places of a party, with at least the EVSEs that its traffic needs."""
    draws = RandomSource(seed, "places", *party.code)
    sites: list[Site] = []
    evses: dict[Current, list[Evse]] = {"AC": [], "DC": []}
    spare: list[Evse] = []
    number = 0
    while len(sites) < party.sites or any(len(evses[k]) < wanted[k] for k in evses):
        site = _site(party, len(sites) + 1, draws, now, _kind(draws, evses, wanted))
        sites.append(site)
        for _ in range(draws.between(2, 6)):
            number += 1
            evse = _evse(site, number, catalogue, draws)
            (evses[site.kind] if number % SPARE_EVERY else spare).append(evse)
    return Places(tuple(sites), tuple(evses["AC"]), tuple(evses["DC"]), tuple(spare))


def _kind(
    draws: RandomSource, evses: dict[Current, list[Evse]], wanted: dict[Current, int]
) -> Current:
    kinds: tuple[Current, Current] = ("AC", "DC")
    drawn, other = kinds if draws.below(100) < AC_SHARE else kinds[::-1]
    starved = len(evses[other]) < wanted[other] and len(evses[drawn]) >= wanted[drawn]
    return other if starved and wanted[other] > 100 else drawn


def _site(party: Party, number: int, draws: RandomSource, now: int, kind: Current) -> Site:
    city = draws.pick(party.country.cities)
    street = draws.pick(party.country.streets)
    return Site(
        party=party,
        id=f"{party.party_id}{number:05d}",
        name=f"{city.name} {street}",
        address=f"{street} {draws.between(1, 180)}",
        city=city,
        latitude=city.latitude + draws.between(-15_000, 15_000),
        longitude=city.longitude + draws.between(-15_000, 15_000),
        kind=kind,
        opened_at=now - BUILT_DAYS * DAY_S + draws.below(200 * DAY_S),
    )


def _evse(site: Site, number: int, catalogue: TariffCatalogue, draws: RandomSource) -> Evse:
    country_code, party_id = site.party.code
    lines = catalogue.ac if site.kind == "AC" else catalogue.dc
    line = lines[0] if draws.below(100) < PLAIN_PERCENT else draws.pick(lines)
    named = (line if number % SPARE_EVERY else draws.pick(catalogue.unbilled)).id
    ids = (named, catalogue.second.id) if draws.below(4) == 0 else (named,)
    return Evse(
        uid=f"{party_id}-{number:06d}",
        evse_id=f"{country_code}*{party_id}*E{number:06d}",
        site=site,
        plugs=plugs_of(site.kind, draws),
        line=line,
        tariff_ids=ids,
    )


def distance_m(one: Evse, other: Evse) -> int:
    """Return the distance roughly, and rather too little: a degree of longitude counts half."""
    north = abs(one.site.latitude - other.site.latitude) * METRES_OF_A_DEGREE // 1_000_000
    east = abs(one.site.longitude - other.site.longitude) * METRES_OF_A_DEGREE // 2_000_000
    return max(north, east)


SPARE_STATUSES = ("OUTOFORDER", "AVAILABLE", "INOPERATIVE", "AVAILABLE", "PLANNED", "BLOCKED")
REMOVED_AFTER_S = DAY_S
GONE_AFTER_S = 3 * DAY_S
BROKEN_DAYS = 60
OUTAGE_EVERY_S = 4 * DAY_S
OUTAGE_DAYS = 20


@dataclass(frozen=True)
class EvseStatus:
    """A status of an EVSE, and its beginning."""

    status: str
    since: int


def spare_status(evse: Evse, moment: int, now: int) -> EvseStatus | None:
    """Return the status of an EVSE that nobody uses; None: it is gone.

    Some break for good on a day of the two months before `now`, some break and are repaired again
    and again in its last weeks, and some are removed a day after `now` and gone two days later.
    """
    drawn, status = key_of(0, evse.uid), _drawn_status(evse)
    if status == "BLOCKED":
        return _recurring_outage(evse, moment, now)
    if status in ("PLANNED", "INOPERATIVE") and moment >= now + REMOVED_AFTER_S:
        removed = EvseStatus("REMOVED", now + REMOVED_AFTER_S)
        return removed if moment < now + GONE_AFTER_S else None
    since = now - (1 + drawn // 8 % BROKEN_DAYS) * DAY_S - drawn // 512 % DAY_S
    if moment < since:
        before = "PLANNED" if status == "PLANNED" else "AVAILABLE"
        return EvseStatus(before, evse.site.opened_at)
    return EvseStatus(status, since)


def _recurring_outage(evse: Evse, moment: int, now: int) -> EvseStatus:
    drawn = key_of(0, evse.uid)
    passed = (moment - drawn // 512) % OUTAGE_EVERY_S
    if moment - passed < now - OUTAGE_DAYS * DAY_S:
        return EvseStatus("BLOCKED", evse.site.opened_at)
    length = (3 + drawn // 8 % 33) * 3600
    if passed < length:
        return EvseStatus("OUTOFORDER", moment - passed)
    return EvseStatus("BLOCKED", moment - passed + length)


def spares_to_be(status: str, spare: Iterable[Evse]) -> tuple[Evse, ...]:
    """Return the spare EVSEs that take a status for good, of those drawn for them."""
    return tuple(evse for evse in spare if _drawn_status(evse) == status)


def _drawn_status(evse: Evse) -> str:
    return SPARE_STATUSES[key_of(0, evse.uid) // 64 % len(SPARE_STATUSES)]
