"""Values in words: money with its currency, numbers with units, what is unknown as such.

A partner's string is data. `plain` makes it safe wherever Streamlit reads Markdown; tables,
`st.text` and chart marks show strings as they are.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from models.money import minor_unit_decimals, round_to_minor_unit

UNKNOWN: Final = "unknown"
ABSENT: Final = "\N{EN DASH}"
"""Stands where there is nothing to say, which is not the same as not knowing it."""
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&=^@/])")
_BREAKS: Final = re.compile(r"\s+")


def money(amount: Decimal | None, currency: str | None) -> str:
    """Return an amount with its currency, rounded to the currency's minor unit: `EUR 1,234.50`."""
    if amount is None or currency is None:
        return UNKNOWN
    digits = minor_unit_decimals(currency)
    return f"{currency} {_written(round_to_minor_unit(amount, currency), digits)}"


def price(amount: Decimal | None, currency: str | None) -> str:
    """Return a price for one unit, to four decimals: `EUR 0.3273`."""
    if amount is None or currency is None:
        return UNKNOWN
    return f"{currency} {_written(amount, 4)}"


def number(value: Decimal | float | None, *, digits: int = 0, unit: str = "") -> str:
    """Return a number with thousands separators and its unit: `12,345 kWh`."""
    if value is None:
        return UNKNOWN
    text = _written(value, digits)
    return f"{text} {unit}" if unit else text


def percent(share: Decimal | float | None, *, digits: int = 1) -> str:
    """Return a share of one as a percentage: 0.973 reads `97.3 %`.

    What is not all or nothing does not read so: 0.99999 is `over 99.9 %`, 0.0001 `under 0.1 %`.
    """
    if share is None:
        return UNKNOWN
    text = number(share * 100, digits=digits, unit="%")
    least = 10.0**-digits
    if 0 < share < 1 and text == number(100, digits=digits, unit="%"):
        return f"over {number(100 - least, digits=digits, unit='%')}"
    if 0 < share < 1 and text == number(0, digits=digits, unit="%"):
        return f"under {number(least, digits=digits, unit='%')}"
    return text


def timestamp(at: datetime | None) -> str:
    """Return a timestamp in UTC, to the minute: `2026-10-31 23:59 UTC`."""
    return UNKNOWN if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def span(length: timedelta | None) -> str:
    """Return a length of time in its two largest units: `3 d 4 h`."""
    if length is None:
        return UNKNOWN
    minutes = int(length.total_seconds() // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min"


def words(code: str | None) -> str:
    """Return one of our own codes as words: `written_off` reads `Written off`."""
    return UNKNOWN if code is None else code.replace("_", " ").capitalize()


def period_title(period: str, *, is_whole: bool) -> str:
    """Return a month or week as a heading, which says where it is not over."""
    return period if is_whole else f"{period} so far: it is not over"


def plain(text: str | None) -> str:
    """Return a partner's string for a place that reads Markdown: shown as it is, on one line."""
    if text is None:
        return UNKNOWN
    return _MARKDOWN.sub(r"\\\1", _BREAKS.sub(" ", text).strip())


def _written(value: Decimal | float, digits: int) -> str:
    """Return the digits with separators; what rounds to zero has no sign."""
    return f"{value:z,.{digits}f}".replace("-", "\N{MINUS SIGN}")
