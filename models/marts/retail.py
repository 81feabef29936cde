"""Retail prices: those that our own customers pay, from a file, the most particular one first."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from models.tables.mart_places import POWER_CLASSES

_SCOPES: Final = ("partner", "country", "operator", "power", "contract")
_AMOUNTS: Final = ("kwh", "session", "minute")
_KEYS: Final = frozenset({"from", "until", "currency", *_SCOPES, *_AMOUNTS})

Price = dict[str, Any]
"""`rank` (the higher one holds), `from_on`, `until_on`, `currency`, the scopes (null: all) and the
amounts for each kWh, session and minute before taxes, as texts."""


def retail_prices(stated: object) -> list[Price]:
    """Return the prices of a file (`currency`, and `prices`, a list), the highest rank last.

    Of several that fit a charge the highest rank holds. A price with more scopes ranks higher, then
    one that began later, then one further down.

    Raises:
        ValueError: it cannot be used; which price and why.
    """
    if not isinstance(stated, Mapping) or not isinstance(stated.get("prices"), list):
        raise ValueError("it needs `prices`, a list")
    currency = stated.get("currency")
    prices = [_price(row, number, currency) for number, row in enumerate(stated["prices"], 1)]
    ordered = sorted(prices, key=_particular)
    return [{**price, "rank": rank} for rank, price in enumerate(ordered)]


def _price(row: object, number: int, currency: object) -> Price:
    where = f"price {number}"
    if not isinstance(row, Mapping):
        raise ValueError(f"{where} is no mapping")
    unknown = sorted(set(row) - _KEYS)
    if unknown:
        raise ValueError(f"{where} has an unknown key: {', '.join(map(str, unknown))}")
    if not any(row.get(name) is not None for name in _AMOUNTS):
        raise ValueError(f"{where} states none of {', '.join(_AMOUNTS)}")
    power = row.get("power")
    if power is not None and power not in POWER_CLASSES:
        raise ValueError(f"{where}: power is one of {', '.join(POWER_CLASSES)}")
    code = row.get("currency", currency)
    if not isinstance(code, str) or len(code) != 3:
        raise ValueError(f"{where} needs a currency, as EUR")
    return {
        "from_on": _day(row.get("from"), where, "from"),
        "until_on": None if row.get("until") is None else _day(row["until"], where, "until"),
        "currency": code,
        **{name: None if row.get(name) is None else str(row[name]) for name in _SCOPES},
        **{name: _amount(row.get(name, 0), where, name) for name in _AMOUNTS},
    }


def _day(value: object, where: str, name: str) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise ValueError(f"{where}: `{name}` is a day, as 2026-01-01") from None


def _amount(value: object, where: str, name: str) -> str:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f'{where}: `{name}` is an amount, as "0.59"') from None
    if not amount.is_finite():
        raise ValueError(f'{where}: `{name}` is an amount, as "0.59"')
    return f"{amount:f}"


def _particular(price: Price) -> tuple[int, str]:
    return sum(price[name] is not None for name in _SCOPES), price["from_on"]
