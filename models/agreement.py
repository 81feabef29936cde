"""Prices and fees agreed with a partner, and the OCPI tariffs that they come to.

Amounts are before taxes. An agreed price is an ordinary tariff in canonical form, so that the one
rating engine prices by it; which of several applies to a charge is `agreement_matches` in SQL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from models.keys import Keys, key
from models.ocpi.json.canonical import canonical_text
from models.ocpi.values.countries import ALPHA3_OF
from models.ocpi.values.enumerations import CONNECTOR_TYPE, TOKEN_TYPE
from models.rating.numbers import parse_json
from models.terms import FEES

_COMPONENTS = {"energy": "ENERGY", "time": "TIME", "parking": "PARKING_TIME", "session": "FLAT"}
_LIMITS = {"minimum": "min_price", "maximum": "max_price"}
#: What a scope may name; a later one weighs more where two scopes name equally many.
_SCOPES = ("country", "power_class", "connector_type", "token_type", "party")
_POWER_CLASSES = ("AC", "DC", "HPC")
_UNIT_PRICE = Decimal("0.000001")


def _amount(value: object) -> Decimal:
    if not re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,6})?", str(value)):
        raise ValueError("an amount with at most six decimals, such as 0.39")
    return Decimal(str(value))


def _percent(value: object) -> Decimal:
    if not re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,4})?", str(value).removesuffix("%").strip()):
        raise ValueError("a percentage such as 10, or -5 for a mark-up")
    return Decimal(str(value).removesuffix("%").strip())


def _rate(value: object) -> Decimal:
    if not 0 <= _percent(value) <= 100:
        raise ValueError("a VAT rate from 0 to 100")
    return _percent(value)


def _scope(value: object) -> str:
    words = " ".join(str(value).upper().split())
    if words in ("*", "ALL"):
        return ""
    if len(scope_of(words)) != len(words.split()):
        raise ValueError("each kind of word once, such as NL DC or NL/VOL APP_USER")
    return words


def scope_of(words: str) -> dict[str, str]:
    """Return what a scope such as `NL DC` names, by the columns of `core.agreement_prices`.

    Raises:
        ValueError: a word is none of a country, party, power class, OCPI ConnectorType, TokenType.
    """
    named: dict[str, str] = {}
    for word in words.split():
        if word in _POWER_CLASSES:
            named["power_class"] = word.lower()
        elif CONNECTOR_TYPE.is_known(word):
            named["connector_type"] = word
        elif TOKEN_TYPE.is_known(word):
            named["token_type"] = word
        elif word in ALPHA3_OF:
            named["country"] = ALPHA3_OF[word]
        elif re.fullmatch(r"[A-Z]{2}/[A-Z0-9]{3}", word):
            named["party"] = word
        else:
            raise ValueError(
                "a country (NL), party (NL/VOL), AC, DC or HPC, an OCPI ConnectorType or TokenType"
            )
    return named


Amount = Annotated[Decimal, BeforeValidator(_amount)]
Percent = Annotated[Decimal, BeforeValidator(_percent)]
Rate = Annotated[Decimal, BeforeValidator(_rate)]


class AgreedPrice(Keys):
    """An agreed price, or agreed fees, for some charges and some time."""

    applies_to: Annotated[str, BeforeValidator(_scope)] = key(
        "", "which charges, such as NL DC; default: all"
    )
    valid_from: date | None = key(None, "first day; default: always")
    valid_to: date | None = key(None, "last day; default: for ever")
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = key(
        None, "ISO 4217 code; default: the contract's"
    )
    energy: Amount | None = key(None, "for a kWh")
    time: Amount | None = key(None, "for an hour of charging")
    parking: Amount | None = key(None, "for an hour of parking")
    session: Amount | None = key(None, "for a session")
    minimum: Amount | None = key(None, "what a session costs at least")
    maximum: Amount | None = key(None, "what a session costs at most")
    vat: Rate | None = key(None, "VAT in percent; default: not stated")
    discount: Percent | None = key(None, "percent off the published prices; below zero: a mark-up")
    transaction_fee: Amount | None = key(None, "fee for a CDR")
    hub_fee: Amount | None = key(None, "the hub's fee for a CDR")
    energy_fee: Amount | None = key(None, "fee for a kWh")
    tariff: str | None = key(None, "the OCPI tariff of a .json file")

    @model_validator(mode="after")
    def _is_one_price(self) -> AgreedPrice:
        stated = [name for name in _COMPONENTS if getattr(self, name) is not None]
        ways = [bool(stated), self.discount is not None, self.tariff is not None]
        fees = any(getattr(self, name) is not None for name in FEES)
        if sum(ways) > 1 or not (any(ways) or fees):
            raise ValueError("prices, or a discount on the published ones, or fees")
        limits = any(getattr(self, name) is not None for name in _LIMITS)
        if limits and not stated:
            raise ValueError("prices alongside a minimum or maximum")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("a valid_to that is not before valid_from")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The names of what is agreed: `price`, and those of fees."""
        fees = tuple(name for name in FEES if getattr(self, name) is not None)
        priced = self.discount is not None or self.tariff is not None
        return (("price",) if priced or self._components() else ()) + fees

    def _components(self) -> list[dict[str, Any]]:
        return [
            {"type": kind, "price": getattr(self, name), "vat": self.vat}
            for name, kind in _COMPONENTS.items()
            if getattr(self, name) is not None
        ]

    def tariff_text(self, currency: str | None) -> str | None:
        """Return the agreed price as an OCPI tariff; None: a discount on others.

        `currency`: the contract's, where the price names none.
        """
        if self.tariff is not None or self.discount is not None:
            return self.tariff
        limits = {
            kind: {"before_taxes": getattr(self, name)}
            for name, kind in _LIMITS.items()
            if getattr(self, name) is not None
        }
        return canonical_text(
            {
                "id": self.applies_to or "agreed",
                "currency": self.currency or currency,
                "elements": [{"price_components": self._components()}],
                **limits,
            }
        )

    def rank(self) -> int:
        """Return how specific it is: what names more weighs more, then as `_SCOPES` says."""
        scope = scope_of(self.applies_to)
        places = sum(1 << place for place, name in enumerate(_SCOPES) if name in scope)
        # HPC is a kind of DC.
        return (len(scope) << len(_SCOPES) + 1) + 2 * places + (scope.get("power_class") == "hpc")


