"""A tariff as the engine reads it: canonical 2.3.0 JSON → rows of whole numbers.

OCPI Tariff, TariffElement, PriceComponent, PriceLimit. What cannot be read makes the tariff
unusable with a stated problem; it is never priced by what is left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from models.rating.kernel import scale
from models.rating.kernel.choice import priced_bit
from models.rating.kernel.tables import Dimension, Element, Note, Table, Tariff, Tax, Use
from models.rating.numbers import parse_instant, parse_json, scaled
from models.rating.restriction_rows import DAY, FOREVER, write_restrictions

_DIMENSIONS = {
    "ENERGY": Dimension.ENERGY,
    "TIME": Dimension.TIME,
    "PARKING_TIME": Dimension.PARKING_TIME,
    "FLAT": Dimension.FLAT,
}
_STEP_PARTS = {
    Dimension.ENERGY: scale.WATT_HOUR,
    Dimension.TIME: scale.SECOND,
    Dimension.PARKING_TIME: scale.SECOND,
    Dimension.FLAT: 0,
}
_TAXES = {"NO": Tax.NET, "YES": Tax.GROSS, "N/A": Tax.UNTAXED}


@dataclass(frozen=True)
class CompiledTariff:
    """A tariff in rows of the kernel's tables."""

    country_code: str  # of the owning party
    party_id: str  # of the owning party
    id: str  # as stated
    currency: str  # ISO 4217 code, upper case
    # columns of `kernel.tables.Tariff`; the first element and the currency are left to the table it
    # is put into
    row: tuple[int, ...]
    elements: tuple[tuple[int, ...], ...]  # rows of `kernel.tables.Element`
    problem: str | None  # why it cannot be used; None: it can
    # types of its components that OCPI does not have, upper case
    unknown_types: frozenset[str] = frozenset()


@lru_cache(maxsize=65_536)
def compile_tariff_text(text: str) -> CompiledTariff:
    """Compile the JSON text of a tariff (`compile_tariff`); each distinct text is read once."""
    try:
        tariff = parse_json(text)
    except ValueError as error:
        return _unusable({}, f"not JSON: {error}")
    if not isinstance(tariff, dict):
        return _unusable({}, "not a JSON object")
    return compile_tariff(tariff)


def compile_tariff(tariff: Mapping[str, Any]) -> CompiledTariff:
    """Read a tariff object in 2.3.0 names, with a `problem` where it cannot be priced by.

    Its numbers are exact: int, Decimal or text, never float.
    """
    try:
        elements, rounded = _elements(tariff)
        row = _tariff_row(tariff, elements)
        if row[Tariff.TAX] == Tax.UNTAXED:
            _forget_rates(elements)
    except ValueError as error:
        return _unusable(tariff, str(error))
    if rounded:
        row[Tariff.NOTES] |= Note.PRICE_ROUNDED
    unknown = _unknown_types(tariff)
    if unknown:
        row[Tariff.NOTES] |= Note.UNKNOWN_COMPONENT
    compiled = _compiled(tariff, row, tuple(tuple(element) for element in elements), None)
    return replace(compiled, unknown_types=unknown)


def _unknown_types(tariff: Mapping[str, Any]) -> frozenset[str]:
    """Return the types of components that OCPI does not have; they price nothing that it knows."""
    kinds = (
        str(component["type"])
        for element in tariff["elements"]
        for component in element["price_components"]
    )
    return frozenset(kind for kind in kinds if kind not in _DIMENSIONS)


def _unusable(tariff: Mapping[str, Any], problem: str) -> CompiledTariff:
    return _compiled(tariff, [0] * Tariff.COLUMNS, (), problem)


def _compiled(
    tariff: Mapping[str, Any],
    row: list[int],
    elements: tuple[tuple[int, ...], ...],
    problem: str | None,
) -> CompiledTariff:
    return CompiledTariff(
        country_code=str(tariff.get("country_code") or "").upper(),
        party_id=str(tariff.get("party_id") or "").upper(),
        id=str(tariff.get("id") or ""),
        currency=str(tariff.get("currency") or "").upper(),
        row=tuple(row),
        elements=elements,
        problem=problem,
    )


def _elements(tariff: Mapping[str, Any]) -> tuple[list[list[int]], bool]:
    stated = tariff.get("elements")
    if not isinstance(stated, list) or not stated:
        raise ValueError("no elements")
    rows: list[list[int]] = []
    rounded = False
    for index, element in enumerate(stated):
        if not isinstance(element, Mapping):
            raise ValueError(f"elements[{index}] is not an object")
        row = [scale.NONE] * Element.COLUMNS
        write_restrictions(row, element.get("restrictions"))
        try:
            rounded |= _write_components(row, element.get("price_components"))
        except ValueError as error:
            raise ValueError(f"elements[{index}]: {error}") from None
        rows.append(row)
    return rows, rounded


def _write_components(row: list[int], components: object) -> bool:
    """Write an element's components; return whether a price was rounded to six decimals."""
    if not isinstance(components, list) or not components:
        raise ValueError("no price_components")
    rounded = False
    for component in components:
        if not isinstance(component, Mapping):
            raise ValueError("a price component is not an object")
        kind = component.get("type")
        if not kind:
            raise ValueError("a price component without a type")
        dimension = _DIMENSIONS.get(str(kind))
        if dimension is None:
            continue  # It counts where the CDR states such a volume (`Tariff.UNKNOWN_COMPONENTS`).
        if row[Element.PRICE + dimension] != scale.NONE:
            continue  # The first component of a dimension is the one that counts.
        price, inexact = scaled(component.get("price"), scale.MICRO)
        if abs(price) > scale.MAX_PRICE:
            raise ValueError(f"price {component.get('price')} is out of range")
        row[Element.PRICE + dimension] = price
        row[Element.STEP + dimension] = _step(component.get("step_size"), dimension)
        row[Element.RATE + dimension] = _rate(component.get("vat"))
        rounded |= inexact
    return rounded


