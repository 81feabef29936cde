"""The whole world of a sandbox: every partner's parties with their tariffs, places and ledgers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from pipelines.sandbox.bill_changes import Context
from pipelines.sandbox.billing_errors import ERRORS, FALSE_POSITIVE_CASES
from pipelines.sandbox.error_plan import Candidate, Planned, candidates, planned
from pipelines.sandbox.ledger import Ledger
from pipelines.sandbox.numbers import Ints
from pipelines.sandbox.parties import Partner, Party, Token
from pipelines.sandbox.places import Current, Places, broken_spares, places_of, working_spares
from pipelines.sandbox.scenario import Options
from pipelines.sandbox.tariff_catalogue import TariffCatalogue, catalogue_of
from pipelines.sandbox.traffic import Stream

AC_PERCENT = 70
SPARE_TOKENS = 10_000_000
MOST_ERRORS = 1000
BATCH = 256
DAYS_BETWEEN_CHARGES_OF_AN_EVSE = 2
DAYS_BETWEEN_CHARGES_OF_A_TOKEN = 4
FEWEST_TOKENS = 40


@dataclass(frozen=True)
class Realm:
    """One party and all that is its own."""

    partner: Partner
    party: Party
    catalogue: TariffCatalogue
    places: Places
    ledger: Ledger


@dataclass(frozen=True)
class World:
    """All realms, by partner.

    Args:
        options: what was asked for.
        realms: the parties of each partner.
        tokens: how many tokens of ours are in ordinary use.
        spare_tokens: tokens of ours that only appear where something went wrong.
    """

    options: Options
    realms: dict[str, tuple[Realm, ...]]
    tokens: int
    spare_tokens: tuple[Token, ...]


def world_of(options: Options) -> World:
    """Make the world that the options describe.

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
    spare_tokens: dict[Token, None] = {}
    for number, realm in enumerate(realm for members in made.values() for realm in members):
        entries = plan_of(realm, options, SPARE_TOKENS * (number + 1))
        realm.ledger.apply_plan(entries)
        spare_tokens.update((token, None) for entry in entries for token in _spare_tokens(entry))
    return World(options, made, tokens, tuple(spare_tokens))


def plan_of(realm: Realm, options: Options, spare_pool: int) -> list[Planned]:
    """Return what goes wrong at a party, and what only looks as if it did."""
    ledger, places, now = realm.ledger, realm.places, options.epoch
    idle, broken = working_spares(places.spare), broken_spares(places.spare)
    context = Context(realm.partner, realm.catalogue, now, tuple(idle), tuple(broken), spare_pool)
    errors = min(ledger.wanted * options.errors_permille // 1000, MOST_ERRORS)
    looks = errors // 3
    tried = _tried(ledger, (errors + looks) * 2, options.seed)
    entries = list(planned(tried, ERRORS, errors, context))
    return entries + list(planned(tried, FALSE_POSITIVE_CASES, looks, context))


def _tried(ledger: Ledger, wanted: int, seed: int) -> Iterator[Candidate]:
    """Return charges in the order of trying: two of AC, then one of DC."""
    streams = []
    for number, stream in enumerate(ledger.streams):
        numbers = candidates(stream, wanted, seed)
        streams.append(_candidates(ledger, number, numbers))
    ac, dc = streams
    for one in dc:
        yield from islice(ac, 2)
        yield one
    yield from ac


def _candidates(ledger: Ledger, number: int, indexes: Ints) -> Iterator[Candidate]:
    for first in range(0, len(indexes), BATCH):
        some = indexes[first : first + BATCH]
        for index, bill in zip(some.tolist(), ledger.charges(number, some), strict=True):
            yield Candidate(number, index, bill)


def _spare_tokens(entry: Planned) -> Iterator[Token]:
    for bill in entry.cdrs.values():
        known = bill.token == entry.right.token or not bill.token.valid
        if not known and entry.error.rule != "TOKEN_UNKNOWN":
            yield bill.token


def _realm(
    partner: Partner, party: Party, wanted: int, tokens: int, options: Options
) -> tuple[Realm, int]:
    seed, now = options.seed, options.epoch
    catalogue = catalogue_of(partner, party, seed, now)
    generous = wanted + wanted // 50 + 20
    ac = Stream(party, "AC", seed, now, generous * AC_PERCENT // 100)
    dc = Stream(party, "DC", seed, now, generous - generous * AC_PERCENT // 100)
    needed: dict[Current, int] = {
        stream.kind: stream.per_day * DAYS_BETWEEN_CHARGES_OF_AN_EVSE for stream in (ac, dc)
    }
    places = places_of(party, catalogue, seed, now, needed)
    for stream, evses in ((ac, places.ac), (dc, places.dc)):
        count = max(FEWEST_TOKENS, stream.per_day * DAYS_BETWEEN_CHARGES_OF_A_TOKEN)
        stream.settle(evses, range(tokens, tokens + count))
        tokens += count
    return Realm(partner, party, catalogue, places, Ledger(party, (ac, dc), now, wanted)), tokens
