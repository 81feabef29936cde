"""A reconciliation rule: its condition, its text, and its amount at stake."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Literal

import polars as pl

from models.contract import Severity
from models.recon.rule_ids import RULE_GROUPS, RULE_THRESHOLDS
from models.recon.words import decimals, sentence

Limits = Mapping[str, Decimal]
Subject = Literal["batch", "cdr", "invoice", "invoice_line", "received_invoice", "session"]
About = Literal["charge", "credit", "any"]


class Stake(Enum):
    """The amount that a dispute finding of a rule contests."""

    DIFFERENCE = "the price difference"
    EFFECT = "the priced effect of the difference"
    CLAIM = "the whole claim"
    TAX = "the tax in doubt"
    NOTHING = "nothing"


Term = pl.Expr | Callable[[Limits], pl.Expr] | str
"""An expression on the facts, what makes it of the rule's thresholds, or a sentence with facts."""
_TERMS = ("condition", "message", "observed", "expected", "delta", "unit", "at_stake",
          "at_stake_vat", "cause", "related", "severity_of", "is_root")  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Rule:
    """One rule, and the text of its findings."""

    id: str  # its public id
    severity: Severity  # unless the contract says otherwise
    title: str  # its condition in words
    condition: pl.Expr | Callable[[Limits], pl.Expr]  # null counts as no
    message: Term  # a sentence that finance understands
    stake: Stake = Stake.NOTHING  # what its dispute findings contest
    observed: Term | None = None  # what was claimed or seen; amounts stay Decimals
    expected: Term | None = None  # what should have been there
    delta: Term | None = None  # observed minus expected, where they are numbers
    unit: Term | None = None  # of the three; a currency, kWh, h, s, %, km/h
    at_stake: Term | None = None  # the amount before taxes, for `DIFFERENCE` and `EFFECT`
    at_stake_vat: Term | None = None  # the tax, for `TAX`
    cause: Term | None = None  # the root cause
    related: Term | None = None  # id of the other object involved
    severity_of: Term | None = None  # where the default depends on the row
    # where this finding explains others that weigh as much, and stands before them
    is_root: Term | None = None
    subject: Subject = "cdr"  # what its facts are about
    about: About = "charge"  # charges, credits or both; of facts about CDRs
    # false: it is reported on the CDR's key and is not about its claim
    affects_verdict: bool = True
    version: int = 1  # raised whenever the same input may give another finding
    rejects: bool = False  # a dispute finding of it rejects the claim as a fatal one does

    @property
    def group(self) -> str:
        """The group it is listed in."""
        return next(group for group, names in RULE_GROUPS.items() if self.id in names)

    @property
    def thresholds(self) -> Limits:
        """Its thresholds with their defaults."""
        return RULE_THRESHOLDS.get(self.id, {})

    @property
    def needs(self) -> frozenset[str]:
        """The facts it reads."""
        terms = (self.term(name, self.thresholds) for name in _TERMS)
        return frozenset(
            name for each in terms if each is not None for name in each.meta.root_names()
        )

    def holds(self, limits: Limits) -> pl.Expr:
        """Return its condition under these thresholds."""
        return self.condition if isinstance(self.condition, pl.Expr) else self.condition(limits)

    def term(self, name: str, limits: Limits) -> pl.Expr | None:
        """Return one of its terms under these thresholds; None: it has none."""
        stated: Term | None = getattr(self, name)
        if stated is None or isinstance(stated, pl.Expr):
            return stated
        return sentence(stated) if isinstance(stated, str) else stated(limits)


CURRENCY = pl.col("currency")


def compared(
    observed: pl.Expr | str | int,
    expected: pl.Expr | str | int,
    unit: pl.Expr | str,
    delta: pl.Expr | None = None,
    *,
    places: int | None = None,
) -> dict[str, Any]:
    """Return the terms of a rule that holds two figures against each other.

    Args:
        observed: what was claimed or seen: a fact, an expression or a number.
        expected: what should have been there.
        unit: of both.
        delta: their difference; None: the first less the second.
        places: decimals that both are written with; None: as they are.
    """
    sides = [
        pl.col(side) if isinstance(side, str) else pl.lit(side) if isinstance(side, int) else side
        for side in (observed, expected)
    ]
    written = sides if places is None else [decimals(side, places) for side in sides]
    difference = sides[0] - sides[1] if delta is None else delta
    return {"observed": written[0], "expected": written[1], "delta": difference, "unit": unit}
