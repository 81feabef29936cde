"""What settlement needs to know of people's decisions, as one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from models.settle.disputes import Dispute
from models.settle.months import posting_month
from models.settle.periods import Period


@dataclass(frozen=True)
class Booked:
    """What a locked month holds, exactly as it was when it was locked.

    Args:
        lines: its rows of `settle.statement_lines`.
        vat: its rows of `settle.line_vat`.
        statements: its rows of `settle.statements`.
    """

    lines: pl.DataFrame
    vat: pl.DataFrame
    statements: pl.DataFrame


@dataclass(frozen=True)
class DecisionsView:
    """Every decision so far.

    Args:
        disputes: each dispute that a person touched, by id.
        periods: each period that a person touched, by `(partner, month)`.
        booked: the content of each locked period, by `(partner, month)`.
    """

    disputes: Mapping[str, Dispute] = field(default_factory=dict)
    periods: Mapping[tuple[str, str], Period] = field(default_factory=dict)
    booked: Mapping[tuple[str, str], Booked] = field(default_factory=dict)

    def locked(self, partner: str) -> frozenset[str]:
        """The months that are locked for a partner."""
        return frozenset(
            month
            for (name, month), period in self.periods.items()
            if name == partner and period.locked
        )

    def posting(self) -> pl.DataFrame:
        """Where charges of locked months go: partner, natural month, posting month."""
        rows = [
            (partner, month, posting_month(month, self.locked(partner)))
            for (partner, month), period in sorted(self.periods.items())
            if period.locked
        ]
        schema = ("partner", "natural_month", "posting_month")
        return pl.DataFrame(rows, schema=dict.fromkeys(schema, pl.String()), orient="row")
