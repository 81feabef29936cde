"""What a billing error is: how it is made, which rule must find it, and what it puts at stake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from pipelines.sandbox.bill import Bill
from pipelines.sandbox.cast import Partner
from pipelines.sandbox.catalogue import Shelf
from pipelines.sandbox.clock import DAY_S
from pipelines.sandbox.places import Evse

Stake = Literal["nothing", "difference", "claim", "rejected", "effect", "unpriceable", "credited"]
SessionSays = Literal["the same", "the truth", "nothing"]
MODERN = ("2.2.1", "2.3.0")
TOLERANCE_CENTS = 2
TOLERANCE_PERMILLE = 5


@dataclass(frozen=True)
class Scene:
    """What a mishap may look at beside the bill itself.

    Args:
        idle: working EVSEs without charges of their own.
        broken: EVSEs that are out of order.
        stranger: number of a token pool that only mishaps of this party use.
    """

    partner: Partner
    shelf: Shelf
    now: int
    idle: tuple[Evse, ...]
    broken: tuple[Evse, ...]
    stranger: int


Apply = Callable[[Bill, int, Scene], None]
Fits = Callable[[Bill, Scene], bool]


def keep(bill: Bill, role: int, scene: Scene) -> None:
    """Changes nothing."""


@dataclass(frozen=True, eq=False)
class Mishap:
    """A kind of billing error, or of a right CDR that only looks like one.

    Args:
        name: its label in the truth file.
        rule: the rule that must find it; None: none may.
        apply: makes CDR number `role` of the session from the right bill.
        fits: whether a session is suited.
        stake: what the finding puts at stake of the claim.
        also: rules that rightly fire on the same CDR beside it.
        cause: root cause that the finding should name.
        roles: the CDRs made of the session, 0 being its own.
        marked: the one of `roles` that is wrong; None: the session or the invoice is.
        session: what the session states.
        versions: OCPI versions in which it can be.
        own_sessions: roles that have a session of their own.
    """

    name: str
    rule: str | None
    apply: Apply
    fits: Fits = field(default=lambda bill, scene: True)
    stake: Stake = "nothing"
    also: tuple[str, ...] = ()
    cause: str | None = None
    roles: tuple[int, ...] = (0,)
    marked: int | None = 0
    session: SessionSays = "the same"
    versions: tuple[str, ...] = ("2.1.1", *MODERN)
    own_sessions: tuple[int, ...] = ()


def age_days(bill: Bill, scene: Scene) -> int:
    """Whole days from the CDR to `now`."""
    return (scene.now - bill.last_updated) // DAY_S


def billed_by(*names: str) -> Fits:
    """Fits charges by tariffs with these ids."""
    return lambda bill, scene: bill.tariffs[0].id in names


def by_energy(bill: Bill, scene: Scene) -> bool:
    """Fits charges that cost energy at one price and nothing else."""
    return bill.tariffs[0].id in ("AC-KWH", "DC-KWH") and bill.net >= 200


def both(*tests: Fits) -> Fits:
    """Fits what fits all."""
    return lambda bill, scene: all(test(bill, scene) for test in tests)


def older(days: int) -> Fits:
    """Fits CDRs made more than so many days before `now`."""
    return lambda bill, scene: age_days(bill, scene) > days


def material(bill: Bill, right: int) -> bool:
    """Whether the claim differs from the right amount beyond every tolerance."""
    allowed = max(TOLERANCE_CENTS, right * TOLERANCE_PERMILLE // 1000)
    return abs(bill.net - right) > allowed + 1


def overbill(bill: Bill, part: str, cents: int) -> None:
    """Claims so much more before taxes, in one part and in the total, with its tax."""
    name = next(known for known in bill.parts if known == part)
    net, gross = bill.parts[name]
    if gross is None or bill.gross is None or not net:
        bill.parts[name] = (net + cents, None)
        bill.net += cents
        return
    taxed = (2 * (net + cents) * gross + net) // (2 * net)
    bill.gross += taxed - gross
    bill.parts[name] = (net + cents, taxed)
    bill.net += cents
