"""Prices, steps and limits that are hardly meant, odd currencies, taxes that are not stated."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from models.money import minor_unit_decimals
from models.rating.lint.finding import DIMENSIONS, Finding, LintElement
from models.rating.numbers import number_or_none

_EURO_COUNTRIES = "AD AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MC ME MT NL PT SI SK SM VA XK"
CURRENCY_OF_COUNTRY: dict[str, str] = {
    **dict.fromkeys(_EURO_COUNTRIES.split(), "EUR"),
    "AL": "ALL", "AU": "AUD", "BA": "BAM", "BR": "BRL", "CA": "CAD", "CH": "CHF", "CN": "CNY",
    "CZ": "CZK", "DK": "DKK", "GB": "GBP", "GE": "GEL", "HU": "HUF", "IL": "ILS", "IN": "INR",
    "IS": "ISK", "JP": "JPY", "KR": "KRW", "LI": "CHF", "MA": "MAD", "MD": "MDL", "MK": "MKD",
    "MX": "MXN", "NO": "NOK", "NZ": "NZD", "PL": "PLN", "RO": "RON", "RS": "RSD", "SE": "SEK",
    "TH": "THB", "TR": "TRY", "UA": "UAH", "US": "USD", "ZA": "ZAR",
}  # fmt: skip
"""ISO 3166-1 alpha-2 code → the currency in use there, for the countries of public roaming."""


Component = Mapping[str, Any]

_ABSURD = {"ENERGY": 5, "TIME": 100, "PARKING_TIME": 100, "FLAT": 100}
"""Prices above these are absurd in a currency with cents (a hundred times as much without)."""
_THRESHOLD = {"ENERGY": 5_000, "TIME": 3_600, "PARKING_TIME": 3_600}
"""Steps from these on (Wh, s) are not a way of counting any more."""


def number_of(component: Component, name: str) -> Decimal | None:
    """Return a component's number; None where it is absent or none."""
    return number_or_none(component.get(name))


def price(
    element: LintElement, place: int, component: Component, currency: str
) -> Iterator[Finding]:
    """Yield zero, negative, missing and absurd prices."""
    path = f"{element.path}.price_components[{place}].price"
    kind, stated = str(component.get("type")), number_of(component, "price")
    if kind not in DIMENSIONS:
        yield Finding(
            "COMPONENT_UNKNOWN", "error", f"{element.path}.price_components[{place}].type",
            f"OCPI has no price component {kind}; nothing can be priced by it", "use one it has",
        )  # fmt: skip
        return
    if stated is None:
        yield Finding(
            "PRICE_MISSING", "error", path, "no price is stated", "state it; 0.00 if free"
        )
    elif stated == 0:
        yield Finding(
            "PRICE_ZERO", "info", path, f"{kind} is free here",
            "leave it out, unless it ends a price that an element further down would start",
        )  # fmt: skip
    elif stated < 0:
        yield Finding("PRICE_NEGATIVE", "warning", path, f"{kind} pays {-stated}", "check the sign")
    elif stated > _ABSURD[kind] * 100 ** (minor_unit_decimals(currency) == 0):
        yield Finding(
            "PRICE_ABSURD", "warning", path, f"{stated} {currency} for {kind} is out of proportion",
            "check the unit: kWh, hours, and the currency itself, not its cents",
        )  # fmt: skip


def step(
    element: LintElement, place: int, component: Component, currency: str
) -> Iterator[Finding]:
    """Yield a step_size used as a threshold: it rounds up, it does not wait."""
    kind, size = str(component.get("type")), number_of(component, "step_size")
    most = _THRESHOLD.get(kind)
    if most is None or size is None or size < most:
        return
    unit = "Wh" if kind == "ENERGY" else "s"
    charged = (
        (number_of(component, "price") or Decimal(0)) * size / (1000 if unit == "Wh" else 3600)
    )
    yield Finding(
        "STEP_AS_THRESHOLD", "warning", f"{element.path}.price_components[{place}].step_size",
        f"step_size {size:,} {unit} bills at least {charged.normalize():,f} {currency} once any "
        f"{kind} is used: it rounds up, it does not wait",
        "for a fee after some time use min_duration with a FLAT price; else a step of 1",
    )  # fmt: skip


def repeated(element: LintElement) -> Iterator[Finding]:
    """Yield a second component of one dimension in an element: only the first counts."""
    seen: set[str] = set()
    for place, component in enumerate(element.components):
        kind = str(component.get("type"))
        if kind in seen:
            yield Finding(
                "COMPONENT_REPEATED", "warning", f"{element.path}.price_components[{place}]",
                f"the element already has a {kind} price; this one never applies", "leave it out",
            )  # fmt: skip
        seen.add(kind)


def limits(tariff: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield limits that contradict each other or themselves."""
    low, high = tariff.get("min_price") or {}, tariff.get("max_price") or {}
    for side in ("before_taxes", "after_taxes"):
        least, most = number_of(low, side), number_of(high, side)
        if least is not None and most is not None and least > most:
            yield Finding(
                "LIMITS_INVERTED", "error", f"min_price.{side}",
                f"min_price {least} is above max_price {most}", "swap them",
            )  # fmt: skip
    for name, limit in (("min_price", low), ("max_price", high)):
        net, gross = number_of(limit, "before_taxes"), number_of(limit, "after_taxes")
        if net is not None and gross is not None and gross < net:
            yield Finding(
                "LIMITS_INVERTED", "error", f"{name}.after_taxes",
                f"{gross} after taxes is below {net} before them", "swap them",
            )  # fmt: skip


def taxes(tariff: Mapping[str, Any], elements: Sequence[LintElement]) -> Iterator[Finding]:
    """Yield VAT that is stated for no component, for some, or at several rates."""
    if tariff.get("tax_included") == "N/A":
        return
    rates = [
        number_of(component, "vat")
        for element in elements
        for component in element.components
        if number_of(component, "price") != 0
    ]
    stated = {rate for rate in rates if rate is not None}
    if rates and not stated:
        yield Finding(
            "VAT_MISSING", "info", "elements",
            "no component states its vat: the price after taxes is unknown",
            "state vat in every component, 0 where none is due",
        )  # fmt: skip
    elif None in rates:
        yield Finding(
            "VAT_MIXED", "warning", "elements", "some components state vat, others do not",
            "state vat in every component, 0 where none is due",
        )  # fmt: skip
    elif len(stated) > 1:
        yield Finding(
            "VAT_MIXED", "info", "elements",
            f"components state vat of {', '.join(f'{rate:f}' for rate in sorted(stated))} %",
            "check that the goods really are taxed differently",
        )  # fmt: skip


def currency(tariff: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield a currency that is not the one of the tariff's country."""
    country, stated = str(tariff.get("country_code")), str(tariff.get("currency"))
    usual = CURRENCY_OF_COUNTRY.get(country)
    if usual is not None and stated != usual:
        yield Finding(
            "CURRENCY_ODD", "warning", "currency",
            f"the tariff is in {stated}, but {country} pays in {usual}",
            f"check whether {usual} is meant",
        )  # fmt: skip
