"""The whole world of a sandbox: every partner's parties with their tariffs, places and ledgers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from pipelines.sandbox.book import Book
from pipelines.sandbox.cast import Partner, Party
from pipelines.sandbox.catalogue import Shelf, shelf_of
from pipelines.sandbox.chance import Ints
from pipelines.sandbox.mishap import Scene
from pipelines.sandbox.options import Options
from pipelines.sandbox.places import Current, Places, places_of
from pipelines.sandbox.plan import ERRORS, LOOKALIKES, Candidate, Planned, candidates, planned
from pipelines.sandbox.standing import broken_ones, idle_ones
from pipelines.sandbox.tokens import Token
from pipelines.sandbox.traffic import Stream

AC_PERCENT = 70
STRANGERS = 10_000_000
MOST_MISHAPS = 1000
BATCH = 256
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
    """All realms, by partner.

    Args:
        options: what was asked for.
        realms: the parties of each partner.
        tokens: how many tokens of ours are in ordinary use.
        strangers: tokens of ours that only appear where something went wrong.
    """

    options: Options
    realms: dict[str, tuple[Realm, ...]]
    tokens: int
    strangers: tuple[Token, ...]


def world_of(options: Options) -> World:
    """Makes the world that the options describe.

    Args:
        options: seed, size and moment.
    """
    realms: dict[str, list[Realm]] = {one.name: [] for one in options.partners}
    tokens = 0
    parties = [(partner, party) for partner in options.partners for party in partner.parties]
    shares = sum(party.share for _, party in parties)
    left = options.cdrs
    for partner, party in reversed(parties):  # the first takes what the shares leave
        first = (partner, party) == parties[0]
        wanted = left if first else options.cdrs * party.share // shares
        left -= wanted
        realm, tokens = _realm(partner, party, wanted, tokens, options)
        realms[partner.name].insert(0, realm)
    made = {name: tuple(members) for name, members in realms.items()}
    strangers: dict[Token, None] = {}
    for number, realm in enumerate(realm for members in made.values() for realm in members):
        entries = plan_of(realm, options, STRANGERS * (number + 1))
        realm.book.happen(entries)
        strangers.update((token, None) for entry in entries for token in _strangers(entry))
    return World(options, made, tokens, tuple(strangers))


def plan_of(realm: Realm, options: Options, stranger: int) -> list[Planned]:
    """What goes wrong at a party, and what only looks as if it did."""
    book, places, now = realm.book, realm.places, options.epoch
    idle, broken = idle_ones(places.spare, now), broken_ones(places.spare, now)
    scene = Scene(realm.partner, realm.shelf, now, tuple(idle), tuple(broken), stranger)
    errors = min(book.wanted * options.errors_permille // 1000, MOST_MISHAPS)
    looks = errors // 3
    tried = _tried(book, (errors + looks) * 2, options.seed)
    entries = list(planned(tried, ERRORS, errors, scene))
    return entries + list(planned(tried, LOOKALIKES, looks, scene))


def _tried(book: Book, wanted: int, seed: int) -> Iterator[Candidate]:
    """Charges in the order of trying: two of AC, then one of DC."""
    streams = []
    for number, stream in enumerate(book.streams):
        numbers = candidates(stream, wanted, seed)
        streams.append(_candidates(book, number, numbers))
    ac, dc = streams
    for one in dc:
        yield from islice(ac, 2)
        yield one
    yield from ac


def _candidates(book: Book, number: int, indexes: Ints) -> Iterator[Candidate]:
    for first in range(0, len(indexes), BATCH):
        some = indexes[first : first + BATCH]
        for index, bill in zip(some.tolist(), book.charges(number, some), strict=True):
            yield Candidate(number, index, bill)


def _strangers(entry: Planned) -> Iterator[Token]:
    for bill in entry.cdrs.values():
        known = bill.token == entry.right.token or not bill.token.valid
        if not known and entry.mishap.rule != "TOKEN_UNKNOWN":
            yield bill.token


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
