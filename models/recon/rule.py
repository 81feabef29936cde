"""A reconciliation rule: its condition, its text, and its amount at stake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Literal

import polars as pl

from models.contract import Severity
from models.recon.rule_ids import RULE_GROUPS
from models.recon.rule_thresholds import RULE_THRESHOLDS

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


@dataclass(frozen=True)
class FindingText:
    """The text of a finding about a row that its rule holds for."""

    message: pl.Expr  # a sentence that finance understands
    observed: pl.Expr | None = None  # what was claimed or seen; amounts stay Decimals
    expected: pl.Expr | None = None  # what should have been there
    delta: pl.Expr | None = None  # observed minus expected, where they are numbers
    unit: pl.Expr | str | None = None  # of the three; a currency, kWh, h, s, %, km/h
    at_stake: pl.Expr | None = None  # the amount before taxes, for `DIFFERENCE` and `EFFECT`
    at_stake_vat: pl.Expr | None = None  # the tax, for `TAX`
    cause: pl.Expr | None = None  # the root cause
    related: pl.Expr | None = None  # id of the other object involved
    severity: pl.Expr | None = None  # where the default depends on the row
    # where this finding explains others that weigh as much, and stands before them
    is_root: pl.Expr | None = None

    def expressions(self) -> list[pl.Expr]:
        """Return the expressions it is made of."""
        return [value for value in vars(self).values() if isinstance(value, pl.Expr)]


@dataclass(frozen=True)
class Rule:
    """One rule."""

    id: str  # its public id
    severity: Severity  # unless the contract says otherwise
    stake: Stake  # what its dispute findings contest
    title: str  # its condition in words
    # thresholds → a condition on the facts; null counts as no
    condition: Callable[[Limits], pl.Expr]
    text: Callable[[Limits], FindingText]  # thresholds → the finding
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
        expressions = [self.condition(self.thresholds), *self.text(self.thresholds).expressions()]
        return frozenset(name for each in expressions for name in each.meta.root_names())
