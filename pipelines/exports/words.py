"""Amounts, quantities, months and keys in the words of a document."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from models.counts import count_label
from models.money import amount_text

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
UNKNOWN = "unknown"

FIGURES: tuple[tuple[str, str], ...] = (
    ("claimed_excl_vat", "Claimed"),
    ("repriced_claimed_excl_vat", "Claimed where a price can be held against it"),
    ("expected_excl_vat", "The same records, repriced from the tariffs"),
    ("agreement_claimed_excl_vat", "Claimed where a price is agreed"),
    ("expected_published_excl_vat", "The same records at list prices"),
    ("expected_agreement_excl_vat", "The same records at agreed prices"),
    ("agreed_excl_vat", "Agreed to the cent"),
    ("tolerated_difference_excl_vat", "Tolerated differences"),
    ("credited_excl_vat", "Credited"),
    ("disputed_excl_vat", "Disputed, held back"),
    ("rejected_charges_excl_vat", "Rejected charges, not payable"),
    ("rejected_credits_excl_vat", "Rejected credits, not deducted"),
    ("settled_excl_vat", "Settled: given up after dispute, not payable"),
    ("conceded_excl_vat", "Conceded after dispute, payable"),
    ("payable_excl_vat", "Payable before VAT"),
    ("fees_excl_vat", "Agreed fees in it"),
    ("payable_vat", "VAT"),
    ("payable_incl_vat", "Payable including VAT"),
)
AGES: tuple[tuple[str, str], ...] = (
    ("disputed_0_30_days_excl_vat", "0-30 days"),
    ("disputed_31_60_days_excl_vat", "31-60 days"),
    ("disputed_61_90_days_excl_vat", "61-90 days"),
    ("disputed_over_90_days_excl_vat", "over 90 days"),
)


#: Figures that are left out where there is no agreement.
OF_AGREEMENTS = (
    *("agreement_claimed_excl_vat", "expected_published_excl_vat", "expected_agreement_excl_vat"),
    "fees_excl_vat",
)


def gross(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a statement with its rejected amount told apart; months locked before have it net."""
    if row["rejected_charges_excl_vat"] is not None:
        return dict(row)
    rejected = row["rejected_excl_vat"]
    return {
        **row,
        "rejected_charges_excl_vat": max(rejected, Decimal()),
        "rejected_credits_excl_vat": min(rejected, Decimal()),
        "settled_excl_vat": Decimal(),
    }


def month_name(month: str) -> str:
    """October 2026."""
    return f"{_MONTHS[int(month[5:]) - 1]} {month[:4]}"


def day(value: date) -> str:
    """3 October 2026."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def timestamp(value: datetime | None) -> str:
    """2026-10-03 17:45, in UTC."""
    return UNKNOWN if value is None else f"{value:%Y-%m-%d %H:%M}"


def money(value: Decimal | None, currency: str) -> str:
    """1,234.56 in the currency's minor units; unknown where it is."""
    return UNKNOWN if value is None else amount_text(value, currency)


def energy(value: Decimal | None) -> str:
    """1,234.567 kWh."""
    if value is None:
        return UNKNOWN
    return f"{value.quantize(Decimal('0.001'), rounding=ROUND_HALF_UP):,} kWh"


def records(number: int) -> str:
    """1 record, 5,432 records."""
    return count_label(number, "record")


def party_of(row: Mapping[str, Any]) -> str:
    """NL/VOL."""
    return f"{row['country_code']}/{row['party_id']}"


def heading(row: Mapping[str, Any]) -> str:
    """NL/VOL · EUR, and what is unusual about the statement."""
    extra = [
        "receivable" if row["direction"] == "receivable" and row["section"] == "roaming" else "",
        "compensation for charging at home" if row["section"] == "home_charging" else "",
    ]
    return " · ".join([party_of(row), row["currency"], *filter(None, extra)])


def rate(bucket: str) -> str:
    """21 %, reverse charge or unknown."""
    if bucket in ("reverse_charge", "unknown"):
        return bucket.replace("_", " ")
    return f"{Decimal(bucket).normalize():f} %"