def _step(value: object, dimension: Dimension) -> int:
    if value is None or dimension == Dimension.FLAT:
        return 0
    step, inexact = scaled(value, 1)
    if inexact or step < 0:
        raise ValueError(f"step_size {value} is not a whole number of zero or more")
    return min(step * _STEP_PARTS[dimension], scale.MAX_QUANTITY + 1)


def _rate(value: object) -> int:
    if value is None:
        return scale.NONE
    rate, inexact = scaled(value, scale.PER_CENT)
    if inexact or not 0 <= rate <= scale.MAX_RATE:
        raise ValueError(f"vat {value} is not a rate of 0 to 100 % with at most four decimals")
    return rate


def _tariff_row(tariff: Mapping[str, Any], elements: list[list[int]]) -> list[int]:
    row = [0] * Tariff.COLUMNS
    stated_tax = tariff.get("tax_included")
    tax = Tax.NET if stated_tax is None else _TAXES.get(str(stated_tax).upper())
    if tax is None:
        raise ValueError(f"unknown tax_included {stated_tax!r}")
    row[Tariff.TAX] = tax
    row[Tariff.REGULAR] = int(tariff.get("type") in (None, "REGULAR"))
    start, end = tariff.get("start_date_time"), tariff.get("end_date_time")
    row[Tariff.VALID_FROM] = -FOREVER if start is None else parse_instant(start)
    row[Tariff.VALID_TO] = FOREVER if end is None else parse_instant(end)
    row[Tariff.USABLE] = 1
    row[Tariff.LOCAL_TIME] = int(any(_needs_local_time(element) for element in elements))
    row[Tariff.RESTRICTED] = int(any(element[Element.RESTRICTED] for element in elements))
    row[Tariff.PRICES] = _priced(elements)
    for limit, column in (("min_price", Tariff.MIN_EXCL), ("max_price", Tariff.MAX_EXCL)):
        row[column], row[column + 1] = _limit(tariff.get(limit), limit)
    return row


def _priced(elements: list[list[int]]) -> int:
    """Return the bits of `Tariff.PRICES`."""
    bits = 0
    for element in elements:
        for dimension in _DIMENSIONS.values():
            if element[Element.PRICE + dimension] != scale.NONE:
                for use in _uses(element[Element.RESERVATION]):
                    bits |= 1 << priced_bit(dimension, use)
    return bits


def _uses(reservation: int) -> tuple[int, ...]:
    """Return what an element may be for."""
    if reservation == Use.UNREADABLE:
        return (Use.RESERVATION, Use.RESERVATION_EXPIRES)
    return (reservation,)


def _forget_rates(elements: list[list[int]]) -> None:
    """Take the rates out of elements whose prices know no tax (`tax_included` N/A)."""
    for element in elements:
        for dimension in _DIMENSIONS.values():
            element[Element.RATE + dimension] = scale.NONE


def _needs_local_time(element: list[int]) -> bool:
    whole_day = element[Element.START_TIME] == 0 and element[Element.END_TIME] == DAY
    any_day = element[Element.WEEKDAYS] == 127
    any_date = element[Element.START_DATE] == -FOREVER and element[Element.END_DATE] == FOREVER
    return not (whole_day and any_day and any_date)


def _limit(value: object, name: str) -> tuple[int, int]:
    if value is None:
        return scale.NONE, scale.NONE
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} is not an object")
    sides = []
    for side in ("before_taxes", "after_taxes"):
        stated = value.get(side)
        amount = scale.NONE if stated is None else scaled(stated, scale.MICRO)[0]
        if amount != scale.NONE and abs(amount) > scale.NARROW[0]:
            raise ValueError(f"{name}.{side} {stated} is out of range")
        sides.append(amount)
    return sides[0], sides[1]


_LAST_BIT = 61
"""Types beyond this many share a bit: then a price is unknown sooner than it need be."""


@dataclass(frozen=True)
class TariffSet:
    """Tariffs as tables; their place in `tariffs` is their row."""

    tariffs: tuple[CompiledTariff, ...]  # the tariffs
    rows: Table  # the tariff table
    elements: Table  # the element table
    currencies: dict[str, int]  # currency → the code that stands for it
    unknown_types: dict[str, int]  # type of a component that OCPI does not have → its bit

    @property
    def first_elements(self) -> Table:
        """The row of each tariff's first element."""
        return self.rows[:, Tariff.FIRST_ELEMENT]


def tariff_set(tariffs: Sequence[CompiledTariff]) -> TariffSet:
    """Put tariffs into tables."""
    currencies: dict[str, int] = {}
    unknown_types: dict[str, int] = {}
    rows = np.zeros((len(tariffs) + 1, Tariff.COLUMNS), dtype=np.int64)
    elements: list[tuple[int, ...]] = []
    for index, tariff in enumerate(tariffs):
        rows[index] = tariff.row
        rows[index, Tariff.FIRST_ELEMENT] = len(elements)
        rows[index, Tariff.CURRENCY] = currencies.setdefault(tariff.currency, len(currencies))
        for kind in sorted(tariff.unknown_types):
            bit = unknown_types.setdefault(kind, 1 << min(len(unknown_types), _LAST_BIT))
            rows[index, Tariff.UNKNOWN_COMPONENTS] |= bit
        elements.extend(tariff.elements)
    rows[len(tariffs), Tariff.FIRST_ELEMENT] = len(elements)
    table = np.array(elements, dtype=np.int64).reshape(-1, int(Element.COLUMNS))
    return TariffSet(tuple(tariffs), rows, table, currencies, unknown_types)