def check_agreement(prices: Sequence[AgreedPrice], currency: str | None) -> None:
    """Refuse an agreement in which two prices of one scope hold on the same day.

    Raises:
        ValueError: they do, or an amount has no currency.
    """
    spans: dict[tuple[str, str], list[tuple[date, date]]] = {}
    for price in prices:
        if price.tariff is not None:
            continue  # Of several OCPI tariffs the charge itself names one.
        if price.discount is None and not (price.currency or currency):
            raise ValueError("a currency, in the contract or beside each agreed price")
        span = (price.valid_from or date.min, price.valid_to or date.max)
        for name in price.names:
            spans.setdefault((price.applies_to, name), []).append(span)
    for (scope, name), found in spans.items():
        if any(later[0] <= before[1] for before, later in pairwise(sorted(found))):
            raise ValueError(
                f"agreed prices that end before the next begins: two of {scope or 'all'} "
                f"({name.replace('_', ' ')}) hold on one day"
            )


@lru_cache(maxsize=10_000)
def discounted_tariff(text: str, percent: Decimal | None) -> str:
    """Return a tariff with every price and limit lowered by a percentage, to six decimals.

    `percent`: below zero: a mark-up; None: nothing is taken off.
    """
    if percent is None:
        return text
    tariff = parse_json(text)
    if not isinstance(tariff, dict):
        return text
    for holder, name in _amounts(tariff):
        if isinstance(holder[name], int | Decimal):
            lowered = holder[name] * (100 - percent) / 100
            holder[name] = lowered.quantize(_UNIT_PRICE, rounding=ROUND_HALF_UP)
    return canonical_text(tariff)


def _amounts(tariff: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each amount of a tariff as what holds it, and its name there."""
    for element in tariff.get("elements") or ():
        for component in element.get("price_components") or ():
            if "price" in component:
                yield component, "price"
    for limit in _LIMITS.values():
        stated = tariff.get(limit)
        if isinstance(stated, dict):
            yield from ((stated, side) for side in stated)
