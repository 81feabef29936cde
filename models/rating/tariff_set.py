"""The tariffs of a batch in the kernel's tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.rating.kernel.tables import Element, Table, Tariff
from models.rating.tariff import CompiledTariff

_LAST_BIT = 61
"""Types beyond this many share a bit: then a price is unknown sooner than it need be."""


@dataclass(frozen=True)
class TariffSet:
    """Tariffs as tables; their place in `tariffs` is their row.

    Args:
        tariffs: the tariffs.
        rows: the tariff table.
        elements: the element table.
        currencies: currency → the code that stands for it.
        unknown_types: type of a component that OCPI does not have → its bit.
    """

    tariffs: tuple[CompiledTariff, ...]
    rows: Table
    elements: Table
    currencies: dict[str, int]
    unknown_types: dict[str, int]

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
