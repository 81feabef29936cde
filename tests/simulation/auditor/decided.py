"""What people decided about disputes, and what it does to a split.

Withdrawing and writing off concede the amount that was seen; whatever is contested beyond it is a
new doubt. Accepted and credited amounts are disputed no longer: they are settled, a part of what is
rejected, so that a claim is always what is payable, disputed and rejected.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from simulation.auditor.money import ZERO, Split
from simulation.features import Features

CONCEDED = ("withdrawn", "written_off")
GIVEN_UP = ("accepted", "credited")
PAID_AFTER_CREDIT = "credited → {}: what was credited is paid again"


@dataclass
class Decision:
    """Where the dispute of a CDR stands.

    Args:
        state: the last decision.
        before_closed: the state before it was closed.
        conceded: the amount that was let go; None: none was.
        given_up: the amount that the partner gave up; 0: nothing.
        named: the doubts that the one or the other was about.
    """

    state: str = "detected"
    before_closed: str = ""
    conceded: Fraction | None = None
    given_up: Fraction = ZERO
    named: frozenset[str] = frozenset()

    def follow(self, verb: str, contested: Fraction, doubts: Iterable[str]) -> str | None:
        """Take in a decision.

        Args:
            verb: the new state.
            contested: the amount that was contested when it was made.
            doubts: why.

        Returns:
            Why it must not be possible; None: it may be.
        """
        wrong = None
        if self.state == "credited" and verb in CONCEDED:
            wrong = PAID_AFTER_CREDIT.format(verb)
        if verb == "escalated":
            self.given_up = ZERO
        gives_up = verb in GIVEN_UP or (verb == "closed" and self.state == "escalated")
        if verb in CONCEDED and self.conceded is None:
            self.conceded, self.named = abs(contested), frozenset(doubts)
        elif gives_up and not self.given_up:
            self.given_up, self.named = abs(contested), frozenset(doubts)
        if verb == "closed":
            self.before_closed = self.state
        self.state = verb
        return wrong

    @property
    def settled(self) -> bool:
        """Whether the partner gave it up."""
        return self.state in GIVEN_UP or (
            self.state == "closed" and self.before_closed in (*GIVEN_UP, "escalated")
        )


def after(split: Split, decision: Decision | None, features: Features) -> tuple[Split, Fraction]:
    """Apply a decision.

    Returns:
        The split as statements show it, and what of the claim is settled.
    """
    if decision is None:
        return split, ZERO
    contested = split.disputed + split.rejected
    sign = 1 if contested > 0 else -1
    if decision.conceded is not None:
        given = sign * _conceded(split, decision, decision.conceded, features)
        disputed = split.disputed - sign * min(abs(given), abs(split.disputed))
        rejected = split.rejected - (given - (split.disputed - disputed))
        return (
            replace(split, payable=split.payable + given, disputed=disputed, rejected=rejected),
            ZERO,
        )
    if decision.settled and features.settled and contested > 0:
        given = min(_standing(split, decision, decision.given_up), contested)
        moved = min(given, split.disputed)
        rejected = split.rejected + moved
        return replace(split, disputed=split.disputed - moved, rejected=rejected), given
    return split, ZERO


def _standing(split: Split, decision: Decision, amount: Fraction) -> Fraction:
    """What a decision is still worth: no more than the doubts that it named come to now."""
    if not decision.named:
        return amount
    now = [size for name, size in split.doubts.items() if name in decision.named]
    return min(amount, max(now, default=ZERO))


def _conceded(split: Split, decision: Decision, amount: Fraction, features: Features) -> Fraction:
    """What is paid of what is contested: not what other doubts contest of the rest of the claim."""
    contested = abs(split.disputed + split.rejected)
    if not features.more_after_concession:
        return contested
    size = _standing(split, decision, amount)
    others = [
        each - (size if name in decision.named or not decision.named else ZERO)
        for name, each in split.doubts.items()
    ]
    beyond = min(max(others, default=ZERO), abs(split.claimed) - size)
    return min(contested, size, max(ZERO, contested - max(beyond, ZERO)))
