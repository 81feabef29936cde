"""What people decided about disputes, and what it does to a split.

Withdrawing and writing off concede the amount that was seen; whatever is contested beyond it is a
new doubt. Accepted and credited amounts are disputed no longer: they are settled, a part of what is
rejected, so that a claim is always what is payable, disputed and rejected.
"""

from __future__ import annotations

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
    """

    state: str = "detected"
    before_closed: str = ""
    conceded: Fraction | None = None
    given_up: Fraction = ZERO

    def follow(self, verb: str, contested: Fraction) -> str | None:
        """Take in a decision.

        Args:
            verb: the new state.
            contested: the amount that was contested when it was made.

        Returns:
            Why it must not be possible; None: it may be.
        """
        wrong = None
        if self.state == "credited" and verb in CONCEDED:
            wrong = PAID_AFTER_CREDIT.format(verb)
        if verb == "closed":
            self.before_closed = self.state
            if self.state == "escalated":
                self.given_up = contested
        if verb in CONCEDED:
            self.conceded = max(contested, self.conceded or ZERO)
        if verb in GIVEN_UP:
            self.given_up = max(contested, self.given_up)
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
    if decision.conceded is not None:
        given = contested
        if features.more_after_concession:
            given = min(decision.conceded, contested) if contested > 0 else contested
        disputed = split.disputed - min(given, split.disputed)
        rejected = split.rejected - (given - (split.disputed - disputed))
        return (
            replace(split, payable=split.payable + given, disputed=disputed, rejected=rejected),
            ZERO,
        )
    if decision.settled and features.settled and contested > 0:
        given = min(decision.given_up, contested)
        moved = min(given, split.disputed)
        rejected = split.rejected + moved
        return replace(split, disputed=split.disputed - moved, rejected=rejected), given
    return split, ZERO
