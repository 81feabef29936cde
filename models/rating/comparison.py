"""A claim against the expected price: every total side by side, the verdict, the likely cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from models.rating.currencies import minor_unit_decimals
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


def compared_totals(cdr: Row, price: Row) -> list[ComparedTotal]:
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


def verdict(cdr: Row, price: Row) -> str:
    """Judges a claim: agreed (to the cent), overclaimed, underclaimed, or the price's own state.

    `unclaimed` where neither side of the total can be compared. Net amounts
    are compared, gross ones only where the net price cannot be known.
    """
    if price["state"] != "priced":
        return str(price["state"])
    sides = [("excl", cdr["total_cost_excl_vat"]), ("incl", cdr["total_cost_incl_vat"])]
    for side, claimed in sides:
        expected = price[f"expected_{side}_vat"]
        if expected is not None and claimed is not None:
            difference = to_cent(claimed, price["currency"]) - expected
            if difference == 0:
                return "agreed"
            return "overclaimed" if difference > 0 else "underclaimed"
    return "unclaimed"


def to_cent(amount: Decimal, currency: str) -> Decimal:
    """An amount rounded half up to the currency's minor unit."""
    unit = Decimal(1).scaleb(-minor_unit_decimals(currency))
    return amount.quantize(unit, rounding=ROUND_HALF_UP)


def likely_cause(cdr: Row, price: Row, lines: Sequence[Row]) -> str | None:
    """The mistake that makes exactly the claimed amount, where one does.

    The names are those of reconciliation's root causes; it knows more of them, because it can
    price again.
    """
    claimed = cdr["total_cost_excl_vat"]
    expected = price["expected_excl_vat"]
    if claimed is None or expected is None:
        return None
    for name, amount in _mistakes(price, lines).items():
        if amount is None:
            continue
        wrong = to_cent(amount, price["currency"])
        if wrong == to_cent(claimed, price["currency"]) != expected:
            return name
    return None


def _mistakes(price: Row, lines: Sequence[Row]) -> dict[str, Decimal | None]:
    """What each mistake would have claimed."""
    currency = price["currency"]
    amounts = [line["amount_excl_vat"] or Decimal(0) for line in lines]
    own = [
        (line, amount)
        for line, amount in zip(lines, amounts, strict=True)
        if line["dimension"] not in ("LIMIT", "ROUNDING")
    ]
    total = sum((amount for _, amount in own), Decimal(0))
    reservation = sum((amount for line, amount in own if line["part"] == "reservation"), Decimal(0))
    return {
        "VAT_INCLUDED": price["expected_incl_vat"],
        "LIMIT_IGNORED": total,
        "RESERVATION_IGNORED": total - reservation,
        "LINE_ROUNDING": sum((to_cent(amount, currency) for _, amount in own), Decimal(0)),
    }
