"""Exact numbers: from JSON text to decimals that fit a column, and how they were stated."""

import re
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from models.ocpi.issues import Issues

_AS_TEXT = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,4})?")
_EXACT = Context(prec=2_000, Emax=MAX_EMAX, Emin=MIN_EMIN, rounding=ROUND_HALF_EVEN)
_DIGITS = 18
_MAX_TEXT = 400
_MOST_DECIMALS = 99


def as_decimal(value: Any) -> Decimal | None:
    """Return the number in a JSON value, a text included; None: there is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, Decimal)):
        number = Decimal(value)
        return number if number.is_finite() else None
    if isinstance(value, str):
        stripped = value.strip()
        if len(stripped) <= _MAX_TEXT and _AS_TEXT.fullmatch(stripped):
            return Decimal(stripped.replace(",", "."))
    return None


def fitted(number: Decimal, scale: int, path: str, issues: Issues) -> Decimal | None:
    """Return the number as DECIMAL(18, `scale`): rounded half to even, None if too large."""
    if number and number.adjusted() >= _DIGITS - scale:
        issues.add_deviation(path, "unusable", number)
        return None
    rounded = number.quantize(Decimal(1).scaleb(-scale), context=_EXACT)
    if rounded.adjusted() >= _DIGITS - scale:
        issues.add_deviation(path, "unusable", number)
        return None
    if rounded != number:
        issues.add_deviation(path, "normalised", number, rounded)
    return rounded if rounded else abs(rounded)


def stated_decimals(number: Decimal) -> int:
    """Count the decimals a number was stated with: 2 for 0.50, 0 for 5 and 1e3; 99 at most."""
    exponent = number.as_tuple().exponent
    return min(max(0, -exponent), _MOST_DECIMALS) if isinstance(exponent, int) else 0


def read_decimal(value: Any, path: str, issues: Issues) -> Decimal | None:
    """Return the number in a JSON value as stated; what is no number is noted and gives None."""
    number = as_decimal(value)
    if number is None:
        issues.add_deviation(path, "unusable", value)
    elif isinstance(value, str):
        issues.add_deviation(path, "coerced", value, number)
    return number


def read_number(value: Any, scale: int, path: str, issues: Issues) -> Decimal | None:
    """Return the number in a JSON value, as a DECIMAL(18, `scale`) holds it."""
    number = read_decimal(value, path, issues)
    return None if number is None else fitted(number, scale, path, issues)
