"""A claim against the expected price: every total side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models.tables.rating import PARTS

Row = Mapping[str, Any]


@dataclass(frozen=True)
class ComparedTotal:
    """One total on both sides, in the CDR's currency; None: not stated, or unknown.

    Args:
        name: total, or the part.
        side: excl or incl taxes.
        claimed: what the CDR says.
        expected: what the tariff makes it.
    """

    name: str
    side: str
    claimed: Decimal | None
    expected: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        """Claimed minus expected, where both are known."""
        if self.claimed is None or self.expected is None:
            return None
        return self.claimed - self.expected


def compare_totals(cdr: Row, price: Row) -> list[ComparedTotal]:
    """Every total that the claim states or the price knows.

    Args:
        cdr: its row of `core.cdrs`.
        price: its row of `rating.cdrs`.
    """
    names = [("total", "total_cost", "expected")]
    names += [(part, f"total_{part}_cost", f"{part}_cost") for part in PARTS]
    totals = [
        ComparedTotal(name, side, cdr[f"{claimed}_{side}_vat"], price[f"{expected}_{side}_vat"])
        for name, claimed, expected in names
        for side in ("excl", "incl")
    ]
    return [total for total in totals if total.claimed is not None or total.expected]
