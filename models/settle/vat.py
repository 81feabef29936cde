"""VAT that nobody stated, assumed at the rates that a company names for its own documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from models.money import round_to_minor_unit
from models.settle.document import Document


@dataclass(frozen=True)
class AssumedVat:
    """The tax of a statement with rates assumed where nobody stated any.

    Args:
        payable_vat: tax on the payable amount.
        payable_incl_vat: payable after taxes.
        assumptions: the rates taken, as `NL 21 %`.
    """

    payable_vat: Decimal
    payable_incl_vat: Decimal
    assumptions: tuple[str, ...]


def assume_vat(part: Document, rates: Mapping[str, Decimal]) -> AssumedVat | None:
    """Return the tax of a single statement where its unknown part can be assumed.

    Args:
        part: a document of one statement.
        rates: country → percentage.

    Returns:
        None: nothing is unknown, or a country has no rate to assume.
    """
    (statement,) = part.statements.to_dicts()
    unknown = [row for row in part.vat.to_dicts() if row["vat_bucket"] == "unknown"]
    if not unknown or any(row["vat_country"] not in rates for row in unknown):
        return None
    currency = statement["currency"]
    known = sum((row["vat_amount"] or Decimal() for row in part.vat.to_dicts()), Decimal())
    assumed = sum(
        (
            round_to_minor_unit(row["payable_excl_vat"] * rates[row["vat_country"]] / 100, currency)
            for row in unknown
        ),
        Decimal(),
    )
    names = sorted({f"{row['vat_country']} {rates[row['vat_country']]} %" for row in unknown})
    total = known + assumed
    return AssumedVat(total, statement["payable_excl_vat"] + total, tuple(names))
