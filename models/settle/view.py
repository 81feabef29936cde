"""People's decisions as settlement needs them, in one frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from models.settle.disputes import Dispute
from models.settle.imports import InvoiceImport
from models.settle.months import SettlementMonth, posting_month


@dataclass(frozen=True)
class LockedMonth:
    """The rows of a locked month, exactly as it was when it was locked."""

    lines: pl.DataFrame  # its rows of `settle.statement_lines`
    vat: pl.DataFrame  # its rows of `settle.line_vat`
    statements: pl.DataFrame  # its rows of `settle.statements`
    # its rows of `settle.accruals`; None: locked by a version that kept none
    accruals: pl.DataFrame | None = None
    journal: pl.DataFrame | None = None  # its rows of `settle.journal`; None: likewise


@dataclass(frozen=True)
class DecisionsView:
    """Every decision so far."""

    # each dispute that a person touched, by id
    disputes: Mapping[str, Dispute] = field(default_factory=dict)
    # each month that a person touched, by `(partner, month)`
    months: Mapping[tuple[str, str], SettlementMonth] = field(default_factory=dict)
    # the content of each locked month, by `(partner, month)`
    locked_months: Mapping[tuple[str, str], LockedMonth] = field(default_factory=dict)
    # the invoices that people took in, in the order in which they did
    invoices: tuple[InvoiceImport, ...] = ()

    def locked(self, partner: str) -> frozenset[str]:
        """Return the months that are locked for a partner."""
        return frozenset(
            month
            for (name, month), settlement in self.months.items()
            if name == partner and settlement.locked
        )

    def revision(self, partner: str, month: str) -> int:
        """Return how often a partner's month was reopened."""
        settlement = self.months.get((partner, month))
        history = settlement.history if settlement else ()
        return sum(event.name == "reopened" for event in history)

    def posting(self) -> pl.DataFrame:
        """Return where charges of locked months go: partner, natural month, posting month."""
        rows = [
            (partner, month, posting_month(month, self.locked(partner)))
            for (partner, month), settlement in sorted(self.months.items())
            if settlement.locked
        ]
        schema = ("partner", "natural_month", "posting_month")
        return pl.DataFrame(rows, schema=dict.fromkeys(schema, pl.String()), orient="row")
