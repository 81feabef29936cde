"""Statements: which month a claim belongs to, what locked months hold, what posts later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from simulation.auditor.money import ZERO, Split, Terms, energy, made_at
from simulation.auditor.objects import Objects
from simulation.objects import read

AMOUNTS = ("claimed", "payable", "disputed", "rejected", "energy")


@dataclass(frozen=True)
class Line:
    """A CDR in a month, or a correction of what a locked month holds of it."""

    kind: str
    claimed: Fraction
    payable: Fraction
    disputed: Fraction
    rejected: Fraction
    energy: Fraction


Lines = dict[tuple[str, str], Line]
"""(month, CDR) → line, of one partner."""


@dataclass
class Months:
    """The locked months of one partner.

    Args:
        locked: month → the lines that it was locked with.
        shown: month → its statement as the product showed it when it was locked.
    """

    locked: dict[str, dict[str, Line]] = field(default_factory=dict)
    shown: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    ever_locked: bool = False

    def lines(
        self,
        claims: dict[str, tuple[str, Split, Fraction]],
        formerly: Iterable[dict[str, Line]] = (),
    ) -> Lines:
        """Lay out every claim over the months.

        Args:
            claims: CDR → its natural month, its split, its energy with its sign.
            formerly: what is locked of the partner under another name.
        """
        found: Lines = {
            (month, key): line
            for month, lines in self.locked.items()
            for key, line in lines.items()
        }
        for key, (natural, split, kwh) in claims.items():
            month = natural
            while month in self.locked:
                month = next_month(month)
            whole = Line("cdr", split.claimed, split.payable, split.disputed, split.rejected, kwh)
            held = [each[key] for each in (*self.locked.values(), *formerly) if key in each]
            if not held:
                found[month, key] = whole
                continue
            kind = "correction" if any(line.kind == "cdr" for line in held) else "cdr"
            left = {
                name: getattr(whole, name) - sum((getattr(line, name) for line in held), ZERO)
                for name in AMOUNTS
            }
            if kind == "cdr" or any(left.values()):
                found[month, key] = Line(kind, **left)
        return found


def natural_month(objects: Objects, key: str, terms: Terms) -> str:
    """Find the month of a CDR by the contract's basis and time zone."""
    made, ended = made_at(objects, key), read(objects.cdrs[key]["end_date_time"])
    basis = made if terms.month_basis == "cdr_date" else ended
    return basis.astimezone(ZoneInfo(terms.time_zone)).strftime("%Y-%m")


def counted_energy(objects: Objects, splits: dict[str, Split], terms: Terms) -> dict[str, Fraction]:
    """Energy as sums count it: what a credit takes back is below zero, however it is stated.

    Watt hours are taken for kilowatt hours unless the claim is right for them. A credit that is
    rejected takes nothing back; several together no more than there was. Several count while they
    come to no more than the original, the first in any case.
    """
    stated = {key: abs(Fraction(str(cdr["total_energy"]))) for key, cdr in objects.cdrs.items()}
    found = {
        key: energy(objects.cdrs[key]) if _is_right(split, terms) else stated[key]
        for key, split in splits.items()
        if not objects.cdrs[key].get("credit")
    }
    left, credited = dict(stated), dict.fromkeys(splits, ZERO)
    credits = [key for key in splits if objects.cdrs[key].get("credit")]
    for key in sorted(credits, key=lambda key: (made_at(objects, key), key)):
        split = splits[key]
        original = objects.cdrs[key]["credit_reference_id"].lower()
        found[key] = ZERO
        if split.verdict == "rejected":
            continue
        if original not in splits:
            found[key] = -stated[key]
            continue
        before = credited[original]
        if before and before - split.claimed > splits[original].claimed:
            continue
        credited[original] = before - split.claimed
        taken = min(stated[key], left[original])
        left[original] -= taken
        found[key] = -_micro(found[original] * taken / stated[original])
    return found


def _is_right(split: Split, terms: Terms) -> bool:
    """Whether the claim is what the price in kilowatt hours says."""
    if split.expected is None:
        return False
    allowed = max(terms.tolerance, terms.relative * split.expected)
    return abs(split.claimed - split.expected) <= allowed


def _micro(amount: Fraction) -> Fraction:
    return Fraction(int(amount * 1_000_000), 1_000_000)


def next_month(month: str) -> str:
    """The month after."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def month_before(moment: datetime, months: int) -> str:
    """The month so many months before that of a moment."""
    count = moment.year * 12 + moment.month - 1 - months
    return f"{count // 12:04d}-{count % 12 + 1:02d}"


def end_of(month: str, terms: Terms) -> datetime:
    """The moment at which a month is over, in the contract's time zone."""
    after = next_month(month)
    return datetime(int(after[:4]), int(after[5:]), 1, tzinfo=ZoneInfo(terms.time_zone))
