"""A month beside the one before: volume, price, mix and disputes, and a sentence on what moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models.counts import count_label
from models.money import round_to_minor_unit
from models.settle.months import first_day

_ZERO = Decimal()


@dataclass(frozen=True)
class MonthSide:
    """The charging of a month."""

    cdrs: int = 0
    energy_kwh: Decimal = _ZERO
    claimed_excl_vat: Decimal = _ZERO
    contested_excl_vat: Decimal = _ZERO  # what of it is disputed or rejected

    def __add__(self, other: MonthSide) -> MonthSide:
        return MonthSide(
            self.cdrs + other.cdrs,
            self.energy_kwh + other.energy_kwh,
            self.claimed_excl_vat + other.claimed_excl_vat,
            self.contested_excl_vat + other.contested_excl_vat,
        )

    @property
    def price(self) -> Decimal | None:
        """The mean price of a kWh; None: no energy was charged."""
        return self.claimed_excl_vat / self.energy_kwh if self.energy_kwh > 0 else None


@dataclass(frozen=True)
class MonthChange:
    """One currency of a month beside the month before."""

    month: str
    currency: str
    before: MonthSide
    now: MonthSide
    volume_excl_vat: Decimal  # what more or less energy changed, at the mean price before
    price_excl_vat: Decimal  # what other prices changed, group by group
    mix_excl_vat: Decimal  # the rest: energy went to dearer or cheaper groups

    @property
    def sentence(self) -> str:
        """The change in a sentence or two: how much, and what moved it."""
        now, before = self.now, self.before
        text = (
            f"{_name(self.month)}: {count_label(now.cdrs, 'CDR')} and {now.energy_kwh:,.0f} kWh "
            f"for {self._amount(now.claimed_excl_vat)} {self.currency}"
        )
        if not before.cdrs:
            return f"{text}; nothing was charged in the month before."
        change = now.claimed_excl_vat - before.claimed_excl_vat
        more = "more" if change >= 0 else "less"
        share = _percent(abs(change), before.claimed_excl_vat)
        moved = ", ".join(
            f"{what} {self._amount(amount, sign='+')}"
            for what, amount in sorted(
                (
                    ("volume", self.volume_excl_vat),
                    ("price", self.price_excl_vat),
                    ("mix", self.mix_excl_vat),
                ),
                key=lambda part: -abs(part[1]),
            )
            if round_to_minor_unit(amount, self.currency)
        )
        return (
            f"{text}, {self._amount(abs(change))} ({share}) {more} than the month before"
            f"{': ' if moved else ''}{moved}. "
            f"Contested: {_percent(now.contested_excl_vat, now.claimed_excl_vat)}, before "
            f"{_percent(before.contested_excl_vat, before.claimed_excl_vat)}."
        )

    def _amount(self, amount: Decimal, sign: str = "") -> str:
        return f"{round_to_minor_unit(amount, self.currency):{sign},}"


def compare_months(month: str, rows: Iterable[Mapping[str, Any]]) -> list[MonthChange]:
    """Return what changed from one month to the next, currency by currency.

    A group is what has a price of its own: a party's charges in a country, AC or DC. The three
    parts add up to the change of what is claimed; a group that is new has no price to compare
    with, and counts as mix.

    Args:
        month: as 2026-10.
        rows: for each group `currency`, and `cdrs`, `energy_kwh`, `claimed_excl_vat` and
            `contested_excl_vat` of this month, and as `before_…` of the month before.
    """
    groups: dict[str, list[tuple[MonthSide, MonthSide]]] = {}
    for row in rows:
        groups.setdefault(row["currency"], []).append((_side(row, "before_"), _side(row, "")))
    return [_change(month, currency, found) for currency, found in sorted(groups.items())]


def _side(row: Mapping[str, Any], prefix: str) -> MonthSide:
    return MonthSide(
        row[f"{prefix}cdrs"] or 0,
        row[f"{prefix}energy_kwh"] or _ZERO,
        row[f"{prefix}claimed_excl_vat"] or _ZERO,
        row[f"{prefix}contested_excl_vat"] or _ZERO,
    )


def _change(month: str, currency: str, groups: list[tuple[MonthSide, MonthSide]]) -> MonthChange:
    before = sum((one for one, _ in groups), MonthSide())
    now = sum((other for _, other in groups), MonthSide())
    change = now.claimed_excl_vat - before.claimed_excl_vat
    volume = (now.energy_kwh - before.energy_kwh) * (before.price or _ZERO)
    price = sum(
        (
            other.claimed_excl_vat - other.energy_kwh * one.price
            for one, other in groups
            if one.price is not None and other.price is not None
        ),
        _ZERO,
    )
    volume, price = (round_to_minor_unit(amount, currency) for amount in (volume, price))
    return MonthChange(month, currency, before, now, volume, price, change - volume - price)


def _percent(part: Decimal, whole: Decimal) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "0.0 %"


def _name(month: str) -> str:
    return f"{first_day(month):%B %Y}"
