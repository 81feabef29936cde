"""Agreed terms that a price depends on, plain: reading them from files takes `models.contract`.

Pricing a file without a contract must not wait for what reads contracts.
"""

from typing import Literal, NamedTuple

RoundingMode = Literal["half_up", "half_even", "up", "down"]
RoundingStage = Literal["line", "dimension", "total"]

FEES = ("transaction_fee", "hub_fee", "energy_fee")
"""Fees that may be agreed beside prices."""


class PriceTerms(NamedTuple):
    """The terms of a contract that the price of a CDR depends on; the defaults are the usual."""

    mode: RoundingMode = "half_up"  # how a half is rounded
    stage: RoundingStage = "total"  # what is rounded, once
    reverse_charge: bool = False  # VAT is owed by the recipient

    def __str__(self) -> str:
        tax = "reverse" if self.reverse_charge else "taxed"
        return f"{self.mode}/{self.stage}/{tax}"


USUAL_TERMS = PriceTerms()
