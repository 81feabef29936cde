"""The whole world of a sandbox: every partner's parties with their tariffs, places and ledgers."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.sandbox.book import Book
from pipelines.sandbox.cast import PARTNERS, Partner, Party
from pipelines.sandbox.catalogue import Shelf, shelf_of
from pipelines.sandbox.options import Options
from pipelines.sandbox.places import Current, Places, places_of
from pipelines.sandbox.traffic import Stream

AC_PERCENT = 70
DAYS_BETWEEN_CHARGES_OF_AN_EVSE = 2
DAYS_BETWEEN_CHARGES_OF_A_TOKEN = 4
FEWEST_TOKENS = 40


@dataclass(frozen=True)
class Realm:
    """One party and all that is its own."""

    partner: Partner
    party: Party
    shelf: Shelf
    places: Places
    book: Book


@dataclass(frozen=True)
class World:
    """All realms, by partner; `tokens` is how many tokens of ours are in use."""

    options: Options
    realms: dict[str, tuple[Realm, ...]]
    tokens: int


def world_of(options: Options) -> World:
    """Makes the world that the options describe.

    Args:
        options: seed, size and moment.
    """
    realms: dict[str, list[Realm]] = {partner.name: [] for partner in PARTNERS}
    tokens = 0
    parties = [(partner, party) for partner in PARTNERS for party in partner.parties]
    left = options.cdrs
    for partner, party in reversed(parties):  # the first takes what the shares leave
        first = (partner, party) == parties[0]
        wanted = left if first else options.cdrs * party.share // 100
        left -= wanted
        realm, tokens = _realm(partner, party, wanted, tokens, options)
        realms[partner.name].insert(0, realm)
    return World(options, {name: tuple(made) for name, made in realms.items()}, tokens)


def _realm(
    partner: Partner, party: Party, wanted: int, tokens: int, options: Options
) -> tuple[Realm, int]:
    seed, now = options.seed, options.epoch
    shelf = shelf_of(partner, party, seed, now)
    generous = wanted + wanted // 50 + 20
    ac = Stream(party, "AC", seed, now, generous * AC_PERCENT // 100)
    dc = Stream(party, "DC", seed, now, generous - generous * AC_PERCENT // 100)
    needed: dict[Current, int] = {
        stream.kind: stream.per_day * DAYS_BETWEEN_CHARGES_OF_AN_EVSE for stream in (ac, dc)
    }
    places = places_of(party, shelf, seed, now, needed)
    for stream, evses in ((ac, places.ac), (dc, places.dc)):
        count = max(FEWEST_TOKENS, stream.per_day * DAYS_BETWEEN_CHARGES_OF_A_TOKEN)
        stream.settle(evses, range(tokens, tokens + count))
        tokens += count
    return Realm(partner, party, shelf, places, Book(party, (ac, dc), now, wanted)), tokens
