"""Rules of EN 16931 that an invoice of ours must meet before it leaves the house.

The arithmetic (BR-CO) and what must be there (BR, BR-S, BR-AE, BR-Z, BR-DEC), by their ids. A full
validator has several hundred rules, most of them about parts that our invoices do not have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from models.money import round_half_up
from models.settle.invoice import Invoice, TradeParty


def violations(invoice: Invoice) -> list[str]:
    """Return every rule that the invoice breaks, as `rule: what is wrong`; empty: none."""
    return [*_there(invoice), *_arithmetic(invoice), *_categories(invoice), *_decimals(invoice)]


def _there(invoice: Invoice) -> Iterator[str]:
    if not invoice.number:
        yield "BR-02: the invoice has no number"
    if not re.fullmatch("[A-Z]{3}", invoice.currency):
        yield "BR-05: the currency is no ISO 4217 code"
    if not invoice.lines:
        yield "BR-16: the invoice has no line"
    yield from _party(invoice.seller, "seller", "BR-06", "BR-09")
    yield from _party(invoice.buyer, "buyer", "BR-07", "BR-11")
    if not (invoice.seller.vat_id or invoice.seller.registration_id):
        yield "BR-CO-26: the seller has neither vat_id nor registration_id"
    if invoice.due_on < invoice.issued_on:
        yield "BR-CO-25: it is due before it is issued"


def _party(party: TradeParty, role: str, name_rule: str, country_rule: str) -> Iterator[str]:
    if not party.name.strip():
        yield f"{name_rule}: the {role} has no name"
    if not re.fullmatch("[A-Z]{2}", party.country):
        yield f"{country_rule}: the {role} has no country"
    if party.vat_id and not re.match("[A-Z]{2}", party.vat_id):
        yield f"BR-CO-09: the {role}'s vat_id does not begin with a country code"


def _arithmetic(invoice: Invoice) -> Iterator[str]:
    subtotals = invoice.subtotals
    if invoice.net != sum(line.net for line in invoice.lines):
        yield "BR-CO-10: the net total is not the sum of the lines"
    if invoice.tax != sum(subtotal.tax for subtotal in subtotals):
        yield "BR-CO-14: the tax is not the sum of its breakdown"
    if invoice.gross != invoice.net + invoice.tax:
        yield "BR-CO-15: net and tax do not make the gross total"
    for subtotal in subtotals:
        expected = round_half_up(subtotal.taxable * subtotal.rate / 100, invoice.decimals)
        if subtotal.tax != expected:
            yield f"BR-CO-17: tax at {subtotal.rate} % is {subtotal.tax}, not {expected}"
    if not subtotals:
        yield "BR-CO-18: there is no VAT breakdown"


def _categories(invoice: Invoice) -> Iterator[str]:
    for subtotal in invoice.subtotals:
        rule = f"BR-{subtotal.category}"
        if subtotal.category in ("S", "Z", "AE") and not invoice.seller.vat_id:
            yield f"{rule}-02: the seller {invoice.seller.name} has no vat_id"
        if subtotal.category == "AE" and not (
            invoice.buyer.vat_id or invoice.buyer.registration_id
        ):
            yield f"{rule}-02: the buyer {invoice.buyer.name} has no vat_id"
        if subtotal.category == "S" and subtotal.rate <= 0:
            yield "BR-S-05: a standard rate is above zero"
        if subtotal.category in ("Z", "AE") and subtotal.rate != 0:
            yield f"{rule}-05: the rate of {subtotal.category} is zero"


def _decimals(invoice: Invoice) -> Iterator[str]:
    amounts: dict[str, Decimal] = {"BR-DEC-09": invoice.net, "BR-DEC-14": invoice.gross}
    amounts |= {f"BR-DEC-23 line {line.number}": line.net for line in invoice.lines}
    for rule, amount in amounts.items():
        if amount != round_half_up(amount, 2):
            yield f"{rule}: {amount} has more than two decimals"
