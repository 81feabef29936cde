"""The world of a sandbox: every party with its tariffs, places and ledger, and the truth of it.

The truth file says what was injected, and what must be made of it (docs/reconciliation.md, "The
truth about a sandbox"). An error does nothing to other charges: each has its own session, EVSE time
and token.
"""

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from pipelines.sandbox.bill_changes import Context
from pipelines.sandbox.billing_errors import ERRORS, FALSE_POSITIVE_CASES, BillingError, Planned
from pipelines.sandbox.charges import Bill, copy_bill
from pipelines.sandbox.ledger import Ledger, Stream
from pipelines.sandbox.numbers import bits, iso, key_of, money
from pipelines.sandbox.parties import Partner, Party, TariffCatalogue, Token, catalogue_of
from pipelines.sandbox.places import Current, Places, places_of, spares_to_be
from pipelines.sandbox.scenario import Options

TRIES = 6
QUIET_SHARE = 25
BATCH = 256
MOST_ERRORS = 1000
STEP_BETWEEN_PARTIES = 10_000_000
TOLERANCE_CENTS = 2
TOLERANCE_PERMILLE = 5
Candidate = tuple[int, int, Bill]
"""A stream and the number of a charge in it, and the charge's right bill."""


def plan_of(ledger: Ledger, context: Context, errors_permille: int, seed: int) -> list[Planned]:
    """Return what goes wrong at a party, and what only looks as if it did."""
    errors = min(ledger.wanted * errors_permille // 1000, MOST_ERRORS)
    looks = errors // 3
    ac, dc = (
        _candidates(ledger, number, (errors + looks) * 2, seed)
        for number in range(len(ledger.streams))
    )
    tried = _two_to_one(ac, dc)
    entries = list(_planned(tried, ERRORS, errors, context))
    return entries + list(_planned(tried, FALSE_POSITIVE_CASES, looks, context))


def _candidates(ledger: Ledger, number: int, wanted: int, seed: int) -> Iterator[Candidate]:
    """Yield charges that something may happen to, in a random order.

    The first part of the quarter is left alone: its sessions make the count come out.
    """
    stream = ledger.streams[number]
    indexes = np.arange(stream.count // QUIET_SHARE, stream.count, dtype=np.int64)
    drawn = bits(key_of(seed, "mishaps", *stream.party.code, stream.kind), indexes, 0)
    tried = indexes[np.argsort(drawn, kind="stable")[: wanted * TRIES]]
    for first in range(0, len(tried), BATCH):
        some = tried[first : first + BATCH]
        for index, bill in zip(some.tolist(), ledger.charges(number, some), strict=True):
            yield number, index, bill


def _two_to_one(ac: Iterator[Candidate], dc: Iterator[Candidate]) -> Iterator[Candidate]:
    for one in dc:
        yield from islice(ac, 2)
        yield one
    yield from ac


def _planned(
    tried: Iterator[Candidate], kinds: tuple[BillingError, ...], wanted: int, context: Context
) -> Iterator[Planned]:
    """Give each charge the error that waited longest among those that suit it."""
    waiting = _turns(kinds, context)
    busy: dict[str, list[tuple[int, int]]] = {}
    made = 0
    for stream, number, bill in tried:
        if made == wanted:
            return
        for kind in waiting:
            if not all(suits(bill, context) for suits in kind.conditions):
                continue
            entry = _carried_out(stream, number, kind, bill, context)
            if _isolated(entry, busy):
                waiting.remove(kind)
                waiting.append(kind)
                made += 1
                yield entry
                break


def _turns(kinds: tuple[BillingError, ...], context: Context) -> deque[BillingError]:
    """Return the errors in turn: first what only this version has; each party begins elsewhere."""
    possible = [kind for kind in kinds if context.partner.version in kind.versions]
    common = deque(kind for kind in possible if len(kind.versions) > 1)
    common.rotate(-context.spare_pool // STEP_BETWEEN_PARTIES * len(common) * 3 // 7)
    return deque([*(kind for kind in possible if len(kind.versions) == 1), *common])


def _carried_out(
    stream: int, number: int, kind: BillingError, right: Bill, context: Context
) -> Planned:
    cdrs = {}
    for role, changes in enumerate(kind.changes):
        cdrs[role] = copy_bill(right)
        for change in changes:
            change(cdrs[role], context)
    sessions = {role: cdrs[role] for role in kind.own_sessions}
    if kind.session == "the same":
        sessions[0] = cdrs.get(0, right)
    elif kind.session == "the truth":
        sessions[0] = right
    return Planned(stream, number, kind, right, cdrs if kind.is_billed else {}, sessions)


def _isolated(entry: Planned, busy: dict[str, list[tuple[int, int]]]) -> bool:
    """Tell whether the error shows, and clashes with no other one's charge at a borrowed EVSE."""
    right = entry.right.net
    allowed = max(TOLERANCE_CENTS, right * TOLERANCE_PERMILLE // 1000) + 1  # by any contract
    if entry.error.stake == "difference" and abs(entry.cdrs[0].net - right) <= allowed:
        return False
    for bill in entry.cdrs.values():
        if bill.evse is entry.right.evse:
            continue
        taken = busy.setdefault(bill.evse.uid, [])
        if any(start < bill.end + 900 and bill.start - 900 < end for start, end in taken):
            return False
        taken.append((bill.start, bill.end))
    return True


AC_PERCENT = 70
DAYS_BETWEEN_CHARGES_OF_AN_EVSE = 2
DAYS_BETWEEN_CHARGES_OF_A_TOKEN = 4
FEWEST_TOKENS = 40
Outcome = tuple[str | None, int | None, int | None, int | None]


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
    """All realms, by partner."""

    options: Options
    realms: dict[str, tuple[Realm, ...]]
    tokens: int  # how many tokens of ours are in ordinary use
    spare_tokens: tuple[Token, ...]  # those that only appear where something went wrong


def world_of(options: Options) -> World:
    """Make the world that the options describe."""
    parties = [(partner, party) for partner in options.partners for party in partner.parties]
    shares = sum(party.share for _, party in parties)
    wanted = [options.cdrs * party.share // shares for _, party in parties]
    wanted[0] += options.cdrs - sum(wanted)  # the first takes what the shares leave
    realms: dict[str, list[Realm]] = {one.name: [] for one in options.partners}
    tokens = 0
    for (partner, party), count in reversed(list(zip(parties, wanted, strict=True))):
        realm, tokens = _realm(partner, party, count, tokens, options)
        realms[partner.name].insert(0, realm)
    made = {name: tuple(members) for name, members in realms.items()}
    spare_tokens: dict[Token, None] = {}
    for number, realm in enumerate((realm for members in made.values() for realm in members), 1):
        spare = realm.places.spare
        context = Context(
            realm.partner,
            realm.catalogue,
            options.epoch,
            spares_to_be("AVAILABLE", spare),
            spares_to_be("OUTOFORDER", spare),
            STEP_BETWEEN_PARTIES * number,
        )
        entries = plan_of(realm.ledger, context, options.errors_permille, options.seed)
        realm.ledger.apply_plan(entries)
        spare_tokens.update((token, None) for entry in entries for token in _spare_tokens(entry))
    return World(options, made, tokens, tuple(spare_tokens))


def _spare_tokens(entry: Planned) -> Iterator[Token]:
    for bill in entry.cdrs.values():
        ours = entry.error.rule not in ("TOKEN_UNKNOWN", "TOKEN_BLOCKED")
        if ours and bill.token != entry.right.token:
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


def truth_lines(world: World, moment: int) -> Iterator[str]:
    """Yield the truth of everything published until a moment, in epoch seconds."""
    found = [
        (bill.last_updated, name, entry)
        for name, realms in world.realms.items()
        for realm in realms
        for entry in realm.ledger.planned
        if (bill := _wrong_bill(entry)).last_updated <= moment
    ]
    found.sort(key=lambda one: (one[0], one[1], one[2].right.cdr_id))
    for _, name, entry in found:
        yield json.dumps(_truth(entry, name))


def _wrong_bill(entry: Planned) -> Bill:
    """Return the wrong bill: its session's where it has no CDR, the right one of an invoice."""
    marked = entry.error.marked
    if marked is not None:
        return entry.cdrs[marked]
    return entry.right if entry.error.is_billed else entry.sessions[0]


def _truth(entry: Planned, partner: str) -> dict[str, object]:
    error, bill = entry.error, _wrong_bill(entry)
    without_cdr = "invoice" if entry.cdrs else "session"
    subject = "cdr" if error.marked is not None else without_cdr
    of_session = subject == "session"
    right = _right(entry)
    outcome: Outcome = (None,) * 4 if bill.home or of_session else _verdict(error, bill.net, right)
    verdict, payable, disputed, rejected = outcome
    return {
        "name": error.name,
        "rule_id": error.rule,
        "also": list(error.also),
        "cause": error.cause,
        "partner": partner,
        "country_code": bill.country_code,
        "party_id": bill.party_id,
        "subject": subject,
        "subject_id": bill.session_id if of_session else bill.cdr_id,
        "session_id": bill.session_id,
        "related": [b.cdr_id for b in entry.cdrs.values() if b is not bill],
        "currency": bill.currency,
        "claimed_excl_vat": None if of_session else _money(bill.net),
        "expected_excl_vat": _money(right),
        "delta_excl_vat": None if of_session else _money(bill.net - right),
        "verdict": verdict,
        "payable_excl_vat": _money(payable),
        "disputed_excl_vat": _money(disputed),
        "rejected_excl_vat": _money(rejected),
        "published_at": iso(bill.last_updated),
    }


def _verdict(error: BillingError, claimed: int, right: int) -> Outcome:
    """Return the verdict on a CDR, and what is payable, disputed and rejected of it, in cents."""
    over = max(claimed - right, 0)
    outcomes: dict[str, Outcome] = {
        "nothing": ("agreed" if claimed == right else "tolerated", claimed, 0, 0),
        "effect": ("disputed", None, None, None),
        "credited": ("credited", claimed, 0, 0),
        "rejected": ("rejected", 0, 0, claimed),
        "claim": ("disputed", 0, claimed, 0),
        "unpriceable": ("unpriceable", 0, claimed, 0),
        "difference": ("overclaimed" if over else "underclaimed", claimed - over, over, 0),
    }
    return outcomes[error.stake]


def _right(entry: Planned) -> int:
    """Return what should have been claimed: the price of what the wrong CDR says happened."""
    bill = _wrong_bill(entry)
    if bill.credit_of:
        return -entry.right.net
    return entry.right.net if entry.error.stake == "difference" else bill.amounts.net


def _money(cents: int | None) -> str | None:
    return None if cents is None else str(money(cents))
