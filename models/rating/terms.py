"""Contract terms that a price depends on, as text for the input hash."""

from __future__ import annotations

from models.contract import Contract


def fingerprint(contract: Contract) -> str:
    """Return a text that differs where the price of a CDR may differ by contract."""
    rounding = contract.rounding
    return f"{rounding.mode}/{rounding.stage}/{'reverse' if contract.reverse_charge else 'taxed'}"
