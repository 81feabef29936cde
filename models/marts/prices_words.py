"""A tariff in words: what each element costs, and when it applies (OCPI Tariff, TariffElement).

Reads what partners sent, so nothing is taken for granted; what cannot be read is said as such.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from models.rating.numbers import number_or_none
from models.rating.restriction_rows import KNOWN_RESTRICTIONS, WEEKDAYS

_UNITS: Final = {
    "ENERGY": "for each kWh",
    "TIME": "for each hour of charging",
    "PARKING_TIME": "for each hour of parking",
    "FLAT": "once for the session",
}
_HOUR_S: Final = 3600
_MINUTE_S: Final = 60
_KWH_WH: Final = 1000
_TAXES: Final = {"YES": "including taxes", "NO": "before taxes", "N/A": "free of tax"}


@dataclass(frozen=True)
class ElementWords:
    """One element of a tariff."""

    number: int  # its place, 1 for the first
    prices: tuple[str, ...]  # a sentence for each price component
    conditions: tuple[str, ...]  # a sentence for each restriction; empty: it always applies


def element_words(tariff: Mapping[str, Any]) -> list[ElementWords]:
    """Return every element of a canonical tariff in words; the first that applies counts."""
    elements = tariff.get("elements")
    found = elements if isinstance(elements, list) else []
    return [
        ElementWords(
            number,
            tuple(_prices(element, str(tariff.get("currency") or "?"))),
            tuple(_conditions(element)),
        )
        for number, element in enumerate(found, start=1)
        if isinstance(element, Mapping)
    ]


def tariff_words(tariff: Mapping[str, Any]) -> list[str]:
    """Return what holds for a canonical tariff as a whole: taxes, limits, validity, kind."""
    currency = str(tariff.get("currency") or "?")
    tax = _TAXES.get(str(tariff.get("tax_included") or "NO"), "with taxes unclear")
    sentences = [f"Prices are in {currency}, {tax}."]
    if tariff.get("type"):
        sentences.append(f"For sessions of kind {tariff['type']}.")
    for name, word in (("min_price", "at least"), ("max_price", "at most")):
        limit = tariff.get(name)
        if isinstance(limit, Mapping):
            sides = (("before_taxes", "before taxes"), ("after_taxes", "after taxes"))
            amounts = [
                f"{currency} {limit[side]} {words}" for side, words in sides if limit.get(side)
            ]
            sentences.append(f"A session costs {word} {' and '.join(amounts) or 'an unknown sum'}.")
    for name, word in (("start_date_time", "from"), ("end_date_time", "until")):
        if tariff.get(name):
            sentences.append(f"Active {word} {tariff[name]}.")
    return sentences


def _prices(element: Mapping[str, Any], currency: str) -> Iterator[str]:
    components = element.get("price_components")
    for component in components if isinstance(components, list) else []:
        if not isinstance(component, Mapping):
            continue
        kind = str(component.get("type"))
        unit = _UNITS.get(kind, f"for {kind}, which OCPI does not know")
        vat = component.get("vat")
        tax = "" if vat is None else f", VAT {vat} %"
        yield f"{currency} {component.get('price', '?')} {unit}{tax}{_step(component, kind)}"


def _step(component: Mapping[str, Any], kind: str) -> str:
    """Return the step it is billed in, where that is coarser than what is measured anyway."""
    size = number_or_none(component.get("step_size"))
    if size is None or size <= 1 or kind == "FLAT":
        return ""
    if kind == "ENERGY":
        words = _plain(size / _KWH_WH) + " kWh" if size >= _KWH_WH else f"{_plain(size)} Wh"
    else:
        words = _duration(size)
    return f", billed in steps of {words}"


def _conditions(element: Mapping[str, Any]) -> Iterator[str]:
    restrictions = element.get("restrictions")
    if restrictions is None:
        return
    if not isinstance(restrictions, Mapping):
        yield "under restrictions that cannot be read: it never applies"
        return
    stated = {name: value for name, value in restrictions.items() if value is not None}
    for low, high, words in _RANGES:
        if low in stated or high in stated:
            yield words(stated.get(low), stated.get(high))
    if stated.get("day_of_week"):
        yield _days(stated["day_of_week"])
    if "reservation" in stated:
        expired = stated["reservation"] == "RESERVATION_EXPIRES"
        yield "for a reservation that expired unused" if expired else "for reserved time"
    for name in sorted(stated.keys() - KNOWN_RESTRICTIONS):
        yield f"under {name}, which OCPI does not know: it never applies"


def _times(low: Any, high: Any) -> str:
    return f"from {low or '00:00'} to {high or '24:00'} local time"


def _dates(low: Any, high: Any) -> str:
    begin = f"from {low} " if low else ""
    return f"{begin}until the day before {high}" if high else begin.strip()


def _span(what: str, unit: str) -> Callable[[Any, Any], str]:
    def words(low: Any, high: Any) -> str:
        if high is None:
            return f"{what} of {low} {unit} or more"
        if low is None:
            return f"{what} below {high} {unit}"
        return f"{what} of {low} up to {high} {unit}"

    return words


def _energy(low: Any, high: Any) -> str:
    if high is None:
        return f"after the first {low} kWh"
    return f"for the first {high} kWh" if low is None else f"after {low} and up to {high} kWh"


def _durations(low: Any, high: Any) -> str:
    begin, end = (_duration(number_or_none(value)) for value in (low, high))
    if high is None:
        return f"after {begin}"
    return f"for the first {end}" if low is None else f"after {begin} and until {end}"


_RANGES: Final = (
    ("start_time", "end_time", _times),
    ("start_date", "end_date", _dates),
    ("min_kwh", "max_kwh", _energy),
    ("min_duration", "max_duration", _durations),
    ("min_power", "max_power", _span("at a power", "kW")),
    ("min_current", "max_current", _span("at a current", "A")),
)


def _days(stated: Any) -> str:
    named = {str(day).upper() for day in stated} if isinstance(stated, list) else set()
    known = [day for day in WEEKDAYS if day in named]
    if not known or named - set(WEEKDAYS):
        return "on days that cannot be read: it never applies"
    if known == list(WEEKDAYS[:5]):
        return "from Monday to Friday"
    if known == list(WEEKDAYS[5:]):
        return "on Saturday and Sunday"
    return "on " + ", ".join(day.capitalize() for day in known)


def _duration(seconds: Decimal | None) -> str:
    if seconds is None:
        return "an unreadable time"
    for size, unit in ((_HOUR_S, "h"), (_MINUTE_S, "min")):
        if seconds and seconds % size == 0:
            return f"{_plain(seconds / size)} {unit}"
    return f"{_plain(seconds)} s"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
