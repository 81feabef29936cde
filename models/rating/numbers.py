"""Between stated numbers and the kernel's whole numbers."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def parse_json(text: str | bytes) -> Any:
    """Parse JSON with every number exact; a ValueError says that it is none."""
    return json.loads(text, parse_float=Decimal)


def exact_number(value: object) -> Decimal:
    """Return a JSON number, or a number in a string (OCPI 2.1.1 prices), as a decimal.

    Anything else, and numbers that are not finite, are a ValueError.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise ValueError(f"{value!r} is not a number")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{value!r} is not a number") from None
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise ValueError(f"{value!r} is not a usable number")
    return number


def number_or_none(value: object) -> Decimal | None:
    """Return an exact number; None where there is none."""
    try:
        return exact_number(value)
    except ValueError:
        return None


def scaled(value: object, factor: int) -> tuple[int, bool]:
    """Return a number times a power of ten as a whole number, and whether that took rounding."""
    product = exact_number(value) * factor
    whole = product.to_integral_value()
    return int(whole), whole != product


def microseconds(value: datetime) -> int:
    """Return an instant as microseconds since 1970, UTC."""
    return (value - _EPOCH) // _MICROSECOND


def parse_instant(value: object) -> int:
    """Return an OCPI DateTime as microseconds since 1970; without a zone it is UTC."""
    moment = datetime.fromisoformat(str(value))
    return microseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def parse_second_of_day(value: object) -> int:
    """Parse `HH:MM` (or with seconds) as seconds of the day."""
    moment = time.fromisoformat(str(value))
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def parse_day(value: object) -> int:
    """Parse `YYYY-MM-DD` as days since 1970."""
    return (date.fromisoformat(str(value)) - _EPOCH.date()).days
