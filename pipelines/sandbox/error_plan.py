"""The plan of billing errors: which charges go wrong, and how, in a random order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice

import numpy as np

from pipelines.sandbox.bill_changes import Context
from pipelines.sandbox.billing_errors import ERRORS, FALSE_POSITIVE_CASES, BillingError
from pipelines.sandbox.charges import Bill, copy_bill
from pipelines.sandbox.ledger import Ledger, Planned
from pipelines.sandbox.numbers import bits, key_of

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
    """Give each charge the error that waited longest among those that fit."""
    waiting = _turns(kinds, context)
    busy: dict[str, list[tuple[int, int]]] = {}
    made = 0
    for stream, number, bill in tried:
        if made == wanted:
            return
        for kind in waiting:
            if not kind.fits(bill, context):
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
    for role, change in enumerate(kind.changes):
        cdrs[role] = copy_bill(right)
        change(cdrs[role], context)
    sessions = {role: cdrs[role] for role in kind.own_sessions}
    if kind.session == "the same":
        sessions[0] = cdrs.get(0, right)
    elif kind.session == "the truth":
        sessions[0] = right
    return Planned(stream, number, kind, right, cdrs, sessions)


def _isolated(entry: Planned, busy: dict[str, list[tuple[int, int]]]) -> bool:
    """Tell whether the error shows, and clashes with no other one's charge at a borrowed EVSE."""
    if entry.error.stake == "difference" and not _is_material(entry.cdrs[0], entry.right.net):
        return False
    for bill in entry.cdrs.values():
        if bill.evse is entry.right.evse:
            continue
        taken = busy.setdefault(bill.evse.uid, [])
        if any(start < bill.end + 900 and bill.start - 900 < end for start, end in taken):
            return False
        taken.append((bill.start, bill.end))
    return True


def _is_material(bill: Bill, right: int) -> bool:
    """Tell whether the claim differs from the right amount beyond every tolerance."""
    allowed = max(TOLERANCE_CENTS, right * TOLERANCE_PERMILLE // 1000)
    return abs(bill.net - right) > allowed + 1
