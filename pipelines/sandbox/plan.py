"""Which charges go wrong, and how: decided once, in an order that chance gives."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from pipelines.sandbox import (
    mishaps_credit,
    mishaps_energy,
    mishaps_identity,
    mishaps_money,
    mishaps_time,
)
from pipelines.sandbox.bill import Bill
from pipelines.sandbox.chance import bits, key_of
from pipelines.sandbox.mishap import Mishap, Scene, material
from pipelines.sandbox.traffic import Stream

ERRORS = (
    *mishaps_identity.MISHAPS,
    *mishaps_time.MISHAPS,
    *mishaps_energy.MISHAPS,
    *mishaps_money.MISHAPS,
    *mishaps_credit.ERRORS,
)
LOOKALIKES = mishaps_credit.LOOKALIKES
TRIES = 6
QUIET_SHARE = 25
STEP_BETWEEN_PARTIES = 10_000_000


@dataclass(frozen=True)
class Candidate:
    """A charge that something may happen to, and its right bill."""

    stream: int
    number: int
    bill: Bill


@dataclass(frozen=True)
class Planned:
    """A charge that something happens to.

    Args:
        right: the right bill.
        cdrs: the bills of its CDRs, by role.
        sessions: the bills of its sessions, by role.
    """

    stream: int
    number: int
    mishap: Mishap
    right: Bill
    cdrs: dict[int, Bill]
    sessions: dict[int, Bill]


def twin(bill: Bill) -> Bill:
    """A copy that can be changed without changing the bill."""
    charge = replace(bill.charge)
    return replace(bill, charge=charge, periods=list(bill.periods), parts=dict(bill.parts))


def candidates(
    stream: Stream, wanted: int, seed: int
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Numbers of sessions that something may happen to, in the order of trying.

    The first part of the quarter is left alone: its sessions make the count come out.
    """
    numbers = np.arange(stream.count // QUIET_SHARE, stream.count, dtype=np.int64)
    drawn = bits(key_of(seed, "mishaps", *stream.party.code, stream.kind), numbers, 0)
    order = np.argsort(drawn, kind="stable")[: wanted * TRIES]
    chosen: np.ndarray[tuple[int], np.dtype[np.int64]] = numbers[order]
    return chosen


def planned(
    tried: Iterator[Candidate], kinds: tuple[Mishap, ...], wanted: int, scene: Scene
) -> Iterator[Planned]:
    """Gives each candidate the mishap that waited longest among those that fit.

    Args:
        tried: charges in the order of trying; no two alike.
        kinds: mishaps to choose from.
        wanted: how many charges something happens to.
        scene: what mishaps may look at.
    """
    waiting = _turns(kinds, scene)
    busy: dict[str, list[tuple[int, int]]] = {}
    made = 0
    for candidate in tried:
        if made == wanted:
            return
        for kind in waiting:
            if not kind.fits(candidate.bill, scene):
                continue
            entry = _carried_out(candidate, kind, scene)
            if _isolated(entry, busy):
                waiting.remove(kind)
                waiting.append(kind)
                made += 1
                yield entry
                break


def _turns(kinds: tuple[Mishap, ...], scene: Scene) -> deque[Mishap]:
    """The mishaps in turn: first what only this version has; each party begins elsewhere."""
    possible = [kind for kind in kinds if scene.partner.version in kind.versions]
    common = deque(kind for kind in possible if len(kind.versions) > 1)
    common.rotate(-scene.stranger // STEP_BETWEEN_PARTIES * len(common) * 3 // 7)
    return deque([*(kind for kind in possible if len(kind.versions) == 1), *common])


def _carried_out(candidate: Candidate, kind: Mishap, scene: Scene) -> Planned:
    cdrs = {}
    for role in kind.roles:
        cdrs[role] = twin(candidate.bill)
        kind.apply(cdrs[role], role, scene)
    sessions = {role: cdrs[role] for role in kind.own_sessions}
    if kind.session == "the same":
        sessions[0] = cdrs.get(0, candidate.bill)
    elif kind.session == "the truth":
        sessions[0] = candidate.bill
    return Planned(candidate.stream, candidate.number, kind, candidate.bill, cdrs, sessions)


def _isolated(entry: Planned, busy: dict[str, list[tuple[int, int]]]) -> bool:
    """Whether the mishap shows, and clashes with no other one's charge at a borrowed EVSE."""
    kind = entry.mishap
    if kind.stake == "difference" and not material(entry.cdrs[0], entry.right.net):
        return False
    for bill in entry.cdrs.values():
        if bill.evse is entry.right.evse:
            continue
        taken = busy.setdefault(bill.evse.uid, [])
        if any(start < bill.end + 900 and bill.start - 900 < end for start, end in taken):
            return False
        taken.append((bill.start, bill.end))
    return True
