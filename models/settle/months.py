"""Calendar months as text, `2026-10`, and which month a late charge is settled in."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


def parse_month(text: str) -> str:
    """Return the month that a text names.

    Args:
        text: `YYYY-MM`.

    Raises:
        ValueError: it names none.
    """
    if not _MONTH.fullmatch(text):
        raise ValueError(f"{text!r} is no month; write it as 2026-10")
    return text


def next_month(month: str) -> str:
    """Return the month after `month`."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def first_day(month: str) -> date:
    """Return the first day of the month."""
    return date(int(month[:4]), int(month[5:]), 1)


def last_day(month: str) -> date:
    """Return the last day of the month."""
    return date.fromordinal(first_day(next_month(month)).toordinal() - 1)


def posting_month(month: str, locked: Collection[str]) -> str:
    """Return where a charge of `month` is settled: there, or in the next month that is not locked.

    Args:
        month: the charge's own month.
        locked: the months that are locked for its counterparty.
    """
    while month in locked:
        month = next_month(month)
    return month
