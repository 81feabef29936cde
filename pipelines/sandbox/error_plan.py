"""The plan of billing errors: which charges go wrong, and how, in a random order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pipelines.sandbox.bill_changes import Change, Context, Fits
from pipelines.sandbox.charges import Bill, copy_bill
from pipelines.sandbox.numbers import bits, key_of
from pipelines.sandbox.traffic import Stream

TRIES = 6
QUIET_SHARE = 25
STEP_BETWEEN_PARTIES = 10_000_000
TOLERANCE_CENTS = 2
TOLERANCE_PERMILLE = 5
Stake = Literal["nothing", "difference", "claim", "rejected", "effect", "unpriceable", "credited"]
StatedBySession = Literal["the same", "the truth", "nothing"]
MODERN = ("2.2.1", "2.3.0")


@dataclass(frozen=True, eq=False)
class BillingError:
    """A kind of billing error, or of a right CDR that only looks like one."""

    name: str  # its label in the truth file
    rule: str | None  # the rule that must find it; None: none may
    change: Change  # makes CDR number `role` of the session from the right bill
    fits: Fits  # whether a session is suited
    stake: Stake = "nothing"  # what the finding puts at stake of the claim
    also: tuple[str, ...] = ()  # rules that rightly fire on the same CDR beside it
    cause: str | None = None  # root cause that the finding should name
    roles: tuple[int, ...] = (0,)  # the CDRs made of the session, 0 being its own
    marked: int | None = 0  # the one of `roles` that is wrong; None: the session or the invoice is
    session: StatedBySession = "the same"  # what the session states
    versions: tuple[str, ...] = ("2.1.1", *MODERN)  # OCPI versions in which it can be
    own_sessions: tuple[int, ...] = ()  # roles that have a session of their own


def is_material(bill: Bill, right: int) -> bool:
    """Tell whether the claim differs from the right amount beyond every tolerance."""
    allowed = max(TOLERANCE_CENTS, right * TOLERANCE_PERMILLE // 1000)
    return abs(bill.net - right) > allowed + 1


@dataclass(frozen=True)
class Candidate:
    """A charge that something may apply_plan to, and its right bill."""

    stream: int
    number: int
    bill: Bill


@dataclass(frozen=True)
class Planned:
    """A charge that something happens to."""

    stream: int
    number: int
    error: BillingError
    right: Bill  # the right bill
    cdrs: dict[int, Bill]  # the bills of its CDRs, by role
    sessions: dict[int, Bill]  # the bills of its sessions, by role


def candidates(
    stream: Stream, wanted: int, seed: int
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return numbers of sessions that something may apply_plan to, in the order of trying.

    The first part of the quarter is left alone: its sessions make the count come out.
    """
    numbers = np.arange(stream.count // QUIET_SHARE, stream.count, dtype=np.int64)
    drawn = bits(key_of(seed, "mishaps", *stream.party.code, stream.kind), numbers, 0)
    order = np.argsort(drawn, kind="stable")[: wanted * TRIES]
    chosen: np.ndarray[tuple[int], np.dtype[np.int64]] = numbers[order]
    return chosen


def planned(
    tried: Iterator[Candidate], kinds: tuple[BillingError, ...], wanted: int, context: Context
) -> Iterator[Planned]:
    """Give each candidate the error that waited longest among those that fit.

    Args:
        tried: charges in the order of trying; no two alike.
        kinds: errors to choose from.
        wanted: how many charges something happens to.
        context: what errors may look at.
    """
    waiting = _turns(kinds, context)
    busy: dict[str, list[tuple[int, int]]] = {}
    made = 0
    for candidate in tried:
        if made == wanted:
            return
        for kind in waiting:
            if not kind.fits(candidate.bill, context):
                continue
            entry = _carried_out(candidate, kind, context)
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


def _carried_out(candidate: Candidate, kind: BillingError, context: Context) -> Planned:
    cdrs = {}
    for role in kind.roles:
        cdrs[role] = copy_bill(candidate.bill)
        kind.change(cdrs[role], role, context)
    sessions = {role: cdrs[role] for role in kind.own_sessions}
    if kind.session == "the same":
        sessions[0] = cdrs.get(0, candidate.bill)
    elif kind.session == "the truth":
        sessions[0] = candidate.bill
    return Planned(candidate.stream, candidate.number, kind, candidate.bill, cdrs, sessions)


def _isolated(entry: Planned, busy: dict[str, list[tuple[int, int]]]) -> bool:
    """Tell whether the error shows, and clashes with no other one's charge at a borrowed EVSE."""
    kind = entry.error
    if kind.stake == "difference" and not is_material(entry.cdrs[0], entry.right.net):
        return False
    for bill in entry.cdrs.values():
        if bill.evse is entry.right.evse:
            continue
        taken = busy.setdefault(bill.evse.uid, [])
        if any(start < bill.end + 900 and bill.start - 900 < end for start, end in taken):
            return False
        taken.append((bill.start, bill.end))
    return True
